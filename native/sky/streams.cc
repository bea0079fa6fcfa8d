// See streams.h. Rice: White and Becker (1998), FITS standard 4.0, section 10.4.1; PLIO: 10.4.3; H-compress: White, Postman
// and Lattanzi (1992), 10.4.4.
#include "streams.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace arclet {
namespace {

// Bits, the highest of a byte first. Past the end they are zeros, and `failed` says so.
class Bits {
 public:
  explicit Bits(const Bytes& bytes, size_t from) : bytes_(bytes), at_(from * 8), end_(bytes.size() * 8) {}

  // The next 64 bits, fewer than which may be left.
  uint64_t window() const {
    size_t byte = at_ >> 3;
    uint64_t word = 0;
    if (byte + 8 <= bytes_.size()) {
      std::memcpy(&word, bytes_.data() + byte, 8);
      word = __builtin_bswap64(word);
    } else {
      for (size_t i = 0; i < 8; ++i) word = word << 8 | (byte + i < bytes_.size() ? bytes_[byte + i] : 0);
    }
    return word << (at_ & 7);
  }
  // At most 32.
  unsigned get(int count) {
    unsigned value = count == 0 ? 0 : static_cast<unsigned>(window() >> (64 - count));
    skip(static_cast<size_t>(count));
    return value;
  }
  void skip(size_t count) { at_ = std::min(at_ + count, end_ + 1); }
  // Past the next bit that is set.
  void skip_zeros() {
    while (!failed()) {
      uint64_t seen = window();
      size_t zeros = seen == 0 ? 64 : static_cast<size_t>(__builtin_clzll(seen));
      if (zeros < 57) return skip(zeros + 1);
      skip(57 - 1);  // a window may hold as few as 57 bits of the stream
    }
  }
  void to_whole_byte() { at_ = (at_ + 7) / 8 * 8; }
  bool failed() const { return at_ > end_; }

 private:
  const Bytes& bytes_;
  size_t at_, end_;
};

// One of the codes of four bits that H-compress packs by Huffman's method.
unsigned huffman(Bits& bits) {
  static const unsigned char four[] = {3, 5, 10, 12, 15};
  static const unsigned char five[] = {6, 7, 9, 11, 13};
  unsigned code = bits.get(3);
  if (code < 4) return 1u << code;
  code = code << 1 | bits.get(1);
  if (code < 13) return four[code - 8];
  code = code << 1 | bits.get(1);
  if (code < 31) return five[code - 26];
  return bits.get(1) == 0 ? 0 : 14;
}

int64_t halved(int64_t length, int times) { return (length + (int64_t{1} << times) - 1) >> times; }

// The codes of 2 × 2 blocks of a bit plane (rows × columns), down a tree in which a code of 0 has nothing below it.
void quadtree(Bits& bits, int64_t rows, int64_t columns, Bytes& codes) {
  int depth = 0;
  while ((int64_t{1} << depth) < std::max(rows, columns)) ++depth;
  codes.assign(1, static_cast<unsigned char>(huffman(bits)));
  for (int up = depth - 1; up >= 1 && !bits.failed(); --up) {
    int64_t high = halved(rows, up), wide = halved(columns, up), before = halved(columns, up + 1);
    Bytes finer(static_cast<size_t>(high * wide));
    for (int64_t i = high * wide - 1; i >= 0; --i) {
      int64_t row = i / wide, column = i % wide;
      unsigned bit = 3 - static_cast<unsigned>((row & 1) * 2 + (column & 1));
      bool below = codes[static_cast<size_t>(row / 2 * before + column / 2)] >> bit & 1;
      if (below) finer[static_cast<size_t>(i)] = static_cast<unsigned char>(huffman(bits));
    }
    codes.swap(finer);
  }
}

// Walks a quadrant's bit planes. Returns its coefficients that are not zero, each of which has a sign; -1 if it is broken.
int64_t quadrant(Bits& bits, int64_t rows, int64_t columns, int planes) {
  if (planes == 0) return 0;
  if (rows == 0 || columns == 0) return -1;
  int64_t high = (rows + 1) / 2, wide = (columns + 1) / 2, set = 0;
  Bytes any(static_cast<size_t>(high * wide)), codes;
  for (int plane = 0; plane < planes; ++plane) {
    unsigned format = bits.get(4);
    if (bits.failed() || (format != 0 && format != 15)) return -1;
    if (format == 15) {
      quadtree(bits, rows, columns, codes);
    } else {
      codes.resize(any.size());
      for (unsigned char& code : codes) code = static_cast<unsigned char>(bits.get(4));
    }
    if (bits.failed()) return -1;
    for (size_t i = 0; i < any.size(); ++i) any[i] |= codes[i];
  }
  for (int64_t i = 0; i < high * wide; ++i) {
    unsigned code = any[static_cast<size_t>(i)];
    if (i / wide * 2 + 1 == rows) code &= 12;  // the lower half lies outside
    if (i % wide * 2 + 1 == columns) code &= 10;  // the right half does
    set += __builtin_popcount(code);
  }
  return set;
}

}  // namespace

bool is_whole_rice(const Bytes& bytes, int64_t pixels, int64_t block, int width) {
  int choice = width == 1 ? 3 : width == 2 ? 4 : 5;    // bits of a block's code
  int direct = width == 1 ? 6 : width == 2 ? 14 : 25;  // stands for values as they are
  if (bytes.size() <= static_cast<size_t>(width)) return false;  // the first value, and a byte that is read ahead
  Bits bits(bytes, static_cast<size_t>(width));
  for (int64_t done = 0; done < pixels && !bits.failed(); done += block) {
    int64_t count = std::min(block, pixels - done);
    int split = static_cast<int>(bits.get(choice)) - 1;
    if (split < 0) continue;
    if (split > direct) return false;
    if (split == direct) {
      bits.skip(static_cast<size_t>(count) * static_cast<size_t>(width) * 8);
      continue;
    }
    for (int64_t i = 0; i < count && !bits.failed(); ++i) {
      bits.skip_zeros();
      bits.skip(static_cast<size_t>(split));
    }
  }
  return !bits.failed();
}

int64_t unpacked_gzip(const Bytes& bytes, int64_t most) {
  z_stream stream;
  std::memset(&stream, 0, sizeof stream);
  if (inflateInit2(&stream, 15 + 16) != Z_OK) throw std::bad_alloc();
  stream.next_in = const_cast<unsigned char*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  unsigned char scratch[1 << 14];
  int result = Z_OK;
  while (result == Z_OK && stream.total_out <= static_cast<uLong>(most)) {
    stream.next_out = scratch;
    stream.avail_out = sizeof scratch;
    result = inflate(&stream, Z_NO_FLUSH);
  }
  auto total = static_cast<int64_t>(stream.total_out);
  inflateEnd(&stream);
  return result == Z_STREAM_END && total <= most ? total : -1;
}

// A positive third word is the list's length (the older form, whose instructions begin at the fourth word); otherwise the
// fourth and fifth are, and the second is the length of the header.
bool is_whole_plio(const std::vector<short>& list) {
  if (list.size() < 3) return false;
  size_t from = 3, length = 0;
  if (list[2] > 0) {
    length = static_cast<size_t>(list[2]);
  } else {
    if (list.size() < 5 || list[1] < 5 || list[3] < 0 || list[4] < 0) return false;
    from = static_cast<size_t>(list[1]);
    length = (static_cast<size_t>(list[4]) << 15) + static_cast<size_t>(list[3]);
  }
  if (length == 0 || length > list.size()) return false;
  // The instruction 1 takes the next word with it.
  size_t at = from;
  while (at < length) at += list[at] / 4096 == 1 ? 2 : 1;
  return at <= std::max(length, from);
}

HcompressTop hcompress_top(const Bytes& bytes) {
  auto number = [&](size_t at) {
    return static_cast<int64_t>(static_cast<int32_t>(uint32_t{bytes[at]} << 24 | uint32_t{bytes[at + 1]} << 16 |
                                                     uint32_t{bytes[at + 2]} << 8 | bytes[at + 3]));
  };
  return {number(2), number(6)};
}

bool is_whole_hcompress(const Bytes& bytes, int64_t rows, int64_t columns, int most) {
  constexpr size_t kPlanes = 22;  // after 2 of magic, 3 numbers of 4 and the sum of 8: planes of three quadrants
  if (bytes.size() < kPlanes + 3 || bytes[0] != 0xdd || bytes[1] != 0x99 || rows < 2 || columns < 2) return false;
  for (size_t i = 0; i < 3; ++i)
    if (bytes[kPlanes + i] > most) return false;
  Bits bits(bytes, kPlanes + 3);
  int64_t high = (rows + 1) / 2, wide = (columns + 1) / 2, signs = 0;
  const int64_t sides[4][3] = {{high, wide, 0}, {high, columns / 2, 1}, {rows / 2, wide, 1}, {rows / 2, columns / 2, 2}};
  for (const auto& [down, across, kind] : sides) {
    int64_t set = quadrant(bits, down, across, bytes[kPlanes + static_cast<size_t>(kind)]);
    if (set < 0) return false;
    signs += set;
  }
  if (bits.get(4) != 0) return false;
  bits.to_whole_byte();
  bits.skip(static_cast<size_t>(signs));
  return !bits.failed();
}

}  // namespace arclet
