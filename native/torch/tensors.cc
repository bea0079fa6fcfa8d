// Tensors and generators as JavaScript sees them: made from bytes, read back, described, disposed.
#include "door.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/Generator.h>

#include <cstring>

namespace arclet {
namespace {

struct Bytes {
  void* data = nullptr;
  size_t length = 0;
};

Bytes bytes_of(napi_env env, napi_value value) {
  Bytes bytes;
  bool is = false;
  check(env, napi_is_typedarray(env, value, &is));
  if (is) {
    napi_typedarray_type type;
    size_t elements = 0;
    size_t offset = 0;
    napi_value buffer;
    check(env, napi_get_typedarray_info(env, value, &type, &elements, &bytes.data, &buffer, &offset));
    static const size_t kSizes[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
    bytes.length = elements * kSizes[type];
    return bytes;
  }
  check(env, napi_is_arraybuffer(env, value, &is));
  if (!is) throw Refusal("data must be a typed array or an ArrayBuffer");
  check(env, napi_get_arraybuffer_info(env, value, &bytes.data, &bytes.length));
  return bytes;
}

// fromBytes(data, dtype, shape, device) -> handle; the bytes are copied
napi_value from_bytes(napi_env env, napi_value* args, size_t count, void*) {
  if (count < 4) throw Refusal("fromBytes: data, dtype, shape and device are required");
  Bytes bytes = bytes_of(env, args[0]);
  at::ScalarType dtype = dtype_of(text_of(env, args[1]));
  std::vector<int64_t> shape = ints_of(env, args[2]);
  int64_t elements = 1;
  for (int64_t size : shape) {
    if (size < 0) throw Refusal("shape must be of non-negative integers");
    elements *= size;
  }
  if (bytes.length != static_cast<size_t>(elements) * c10::elementSize(dtype))
    throw Refusal("data must hold " + std::to_string(elements) + " values of " + dtype_name(dtype) + " for its shape, got " +
                  std::to_string(bytes.length) + " bytes");
  at::Tensor tensor = at::empty(shape, at::TensorOptions(dtype));
  if (bytes.length > 0) std::memcpy(tensor.data_ptr(), bytes.data, bytes.length);
  c10::Device device(text_of(env, args[3]));
  if (!device.is_cpu()) tensor = tensor.to(device);
  napi_value out = js_number(env, keep_tensor(std::move(tensor)));
  tell_v8(env);
  return out;
}

// toBytes(tensor) -> ArrayBuffer of the values in row-major order
napi_value to_bytes(napi_env env, napi_value* args, size_t count, void*) {
  if (count < 1) throw Refusal("toBytes: a tensor is required");
  at::Tensor tensor = tensor_of(env, args[0]).detach().to(at::kCPU).contiguous();
  void* data = nullptr;
  napi_value buffer;
  check(env, napi_create_arraybuffer(env, tensor.nbytes(), &data, &buffer));
  if (tensor.nbytes() > 0) std::memcpy(data, tensor.data_ptr(), tensor.nbytes());
  return buffer;
}

napi_value shape(napi_env env, napi_value* args, size_t, void*) { return js_ints(env, tensor_of(env, args[0]).sizes()); }
napi_value strides(napi_env env, napi_value* args, size_t, void*) {
  return js_ints(env, tensor_of(env, args[0]).strides());
}
napi_value dtype(napi_env env, napi_value* args, size_t, void*) {
  return js_text(env, dtype_name(tensor_of(env, args[0]).scalar_type()));
}
napi_value device(napi_env env, napi_value* args, size_t, void*) {
  return js_text(env, tensor_of(env, args[0]).device().str());
}

napi_value dispose(napi_env env, napi_value* args, size_t count, void*) {
  if (count < 1) throw Refusal("dispose: a handle is required");
  drop_tensor(number_of(env, args[0], "handle"));
  tell_v8(env);
  return nullptr;
}

// disposeAll(handles): those of a scope, in one call
napi_value dispose_all(napi_env env, napi_value* args, size_t count, void*) {
  if (count < 1) throw Refusal("disposeAll: handles are required");
  uint32_t length = 0;
  check(env, napi_get_array_length(env, args[0], &length));
  for (uint32_t i = 0; i < length; ++i) {
    napi_value item;
    check(env, napi_get_element(env, args[0], i, &item));
    drop_tensor(number_of(env, item, "handle"));
  }
  tell_v8(env);
  return nullptr;
}

napi_value live(napi_env env, napi_value*, size_t, void*) { return js_number(env, static_cast<double>(live_tensors())); }
napi_value bytes(napi_env env, napi_value*, size_t, void*) { return js_number(env, static_cast<double>(live_bytes())); }

// generator(seed, device) -> handle
napi_value make_generator(napi_env env, napi_value* args, size_t count, void*) {
  if (count < 2) throw Refusal("generator: a seed and a device are required");
  c10::Device device(text_of(env, args[1]));
  at::Generator generator = device.is_cpu() ? at::make_generator<at::CPUGeneratorImpl>(0)
                                            : at::globalContext().defaultGenerator(device).clone();
  generator.set_current_seed(static_cast<uint64_t>(number_of(env, args[0], "seed")));
  return js_number(env, keep_generator(std::move(generator)));
}
napi_value drop_gen(napi_env env, napi_value* args, size_t, void*) {
  drop_generator(number_of(env, args[0], "handle"));
  return nullptr;
}
napi_value generator_state(napi_env env, napi_value* args, size_t, void*) {
  at::Generator generator = generator_at(number_of(env, args[0], "handle"));
  return js_number(env, keep_tensor(generator.get_state()));
}
napi_value set_generator_state(napi_env env, napi_value* args, size_t, void*) {
  at::Generator generator = generator_at(number_of(env, args[0], "handle"));
  generator.set_state(tensor_of(env, args[1]));
  return nullptr;
}

}  // namespace

void add_tensors(napi_env env, napi_value exports) {
  define(env, exports, "fromBytes", guarded<from_bytes>);
  define(env, exports, "toBytes", guarded<to_bytes>);
  define(env, exports, "shape", guarded<shape>);
  define(env, exports, "strides", guarded<strides>);
  define(env, exports, "dtype", guarded<dtype>);
  define(env, exports, "device", guarded<device>);
  define(env, exports, "dispose", guarded<dispose>);
  define(env, exports, "disposeAll", guarded<dispose_all>);
  define(env, exports, "live", guarded<live>);
  define(env, exports, "liveBytes", guarded<bytes>);
  define(env, exports, "generator", guarded<make_generator>);
  define(env, exports, "disposeGenerator", guarded<drop_gen>);
  define(env, exports, "generatorState", guarded<generator_state>);
  define(env, exports, "setGeneratorState", guarded<set_generator_state>);
}

}  // namespace arclet
