// Background, sources and apertures, through SEP (Barbary 2016, JOSS 1, 58; Bertin & Arnouts 1996, A&AS 117, 393).
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
  // 1 is memory, 2 a full stack of pixels, 7 too many overlapping sources; the others are of arguments
  Code code = status == 1 || status == 2 || status == 7 ? Code::too_large : Code::argument;
  throw Refusal(code, std::string("SEP: ") + text + (detail[0] == '\0' ? "" : std::string(" (") + detail + ")"));
}

// An image as SEP takes it. Pixels that are not finite are masked, and read as 0.
struct Image {
  std::vector<float> data;
  std::vector<unsigned char> mask;
  sep_image sep;
};

// (data, width, height, mask, noise): mask a Uint8Array or null, noise a number, a Float32Array or null
void image_of(napi_env env, napi_value* args, Image& image) {
  Array data = array_of(env, args[0], "data", napi_float32_array);
  int64_t width = whole_of(env, args[1], "width", 1, 1 << 20), height = whole_of(env, args[2], "height", 1, 1 << 20);
  size_t pixels = static_cast<size_t>(width * height);
  if (pixels != data.length) throw Refusal(Code::argument, "data must hold width × height values");
  const float* from = static_cast<const float*>(data.data);
  image.data.assign(from, from + pixels);
  image.mask.assign(pixels, 0);
  if (!is_nullish(env, args[3])) {
    Array mask = array_of(env, args[3], "mask", napi_uint8_array);
    if (mask.length != pixels) throw Refusal(Code::argument, "mask must hold width × height values");
    std::memcpy(image.mask.data(), mask.data, pixels);
  }
  for (size_t i = 0; i < pixels; ++i) {
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
  if (is_nullish(env, args[4])) return;
  bool is = false;
  check(env, napi_is_typedarray(env, args[4], &is));
  sep.noise_type = SEP_NOISE_STDDEV;
  if (!is) {
    sep.noiseval = number_of(env, args[4], "noise");
    if (!(sep.noiseval > 0)) throw Refusal(Code::argument, "noise must be > 0");
    return;
  }
  Array noise = array_of(env, args[4], "noise", napi_float32_array);
  if (noise.length != pixels) throw Refusal(Code::argument, "noise must hold width × height values");
  sep.noise = noise.data;
  sep.ndtype = SEP_TFLOAT;
}

// segments (as extract gives them) or null: each source's own pixels, its neighbours' left out of its apertures
void segments_of(napi_env env, napi_value value, Image& image) {
  if (is_nullish(env, value)) return;
  Array segments = array_of(env, value, "segments", napi_int32_array);
  if (segments.length != image.data.size()) throw Refusal(Code::argument, "segments must hold width × height values");
  image.sep.segmap = segments.data;
  image.sep.sdtype = SEP_TINT;
}

// Float64Arrays of one length, one a parameter of a source.
struct Columns {
  std::vector<const double*> of;
  size_t length = 0;
  Columns(napi_env env, napi_value* args, std::initializer_list<const char*> names) {
    for (const char* name : names) {
      Array array = array_of(env, args[of.size()], name, napi_float64_array);
      if (of.empty()) length = array.length;
      else if (array.length != length) throw Refusal(Code::argument, std::string(name) + " must be as long as the others");
      of.push_back(static_cast<const double*>(array.data));
    }
  }
  double at(size_t column, size_t i) const { return of[column][i]; }
};

double* added(napi_env env, napi_value out, const char* name, size_t length) {
  void* memory = nullptr;
  set(env, out, name, new_array(env, napi_float64_array, length, &memory));
  return static_cast<double*>(memory);
}

// A source's id in the segments; 0 where there are none.
int id_of(const Image& image, double id) {
  if (image.sep.segmap == nullptr) return 0;
  if (!(id >= 1 && id <= 2147483647.0)) throw Refusal(Code::argument, "ids must be whole numbers from 1");
  return static_cast<int>(id);
}

// Whether an aperture is one that SEP can take: a place near the image, axes above nothing and not beyond it.
bool is_aperture(const Image& image, double x, double y, double a, double b, double theta, double scale) {
  double limit = 4.0 * (image.sep.w + image.sep.h);
  return std::isfinite(x) && std::isfinite(y) && std::abs(x) < limit && std::abs(y) < limit && b > 0 && a >= b &&
         scale > 0 && a * scale < limit && b * scale > 1e-3 && std::abs(theta) <= 1.5707963267948966;
}

napi_value floats(napi_env env, size_t length, float** data) {
  void* memory = nullptr;
  napi_value array = new_array(env, napi_float32_array, length, &memory);
  *data = static_cast<float*>(memory);
  return array;
}

// background(data, width, height, mask, null, box, filter) -> { level, sigma, levels, sigmas }
napi_value background(napi_env env, napi_value* args) {
  Image image;
  image_of(env, args, image);
  int box = static_cast<int>(whole_of(env, args[5], "box", 2, 1 << 20));
  int filter = static_cast<int>(whole_of(env, args[6], "filter", 1, 99));
  sep_bkg* made = nullptr;
  sep_check(sep_background(&image.sep, box, box, filter, filter, 0.0, &made));
  struct Free {
    void operator()(sep_bkg* one) const { sep_bkg_free(one); }
  };
  std::unique_ptr<sep_bkg, Free> bkg(made);
  napi_value out;
  check(env, napi_create_object(env, &out));
  set(env, out, "level", js_number(env, sep_bkg_global(made)));
  set(env, out, "sigma", js_number(env, sep_bkg_globalrms(made)));
  float* data = nullptr;
  set(env, out, "levels", floats(env, image.data.size(), &data));
  sep_check(sep_bkg_array(made, data, SEP_TFLOAT));
  set(env, out, "sigmas", floats(env, image.data.size(), &data));
  sep_check(sep_bkg_rmsarray(made, data, SEP_TFLOAT));
  return out;
}

template <class T>
void column(napi_env env, napi_value out, const char* name, const T* values, int count) {
  void* memory = nullptr;
  napi_value array = new_array(env, napi_float64_array, static_cast<size_t>(count), &memory);
  double* to = static_cast<double*>(memory);
  for (int i = 0; i < count; ++i) to[i] = static_cast<double>(values[i]);
  set(env, out, name, array);
}

// extract(data, width, height, mask, noise, threshold, pixels, kernel, side, levels, contrast, clean)
//   -> { x, y, …: Float64Array; segments: Int32Array }
napi_value extract(napi_env env, napi_value* args) {
  Image image;
  image_of(env, args, image);
  float threshold = static_cast<float>(number_of(env, args[5], "threshold"));
  if (!(threshold > 0)) throw Refusal(Code::argument, "threshold must be > 0");
  int area = static_cast<int>(whole_of(env, args[6], "pixels", 1, 1 << 20));
  const float* kernel = nullptr;
  int side = 0;
  if (!is_nullish(env, args[7])) {
    Array given = array_of(env, args[7], "kernel", napi_float32_array);
    side = static_cast<int>(whole_of(env, args[8], "side", 1, 999));
    if (given.length != static_cast<size_t>(side) * side) throw Refusal(Code::argument, "kernel must be square");
    kernel = static_cast<const float*>(given.data);
  }
  int levels = static_cast<int>(whole_of(env, args[9], "levels", 1, 256));
  double contrast = number_of(env, args[10], "contrast"), clean = number_of(env, args[11], "clean");
  size_t pixels = image.data.size();
  // SEP's stack of pixels above the threshold may have to hold every pixel.
  sep_set_extract_pixstack(pixels + 10000);
  sep_set_sub_object_limit(65536);
  sep_catalog* made = nullptr;
  int relative = image.sep.noise_type == SEP_NOISE_NONE ? SEP_THRESH_ABS : SEP_THRESH_REL;
  sep_check(sep_extract(&image.sep, threshold, relative, area, kernel, side, side, SEP_FILTER_CONV, levels, contrast,
                        clean > 0 ? 1 : 0, clean, &made));
  struct Free {
    void operator()(sep_catalog* one) const { sep_catalog_free(one); }
  };
  std::unique_ptr<sep_catalog, Free> catalog(made);
  int count = made->nobj;
  napi_value out;
  check(env, napi_create_object(env, &out));
  column(env, out, "x", made->x, count);
  column(env, out, "y", made->y, count);
  column(env, out, "flux", made->flux, count);
  column(env, out, "peak", made->peak, count);
  column(env, out, "a", made->a, count);
  column(env, out, "b", made->b, count);
  column(env, out, "theta", made->theta, count);
  column(env, out, "pixels", made->npix, count);
  column(env, out, "flags", made->flag, count);
  void* memory = nullptr;
  set(env, out, "segments", new_array(env, napi_int32_array, pixels, &memory));
  int32_t* segments = static_cast<int32_t*>(memory);
  for (int i = 0; i < count; ++i)
    for (int k = 0; k < made->npix[i]; ++k) segments[made->pix[i][k]] = i + 1;
  return out;
}

// sumCircles(data, width, height, mask, noise, x, y, radius) -> { sum, error, flags }: Float64Arrays
napi_value sum_circles(napi_env env, napi_value* args) {
  Image image;
  image_of(env, args, image);
  Array x = array_of(env, args[5], "x", napi_float64_array), y = array_of(env, args[6], "y", napi_float64_array);
  Array radius = array_of(env, args[7], "radius", napi_float64_array);
  if (x.length != y.length || x.length != radius.length) throw Refusal(Code::argument, "x, y and radius must be of one length");
  void *sums = nullptr, *errors = nullptr, *flags = nullptr;
  napi_value out;
  check(env, napi_create_object(env, &out));
  set(env, out, "sum", new_array(env, napi_float64_array, x.length, &sums));
  set(env, out, "error", new_array(env, napi_float64_array, x.length, &errors));
  set(env, out, "flags", new_array(env, napi_float64_array, x.length, &flags));
  double limit = 4.0 * (image.sep.w + image.sep.h);
  for (size_t i = 0; i < x.length; ++i) {
    double at[3] = {static_cast<double*>(x.data)[i], static_cast<double*>(y.data)[i],
                    static_cast<double*>(radius.data)[i]};
    bool inside = std::isfinite(at[0]) && std::isfinite(at[1]) && at[2] > 0 && at[2] < limit &&
                  std::abs(at[0]) < limit && std::abs(at[1]) < limit;
    double sum = NAN, error = NAN, area = 0;
    short flag = 0;
    if (!inside) flag = SEP_APER_ALLMASKED;
    else sep_check(sep_sum_circle(&image.sep, at[0], at[1], at[2], 0, 0, SEP_MASK_IGNORE, &sum, &error, &area, &flag));
    static_cast<double*>(sums)[i] = sum;
    static_cast<double*>(errors)[i] = error;
    static_cast<double*>(flags)[i] = flag;
  }
  return out;
}

// kronRadii(data, width, height, mask, noise, segments, ids, x, y, a, b, theta, reach) -> { radius, flags }: in units of
// a and b, over the ellipse of `reach` times these
napi_value kron_radii(napi_env env, napi_value* args) {
  Image image;
  image_of(env, args, image);
  segments_of(env, args[5], image);
  Columns c(env, args + 6, {"ids", "x", "y", "a", "b", "theta"});
  double reach = number_of(env, args[12], "reach");
  napi_value out;
  check(env, napi_create_object(env, &out));
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
// what is masked, or another source's, counts as dark. gain 0: no noise of the light itself.
napi_value sum_ellipses(napi_env env, napi_value* args) {
  Image image;
  image_of(env, args, image);
  segments_of(env, args[5], image);
  image.sep.gain = number_of(env, args[6], "gain");
  if (!(image.sep.gain >= 0)) throw Refusal(Code::argument, "gain must be >= 0");
  Columns c(env, args + 7, {"ids", "x", "y", "a", "b", "theta", "scale"});
  napi_value out;
  check(env, napi_create_object(env, &out));
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
// circle that holds the fraction of a flux, up to the radius `most`
napi_value flux_radii(napi_env env, napi_value* args) {
  Image image;
  image_of(env, args, image);
  segments_of(env, args[5], image);
  double fraction = number_of(env, args[6], "fraction");
  if (!(fraction > 0 && fraction < 1)) throw Refusal(Code::argument, "fraction must be between 0 and 1");
  Columns c(env, args + 7, {"ids", "x", "y", "most", "flux"});
  napi_value out;
  check(env, napi_create_object(env, &out));
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
