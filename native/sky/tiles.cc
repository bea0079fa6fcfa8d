// The tiles of a compressed image, checked against its table's columns (FITS standard 4.0, section 10.1). CFITSIO
// trusts the lengths that PLIO, gzip and H-compress streams state in themselves, so each is checked against the file.
#include "tiles.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace arclet {
namespace {

// A column of tiles.
struct Tiles {
  std::string name;
  int column = 0;
  int64_t size = 1;  // bytes of an element
};

std::string tile_name(LONGLONG row) { return "tile " + std::to_string(row); }

// Whether the bytes are one whole gzip stream that unpacks to at most `most` bytes. CFITSIO allocates ever more memory when
// a stream is cut short.
bool is_whole_gzip(std::vector<unsigned char>& bytes, size_t most) {
  z_stream stream;
  std::memset(&stream, 0, sizeof stream);
  if (inflateInit2(&stream, 15 + 16) != Z_OK) throw std::bad_alloc();
  stream.next_in = bytes.data();
  stream.avail_in = static_cast<uInt>(bytes.size());
  unsigned char scratch[1 << 14];
  int result = Z_OK;
  while (result == Z_OK && stream.total_out <= most) {
    stream.next_out = scratch;
    stream.avail_out = sizeof scratch;
    result = inflate(&stream, Z_NO_FLUSH);
  }
  bool whole = result == Z_STREAM_END && stream.total_out <= most;
  inflateEnd(&stream);
  return whole;
}

// Whether a PLIO line list holds as many words as its header states. A positive third word is the length (the older
// form); otherwise the fourth and fifth are, and the second is the header's length.
bool is_whole_plio(const std::vector<short>& list) {
  if (list.size() < 3) return false;
  if (list[2] > 0) return static_cast<size_t>(list[2]) <= list.size();
  if (list.size() < 5 || list[1] < 5 || list[3] < 0 || list[4] < 0) return false;
  return (static_cast<size_t>(list[4]) << 15) + static_cast<size_t>(list[3]) <= list.size();
}

// Pixels of the tile at `index`; those at the far edges may be smaller.
int64_t pixels_in_tile(const Hdu& hdu, int64_t index) {
  int64_t pixels = 1;
  for (size_t i = 0; i < hdu.axes.size(); ++i) {
    int64_t side = hdu.tile[i], across = (hdu.axes[i] - 1) / side + 1;
    int64_t first = index % across * side;
    pixels *= std::min(side, hdu.axes[i] - first);
    index /= across;
  }
  return pixels;
}

// The first `count` elements of a tile.
template <class T>
std::vector<T> start_of(fitsfile* fits, int type, const Tiles& tiles, LONGLONG row, LONGLONG count) {
  std::vector<T> start(static_cast<size_t>(count));
  int status = 0, nulls = 0;
  fits_read_col(fits, type, tiles.column, row, 1, count, nullptr, start.data(), &nulls, &status);
  fits_check(status);
  return start;
}

void check_plio(fitsfile* fits, const Tiles& tiles, LONGLONG row, LONGLONG length) {
  if (!is_whole_plio(start_of<short>(fits, TSHORT, tiles, row, length)))
    throw Refusal(Code::truncated, tile_name(row) + " is cut short");
}

void check_gzip(fitsfile* fits, const Hdu& hdu, const Tiles& tiles, LONGLONG row, LONGLONG length) {
  if (tiles.size != 1) throw Refusal(Code::broken, tiles.name + " must hold bytes");
  int64_t most = 8;  // bytes of a whole tile
  for (int64_t side : hdu.tile) most *= side;
  auto packed = start_of<unsigned char>(fits, TBYTE, tiles, row, length);
  if (!is_whole_gzip(packed, static_cast<size_t>(most)))
    throw Refusal(Code::broken, tile_name(row) + " does not unpack");
}

// The decoder writes as many pixels as the stream itself states.
void check_hcompress(fitsfile* fits, const Hdu& hdu, const Tiles& tiles, LONGLONG row, LONGLONG length) {
  constexpr LONGLONG kTop = 14;
  if (length * tiles.size < kTop) throw Refusal(Code::truncated, tile_name(row) + " is cut short");
  auto top = start_of<unsigned char>(fits, TBYTE, tiles, row, kTop);
  auto number = [&](size_t at) {
    return int64_t{top[at]} << 24 | int64_t{top[at + 1]} << 16 | int64_t{top[at + 2]} << 8 | top[at + 3];
  };
  int64_t nx = number(2), ny = number(6);
  int64_t own = pixels_in_tile(hdu, row - 1);
  if (nx < 1 || ny < 1 || nx > own || ny > own || nx * ny != own)
    throw Refusal(Code::broken, tile_name(row) + " states a different number of pixels than it has");
}

void check_stream(fitsfile* fits, const Hdu& hdu, const Tiles& tiles, LONGLONG row, LONGLONG length) {
  bool own = tiles.name == "COMPRESSED_DATA";
  if (own && hdu.compression == "PLIO_1") check_plio(fits, tiles, row, length);
  if (tiles.name == "GZIP_COMPRESSED_DATA" || (own && hdu.compression.rfind("GZIP", 0) == 0))
    check_gzip(fits, hdu, tiles, row, length);
  if (own && hdu.compression == "HCOMPRESS_1") check_hcompress(fits, hdu, tiles, row, length);
}

LONGLONG number_at(fitsfile* fits, const char* key) {
  int status = 0;
  LONGLONG number = 0;
  fits_read_key(fits, TLONGLONG, key, &number, nullptr, &status);
  fits_check(status);
  return number;
}

// Bytes of the heap, where the tiles are. A gap may precede it, which PCOUNT includes.
LONGLONG heap_length(fitsfile* fits, LONGLONG rows) {
  LONGLONG heap = number_at(fits, "PCOUNT"), end = rows * number_at(fits, "NAXIS1"), start = 0;
  int missing = 0;
  fits_read_key(fits, TLONGLONG, "THEAP", &start, nullptr, &missing);
  fits_clear_errmsg();
  LONGLONG gap = missing == 0 ? start - end : 0;
  if (gap < 0 || gap > heap) throw Refusal(Code::broken, "THEAP lies outside the table");
  return heap - gap;
}

// The column of that name; false if the table has none.
bool find_tiles(fitsfile* fits, const char* name, Tiles& tiles) {
  int type = 0, none = 0, status = 0;
  LONGLONG repeat = 0, bytes = 0;
  tiles.name = name;
  fits_get_colnum(fits, CASEINSEN, &tiles.name[0], &tiles.column, &none);
  fits_clear_errmsg();
  if (none != 0) return false;
  fits_get_coltypell(fits, tiles.column, &type, &repeat, &bytes, &status);
  fits_check(status);
  if (type >= 0) throw Refusal(Code::broken, tiles.name + " must be of variable length");
  tiles.size = type == -TBYTE ? 1 : type == -TSHORT ? 2 : type == -TDOUBLE || type == -TLONGLONG ? 8 : 4;
  return true;
}

}  // namespace

void check_tiles(File& file, const Hdu& hdu) {
  int status = 0;
  LONGLONG rows = 0;
  fits_get_num_rowsll(file.fits, &rows, &status);
  fits_check(status);
  LONGLONG heap = heap_length(file.fits, rows);
  for (const char* name : {"COMPRESSED_DATA", "GZIP_COMPRESSED_DATA", "UNCOMPRESSED_DATA"}) {
    Tiles tiles;
    if (!find_tiles(file.fits, name, tiles)) continue;
    for (LONGLONG row = 1; row <= rows; ++row) {
      LONGLONG length = 0, offset = 0;
      fits_read_descriptll(file.fits, tiles.column, row, &length, &offset, &status);
      fits_check(status);
      if (length < 0 || offset < 0 || length > heap / tiles.size || offset > heap - length * tiles.size)
        throw Refusal(Code::broken, tile_name(row) + " lies outside the file");
      if (length > 0) check_stream(file.fits, hdu, tiles, row, length);
    }
  }
}

}  // namespace arclet
