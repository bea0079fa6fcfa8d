// Generators of random numbers, and their state.
#include "door.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/core/Generator.h>

namespace arclet {
namespace {

// generator(seed, device) -> handle
napi_value make(napi_env env, Arguments& in) {
  auto seed = static_cast<uint64_t>(in.whole("seed", 0, (int64_t{1} << 53) - 1));
  c10::Device device(in.text("device"));
  at::Generator generator = device.is_cpu() ? at::make_generator<at::CPUGeneratorImpl>(0)
                                            : at::globalContext().defaultGenerator(device).clone();
  generator.set_current_seed(seed);
  return js_number(env, keep_generator(std::move(generator)));
}

napi_value dispose(napi_env env, Arguments& in) {
  drop_generator(number_of(env, in.next()));
  return nullptr;
}

napi_value state(napi_env env, Arguments& in) {
  at::Generator generator = generator_at(number_of(env, in.next()));
  return js_number(env, keep_tensor(generator.get_state()));
}

napi_value set_state(napi_env env, Arguments& in) {
  at::Generator generator = generator_at(number_of(env, in.next()));
  generator.set_state(in.take("state", tensor_of));
  return nullptr;
}

}  // namespace

void add_generators(napi_env env, napi_value exports) {
  define(env, exports, "generator", guarded<make>);
  define(env, exports, "disposeGenerator", guarded<dispose>);
  define(env, exports, "generatorState", guarded<state>);
  define(env, exports, "setGeneratorState", guarded<set_state>);
}

}  // namespace arclet
