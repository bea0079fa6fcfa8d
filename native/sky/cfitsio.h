// CFITSIO, and its errors as refusals.
#pragma once

#include "../node/refusal.h"

#include <fitsio.h>

namespace arclet {

// Throws Refusal with the status's sentence and what CFITSIO's error stack adds; does nothing for status 0. The code is
// `otherwise` if the status alone doesn't say what kind of error it is.
void fits_check(int status, Code otherwise = Code::broken);

}  // namespace arclet
