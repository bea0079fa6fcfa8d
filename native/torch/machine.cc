// The machine as libtorch sees it, and how libtorch uses it: threads, deterministic algorithms.
#include "door.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>

#include <algorithm>
#include <thread>

namespace arclet {
namespace {

napi_value machine(napi_env env, Arguments&) {
  napi_value out = js_object(env);
  set(env, out, "torch", js_text(env, TORCH_VERSION));
  set(env, out, "build", js_text(env, at::show_config()));
  set(env, out, "threads", js_number(env, at::get_num_threads()));
  set(env, out, "cuda", js_bool(env, at::hasCUDA()));
  set(env, out, "onednn", js_bool(env, at::globalContext().hasMKLDNN()));
  return out;
}

// More threads than the system grants would end the process inside OpenMP.
napi_value set_threads(napi_env, Arguments& in) {
  int64_t most = std::max<int64_t>(256, std::thread::hardware_concurrency());
  at::set_num_threads(static_cast<int>(in.whole("threads", 1, most)));
  return nullptr;
}

// float32 means float32: TF32 has 10 bits of mantissa.
napi_value set_deterministic(napi_env, Arguments& in) {
  bool on = in.flag("on");
  at::globalContext().setAllowTF32CuDNN(false);
  at::globalContext().setDeterministicCuDNN(on);
#if ARCLET_TORCH_AT_LEAST(2, 2)
  // Otherwise every new tensor would be filled before it is written.
  at::globalContext().setDeterministicFillUninitializedMemory(false);
#endif
  at::globalContext().setDeterministicAlgorithms(on, /*warn_only=*/true);
  at::globalContext().setBenchmarkCuDNN(false);
  return nullptr;
}

}  // namespace

void add_machine(napi_env env, napi_value exports) {
  define(env, exports, "machine", guarded<machine>);
  define(env, exports, "setThreads", guarded<set_threads>);
  define(env, exports, "setDeterministic", guarded<set_deterministic>);
}

}  // namespace arclet
