// The tiles of a compressed image, checked before CFITSIO unpacks them.
#pragma once

#include "reading.h"

namespace arclet {

// Throws Refusal when a tile of the current HDU, a compressed image, would make CFITSIO read or write beyond its memory:
// each tile's bytes must be inside the file, and its stream must be complete.
void check_tiles(File& file, const Hdu& hdu);

}  // namespace arclet
