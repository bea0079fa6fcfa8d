// World coordinates of a header, through WCSLIB: every projection and distortion that it knows, except look-up tables.
#include "wcs.h"

#include "cards.h"
#include "door.h"

#include <wcslib/wcs.h>
#include <wcslib/wcsfix.h>
#include <wcslib/wcshdr.h>
#include <wcslib/wcsmath.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace arclet {
namespace {

struct Wcs {
  wcsprm prm;
  Wcs() {
    std::memset(&prm, 0, sizeof prm);
    prm.flag = -1;
  }
  Wcs(const Wcs&) = delete;
  Wcs& operator=(const Wcs&) = delete;
  ~Wcs() { wcsfree(&prm); }
};

Shelf<Wcs>& systems() {
  static thread_local Shelf<Wcs> shelf("coordinate system");
  return shelf;
}

void refuse_wcs(Code code, const char* sentence, int status) {
  throw Refusal(code, std::string(sentence) + ", WCSLIB status " + std::to_string(status));
}

// Throws Refusal if a function of wcs.h failed.
void wcs_check(int status) {
  if (status == WCSERR_SUCCESS) return;
  Code code = Code::broken;
  if (status == WCSERR_MEMORY) code = Code::too_large;
  if (status == WCSERR_NON_SEPARABLE) code = Code::unsupported;
  if (status == WCSERR_BAD_WORLD_COORD || status == WCSERR_NO_SOLUTION) code = Code::argument;
  refuse_wcs(code, wcs_errmsg[status], status);
}

// Throws Refusal if a function of wcshdr.h failed; its statuses differ from those of wcs.h.
void parse_check(int status) {
  if (status == WCSHDRERR_SUCCESS) return;
  refuse_wcs(status == WCSHDRERR_MEMORY ? Code::too_large : Code::broken, wcshdr_errmsg[status], status);
}

struct Parsed {
  int count = 0;
  wcsprm* list = nullptr;
  ~Parsed() {
    if (list != nullptr) wcsvfree(&count, &list);
  }
};

// WCSLIB allocates memory by the number of axes that the header states.
void check_axes(const std::string& header) {
  for (size_t at = 0; at + 80 <= header.size(); at += 80) {
    if (header.compare(at, 7, "WCSAXES") != 0 && header.compare(at, 6, "NAXIS ") != 0) continue;
    if (std::atof(header.c_str() + at + 10) > 99) throw Refusal(Code::too_large, "has more than 99 axes");
  }
}

// The frame of a header's primary celestial system as its cards state it.
Axes axes_of(const wcsprm& primary, const wcsprm& prm) {
  Axes axes;
  axes.longitude = prm.lngtyp;
  axes.frame = primary.radesys;
  if (!undefined(primary.equinox)) axes.equinox = primary.equinox;
  if (!undefined(primary.mjdobs)) axes.mjd = primary.mjdobs;
  double a = prm.pc[0] * prm.cdelt[0], b = prm.pc[1] * prm.cdelt[0];
  double c = prm.pc[2] * prm.cdelt[1], d = prm.pc[3] * prm.cdelt[1];
  axes.linear = std::sqrt(std::fabs(a * d - b * c)) * 3600;
  return axes;
}

// The header's primary celestial system, on its first two axes, and its frame.
std::unique_ptr<Wcs> system_of(std::string header, Axes& frame) {
  if (header.size() % 80 != 0) throw Refusal(Code::argument, "the header must be made of cards of 80 characters");
  check_axes(header);
  header = readable_cards(std::move(header));
  Parsed parsed;
  int rejected = 0;
  int status = wcspih(&header[0], static_cast<int>(header.size() / 80), WCSHDR_all, 0, &rejected, &parsed.count,
                      &parsed.list);
  parse_check(status);
  wcsprm* primary = nullptr;
  for (int i = 0; i < parsed.count; ++i)
    if (parsed.list[i].alt[0] == ' ') primary = parsed.list + i;
  if (primary == nullptr) throw Refusal(Code::absent, "the header has no world coordinates");
  int fixed[NWCSFIX];
  fold_cdelt(*primary);
  wcsfix(7, nullptr, primary, fixed);
  wcs_check(wcsset(primary));
  if (primary->lng < 0 || primary->lat < 0) throw Refusal(Code::absent, "the header has no celestial coordinates");
  int count = 1, axes[64] = {WCSSUB_CELESTIAL};
  auto system = std::make_unique<Wcs>();
  if (primary->naxis > 32) throw Refusal(Code::too_large, "has more than 32 axes");
  wcs_check(wcssub(1, primary, &count, axes, &system->prm));
  if (count != 2 || axes[0] != 1 || axes[1] != 2)
    throw Refusal(Code::unsupported, "the celestial axes are not the image's first two");
  wcs_check(wcsset(&system->prm));
  frame = axes_of(*primary, system->prm);
  return system;
}

// wcs(header) -> { system, and the axes as js_axes gives them }
napi_value open_wcs(napi_env env, Arguments& in) {
  Axes axes;
  std::unique_ptr<Wcs> system = system_of(in.text("header"), axes);
  napi_value out = js_axes(env, axes);
  set(env, out, "system", js_number(env, systems().keep(std::move(system))));
  return out;
}

// toSky(system, pixels) and toPixels(system, sky): Float64Array of pairs -> Float64Array of pairs; pixels count from 0,
// sky is (longitude, latitude) in degrees; what can't be computed is NaN.
template <bool kToSky>
void transformed(wcsprm* prm, int count, const double* from, double* result) {
  size_t length = 2 * static_cast<size_t>(count);
  std::vector<double> in(length), between(length), angles(length);
  std::vector<int> bad(static_cast<size_t>(count), 0);
  int lng = prm->lng, lat = prm->lat, status = 0;
  for (int i = 0; i < count; ++i) {
    bool finite = std::isfinite(from[2 * i]) && std::isfinite(from[2 * i + 1]);
    in[2 * i + (kToSky ? 0 : lng)] = finite ? from[2 * i] + (kToSky ? 1 : 0) : 0;
    in[2 * i + (kToSky ? 1 : lat)] = finite ? from[2 * i + 1] + (kToSky ? 1 : 0) : 0;
  }
  double* phi = angles.data();
  double* theta = phi + count;
  std::vector<double> end(length);
  if (kToSky) status = wcsp2s(prm, count, 2, in.data(), between.data(), phi, theta, end.data(), bad.data());
  else status = wcss2p(prm, count, 2, in.data(), phi, theta, between.data(), end.data(), bad.data());
  if (status != 0 && status != 8 && status != 9) wcs_check(status);
  double nan = std::numeric_limits<double>::quiet_NaN();
  for (int i = 0; i < count; ++i) {
    bool finite = std::isfinite(from[2 * i]) && std::isfinite(from[2 * i + 1]) && bad[i] == 0;
    result[2 * i] = finite ? end[2 * i + (kToSky ? lng : 0)] - (kToSky ? 0 : 1) : nan;
    result[2 * i + 1] = finite ? end[2 * i + (kToSky ? lat : 1)] - (kToSky ? 0 : 1) : nan;
  }
}

template <bool kToSky>
napi_value transform(napi_env env, Arguments& in) {
  wcsprm* prm = &systems().at(in).prm;
  auto given = in.doubles("coordinates");
  if (given.length % 2 != 0) throw Refusal(Code::argument, "coordinates must be pairs");
  if (given.length / 2 > 100'000'000) throw Refusal(Code::too_large, "at most 100 million coordinates at once");
  int count = static_cast<int>(given.length / 2);
  double* data = nullptr;
  napi_value out = new_array(env, given.length, &data);
  if (count > 0) transformed<kToSky>(prm, count, given.data, data);
  return out;
}

napi_value close_wcs(napi_env, Arguments& in) {
  systems().drop(in);
  return nullptr;
}

}  // namespace

napi_value js_axes(napi_env env, const Axes& axes) {
  napi_value out = js_object(env);
  set(env, out, "longitude", js_latin1(env, axes.longitude));
  set(env, out, "frame", js_latin1(env, axes.frame));
  set(env, out, "equinox", js_number(env, axes.equinox));
  set(env, out, "mjd", js_number(env, axes.mjd));
  set(env, out, "linear", js_number(env, axes.linear));
  return out;
}

bool on_sky(const std::string& header, const std::vector<double>& pixels, std::vector<double>& sky, Axes& axes) {
  try {
    std::unique_ptr<Wcs> system = system_of(header, axes);
    sky.assign(pixels.size(), 0);
    transformed<true>(&system->prm, static_cast<int>(pixels.size() / 2), pixels.data(), sky.data());
    return true;
  } catch (const Refusal&) {
    return false;
  }
}

void add_wcs(napi_env env, napi_value exports) {
  define(env, exports, "wcs", guarded<open_wcs>);
  define(env, exports, "toSky", guarded<transform<true>>);
  define(env, exports, "toPixels", guarded<transform<false>>);
  define(env, exports, "closeWcs", guarded<close_wcs>);
}

}  // namespace arclet
