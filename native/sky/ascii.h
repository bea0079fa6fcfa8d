// ASCII tables, as tables.cc hands them on.
#pragma once

#include "reading.h"

namespace arclet {

// { rows, columns: [{ name, unit, kind, decimals, scale, zero }] }: a number without a point has `decimals` digits behind
// it, then TSCAL and TZERO apply.
napi_value ascii_columns(napi_env env, File& file, const Hdu& hdu);

// A column's fields as texts without blanks around them; null where blank or TNULL.
napi_value ascii_fields(napi_env env, File& file, const Hdu& hdu, size_t column);

}  // namespace arclet
