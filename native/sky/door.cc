// The module itself, as Node loads it. Its errors don't name the function: the caller puts the file in front.
#include "door.h"

namespace arclet {

const ErrorForm kErrorForm = {/*named=*/false, /*type_error=*/false,
                              [](const std::exception& error) -> Told { return {nullptr, error.what()}; }};

namespace {

napi_value init(napi_env env, napi_value exports) {
  try {
    add_reading(env, exports);
    add_tables(env, exports);
    add_batch(env, exports);
    add_writing(env, exports);
    add_wcs(env, exports);
    add_detection(env, exports);
  } catch (...) {
    throw_current(env, "sky");
  }
  return exports;
}

}  // namespace
}  // namespace arclet

NAPI_MODULE(sky, arclet::init)
