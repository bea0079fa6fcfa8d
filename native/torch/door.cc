// The module itself, as Node loads it.
#include "door.h"

#include <climits>
#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace arclet {
namespace {

// glibc gives memory over 32 MiB back to the kernel at every free, and clearing its pages again then costs more than
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
    add_ranks(env, exports);
  } catch (...) {
    throw_current(env, "torch");
  }
  return exports;
}

}  // namespace
}  // namespace arclet

NAPI_MODULE(torch, arclet::init)
