// Writing FITS files: images, one per HDU, or one table, into memory; the caller writes the bytes to a file.
#include "cfitsio.h"
#include "door.h"

#include <cstdlib>
#include <cstring>
#include <limits>

namespace arclet {
namespace {

struct Kind {
  int bitpix;
  int type;
};

Kind kind_of(napi_typedarray_type type) {
  switch (type) {
    case napi_uint8_array:
    case napi_uint8_clamped_array: return {BYTE_IMG, TBYTE};
    case napi_int16_array: return {SHORT_IMG, TSHORT};
    case napi_uint16_array: return {USHORT_IMG, TUSHORT};
    case napi_int32_array: return {LONG_IMG, TINT};
    case napi_float32_array: return {FLOAT_IMG, TFLOAT};
    case napi_float64_array: return {DOUBLE_IMG, TDOUBLE};
    default: throw Refusal(Code::argument, "no FITS image holds this kind of typed array");
  }
}

// CFITSIO reads back parts of a compressed image's table that it hasn't written, so new memory must be zeros.
thread_local size_t cleared = 0;
void* grown(void* old, size_t size) {
  void* memory = std::realloc(old, size);
  if (memory != nullptr && size > cleared) std::memset(static_cast<char*>(memory) + cleared, 0, size - cleared);
  if (memory != nullptr) cleared = size;
  return memory;
}

struct Memory {
  fitsfile* fits = nullptr;
  void* data = nullptr;
  size_t size = 2880;
  Memory() : data(std::calloc(2880, 1)) {
    if (data == nullptr) throw std::bad_alloc();
    cleared = size;
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() {
    int status = 0;
    if (fits != nullptr) fits_close_file(fits, &status);
    fits_clear_errmsg();
    std::free(data);
  }
};

int compression_of(const std::string& name) {
  if (name == "rice") return RICE_1;
  if (name == "gzip") return GZIP_1;
  if (name == "gzip2") return GZIP_2;
  if (name == "hcompress") return HCOMPRESS_1;
  if (name == "plio") return PLIO_1;
  throw Refusal(Code::argument, "compression must be one of rice, gzip, gzip2, hcompress, plio");
}

// An image to write. Its data is looked up last, since the memory may move while JavaScript runs.
struct Output {
  std::vector<int64_t> shape;
  std::vector<std::string> cards;
  int compression = 0;
  float quantize = 0;
  Array data;
};

std::vector<int64_t> sides_of(napi_env env, napi_value value) {
  if (list_length(env, value) > 999) throw Refusal(Code::argument, "must be a list of at most 999 items");
  return wholes_of(env, value, 1, int64_t{1} << 40);
}

Output output_of(napi_env env, napi_value image) {
  Output output;
  output.shape = field(env, image, "shape", sides_of);
  output.cards = field(env, image, "cards", texts_of);
  if (!is_nullish(env, property(env, image, "compression")))
    output.compression = compression_of(field(env, image, "compression", text_of));
  if (!is_nullish(env, property(env, image, "quantize")))
    output.quantize = static_cast<float>(field(env, image, "quantize", number_of));
  output.data = field(env, image, "data", [](napi_env env, napi_value value) { return array_of(env, value); });
  return output;
}

int64_t pixels_of(const Output& output) {
  int64_t pixels = output.shape.empty() ? 0 : 1;
  for (int64_t side : output.shape) {
    if (pixels > (int64_t{1} << 52) / side) throw Refusal(Code::too_large, "shape is too large");
    pixels *= side;
  }
  if (static_cast<size_t>(pixels) != output.data.length)
    throw Refusal(Code::argument, "data must hold " + std::to_string(pixels) + " values for its shape, got " +
                                      std::to_string(output.data.length));
  return pixels;
}

void write_image(fitsfile* fits, const Output& output) {
  Kind kind = kind_of(output.data.type);
  int64_t pixels = pixels_of(output);
  std::vector<LONGLONG> axes(output.shape.rbegin(), output.shape.rend());
  int status = 0;
  if (output.compression != 0) {
    fits_set_compression_type(fits, output.compression, &status);
    fits_set_quantize_level(fits, output.quantize, &status);
  }
  fits_create_imgll(fits, kind.bitpix, static_cast<int>(axes.size()), axes.data(), &status);
  fits_check(status, Code::argument);
  for (const std::string& card : output.cards) {
    fits_write_record(fits, card.c_str(), &status);
    fits_check(status, Code::argument);
  }
  // The values are written as they are: BSCALE and BZERO among the cards are for whoever reads them.
  if (kind.bitpix != USHORT_IMG) fits_set_bscale(fits, 1, 0, &status);
  if (pixels > 0) fits_write_img(fits, kind.type, 1, pixels, output.data.data, &status);
  fits_set_compression_type(fits, 0, &status);
  fits_check(status, Code::argument);
}

// The file's bytes, up to the end of its last HDU; the memory may be longer.
napi_value whole(napi_env env, Memory& memory) {
  int status = 0;
  LONGLONG head = 0, data = 0, end = 0;
  fits_flush_file(memory.fits, &status);
  fits_get_hduaddrll(memory.fits, &head, &data, &end, &status);
  fits_check(status, Code::argument);
  if (static_cast<size_t>(end) > memory.size) throw Refusal(Code::broken, "the file was not written completely");
  uint8_t* out = nullptr;
  napi_value bytes = new_array(env, static_cast<size_t>(end), &out);
  std::memcpy(out, memory.data, static_cast<size_t>(end));
  return bytes;
}

// writeImages([{ data, shape, cards, compression, quantize }]) -> Uint8Array: a whole FITS file
napi_value write_images(napi_env env, Arguments& in) {
  napi_value images = in.next();
  uint32_t count = naming("images", [&] { return list_length(env, images); });
  Memory memory;
  int status = 0;
  fits_create_memfile(&memory.fits, &memory.data, &memory.size, 1 << 20, grown, &status);
  fits_check(status, Code::argument);
  for (uint32_t i = 0; i < count; ++i) write_image(memory.fits, output_of(env, list_item(env, images, i)));
  return whole(env, memory);
}

// A table's column, with its TFORM (FITS standard 4.0, table 18).
struct Column {
  std::string name, unit, form;
  Array data;
  size_t width = 0;  // characters of a text, with the NUL that ends it
};

constexpr int64_t kWidest = int64_t{1} << 30;

Column column_of(napi_env env, napi_value value, size_t rows) {
  Column column;
  column.name = field(env, value, "name", text_of);
  column.unit = field(env, value, "unit", text_of);
  column.width = static_cast<size_t>(
      field(env, value, "width", [](napi_env env, napi_value value) { return whole_of(env, value, 0, kWidest); }));
  column.data = field(env, value, "data", [](napi_env env, napi_value value) { return array_of(env, value); });
  size_t wanted = rows;
  if (column.data.type == napi_float64_array) column.form = "1D";
  else if (column.data.type == napi_bigint64_array) column.form = "1K";
  else if (column.data.type == napi_biguint64_array) column.form = "1W";  // CFITSIO's: K with a TZERO of 2^63
  else if (column.data.type == napi_int8_array) column.form = "1L";
  else if (column.data.type == napi_uint8_array) {
    if (column.width < 2) throw Refusal(Code::argument, "width must be a whole number from 2 to 1073741824");
    column.form = std::to_string(column.width - 1) + "A";
    wanted = rows * column.width;
  } else throw Refusal(Code::argument, "no column of a FITS table holds this kind of typed array");
  if (column.data.length != wanted)
    throw Refusal(Code::argument, column.name + " must hold " + std::to_string(wanted) + " values, got " +
                  std::to_string(column.data.length));
  return column;
}

void write_texts(fitsfile* fits, int place, const Column& column, size_t rows) {
  auto* bytes = static_cast<char*>(column.data.data);
  std::vector<char*> texts(rows);
  for (size_t i = 0; i < rows; ++i) {
    texts[i] = bytes + i * column.width;
    if (texts[i][column.width - 1] != '\0') throw Refusal(Code::argument, column.name + " holds a text that no NUL ends");
  }
  int status = 0;
  fits_write_col(fits, TSTRING, place, 1, 1, static_cast<LONGLONG>(rows), texts.data(), &status);
  fits_check(status, Code::argument);
}

// Truth values: bytes of 1 and 0, and -1 for unknown.
void write_truths(fitsfile* fits, int place, const Column& column, size_t rows) {
  auto* truths = static_cast<signed char*>(column.data.data);
  std::vector<char> known(rows);
  for (size_t i = 0; i < rows; ++i) known[i] = truths[i] > 0 ? 1 : 0;
  int status = 0;
  fits_write_col(fits, TLOGICAL, place, 1, 1, static_cast<LONGLONG>(rows), known.data(), &status);
  for (size_t i = 0; i < rows; ++i)
    if (truths[i] < 0) fits_write_col_null(fits, place, static_cast<LONGLONG>(i) + 1, 1, 1, &status);
  fits_check(status, Code::argument);
}

void write_column(fitsfile* fits, int place, const Column& column, size_t rows) {
  int status = 0;
  auto count = static_cast<LONGLONG>(rows);
  if (column.data.type == napi_uint8_array) write_texts(fits, place, column, rows);
  else if (column.data.type == napi_int8_array) write_truths(fits, place, column, rows);
  else if (column.data.type == napi_float64_array)
    fits_write_col(fits, TDOUBLE, place, 1, 1, count, column.data.data, &status);
  else if (column.data.type == napi_biguint64_array)
    fits_write_col(fits, TULONGLONG, place, 1, 1, count, column.data.data, &status);
  else fits_write_col(fits, TLONGLONG, place, 1, 1, count, column.data.data, &status);
  fits_check(status, Code::argument);
}

// writeTable([{ name, unit, data, width }], rows) -> Uint8Array: a FITS file of one binary table. Numbers are doubles,
// NaN if empty; whole numbers have 64 bits, the least one if empty, or the greatest where they have no sign; texts are bytes, each ended by a NUL within its width.
napi_value write_table(napi_env env, Arguments& in) {
  napi_value list = in.next();
  uint32_t count = naming("columns", [&] { return list_length(env, list); });
  if (count < 1 || count > 999)
    throw Refusal(Code::argument, "a FITS table has 1 to 999 columns, got " + std::to_string(count));
  auto rows = static_cast<size_t>(in.whole("rows", 0, int64_t{1} << 31));
  std::vector<Column> columns;
  std::vector<char*> names, forms, units;
  for (uint32_t i = 0; i < count; ++i) columns.push_back(column_of(env, list_item(env, list, i), rows));
  for (Column& column : columns) {
    names.push_back(&column.name[0]);
    forms.push_back(&column.form[0]);
    units.push_back(&column.unit[0]);
  }
  Memory memory;
  int status = 0;
  fits_create_memfile(&memory.fits, &memory.data, &memory.size, 1 << 20, grown, &status);
  fits_create_tbl(memory.fits, BINARY_TBL, static_cast<LONGLONG>(rows), static_cast<int>(count), names.data(),
                  forms.data(), units.data(), "TABLE", &status);
  fits_check(status, Code::argument);
  for (uint32_t i = 0; i < count; ++i) {
    bool sign = columns[i].data.type == napi_bigint64_array;
    if (!sign && columns[i].data.type != napi_biguint64_array) continue;
    // As it is stored: TZERO is not applied to TNULL.
    LONGLONG empty = sign ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
    std::string key = "TNULL" + std::to_string(i + 1);
    fits_write_key(memory.fits, TLONGLONG, key.c_str(), &empty, "empty", &status);
  }
  fits_set_hdustruc(memory.fits, &status);
  fits_check(status, Code::argument);
  for (uint32_t i = 0; i < count && rows > 0; ++i) write_column(memory.fits, static_cast<int>(i) + 1, columns[i], rows);
  return whole(env, memory);
}

}  // namespace

void add_writing(napi_env env, napi_value exports) {
  define(env, exports, "writeImages", guarded<write_images>);
  define(env, exports, "writeTable", guarded<write_table>);
}

}  // namespace arclet
