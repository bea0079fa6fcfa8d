// The tiles of a compressed image, checked before CFITSIO unpacks them.
#pragma once

#include "reading.h"

namespace arclet {

// Throws Refusal where a tile of the current HDU, a compressed image, would make CFITSIO read or write beyond its memory:
// every tile's bytes must lie in the file, and what a tile states of itself must fit it.
void check_tiles(File& file, const Hdu& hdu);

}  // namespace arclet
