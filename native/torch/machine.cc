// The machine as libtorch sees it, and the module itself.
#include "door.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>

#include <climits>
#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <cmath>
#include <thread>

namespace arclet {
namespace {

napi_value machine(napi_env env, napi_value*, size_t) {
  napi_value out;
  check(env, napi_create_object(env, &out));
  check(env, napi_set_named_property(env, out, "torch", js_text(env, TORCH_VERSION)));
  check(env, napi_set_named_property(env, out, "build", js_text(env, at::show_config())));
  check(env, napi_set_named_property(env, out, "threads", js_number(env, at::get_num_threads())));
  check(env, napi_set_named_property(env, out, "cuda", js_bool(env, at::hasCUDA())));
  check(env, napi_set_named_property(env, out, "onednn", js_bool(env, at::globalContext().hasMKLDNN())));
  return out;
}

// More threads than the system grants would end the process inside OpenMP.
napi_value set_threads(napi_env env, napi_value* args, size_t) {
  int64_t most = std::max<int64_t>(256, std::thread::hardware_concurrency());
  double threads = number_of(env, args[0]);
  if (!(threads >= 1 && threads <= static_cast<double>(most)) || std::trunc(threads) != threads)
    throw Refusal(Code::argument, "threads must be a whole number from 1 to " + std::to_string(most));
  at::set_num_threads(static_cast<int>(threads));
  return nullptr;
}

// float32 means float32: TF32 has 10 bits of mantissa.
napi_value set_deterministic(napi_env env, napi_value* args, size_t) {
  at::globalContext().setAllowTF32CuDNN(false);
  at::globalContext().setDeterministicCuDNN(bool_of(env, args[0]));
#if ARCLET_TORCH_AT_LEAST(2, 2)
  // Else every new tensor is filled before it is written.
  at::globalContext().setDeterministicFillUninitializedMemory(false);
#endif
  at::globalContext().setDeterministicAlgorithms(bool_of(env, args[0]), /*warn_only=*/true);
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
// glibc gives memory over 32 MiB back to the kernel at every free, and clearing its pages anew then costs more than
// most operators. Freed memory is kept instead, up to 2 GiB of it.
void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
#endif
}

napi_value init(napi_env env, napi_value exports) {
  try {
    keep_freed_memory();
    add_operators(env, exports);
    add_tensors(env, exports);
    add_generators(env, exports);
    add_autograd(env, exports);
    add_machine(env, exports);
  } catch (...) {
    throw_current(env, "torch", "");
  }
  return exports;
}
}  // namespace

}  // namespace arclet

NAPI_MODULE(torch, arclet::init)
