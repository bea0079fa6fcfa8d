// The door to CFITSIO, WCSLIB and SEP: what its files share. Every function except readFiles runs synchronously on the
// calling thread, and returns a value or throws a JavaScript error; nothing in a file may end the process.
#pragma once

#include "../node/calls.h"
#include "../node/shelf.h"

namespace arclet {

// ---- one `add_…` per file: adds the file's functions to the module ----
void add_reading(napi_env env, napi_value exports);
void add_tables(napi_env env, napi_value exports);
void add_batch(napi_env env, napi_value exports);
void add_writing(napi_env env, napi_value exports);
void add_wcs(napi_env env, napi_value exports);
void add_detection(napi_env env, napi_value exports);

}  // namespace arclet
