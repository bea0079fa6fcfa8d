// Background, sources and apertures, through SEP (Barbary 2016, JOSS 1, 58; Bertin & Arnouts 1996, A&AS 117, 393).
#ifndef ARCLET_WITHOUT_SEP
#include "door.h"

extern "C" {
#include <sep.h>
}

#include <cmath>
#include <cstring>

namespace arclet {
namespace {

void sep_check(int status) {
  if (status == 0) return;
  char text[64] = "", detail[512] = "";
  sep_get_errmsg(status, text);
  sep_get_errdetail(detail);
  // 1: no memory, 2: the stack of pixels is full, 7: too many overlapping sources; the others are about arguments
  Code code = status == 1 || status == 2 || status == 7 ? Code::too_large : Code::argument;
  throw Refusal(code, std::string("SEP: ") + text + (detail[0] == '\0' ? "" : std::string(" (") + detail + ")"));
}

// An image for SEP. Pixels that are not finite are masked, and read as 0.
struct Image {
  std::vector<float> data;
  std::vector<unsigned char> mask;
  sep_image sep;
  size_t pixels() const { return data.size(); }
};

// Refuses an array that isn't as long as the image.
template <class T>
void fit(const Image& image, const Span<T>& span, const char* name) {
  if (span.length != image.pixels())
    throw Refusal(Code::argument, std::string(name) + " must hold width × height values");
}

// Noise for SEP: one number, or one per pixel.
struct Noise {
  bool each = false;
  double value = 0;
  Span<float> values;
};

Noise noise_of(napi_env env, napi_value value) {
  Noise noise;
  check(env, napi_is_typedarray(env, value, &noise.each));
  if (noise.each) noise.values = span_of<float>(env, value);
  else noise.value = number_of(env, value);
  if (!noise.each && !(noise.value > 0)) throw Refusal(Code::argument, "must be > 0");
  return noise;
}

// (data, width, height, mask, noise): mask a Uint8Array or null, noise a number, a Float32Array or null
void image_of(Arguments& in, Image& image) {
  auto data = in.floats("data");
  int64_t width = in.whole("width", 1, 1 << 20), height = in.whole("height", 1, 1 << 20);
  if (static_cast<size_t>(width * height) != data.length)
    throw Refusal(Code::argument, "data must hold width × height values");
  image.data.assign(data.data, data.data + data.length);
  image.mask.assign(data.length, 0);
  if (auto mask = in.maybe("mask", span_of<uint8_t>)) {
    fit(image, *mask, "mask");
    image.mask.assign(mask->data, mask->data + mask->length);
  }
  for (size_t i = 0; i < image.pixels(); ++i) {
    if (std::isfinite(image.data[i])) continue;
    image.data[i] = 0;
    image.mask[i] = 1;
  }
  sep_image& sep = image.sep;
  std::memset(&sep, 0, sizeof sep);
  sep.data = image.data.data();
  sep.mask = image.mask.data();
  sep.dtype = SEP_TFLOAT;
  sep.mdtype = SEP_TBYTE;
  sep.w = static_cast<int>(width);
  sep.h = static_cast<int>(height);
  sep.noise_type = SEP_NOISE_NONE;
  sep.maskthresh = 0;
  auto noise = in.maybe("noise", noise_of);
  if (!noise) return;
  sep.noise_type = SEP_NOISE_STDDEV;
  sep.noiseval = noise->value;
  if (!noise->each) return;
  fit(image, noise->values, "noise");
  sep.noise = noise->values.data;
  sep.ndtype = SEP_TFLOAT;
}

// segments (from extract) or null: each source's own pixels; its neighbours' are left out of its apertures
void segments_of(Arguments& in, Image& image) {
  auto segments = in.maybe("segments", span_of<int32_t>);
  if (!segments) return;
  fit(image, *segments, "segments");
  image.sep.segmap = segments->data;
  image.sep.sdtype = SEP_TINT;
}

// The next arguments: Float64Arrays of one length, one for each parameter of a source.
struct Columns {
  std::vector<Span<double>> of;
  size_t length = 0;
  Columns(Arguments& in, std::initializer_list<const char*> names) {
    for (const char* name : names) {
      of.push_back(in.doubles(name));
      if (of.size() == 1) length = of[0].length;
      if (of.back().length != length)
        throw Refusal(Code::argument, std::string(name) + " must be as long as the others");
    }
  }
  double at(size_t column, size_t i) const { return of[column][i]; }
};

// A new Float64Array (or Float32Array) of that name.
template <class T = double>
T* added(napi_env env, napi_value out, const char* name, size_t length) {
  T* values = nullptr;
  set(env, out, name, new_array(env, length, &values));
  return values;
}

// A source's id in the segments; 0 if there are none.
int id_of(const Image& image, double id) {
  if (image.sep.segmap == nullptr) return 0;
  if (!(id >= 1 && id <= 2147483647.0)) throw Refusal(Code::argument, "ids must be whole numbers from 1");
  return static_cast<int>(id);
}

// Whether SEP can take an aperture: near the image, with axes above zero and not far larger than the image.
bool is_aperture(const Image& image, double x, double y, double a, double b, double theta, double scale) {
  double limit = 4.0 * (image.sep.w + image.sep.h);
  return std::isfinite(x) && std::isfinite(y) && std::abs(x) < limit && std::abs(y) < limit && b > 0 && a >= b &&
         scale > 0 && a * scale < limit && b * scale > 1e-3 && std::abs(theta) <= 1.5707963267948966;
}

// background(data, width, height, mask, null, box, filter) -> { level, sigma, levels, sigmas }
napi_value background(napi_env env, Arguments& in) {
  Image image;
  image_of(in, image);
  int box = static_cast<int>(in.whole("box", 2, 1 << 20));
  int filter = static_cast<int>(in.whole("filter", 1, 99));
  sep_bkg* made = nullptr;
  sep_check(sep_background(&image.sep, box, box, filter, filter, 0.0, &made));
  struct Free {
    void operator()(sep_bkg* one) const { sep_bkg_free(one); }
  };
  std::unique_ptr<sep_bkg, Free> bkg(made);
  napi_value out = js_object(env);
  set(env, out, "level", js_number(env, sep_bkg_global(made)));
  set(env, out, "sigma", js_number(env, sep_bkg_globalrms(made)));
  sep_check(sep_bkg_array(made, added<float>(env, out, "levels", image.pixels()), SEP_TFLOAT));
  sep_check(sep_bkg_rmsarray(made, added<float>(env, out, "sigmas", image.pixels()), SEP_TFLOAT));
  return out;
}

template <class T>
void column(napi_env env, napi_value out, const char* name, const T* values, int count) {
  double* to = added(env, out, name, static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) to[i] = static_cast<double>(values[i]);
}

// extract(data, width, height, mask, noise, threshold, pixels, kernel, side, levels, contrast, clean)
//   -> { x, y, …: Float64Array; segments: Int32Array }
napi_value extract(napi_env env, Arguments& in) {
  Image image;
  image_of(in, image);
  float threshold = static_cast<float>(in.number("threshold"));
  if (!(threshold > 0)) throw Refusal(Code::argument, "threshold must be > 0");
  int area = static_cast<int>(in.whole("pixels", 1, 1 << 20));
  auto kernel = in.maybe("kernel", span_of<float>);
  int side = static_cast<int>(in.whole("side", kernel ? 1 : 0, 999));
  if (kernel && kernel->length != static_cast<size_t>(side * side))
    throw Refusal(Code::argument, "kernel must be square");
  int levels = static_cast<int>(in.whole("levels", 1, 256));
  double contrast = in.number("contrast"), clean = in.number("clean");
  // SEP's stack of pixels above the threshold may need space for every pixel.
  sep_set_extract_pixstack(image.pixels() + 10000);
  sep_set_sub_object_limit(65536);
  sep_catalog* made = nullptr;
  int relative = image.sep.noise_type == SEP_NOISE_NONE ? SEP_THRESH_ABS : SEP_THRESH_REL;
  sep_check(sep_extract(&image.sep, threshold, relative, area, kernel ? kernel->data : nullptr, side, side,
                        SEP_FILTER_CONV, levels, contrast, clean > 0 ? 1 : 0, clean, &made));
  struct Free {
    void operator()(sep_catalog* one) const { sep_catalog_free(one); }
  };
  std::unique_ptr<sep_catalog, Free> catalog(made);
  int count = made->nobj;
  napi_value out = js_object(env);
  column(env, out, "x", made->x, count);
  column(env, out, "y", made->y, count);
  column(env, out, "flux", made->flux, count);
  column(env, out, "peak", made->peak, count);
  column(env, out, "a", made->a, count);
  column(env, out, "b", made->b, count);
  column(env, out, "theta", made->theta, count);
  column(env, out, "pixels", made->npix, count);
  column(env, out, "flags", made->flag, count);
  auto* segments = added<int32_t>(env, out, "segments", image.pixels());
  for (int i = 0; i < count; ++i)
    for (int k = 0; k < made->npix[i]; ++k) segments[made->pix[i][k]] = i + 1;
  return out;
}

// sumCircles(data, width, height, mask, noise, x, y, radius) -> { sum, error, flags }: Float64Arrays
napi_value sum_circles(napi_env env, Arguments& in) {
  Image image;
  image_of(in, image);
  Columns c(in, {"x", "y", "radius"});
  napi_value out = js_object(env);
  double* sums = added(env, out, "sum", c.length);
  double* errors = added(env, out, "error", c.length);
  double* flags = added(env, out, "flags", c.length);
  double limit = 4.0 * (image.sep.w + image.sep.h);
  for (size_t i = 0; i < c.length; ++i) {
    double x = c.at(0, i), y = c.at(1, i), radius = c.at(2, i);
    bool inside = std::isfinite(x) && std::isfinite(y) && radius > 0 && radius < limit && std::abs(x) < limit &&
                  std::abs(y) < limit;
    double sum = NAN, error = NAN, area = 0;
    short flag = 0;
    if (!inside) flag = SEP_APER_ALLMASKED;
    else sep_check(sep_sum_circle(&image.sep, x, y, radius, 0, 0, SEP_MASK_IGNORE, &sum, &error, &area, &flag));
    sums[i] = sum;
    errors[i] = error;
    flags[i] = flag;
  }
  return out;
}

// kronRadii(data, width, height, mask, noise, segments, ids, x, y, a, b, theta, reach) -> { radius, flags }: in units of
// a and b, over the ellipse `reach` times as large
napi_value kron_radii(napi_env env, Arguments& in) {
  Image image;
  image_of(in, image);
  segments_of(in, image);
  Columns c(in, {"ids", "x", "y", "a", "b", "theta"});
  double reach = in.number("reach");
  napi_value out = js_object(env);
  double *radii = added(env, out, "radius", c.length), *flags = added(env, out, "flags", c.length);
  for (size_t i = 0; i < c.length; ++i) {
    double x = c.at(1, i), y = c.at(2, i), a = c.at(3, i), b = c.at(4, i), theta = c.at(5, i);
    double radius = NAN, cxx = 0, cyy = 0, cxy = 0;
    short flag = SEP_APER_ALLMASKED;
    if (is_aperture(image, x, y, a, b, theta, reach)) {
      sep_ellipse_coeffs(a, b, theta, &cxx, &cyy, &cxy);
      flag = 0;
      sep_check(sep_kron_radius(&image.sep, x, y, cxx, cyy, cxy, reach, id_of(image, c.at(0, i)), &radius, &flag));
    }
    radii[i] = radius;
    flags[i] = flag;
  }
  return out;
}

// sumEllipses(data, width, height, mask, noise, segments, gain, ids, x, y, a, b, theta, scale) -> { sum, error, flags }:
// masked pixels, and those of other sources, count as 0. With gain 0 the light itself adds no noise.
napi_value sum_ellipses(napi_env env, Arguments& in) {
  Image image;
  image_of(in, image);
  segments_of(in, image);
  image.sep.gain = in.number("gain");
  if (!(image.sep.gain >= 0)) throw Refusal(Code::argument, "gain must be >= 0");
  Columns c(in, {"ids", "x", "y", "a", "b", "theta", "scale"});
  napi_value out = js_object(env);
  double* sums = added(env, out, "sum", c.length);
  double* errors = added(env, out, "error", c.length);
  double* flags = added(env, out, "flags", c.length);
  for (size_t i = 0; i < c.length; ++i) {
    double x = c.at(1, i), y = c.at(2, i), a = c.at(3, i), b = c.at(4, i), theta = c.at(5, i), scale = c.at(6, i);
    double sum = NAN, error = NAN, area = 0;
    short flag = SEP_APER_ALLMASKED;
    if (is_aperture(image, x, y, a, b, theta, scale)) {
      flag = 0;
      sep_check(sep_sum_ellipse(&image.sep, x, y, a, b, theta, scale, id_of(image, c.at(0, i)), 5, SEP_MASK_IGNORE,
                                &sum, &error, &area, &flag));
    }
    sums[i] = sum;
    errors[i] = error;
    flags[i] = flag;
  }
  return out;
}

// fluxRadii(data, width, height, mask, noise, segments, fraction, ids, x, y, most, flux) -> { radius, flags }: of the
// circle that holds the given fraction of the flux, up to the radius `most`
napi_value flux_radii(napi_env env, Arguments& in) {
  Image image;
  image_of(in, image);
  segments_of(in, image);
  double fraction = in.number("fraction");
  if (!(fraction > 0 && fraction < 1)) throw Refusal(Code::argument, "fraction must be between 0 and 1");
  Columns c(in, {"ids", "x", "y", "most", "flux"});
  napi_value out = js_object(env);
  double *radii = added(env, out, "radius", c.length), *flags = added(env, out, "flags", c.length);
  for (size_t i = 0; i < c.length; ++i) {
    double x = c.at(1, i), y = c.at(2, i), most = c.at(3, i), flux = c.at(4, i), radius = NAN;
    short flag = SEP_APER_ALLMASKED;
    if (is_aperture(image, x, y, most, most, 0, 1) && std::isfinite(flux) && flux > 0) {
      flag = 0;
      sep_check(sep_flux_radius(&image.sep, x, y, most, id_of(image, c.at(0, i)), 5, SEP_MASK_IGNORE, &flux, &fraction,
                                1, &radius, &flag));
    }
    radii[i] = radius;
    flags[i] = flag;
  }
  return out;
}

}  // namespace

void add_detection(napi_env env, napi_value exports) {
  define(env, exports, "background", guarded<background>);
  define(env, exports, "extract", guarded<extract>);
  define(env, exports, "sumCircles", guarded<sum_circles>);
  define(env, exports, "kronRadii", guarded<kron_radii>);
  define(env, exports, "sumEllipses", guarded<sum_ellipses>);
  define(env, exports, "fluxRadii", guarded<flux_radii>);
}

}  // namespace arclet
#endif
