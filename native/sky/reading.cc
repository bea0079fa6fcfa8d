// FITS files, read: opened by path or from memory, their HDUs listed, headers as text, pixels as floats.
#include "reading.h"

#include "door.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>

namespace arclet {

namespace {

Code code_of(int status, Code otherwise) {
  switch (status) {
    case FILE_NOT_OPENED:
    case FILE_NOT_CREATED:
    case WRITE_ERROR:
    case FILE_NOT_CLOSED:
    case SEEK_ERROR: return code_of_errno(errno);
    case END_OF_FILE:
    case READ_ERROR: return Code::truncated;
    case TOO_MANY_FILES:
    case ARRAY_TOO_BIG:
    case MEMORY_ALLOCATION: return Code::too_large;
    case UNKNOWN_EXT:
    case NO_MATCHING_DRIVER: return Code::unsupported;
    default: return otherwise;
  }
}

}  // namespace

void fits_check(int status, Code otherwise) {
  if (status == 0) return;
  Code code = code_of(status, otherwise);
  char text[FLEN_STATUS] = "", line[FLEN_ERRMSG] = "";
  fits_get_errstatus(status, text);
  std::string sentence = text, more;
  for (int lines = 0; fits_read_errmsg(line) != 0; ++lines)
    if (lines < 3 && line[0] != '\0') more += (more.empty() ? "" : "; ") + std::string(line);
  throw Refusal(code, sentence + (more.empty() ? "" : " (" + more + ")") + ", CFITSIO status " + std::to_string(status));
}

File::~File() {
  int status = 0;
  if (fits != nullptr) fits_close_file(fits, &status);
  fits_clear_errmsg();
  std::free(memory);
}

size_t whole_blocks(size_t length) { return (length + 2879) / 2880 * 2880; }

std::unique_ptr<File> file_in(void* memory, size_t length) {
  auto file = std::make_unique<File>();
  file->memory = memory;
  file->memory_size = whole_blocks(length);
  const char* from = static_cast<const char*>(memory);
  file->hdus = layout_of(static_cast<int64_t>(length), [&](int64_t offset, char* to, size_t size) {
    std::memcpy(to, from + offset, size);
  });
  int status = 0;
  fits_open_memfile(&file->fits, "memory", READONLY, &file->memory, &file->memory_size, 0, nullptr, &status);
  fits_check(status);
  return file;
}

const Hdu& move_to(File& file, size_t index) {
  int status = 0, type = 0;
  fits_movabs_hdu(file.fits, static_cast<int>(index) + 1, &type, &status);
  fits_check(status);
  return file.hdus[index];
}

std::string header_of(File& file, const Hdu& hdu) {
  char* text = nullptr;
  int cards = 0, status = 0;
  if (hdu.compressed) fits_convert_hdr2str(file.fits, 0, nullptr, 0, &text, &cards, &status);
  else fits_hdr2str(file.fits, 0, nullptr, 0, &text, &cards, &status);
  std::string copy = status == 0 && text != nullptr ? std::string(text) : std::string();
  int ignored = 0;
  if (text != nullptr) fits_free_memory(text, &ignored);
  fits_check(status);
  return copy;
}

Shelf<File>& files() {
  static thread_local Shelf<File> shelf("the file");
  return shelf;
}

const Hdu& moved_to(napi_env env, File& file, napi_value value) {
  auto index = static_cast<size_t>(whole_of(env, value, "hdu", 0, int64_t{1} << 31));
  if (index >= file.hdus.size())
    throw Refusal(Code::absent, "has no HDU " + std::to_string(index) + ", only " + std::to_string(file.hdus.size()));
  return move_to(file, index);
}

namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

napi_value described(napi_env env, const Hdu& hdu) {
  static const char* kinds[] = {"image", "table", "ascii table"};
  napi_value out;
  check(env, napi_create_object(env, &out));
  set(env, out, "kind", js_text(env, kinds[hdu.kind]));
  set(env, out, "name", js_text(env, hdu.name));
  set(env, out, "bitpix", js_number(env, static_cast<double>(hdu.bitpix)));
  set(env, out, "shape", js_wholes(env, std::vector<int64_t>(hdu.axes.rbegin(), hdu.axes.rend())));
  set(env, out, "compression", js_text(env, hdu.compression));
  return out;
}

napi_value opened(napi_env env, std::unique_ptr<File> file) {
  napi_value out, list;
  check(env, napi_create_object(env, &out));
  list = js_list(env, file->hdus.size());
  for (size_t i = 0; i < file->hdus.size(); ++i)
    check(env, napi_set_element(env, list, static_cast<uint32_t>(i), described(env, file->hdus[i])));
  set(env, out, "hdus", list);
  set(env, out, "file", js_number(env, files().keep(std::move(file))));
  return out;
}

// openFile(path) -> { file, hdus }
napi_value open_file(napi_env env, napi_value* args) {
  std::string path = text_of(env, args[0], "path");
  std::unique_ptr<std::FILE, Close> raw(std::fopen(path.c_str(), "rb"));
  if (!raw) throw system_refusal();
  if (fseeko(raw.get(), 0, SEEK_END) != 0) throw system_refusal();
  int64_t length = ftello(raw.get());
  auto file = std::make_unique<File>();
  file->hdus = layout_of(length, [&](int64_t offset, char* to, size_t size) {
    errno = 0;
    if (fseeko(raw.get(), offset, SEEK_SET) == 0 && std::fread(to, 1, size, raw.get()) == size) return;
    if (errno != 0) throw system_refusal();
    throw Refusal(Code::truncated, "the file ends while it is read");
  });
  int status = 0;
  errno = 0;
  fits_open_diskfile(&file->fits, path.c_str(), READONLY, &status);
  if (status == FILE_NOT_OPENED) {  // CFITSIO's own words hold the path
    fits_clear_errmsg();
    throw errno != 0 ? system_refusal() : Refusal(Code::unreadable, "could not be opened");
  }
  fits_check(status);
  return opened(env, std::move(file));
}

// openBytes(bytes) -> { file, hdus }; the bytes are copied
napi_value open_bytes(napi_env env, napi_value* args) {
  Array bytes = array_of(env, args[0], "bytes", napi_uint8_array);
  void* memory = std::calloc(std::max<size_t>(whole_blocks(bytes.length), 1), 1);
  if (memory == nullptr) throw std::bad_alloc();
  std::memcpy(memory, bytes.data, bytes.length);
  return opened(env, file_in(memory, bytes.length));
}

// header(file, hdu) -> the cards, 80 characters each; a compressed image's are those of the image
napi_value header(napi_env env, napi_value* args) {
  File& file = files().at(env, args[0]);
  const Hdu& hdu = moved_to(env, file, args[1]);
  return js_text(env, header_of(file, hdu));
}

// Whether the bytes are one whole gzip stream of at most `most` bytes. CFITSIO asks for more memory without end where
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
// form); else the fourth and fifth are, and the second is the header's own.
bool is_whole_plio(const std::vector<short>& list) {
  if (list.size() < 3) return false;
  if (list[2] > 0) return static_cast<size_t>(list[2]) <= list.size();
  if (list.size() < 5 || list[1] < 5 || list[3] < 0 || list[4] < 0) return false;
  return (static_cast<size_t>(list[4]) << 15) + static_cast<size_t>(list[3]) <= list.size();
}

// Pixels of a compressed image's tile; those at the far edges may be smaller.
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

// A compressed image's table as its columns state it: every tile's bytes must lie in the file, and an H-compressed
// tile must not be larger than a tile, since the decoder writes what the tile itself states.
void check_tiles(File& file, const Hdu& hdu) {
  int status = 0;
  LONGLONG rows = 0, heap = 0, width = 0;
  int64_t most = 1;  // pixels in a tile
  for (int64_t side : hdu.tile) most *= side;
  std::vector<unsigned char> packed;
  fits_get_num_rowsll(file.fits, &rows, &status);
  fits_read_key(file.fits, TLONGLONG, "NAXIS1", &width, nullptr, &status);
  fits_read_key(file.fits, TLONGLONG, "PCOUNT", &heap, nullptr, &status);
  fits_check(status);
  // the heap may begin later than at the table's end; its length is what PCOUNT leaves
  LONGLONG start = 0;
  int missing = 0;
  fits_read_key(file.fits, TLONGLONG, "THEAP", &start, nullptr, &missing);
  fits_clear_errmsg();
  LONGLONG gap = missing == 0 ? start - rows * width : 0;
  if (gap < 0 || gap > heap) throw Refusal(Code::broken, "THEAP lies outside the table");
  heap -= gap;
  for (const char* name : {"COMPRESSED_DATA", "GZIP_COMPRESSED_DATA", "UNCOMPRESSED_DATA"}) {
    int column = 0, type = 0, none = 0;
    LONGLONG repeat = 0, bytes = 0;
    char key[FLEN_VALUE];
    std::strcpy(key, name);
    fits_get_colnum(file.fits, CASEINSEN, key, &column, &none);
    fits_clear_errmsg();
    if (none != 0) continue;
    fits_get_coltypell(file.fits, column, &type, &repeat, &bytes, &status);
    fits_check(status);
    if (type >= 0) throw Refusal(Code::broken, std::string(name) + " is not of variable length");
    int64_t size = type == -TBYTE ? 1 : type == -TSHORT ? 2 : type == -TDOUBLE || type == -TLONGLONG ? 8 : 4;
    for (LONGLONG row = 1; row <= rows; ++row) {
      LONGLONG length = 0, offset = 0;
      fits_read_descriptll(file.fits, column, row, &length, &offset, &status);
      fits_check(status);
      if (length < 0 || offset < 0 || length > heap / size || offset > heap - length * size)
        throw Refusal(Code::broken, "tile " + std::to_string(row) + " lies outside the file");
      if (hdu.compression == "PLIO_1" && std::strcmp(name, "COMPRESSED_DATA") == 0 && length > 0) {
        int nulls = 0;
        std::vector<short> list(static_cast<size_t>(length));
        fits_read_col(file.fits, TSHORT, column, row, 1, length, nullptr, list.data(), &nulls, &status);
        fits_check(status);
        if (!is_whole_plio(list)) throw Refusal(Code::truncated, "tile " + std::to_string(row) + " is cut short");
      }
      bool gzipped = std::strcmp(name, "GZIP_COMPRESSED_DATA") == 0 ||
                     (hdu.compression.rfind("GZIP", 0) == 0 && std::strcmp(name, "COMPRESSED_DATA") == 0);
      if (gzipped && length > 0) {
        int nulls = 0;
        packed.resize(static_cast<size_t>(length * size));
        if (size != 1) throw Refusal(Code::broken, std::string(name) + " is not of bytes");
        fits_read_col(file.fits, TBYTE, column, row, 1, length, nullptr, packed.data(), &nulls, &status);
        fits_check(status);
        if (!is_whole_gzip(packed, static_cast<size_t>(most) * 8))
          throw Refusal(Code::broken, "tile " + std::to_string(row) + " does not unpack");
      }
      if (hdu.compression == "HCOMPRESS_1" && std::strcmp(name, "COMPRESSED_DATA") == 0 && length > 0) {
        unsigned char top[14] = {0};
        int nulls = 0;
        if (length * size < 14) throw Refusal(Code::truncated, "tile " + std::to_string(row) + " is cut short");
        fits_read_col(file.fits, TBYTE, column, row, 1, 14, nullptr, top, &nulls, &status);
        fits_check(status);
        auto number = [&](int at) {
          return int64_t{top[at]} << 24 | int64_t{top[at + 1]} << 16 | int64_t{top[at + 2]} << 8 | top[at + 3];
        };
        int64_t nx = number(2), ny = number(6);
        int64_t own = pixels_in_tile(hdu, row - 1);
        if (nx < 1 || ny < 1 || nx > own || ny > own || nx * ny != own)
          throw Refusal(Code::broken, "tile " + std::to_string(row) + " states another number of pixels than it has");
      }
    }
  }
}

}  // namespace

void read_pixels(File& file, const Hdu& hdu, std::vector<long>& low, std::vector<long>& high, bool wide, void* data) {
  if (low.size() > 7) throw Refusal(Code::unsupported, "images of more than 7 dimensions are not read");
  if (hdu.compressed) {
    size_t index = static_cast<size_t>(&hdu - file.hdus.data());
    file.tiles_checked.resize(file.hdus.size());
    if (!file.tiles_checked[index]) check_tiles(file, hdu);
    file.tiles_checked[index] = true;
  }
  float blank = std::numeric_limits<float>::quiet_NaN();
  double wide_blank = std::numeric_limits<double>::quiet_NaN();
  int status = 0, any = 0;
  std::vector<long> step(low.size(), 1);
  fits_read_subset(file.fits, wide ? TDOUBLE : TFLOAT, low.data(), high.data(), step.data(),
                   wide ? static_cast<void*>(&wide_blank) : &blank, data, &any, &status);
  fits_check(status);
}

namespace {

// read(file, hdu, double, first, size) -> Float32Array or Float64Array. `first` (from 0) and `size` are in the order
// of the shape, slowest first. BSCALE and BZERO are applied, BLANK is NaN.
napi_value read(napi_env env, napi_value* args) {
  File& file = files().at(env, args[0]);
  const Hdu& hdu = moved_to(env, file, args[1]);
  bool wide = false;
  check(env, napi_get_value_bool(env, args[2], &wide));
  if (hdu.kind != Hdu::kImage) throw Refusal(Code::argument, "the HDU is a table, an image was expected");
  size_t dims = hdu.axes.size();
  if (dims == 0) throw Refusal(Code::absent, "the HDU holds no data");
  std::vector<int64_t> from(dims, 0), size(hdu.axes.rbegin(), hdu.axes.rend());
  if (!is_nullish(env, args[3])) {
    from = wholes_of(env, args[3], "first", 0, int64_t{1} << 52);
    size = wholes_of(env, args[4], "size", 1, int64_t{1} << 52);
    if (from.size() != dims || size.size() != dims)
      throw Refusal(Code::argument, "the region must have " + std::to_string(dims) + " dimensions");
  }
  std::vector<long> low(dims), high(dims);
  int64_t pixels = 1;
  for (size_t i = 0; i < dims; ++i) {
    size_t k = dims - 1 - i;
    if (size[k] > hdu.axes[i] || from[k] > hdu.axes[i] - size[k]) throw Refusal(Code::argument, "the region lies outside the image");
    low[i] = static_cast<long>(from[k] + 1);
    high[i] = static_cast<long>(from[k] + size[k]);
    pixels *= size[k];  // no more than the image, whose product fits
  }
  void* data = nullptr;
  napi_value out = new_array(env, wide ? napi_float64_array : napi_float32_array, static_cast<size_t>(pixels), &data);
  if (pixels > 0) read_pixels(file, hdu, low, high, wide, data);
  return out;
}

// close(file)
napi_value close(napi_env env, napi_value* args) {
  files().drop(env, args[0]);
  return nullptr;
}

napi_value open_files(napi_env env, napi_value*) { return js_number(env, static_cast<double>(files().size())); }

}  // namespace

void add_reading(napi_env env, napi_value exports) {
  define(env, exports, "openFile", guarded<open_file>);
  define(env, exports, "openBytes", guarded<open_bytes>);
  define(env, exports, "header", guarded<header>);
  define(env, exports, "read", guarded<read>);
  define(env, exports, "close", guarded<close>);
  define(env, exports, "openFiles", guarded<open_files>);
}

}  // namespace arclet
