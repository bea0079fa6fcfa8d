// Generators of random numbers, and their state.
#include "door.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/core/Generator.h>

namespace arclet {
namespace {

// generator(seed, device) -> handle
napi_value make(napi_env env, napi_value* args, size_t count) {
  if (count < 2) throw Refusal(Code::argument, "a seed and a device are required");
  double seed = number_of(env, args[0]);
  if (!(seed >= 0 && seed <= 9007199254740991.0)) throw Refusal(Code::argument, "seed must be from 0 to 2^53 - 1");
  c10::Device device(text_of(env, args[1]));
  at::Generator generator = device.is_cpu() ? at::make_generator<at::CPUGeneratorImpl>(0)
                                            : at::globalContext().defaultGenerator(device).clone();
  generator.set_current_seed(static_cast<uint64_t>(whole_of(seed)));
  return js_number(env, keep_generator(std::move(generator)));
}

napi_value dispose(napi_env env, napi_value* args, size_t) {
  drop_generator(number_of(env, args[0]));
  return nullptr;
}

napi_value state(napi_env env, napi_value* args, size_t) {
  at::Generator generator = generator_at(number_of(env, args[0]));
  return js_number(env, keep_tensor(generator.get_state()));
}

napi_value set_state(napi_env env, napi_value* args, size_t) {
  at::Generator generator = generator_at(number_of(env, args[0]));
  generator.set_state(tensor_of(env, args[1]));
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
