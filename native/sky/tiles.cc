// The tiles of a compressed image, checked as its table's columns state them (FITS standard 4.0, section 10.1). CFITSIO
// trusts descriptors, and what streams state of themselves, so each is checked against the file and the tile's own size.
#include "tiles.h"

#include "streams.h"

#include <algorithm>
#include <initializer_list>

namespace arclet {
namespace {

// A column of tiles.
struct Tiles {
  std::string name;
  int column = 0;
  int64_t size = 1;  // bytes of an element
};

// A tile: its row in the table, and how many pixels it must have.
struct Tile {
  LONGLONG row = 1;
  int64_t pixels = 0;
};

[[noreturn]] void refuse(const Tile& tile, const std::string& sentence, Code code = Code::broken) {
  throw Refusal(code, "tile " + std::to_string(tile.row) + " " + sentence);
}

// The elements of a tile, as CFITSIO reads them.
template <class T>
std::vector<T> elements(fitsfile* fits, int type, const Tiles& tiles, const Tile& tile, LONGLONG count) {
  std::vector<T> all(static_cast<size_t>(count));
  int status = 0, nulls = 0;
  fits_read_col(fits, type, tiles.column, tile.row, 1, count, nullptr, all.data(), &nulls, &status);
  fits_check(status);
  return all;
}

bool has_column(fitsfile* fits, const char* name) {
  int column = 0, none = 0;
  fits_get_colnum(fits, CASEINSEN, const_cast<char*>(name), &column, &none);
  fits_clear_errmsg();
  return none == 0;
}

// Whether CFITSIO takes the numbers in COMPRESSED_DATA for floats as they are.
bool holds_floats(fitsfile* fits, const Hdu& hdu) {
  if (hdu.quantization == "NONE") return true;
  return hdu.bitpix < 0 && !has_column(fits, "ZZERO") && !has_column(fits, "ZSCALE");
}

// It goes by the number of bytes for what they mean.
void check_gzip(const Bytes& packed, const Tile& tile, std::initializer_list<int64_t> widths) {
  int64_t unpacked = unpacked_gzip(packed, tile.pixels * 8);
  if (unpacked < 0) refuse(tile, "does not unpack");
  for (int64_t width : widths)
    if (unpacked == tile.pixels * width) return;
  refuse(tile, "unpacks to " + std::to_string(unpacked) + " bytes for " + std::to_string(tile.pixels) + " pixels");
}

// The decoder writes as many pixels as the stream itself states.
void check_hcompress(const Bytes& bytes, const Hdu& hdu, const Tile& tile) {
  if (bytes.size() < kHcompressTop) refuse(tile, "is cut short", Code::truncated);
  auto [rows, columns] = hcompress_top(bytes);
  if (rows < 1 || columns < 1 || rows > tile.pixels || columns > tile.pixels || rows * columns != tile.pixels)
    refuse(tile, "states a different number of pixels than it has");
  bool narrow = hdu.bitpix == 8 || hdu.bitpix == 16;  // decoded in 32 bits
  if (!is_whole_hcompress(bytes, rows, columns, narrow ? 31 : 63)) refuse(tile, "does not unpack");
}

void check_compressed(fitsfile* fits, const Hdu& hdu, const Tiles& tiles, const Tile& tile, LONGLONG length) {
  const std::string& kind = hdu.compression;
  bool gzip = kind == "GZIP_1" || kind == "GZIP_2", floats = holds_floats(fits, hdu);
  if (floats && !gzip) refuse(tile, "holds numbers that are not quantized, which " + kind + " can't");
  if (kind == "PLIO_1") {
    if (!is_whole_plio(elements<short>(fits, TSHORT, tiles, tile, length))) refuse(tile, "is cut short", Code::truncated);
    return;
  }
  auto bytes = elements<unsigned char>(fits, TBYTE, tiles, tile, length);
  if (gzip && floats) check_gzip(bytes, tile, {4, 8});
  if (gzip && !floats) check_gzip(bytes, tile, {1, 2, 4});
  if (kind == "HCOMPRESS_1") check_hcompress(bytes, hdu, tile);
  if (hdu.rice.width > 0 && !is_whole_rice(bytes, tile.pixels, hdu.rice.block, hdu.rice.width))
    refuse(tile, "is cut short", Code::truncated);
}

void check_stream(fitsfile* fits, const Hdu& hdu, const Tiles& tiles, const Tile& tile, LONGLONG length) {
  if (tiles.name == "UNCOMPRESSED_DATA") {
    if (length != tile.pixels)
      refuse(tile, "holds " + std::to_string(length) + " numbers for " + std::to_string(tile.pixels) + " pixels");
    return;
  }
  if (tiles.size != 1 && hdu.compression != "PLIO_1") throw Refusal(Code::broken, tiles.name + " must hold bytes");
  if (tiles.name == "COMPRESSED_DATA") return check_compressed(fits, hdu, tiles, tile, length);
  if (hdu.bitpix > 0) refuse(tile, "is a gzip stream of floats in an image of integers");
  check_gzip(elements<unsigned char>(fits, TBYTE, tiles, tile, length), tile, {-hdu.bitpix / 8});
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
  if (none == COL_NOT_UNIQUE) throw Refusal(Code::broken, tiles.name + " occurs twice");
  if (none != 0) return false;
  fits_get_coltypell(fits, tiles.column, &type, &repeat, &bytes, &status);
  fits_check(status);
  if (type >= 0) throw Refusal(Code::broken, tiles.name + " must be of variable length");
  tiles.size = type == -TBYTE ? 1 : type == -TSHORT ? 2 : type == -TDOUBLE || type == -TLONGLONG ? 8 : 4;
  return true;
}

int kind_of(const std::string& compression) {
  if (compression == "RICE_1" || compression == "RICE_ONE") return RICE_1;
  if (compression == "GZIP_1") return GZIP_1;
  if (compression == "GZIP_2") return GZIP_2;
  if (compression == "PLIO_1") return PLIO_1;
  if (compression == "HCOMPRESS_1") return HCOMPRESS_1;
  throw Refusal(Code::unsupported, "compression " + compression.substr(0, 30) + " is not read");
}

// Refuses an image that CFITSIO understands otherwise than we do: where it can't read a header to its end, it keeps what
// the HDU before said.
void check_agreement(fitsfile* fits, const Hdu& hdu, const std::vector<Tiles>& columns) {
  const FITSfile& own = *fits->Fptr;
  auto column = [&](const char* name) {
    for (const Tiles& tiles : columns)
      if (tiles.name == name) return tiles.column;
    return 0;
  };
  if (column("COMPRESSED_DATA") == 0) throw Refusal(Code::broken, "has no column COMPRESSED_DATA");
  bool same = own.compress_type == kind_of(hdu.compression) && own.zbitpix == hdu.bitpix &&
              own.zndim == static_cast<int>(hdu.axes.size()) && own.cn_compressed == column("COMPRESSED_DATA") &&
              own.cn_gzip_data == column("GZIP_COMPRESSED_DATA") && own.cn_uncompressed == column("UNCOMPRESSED_DATA") &&
              own.dither_seed >= 1 && own.dither_seed <= 10000;
  int64_t pixels = 1;
  for (size_t i = 0; i < hdu.axes.size() && same; ++i) {
    same = own.znaxis[i] == hdu.axes[i] && std::min<int64_t>(own.tilesize[i], hdu.axes[i]) == hdu.tile[i];
    pixels *= hdu.tile[i];
  }
  if (hdu.rice.width > 0)
    same = same && own.rice_blocksize == hdu.rice.block && own.rice_bytepix == hdu.rice.width;
  if (!same || own.maxtilelen < pixels) throw Refusal(Code::broken, "the header of the compressed image can't be read");
}

// Where a tile lies, by its number in each dimension.
Tile tile_at(const Hdu& hdu, const std::vector<int64_t>& place) {
  Tile tile;
  tile.pixels = 1;
  int64_t across = 1;
  for (size_t i = 0; i < place.size(); ++i) {
    int64_t side = hdu.tile[i], first = place[i] * side;
    tile.row += place[i] * across;
    tile.pixels *= std::min(side, hdu.axes[i] - first);
    across *= (hdu.axes[i] - 1) / side + 1;
  }
  return tile;
}

void check_tile(fitsfile* fits, const Hdu& hdu, const std::vector<Tiles>& columns, LONGLONG heap, const Tile& tile) {
  for (const Tiles& tiles : columns) {
    int status = 0;
    LONGLONG length = 0, offset = 0;
    fits_read_descriptll(fits, tiles.column, tile.row, &length, &offset, &status);
    fits_check(status);
    if (length < 0 || offset < 0 || length > heap / tiles.size || offset > heap - length * tiles.size)
      refuse(tile, "lies outside the file");
    if (length > 0) check_stream(fits, hdu, tiles, tile, length);
  }
}

}  // namespace

void check_tiles(File& file, const Hdu& hdu, const std::vector<long>& low, const std::vector<long>& high,
                 std::vector<bool>& checked) {
  int status = 0;
  LONGLONG rows = 0;
  fits_get_num_rowsll(file.fits, &rows, &status);
  fits_check(status);
  checked.resize(static_cast<size_t>(rows));
  LONGLONG heap = heap_length(file.fits, rows);
  std::vector<Tiles> columns;
  for (const char* name : {"COMPRESSED_DATA", "GZIP_COMPRESSED_DATA", "UNCOMPRESSED_DATA"}) {
    Tiles tiles;
    if (find_tiles(file.fits, name, tiles)) columns.push_back(tiles);
  }
  check_agreement(file.fits, hdu, columns);
  std::vector<int64_t> from, to;
  for (size_t i = 0; i < hdu.tile.size(); ++i) {
    from.push_back((low[i] - 1) / hdu.tile[i]);
    to.push_back((high[i] - 1) / hdu.tile[i]);
  }
  std::vector<int64_t> place = from;
  for (;;) {
    Tile tile = tile_at(hdu, place);
    auto index = static_cast<size_t>(tile.row - 1);
    if (!checked.at(index)) check_tile(file.fits, hdu, columns, heap, tile);
    checked[index] = true;
    size_t i = 0;
    while (i < place.size() && place[i] == to[i]) {
      place[i] = from[i];
      ++i;
    }
    if (i == place.size()) return;
    ++place[i];
  }
}

void say_quantization(File& file, const Hdu& hdu) {
  constexpr float kNone = 9999;  // NO_QUANTIZE in imcompress.c
  file.fits->Fptr->quantize_level = holds_floats(file.fits, hdu) ? kNone : 0;
}

}  // namespace arclet
