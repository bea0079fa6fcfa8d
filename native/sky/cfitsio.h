// CFITSIO, and its errors as ours.
#pragma once

#include "../node/refusal.h"

#include <fitsio.h>

namespace arclet {

// Throws Refusal with the status's sentence and what CFITSIO's error stack adds; does nothing at status 0. A status that
// doesn't say by itself what is wrong counts as `otherwise`.
void fits_check(int status, Code otherwise = Code::broken);

}  // namespace arclet
