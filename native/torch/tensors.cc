// Tensors as JavaScript sees them: made from bytes, read back, described, disposed.
#include "door.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

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
    static constexpr size_t kSizes[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
    if (static_cast<size_t>(type) >= sizeof(kSizes) / sizeof(kSizes[0])) throw Refusal(Code::argument, "data: unknown kind of typed array");
    bytes.length = elements * kSizes[type];
    return bytes;
  }
  check(env, napi_is_arraybuffer(env, value, &is));
  if (!is) throw Refusal(Code::argument, "data must be a typed array or an ArrayBuffer");
  check(env, napi_get_arraybuffer_info(env, value, &bytes.data, &bytes.length));
  return bytes;
}

// fromBytes(data, dtype, shape, device) -> handle; the bytes are copied
napi_value from_bytes(napi_env env, napi_value* args, size_t count) {
  if (count < 4) throw Refusal(Code::argument, "data, dtype, shape and device are required");
  Bytes bytes = bytes_of(env, args[0]);
  at::ScalarType dtype = dtype_of(text_of(env, args[1]));
  std::vector<int64_t> shape = ints_of(env, args[2]);
  int64_t elements = 1;
  for (int64_t size : shape) {
    if (size < 0) throw Refusal(Code::argument, "shape must be of non-negative integers");
    // Stays within 64 bits: no typed array is longer than 2^53 bytes.
    if (elements > 0 && size > (int64_t{1} << 53) / elements) throw Refusal(Code::argument, "shape is too large");
    elements *= size;
  }
  if (bytes.length != static_cast<size_t>(elements) * c10::elementSize(dtype))
    throw Refusal(Code::argument, "data must hold " + std::to_string(elements) + " values of " + dtype_name(dtype) + " for its shape, got " +
                  std::to_string(bytes.length) + " bytes");
  at::Tensor tensor = at::empty(shape, at::TensorOptions(dtype));
  if (bytes.length > 0) std::memcpy(tensor.data_ptr(), bytes.data, bytes.length);
  c10::Device device(text_of(env, args[3]));
  if (!device.is_cpu()) tensor = tensor.to(device);
  napi_value out = js_number(env, keep_tensor(std::move(tensor)));
  tell_v8(env);
  return out;
}

// An ArrayBuffer made by JavaScript's own constructor: where memory is short it throws a RangeError, while
// Node-API's ends the process.
napi_value new_buffer(napi_env env, size_t length, void** data) {
  napi_value global, constructor, size, buffer;
  size_t made = 0;
  check(env, napi_get_global(env, &global));
  check(env, napi_get_named_property(env, global, "ArrayBuffer", &constructor));
  check(env, napi_create_double(env, static_cast<double>(length), &size));
  check(env, napi_new_instance(env, constructor, 1, &size, &buffer));
  check(env, napi_get_arraybuffer_info(env, buffer, data, &made));
  if (made != length) throw Refusal(Code::argument, "ArrayBuffer is not JavaScript's own");
  return buffer;
}

// toBytes(tensor) -> ArrayBuffer of the values in row-major order
napi_value to_bytes(napi_env env, napi_value* args, size_t) {
  at::Tensor tensor = tensor_of(env, args[0]).detach();
  if (tensor.layout() != at::kStrided) throw Refusal(Code::argument, "tensor must be dense, got a sparse one");
  void* data = nullptr;
  size_t length = static_cast<size_t>(tensor.numel()) * tensor.element_size();
  napi_value buffer = new_buffer(env, length, &data);
  if (length > 0) at::from_blob(data, tensor.sizes(), at::TensorOptions(tensor.scalar_type())).copy_(tensor);
  return buffer;
}

napi_value shape(napi_env env, napi_value* args, size_t) { return js_ints(env, tensor_of(env, args[0]).sizes()); }
napi_value strides(napi_env env, napi_value* args, size_t) {
  return js_ints(env, tensor_of(env, args[0]).strides());
}
napi_value dtype(napi_env env, napi_value* args, size_t) {
  return js_text(env, dtype_name(tensor_of(env, args[0]).scalar_type()));
}
napi_value device(napi_env env, napi_value* args, size_t) {
  return js_text(env, tensor_of(env, args[0]).device().str());
}

napi_value dispose(napi_env env, napi_value* args, size_t) {
  drop_tensor(number_of(env, args[0]));
  tell_v8(env);
  return nullptr;
}

// disposeAll(handles): those of a scope, in one call. All that can be are dropped, whichever is refused.
napi_value dispose_all(napi_env env, napi_value* args, size_t) {
  uint32_t length = list_length(env, args[0]);
  std::string refused;
  for (uint32_t i = 0; i < length; ++i) {
    try {
      drop_tensor(number_of(env, list_item(env, args[0], i)));
    } catch (const Refusal& refusal) {
      refused = refusal.what();
    }
  }
  tell_v8(env);
  if (!refused.empty()) throw Refusal(Code::argument, refused);
  return nullptr;
}

napi_value live(napi_env env, napi_value*, size_t) { return js_number(env, static_cast<double>(live_tensors())); }
napi_value bytes(napi_env env, napi_value*, size_t) { return js_number(env, static_cast<double>(live_bytes())); }

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
}

}  // namespace arclet
