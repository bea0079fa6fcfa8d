// World coordinates, for code that reads many headers.
#pragma once

#include <node_api.h>

#include <limits>
#include <string>
#include <vector>

namespace arclet {

// The celestial axes as their cards state them; numbers are NaN where no card does.
struct Axes {
  std::string longitude;  // of CTYPE: RA, GLON, ELON, ...
  std::string frame;      // RADESYS
  double equinox = std::numeric_limits<double>::quiet_NaN();
  double mjd = std::numeric_limits<double>::quiet_NaN();     // of the observation
  double linear = std::numeric_limits<double>::quiet_NaN();  // side of a pixel by the linear terms alone, arcsec
};

// { longitude, frame, equinox, mjd, linear }
napi_value js_axes(napi_env env, const Axes& axes);

// Longitude and latitude (pairs, degrees; NaN off the projection) of pixels (pairs, from 0) by a header's cards, and what
// their axes are; false if it has no such coordinates.
bool on_sky(const std::string& header, const std::vector<double>& pixels, std::vector<double>& sky, Axes& axes);

}  // namespace arclet
