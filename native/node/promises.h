// Work on another thread, as a promise.
#pragma once

#include "calls.h"

#include <functional>
#include <memory>

namespace arclet {

// Runs `work` beside JavaScript. The promise is fulfilled with undefined when it is done, or rejected with what it throws,
// under the function's name. `work` must touch nothing of JavaScript.
napi_value promised(napi_env env, const char* name, std::function<void()> work);

}  // namespace arclet
