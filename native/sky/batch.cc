// Reads many small FITS files whole, on a thread of libuv's pool, while JavaScript works on the previous batch. They
// are opened, checked and decoded like single files, so that broken files get the same refusals.
#include "door.h"
#include "reading.h"
#include "wcs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace arclet {
namespace {

constexpr int64_t kMostFloats = int64_t{1} << 24;  // of one file: 64 MiB
constexpr int64_t kMostTogether = int64_t{1} << 26;  // of a batch: 256 MiB

// Positions, and the axes that they are on.
struct Sky {
  std::vector<double> places;
  Axes axes;
};

struct Image {
  size_t hdu = 0;
  std::string name;
  int64_t version = 1;
  int64_t bitpix = 0;
  std::vector<int64_t> shape;  // slowest axis first
  std::string cards;
  Sky sky;
  size_t first = 0, pixels = 0;  // of the batch's pixels
};

// Prefixes of keywords, by their first letter.
class Keys {
 public:
  explicit Keys(const std::vector<std::string>& beginnings) {
    for (const std::string& one : beginnings)
      if (!one.empty()) by_letter_[static_cast<unsigned char>(one[0])].push_back(one);
  }
  bool has(const std::string& header, size_t at) const {
    for (const std::string& one : by_letter_[static_cast<unsigned char>(header[at])])
      if (header.compare(at, one.size(), one) == 0) return true;
    return false;
  }

 private:
  std::vector<std::string> by_letter_[256];
};

// The sky of the last image: the bands of one object mostly have the same coordinates.
struct LastSky {
  std::string cards;
  Sky sky;
};

struct Outcome {
  enum Kind { kRead, kRefused, kElsewhere } kind = kElsewhere;
  Code code = Code::broken;  // if refused
  std::string error;
  std::vector<Image> images;
};

// Work in progress: the request, the results, and the promise that waits.
struct Batch {
  napi_async_work work = nullptr;
  napi_deferred deferred = nullptr;
  std::vector<std::string> paths;
  std::unique_ptr<Keys> keys, wcs_keys;
  int64_t most_bytes = 0;
  std::vector<float> pixels;  // of all images, one after another
  LastSky last;
  std::vector<Outcome> outcomes;
};

struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

std::string cards_of(const std::string& header, const Keys& keys) {
  std::string kept;
  for (size_t at = 0; at + 80 <= header.size(); at += 80)
    if (header.compare(at, 8, "END     ") == 0) break;
    else if (keys.has(header, at)) kept.append(header, at, 80);
  return kept;
}

// The sky at an image's middle and half a pixel to its left, right, below and above.
Sky sky_of(const Hdu& hdu, const std::string& header, const Keys& keys, LastSky& last) {
  std::string cards = cards_of(header, keys);
  if (hdu.axes.size() < 2 || cards.find("CTYPE1") == std::string::npos) return {};
  for (size_t i = 0; i < 2; ++i) cards += std::to_string(hdu.axes[i]) + " ";
  if (cards == last.cards) return last.sky;
  last.cards = cards;
  last.sky = Sky();
  cards.resize(cards.size() / 80 * 80);
  double x = static_cast<double>(hdu.axes[0] - 1) / 2, y = static_cast<double>(hdu.axes[1] - 1) / 2;
  std::vector<double> pixels = {x, y, x - 0.5, y, x + 0.5, y, x, y - 0.5, x, y + 0.5};
  Sky& sky = last.sky;
  bool known = on_sky(cards, pixels, sky.places, sky.axes);
  // FK4 turns with time, so the date counts, which differs from file to file.
  bool turning = sky.axes.frame.find("FK4") != std::string::npos || sky.axes.equinox < 1984;
  if (known && turning) known = on_sky(header, pixels, sky.places, sky.axes);
  if (turning) last.cards.clear();
  if (!known) sky = Sky();
  return sky;
}

void read_image(File& file, size_t index, Batch& batch, Outcome& outcome) {
  const Hdu& hdu = file.hdus[index];
  Image image;
  image.hdu = index;
  image.name = hdu.name;
  image.version = hdu.version;
  image.bitpix = hdu.bitpix;
  image.shape.assign(hdu.axes.rbegin(), hdu.axes.rend());
  move_to(file, index);
  // A compressed image's header is made from its table's; any other is in memory as it is.
  std::string header = hdu.compressed ? header_of(file, hdu)
                                      : std::string(static_cast<const char*>(file.memory) + hdu.header,
                                                    static_cast<size_t>(hdu.data - hdu.header));
  image.cards = cards_of(header, *batch.keys);
  image.sky = sky_of(hdu, header, *batch.wcs_keys, batch.last);
  int64_t pixels = hdu.axes.empty() ? 0 : 1;
  std::vector<long> low, high;
  for (int64_t axis : hdu.axes) {
    pixels *= axis;
    low.push_back(1);
    high.push_back(static_cast<long>(axis));
  }
  image.first = batch.pixels.size();
  image.pixels = static_cast<size_t>(pixels);
  if (pixels > 0) {
    batch.pixels.resize(image.first + image.pixels);
    read_pixels(file, hdu, low, high, false, batch.pixels.data() + image.first);
  }
  outcome.images.push_back(std::move(image));
}

void read_file(const std::string& path, Batch& batch, Outcome& outcome) {
  Descriptor descriptor{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat about;
  if (descriptor.number < 0 || fstat(descriptor.number, &about) != 0)
    throw system_refusal();
  if (!S_ISREG(about.st_mode)) throw Refusal(Code::unreadable, "is not a file");
  int64_t length = about.st_size;
  if (length > batch.most_bytes) return;
  void* memory = std::calloc(std::max<size_t>(whole_blocks(static_cast<size_t>(length)), 1), 1);
  if (memory == nullptr) throw std::bad_alloc();
  for (int64_t done = 0; done < length;) {
    ssize_t got = ::read(descriptor.number, static_cast<char*>(memory) + done, static_cast<size_t>(length - done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      Refusal refusal = got < 0 ? system_refusal() : Refusal(Code::truncated, "the file ends while it is read");
      std::free(memory);
      throw refusal;
    }
    done += got;
  }
  const unsigned char* start = static_cast<const unsigned char*>(memory);
  if (length >= 2 && start[0] == 0x1f && start[1] == 0x8b) {  // gzipped: unpacked by the caller
    std::free(memory);
    return;
  }
  std::unique_ptr<File> file = file_in(memory, static_cast<size_t>(length));
  int64_t total = 0;
  std::vector<size_t> wanted;
  for (size_t i = 0; i < file->hdus.size(); ++i) {
    const Hdu& hdu = file->hdus[i];
    int64_t pixels = hdu.kind == Hdu::kImage && !hdu.axes.empty() ? 1 : 0;
    for (int64_t axis : hdu.axes) pixels = pixels > kMostFloats ? pixels : pixels * std::min(axis, kMostFloats + 1);
    if (pixels == 0 && i > 0) continue;  // the first HDU is always listed: its header applies to all
    total = std::min(total, kMostFloats) + pixels;
    wanted.push_back(i);
  }
  if (total > kMostFloats || static_cast<int64_t>(batch.pixels.size()) + total > kMostTogether) return;
  // The files of a batch are mostly of one size.
  if (batch.pixels.empty())
    batch.pixels.reserve(static_cast<size_t>(
        std::min<int64_t>(kMostTogether, total * static_cast<int64_t>(batch.paths.size()))));
  for (size_t index : wanted) read_image(*file, index, batch, outcome);
  outcome.kind = Outcome::kRead;
}

void execute(napi_env, void* data) {
  Batch& batch = *static_cast<Batch*>(data);
  for (size_t i = 0; i < batch.paths.size(); ++i) {
    Outcome& outcome = batch.outcomes[i];
    try {
      read_file(batch.paths[i], batch, outcome);
    } catch (const Refusal& refusal) {
      outcome.kind = Outcome::kRefused;
      outcome.code = refusal.code;
      outcome.error = refusal.what();
    } catch (const std::bad_alloc&) {
      outcome.kind = Outcome::kRefused;
      outcome.code = Code::too_large;
      outcome.error = "out of memory";
    } catch (const std::exception& error) {
      outcome.kind = Outcome::kRefused;
      outcome.error = error.what();
    }
  }
}

// The batch's pixels, without a copy.
napi_value pixels_of(napi_env env, std::vector<float> pixels) {
  auto* held = new std::vector<float>(std::move(pixels));
  napi_value buffer;
  auto finalize = [](napi_env, void*, void* hint) { delete static_cast<std::vector<float>*>(hint); };
  napi_status status = held->empty()
                           ? napi_create_arraybuffer(env, 0, nullptr, &buffer)
                           : napi_create_external_arraybuffer(env, held->data(), held->size() * sizeof(float),
                                                              finalize, held, &buffer);
  if (status != napi_ok || held->empty()) delete held;
  check(env, status);
  return buffer;
}

napi_value described(napi_env env, const Image& image, napi_value pixels) {
  napi_value out = js_object(env);
  set(env, out, "hdu", js_number(env, static_cast<double>(image.hdu)));
  set(env, out, "name", js_latin1(env, image.name));
  set(env, out, "version", js_number(env, static_cast<double>(image.version)));
  set(env, out, "bitpix", js_number(env, static_cast<double>(image.bitpix)));
  set(env, out, "shape", js_numbers(env, image.shape));
  set(env, out, "cards", js_latin1(env, image.cards));
  if (!image.sky.places.empty()) {
    double* sky = nullptr;
    set(env, out, "sky", new_array(env, image.sky.places.size(), &sky));
    std::copy(image.sky.places.begin(), image.sky.places.end(), sky);
    set(env, out, "axes", js_axes(env, image.sky.axes));
  }
  napi_value array;
  check(env, napi_create_typedarray(env, napi_float32_array, image.pixels, pixels, image.first * sizeof(float), &array));
  set(env, out, "data", array);
  return out;
}

// A file's images, its refusal as { code, text }, or null: too large, or gzipped.
napi_value told(napi_env env, const Outcome& outcome, napi_value pixels) {
  if (outcome.kind == Outcome::kElsewhere) return js_null(env);
  if (outcome.kind == Outcome::kRefused) {
    napi_value refusal = js_object(env);
    set(env, refusal, "code", js_text(env, name_of(outcome.code)));
    set(env, refusal, "text", js_text(env, outcome.error));
    return refusal;
  }
  napi_value list = js_list(env, outcome.images.size());
  for (size_t i = 0; i < outcome.images.size(); ++i)
    set(env, list, i, described(env, outcome.images[i], pixels));
  return list;
}

void complete(napi_env env, napi_status, void* data) {
  std::unique_ptr<Batch> batch(static_cast<Batch*>(data));
  napi_delete_async_work(env, batch->work);
  try {
    napi_value list = js_list(env, batch->outcomes.size());
    napi_value pixels = pixels_of(env, std::move(batch->pixels));
    for (size_t i = 0; i < batch->outcomes.size(); ++i) set(env, list, i, told(env, batch->outcomes[i], pixels));
    napi_resolve_deferred(env, batch->deferred, list);
  } catch (...) {
    throw_current(env, "readFiles");
    napi_value error;
    napi_get_and_clear_last_exception(env, &error);
    napi_reject_deferred(env, batch->deferred, error);
  }
}

// readFiles(paths, keys, wcsKeys, mostBytes) -> a promise of one thing per file: a list of its images, its refusal as
// { code, text }, or null if it is gzipped, or too large by itself or together with those before it. The list has the
// first HDU and every one with pixels: hdu, name, bitpix, shape, data, the cards whose keywords begin with one of `keys`,
// and the sky at its middle if it has world coordinates, which are read from the cards of `wcsKeys`.
napi_value read_files(napi_env env, Arguments& in) {
  auto batch = std::make_unique<Batch>();
  batch->paths = in.texts("paths");
  batch->keys = std::make_unique<Keys>(in.texts("keys"));
  batch->wcs_keys = std::make_unique<Keys>(in.texts("wcsKeys"));
  batch->most_bytes = in.whole("mostBytes", 0, int64_t{1} << 40);
  batch->outcomes.resize(batch->paths.size());
  napi_value promise, name = js_text(env, "readFiles");
  check(env, napi_create_promise(env, &batch->deferred, &promise));
  check(env, napi_create_async_work(env, nullptr, name, execute, complete, batch.get(), &batch->work));
  check(env, napi_queue_async_work(env, batch->work));
  batch.release();
  return promise;
}

napi_value is_reentrant(napi_env env, Arguments&) { return js_bool(env, fits_is_reentrant() != 0); }

}  // namespace

void add_batch(napi_env env, napi_value exports) {
  define(env, exports, "readFiles", guarded<read_files>);
  define(env, exports, "isReentrant", guarded<is_reentrant>);
}

}  // namespace arclet
