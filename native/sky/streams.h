// The compressed streams of tiles, walked in bounds. CFITSIO's decoders trust what a stream says of itself: they read on
// past its end, and write as many pixels as it states. Each function here takes the way of a decoder through a stream
// without making pixels, and says whether all that it would read lies in the stream (FITS standard 4.0, section 10.4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace arclet {

using Bytes = std::vector<unsigned char>;

// Whether a Rice stream holds `pixels` values of `width` bytes (1, 2 or 4), coded in blocks of `block`.
bool is_whole_rice(const Bytes& bytes, int64_t pixels, int64_t block, int width);

// Bytes that one whole gzip stream unpacks to; -1 where the stream is cut short or broken, or unpacks to more than `most`.
int64_t unpacked_gzip(const Bytes& bytes, int64_t most);

// Whether a PLIO line list holds the words that its header states, with both halves of its last instruction.
bool is_whole_plio(const std::vector<short>& list);

// What an H-compress stream states of itself.
struct HcompressTop {
  int64_t rows = 0, columns = 0;
};
HcompressTop hcompress_top(const Bytes& bytes);  // at least 14 bytes
constexpr size_t kHcompressTop = 14;

// Whether an H-compress stream holds the bit planes and signs of rows × columns coefficients of at most `most` bits.
bool is_whole_hcompress(const Bytes& bytes, int64_t rows, int64_t columns, int most);

}  // namespace arclet
