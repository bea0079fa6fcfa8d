// CFITSIO's errors, in its own words.
#pragma once

#include <fitsio.h>

#include <string>

namespace arclet {

// Throws Refusal with the status's sentence and what CFITSIO's error stack adds; does nothing at status 0.
void fits_check(int status);

}  // namespace arclet
