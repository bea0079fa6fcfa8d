// The tiles of a compressed image, checked before CFITSIO unpacks them.
#pragma once

#include "reading.h"

namespace arclet {

// Throws Refusal when one of the tiles from pixel `low` to `high` (from 1, fastest axis first) of the current HDU, a
// compressed image, would make CFITSIO read or write beyond its memory: each tile's bytes must lie in the file, and its
// stream must be whole. `checked` says which have been, by their rows from 0.
void check_tiles(File& file, const Hdu& hdu, const std::vector<long>& low, const std::vector<long>& high,
                 std::vector<bool>& checked);

// Tells CFITSIO whether the current HDU's numbers are quantized: it keeps what the last HDU said where that was "not".
void say_quantization(File& file, const Hdu& hdu);

}  // namespace arclet
