// World coordinates, for code that reads many headers.
#pragma once

#include <string>
#include <vector>

namespace arclet {

// Right ascension and declination (pairs, degrees; NaN off the projection) of pixels (pairs, from 0) by a header's
// cards; false if it has no such coordinates.
bool on_sky(const std::string& header, const std::vector<double>& pixels, std::vector<double>& sky);

}  // namespace arclet
