// A header's cards as WCSLIB must be given them.
#pragma once

#include <string>

struct wcsprm;

namespace arclet {

// The cards without bytes that are not printable ASCII and without those that WCSLIB does not survive (texts whose quotes
// are not closed, distortions that are no numbers, look-up tables), exponents written with D as E, and SCAMP's polynomials
// under their own name, TPV. Throws Refusal where PV cards may mean two things.
std::string readable_cards(std::string header);

// Puts CDELT into the matrix, before wcsset: distortions that are polynomials of degrees (TPV, TNX, ZPX) are defined
// behind the whole linear transformation, where WCSLIB computes them between PC and CDELT.
void fold_cdelt(wcsprm& prm);

}  // namespace arclet
