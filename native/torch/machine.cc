// The machine as libtorch sees it, and the module itself.
#include "door.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/version.h>

namespace arclet {
namespace {

napi_value machine(napi_env env, napi_value*, size_t, void*) {
  napi_value out, cuda;
  check(env, napi_create_object(env, &out));
  check(env, napi_set_named_property(env, out, "torch", js_text(env, TORCH_VERSION)));
  check(env, napi_set_named_property(env, out, "build", js_text(env, at::show_config())));
  check(env, napi_set_named_property(env, out, "threads", js_number(env, at::get_num_threads())));
  check(env, napi_get_boolean(env, at::hasCUDA(), &cuda));
  check(env, napi_set_named_property(env, out, "cuda", cuda));
  napi_value mkldnn;
  check(env, napi_get_boolean(env, at::globalContext().hasMKLDNN(), &mkldnn));
  check(env, napi_set_named_property(env, out, "onednn", mkldnn));
  return out;
}

napi_value set_threads(napi_env env, napi_value* args, size_t count, void*) {
  if (count < 1) throw Refusal("setThreads: a number is required");
  double threads = number_of(env, args[0], "threads");
  if (!(threads >= 1 && threads <= 4096)) throw Refusal("threads must be from 1 to 4096");
  at::set_num_threads(static_cast<int>(threads));
  return nullptr;
}

napi_value set_deterministic(napi_env env, napi_value* args, size_t, void*) {
  at::globalContext().setDeterministicAlgorithms(bool_of(env, args[0], ""), /*warn_only=*/true);
  at::globalContext().setBenchmarkCuDNN(false);
  return nullptr;
}

}  // namespace

void add_machine(napi_env env, napi_value exports) {
  define(env, exports, "machine", guarded<machine>);
  define(env, exports, "setThreads", guarded<set_threads>);
  define(env, exports, "setDeterministic", guarded<set_deterministic>);
}

namespace {
napi_value init(napi_env env, napi_value exports) {
  try {
    add_operators(env, exports);
    add_tensors(env, exports);
    add_autograd(env, exports);
    add_machine(env, exports);
  } catch (...) {
    throw_current(env);
  }
  return exports;
}
}  // namespace

}  // namespace arclet

NAPI_MODULE(torch, arclet::init)
