// Reading FITS files: opened by path or from memory, their HDUs listed, headers as text, pixels as floats.
#include "reading.h"

#include "tiles.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

namespace arclet {

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

const Hdu& moved_to(File& file, Arguments& in) {
  auto index = static_cast<size_t>(in.whole("hdu", 0, int64_t{1} << 31));
  if (index >= file.hdus.size())
    throw Refusal(Code::absent, "has no HDU " + std::to_string(index) + "; it has " + std::to_string(file.hdus.size()));
  return move_to(file, index);
}

// A compressed image's cards, before CFITSIO copies them to a header of the image's own: where it must not copy one, it
// takes a number that it never set (nmore, imcomp_copy_comp2img) for how many empty cards to add, up to 2^31.
void check_cards(fitsfile* fits) {
  int cards = 0, status = 0;
  fits_get_hdrspace(fits, &cards, nullptr, &status);
  for (int i = 1; i <= cards && status == 0; ++i) {
    char card[FLEN_CARD] = {};
    fits_read_record(fits, i, card, &status);
    std::string name(card, strnlen(card, 8));
    for (char& letter : name) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    fits_test_keyword(name.c_str(), &status);
    fits_test_record(card, &status);
  }
  fits_check(status);
}

std::string header_of(File& file, const Hdu& hdu) {
  char* text = nullptr;
  int cards = 0, status = 0;
  if (hdu.compressed) check_cards(file.fits);
  if (hdu.compressed) fits_convert_hdr2str(file.fits, 0, nullptr, 0, &text, &cards, &status);
  else fits_hdr2str(file.fits, 0, nullptr, 0, &text, &cards, &status);
  std::string copy = status == 0 && text != nullptr ? std::string(text) : std::string();
  int ignored = 0;
  if (text != nullptr) fits_free_memory(text, &ignored);
  fits_check(status);
  return copy;
}

Shelf<File>& files() {
  static thread_local Shelf<File> shelf("file");
  return shelf;
}

void read_pixels(File& file, const Hdu& hdu, std::vector<long>& low, std::vector<long>& high, bool wide, void* data) {
  if (low.size() > 7) throw Refusal(Code::unsupported, "images of more than 7 dimensions are not read");
  if (hdu.compressed) {
    auto index = static_cast<size_t>(&hdu - file.hdus.data());
    file.tiles_checked.resize(file.hdus.size());
    check_tiles(file, hdu, low, high, file.tiles_checked[index]);
    say_quantization(file, hdu);
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

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

napi_value described(napi_env env, const Hdu& hdu) {
  static const char* kinds[] = {"image", "table", "ascii table"};
  napi_value out = js_object(env);
  set(env, out, "kind", js_text(env, kinds[hdu.kind]));
  set(env, out, "name", js_latin1(env, hdu.name));
  set(env, out, "version", js_number(env, static_cast<double>(hdu.version)));
  set(env, out, "bitpix", js_number(env, static_cast<double>(hdu.bitpix)));
  set(env, out, "shape", js_numbers(env, std::vector<int64_t>(hdu.axes.rbegin(), hdu.axes.rend())));
  set(env, out, "compression", js_latin1(env, hdu.compression));
  return out;
}

napi_value opened(napi_env env, std::unique_ptr<File> file) {
  napi_value out = js_object(env), list = js_list(env, file->hdus.size());
  for (size_t i = 0; i < file->hdus.size(); ++i) set(env, list, i, described(env, file->hdus[i]));
  set(env, out, "hdus", list);
  set(env, out, "file", js_number(env, files().keep(std::move(file))));
  return out;
}

// openFile(path) -> { file, hdus }
napi_value open_file(napi_env env, Arguments& in) {
  std::string path = in.text("path");
  std::unique_ptr<std::FILE, Close> raw(std::fopen(path.c_str(), "rb"));
  if (!raw || fseeko(raw.get(), 0, SEEK_END) != 0) throw system_refusal();
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
  if (status == FILE_NOT_OPENED) {  // CFITSIO's own sentence has the path in it
    fits_clear_errmsg();
    throw errno != 0 ? system_refusal() : Refusal(Code::unreadable, "can't be opened");
  }
  fits_check(status);
  return opened(env, std::move(file));
}

// openBytes(bytes) -> { file, hdus }; the bytes are copied
napi_value open_bytes(napi_env env, Arguments& in) {
  auto bytes = in.bytes("bytes");
  void* memory = std::calloc(std::max<size_t>(whole_blocks(bytes.length), 1), 1);
  if (memory == nullptr) throw std::bad_alloc();
  if (bytes.length > 0) std::memcpy(memory, bytes.data, bytes.length);
  return opened(env, file_in(memory, bytes.length));
}

// header(file, hdu) -> the cards, 80 characters each; a compressed image's are those of the image
napi_value header(napi_env env, Arguments& in) {
  File& file = files().at(in);
  const Hdu& hdu = moved_to(file, in);
  return js_latin1(env, header_of(file, hdu));
}

// read(file, hdu, double, first, size) -> Float32Array or Float64Array. `first` (from 0) and `size` are in the order
// of the shape, slowest first. BSCALE and BZERO are applied, BLANK is NaN.
napi_value read(napi_env env, Arguments& in) {
  File& file = files().at(in);
  const Hdu& hdu = moved_to(file, in);
  bool wide = in.flag("double");
  if (hdu.kind != Hdu::kImage) throw Refusal(Code::argument, "the HDU is a table, not an image");
  size_t dims = hdu.axes.size();
  if (dims == 0) throw Refusal(Code::absent, "the HDU holds no data");
  std::vector<int64_t> from(dims, 0), size(hdu.axes.rbegin(), hdu.axes.rend());
  auto sides = [](int64_t least) {
    return [=](napi_env env, napi_value value) { return wholes_of(env, value, least, int64_t{1} << 52); };
  };
  if (auto first = in.maybe("first", sides(0))) {
    from = *first;
    size = in.take("size", sides(1));
    if (from.size() != dims || size.size() != dims)
      throw Refusal(Code::argument, "the region must have " + std::to_string(dims) + " dimensions");
  }
  std::vector<long> low(dims), high(dims);
  int64_t pixels = 1;
  for (size_t i = 0; i < dims; ++i) {
    size_t k = dims - 1 - i;
    if (size[k] > hdu.axes[i] || from[k] > hdu.axes[i] - size[k])
      throw Refusal(Code::argument, "the region lies outside the image");
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
napi_value close(napi_env, Arguments& in) {
  files().drop(in);
  return nullptr;
}

napi_value open_files(napi_env env, Arguments&) { return js_number(env, static_cast<double>(files().size())); }

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
