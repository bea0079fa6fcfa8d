// FITS files, written: images one an HDU, into memory; the caller puts the bytes where they belong.
#include "cfitsio.h"
#include "door.h"

#include <cstdlib>
#include <cstring>

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
    default: throw Refusal("no FITS image holds this kind of typed array");
  }
}

// CFITSIO reads back parts of a compressed image's table that it has not written: new memory must be zeros.
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
  throw Refusal("compression must be one of rice, gzip, gzip2, hcompress, plio");
}

void write_image(napi_env env, fitsfile* fits, napi_value image) {
  Array data = array_of(env, property(env, image, "data"), "data");
  std::vector<int64_t> shape = wholes_of(env, property(env, image, "shape"), "shape", 1, int64_t{1} << 40);
  Kind kind = kind_of(data.type);
  int64_t pixels = shape.empty() ? 0 : 1;
  for (int64_t side : shape) {
    if (pixels > (int64_t{1} << 52) / side) throw Refusal("shape is too large");
    pixels *= side;
  }
  if (static_cast<size_t>(pixels) != data.length)
    throw Refusal("data must hold " + std::to_string(pixels) + " values for its shape, got " +
                  std::to_string(data.length));
  std::vector<LONGLONG> axes(shape.rbegin(), shape.rend());
  int status = 0;
  napi_value compression = property(env, image, "compression");
  int method = is_nullish(env, compression) ? 0 : compression_of(text_of(env, compression, "compression"));
  if (method != 0) {
    fits_set_compression_type(fits, method, &status);
    napi_value level = property(env, image, "quantize");
    fits_set_quantize_level(fits, is_nullish(env, level) ? 0 : static_cast<float>(number_of(env, level, "quantize")),
                            &status);
  }
  fits_create_imgll(fits, kind.bitpix, static_cast<int>(axes.size()), axes.data(), &status);
  fits_check(status);
  napi_value cards = property(env, image, "cards");
  uint32_t count = 0;
  check(env, napi_get_array_length(env, cards, &count));
  for (uint32_t i = 0; i < count; ++i) {
    napi_value card;
    check(env, napi_get_element(env, cards, i, &card));
    fits_write_record(fits, text_of(env, card, "card").c_str(), &status);
    fits_check(status);
  }
  // The values go in as they are: BSCALE and BZERO among the cards are the reader's.
  if (kind.bitpix != USHORT_IMG) fits_set_bscale(fits, 1, 0, &status);
  if (pixels > 0) fits_write_img(fits, kind.type, 1, pixels, data.data, &status);
  fits_set_compression_type(fits, 0, &status);
  fits_check(status);
}

// writeImages([{ data, shape, cards, compression, quantize }]) -> Uint8Array: a whole FITS file
napi_value write_images(napi_env env, napi_value* args) {
  uint32_t count = 0;
  if (napi_get_array_length(env, args[0], &count) != napi_ok) throw Refusal("images must be a list");
  Memory memory;
  int status = 0;
  fits_create_memfile(&memory.fits, &memory.data, &memory.size, 1 << 20, grown, &status);
  fits_check(status);
  for (uint32_t i = 0; i < count; ++i) {
    napi_value image;
    check(env, napi_get_element(env, args[0], i, &image));
    write_image(env, memory.fits, image);
  }
  // the file's length is where its last HDU ends; the memory may be longer
  LONGLONG head = 0, data = 0, end = 0;
  fits_flush_file(memory.fits, &status);
  fits_get_hduaddrll(memory.fits, &head, &data, &end, &status);
  fits_check(status);
  if (static_cast<size_t>(end) > memory.size) throw Refusal("the file was not written whole");
  void* out = nullptr;
  napi_value bytes = new_array(env, napi_uint8_array, static_cast<size_t>(end), &out);
  std::memcpy(out, memory.data, static_cast<size_t>(end));
  return bytes;
}

}  // namespace

void add_writing(napi_env env, napi_value exports) {
  define(env, exports, "writeImages", guarded<write_images>);
}

}  // namespace arclet
