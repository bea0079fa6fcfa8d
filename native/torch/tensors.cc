// Tensors as JavaScript sees them: made from bytes, read back, described, disposed.
#include "door.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
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
    Array array = array_of(env, value);
    return {array.data, array.length * element_size(array.type)};
  }
  check(env, napi_is_arraybuffer(env, value, &is));
  if (!is) throw Refusal(Code::argument, "must be a typed array or an ArrayBuffer");
  check(env, napi_get_arraybuffer_info(env, value, &bytes.data, &bytes.length));
  return bytes;
}

int64_t elements_of(const std::vector<int64_t>& shape) {
  int64_t elements = 1;
  for (int64_t size : shape) {
    if (size < 0) throw Refusal(Code::argument, "shape must be of non-negative integers");
    // Stays within 64 bits: no typed array is longer than 2^53 bytes.
    if (elements > 0 && size > (int64_t{1} << 53) / elements) throw Refusal(Code::too_large, "shape is too large");
    elements *= size;
  }
  return elements;
}

// fromBytes(data, dtype, shape, device) -> handle; the bytes are copied
napi_value from_bytes(napi_env env, Arguments& in) {
  napi_value data = in.next();
  at::ScalarType dtype = dtype_of(in.text("dtype"));
  std::vector<int64_t> shape = in.take("shape", integers_of);
  std::string place = in.text("device");
  int64_t elements = elements_of(shape);
  Bytes bytes = naming("data", [&] { return bytes_of(env, data); });
  if (bytes.length != static_cast<size_t>(elements) * c10::elementSize(dtype))
    throw Refusal(Code::argument, "data must hold " + std::to_string(elements) + " values of " + dtype_name(dtype) +
                                      " for its shape, got " + std::to_string(bytes.length) + " bytes");
  at::Tensor tensor = at::empty(shape, at::TensorOptions(dtype));
  if (bytes.length > 0) std::memcpy(tensor.data_ptr(), bytes.data, bytes.length);
  c10::Device device(place);
  if (!device.is_cpu()) tensor = tensor.to(device);
  return js_number(env, keep_tensor(std::move(tensor)));
}

// toBytes(tensor) -> ArrayBuffer of the values in row-major order
napi_value to_bytes(napi_env env, Arguments& in) {
  at::Tensor tensor = tensor_of(env, in.next()).detach();
  if (tensor.layout() != at::kStrided) throw Refusal(Code::argument, "tensor must be dense, got a sparse one");
  void* data = nullptr;
  size_t length = static_cast<size_t>(tensor.numel()) * tensor.element_size();
  napi_value buffer = new_buffer(env, length, &data);
  if (length > 0) at::from_blob(data, tensor.sizes(), at::TensorOptions(tensor.scalar_type())).copy_(tensor);
  return buffer;
}

napi_value shape(napi_env env, Arguments& in) { return js_numbers(env, tensor_of(env, in.next()).sizes()); }
napi_value strides(napi_env env, Arguments& in) {
  return js_numbers(env, tensor_of(env, in.next()).strides());
}
napi_value dtype(napi_env env, Arguments& in) {
  return js_text(env, dtype_name(tensor_of(env, in.next()).scalar_type()));
}
napi_value device(napi_env env, Arguments& in) {
  return js_text(env, tensor_of(env, in.next()).device().str());
}

// leaveToCollector(handle): no scope frees this tensor
napi_value leave(napi_env env, Arguments& in) {
  leave_to_collector(number_of(env, in.next()));
  tell_v8(env);
  return nullptr;
}

napi_value dispose(napi_env env, Arguments& in) {
  drop_tensor(number_of(env, in.next()));
  tell_v8(env);
  return nullptr;
}

// disposeAll(handles): those of a scope, in one call. Every one that can be is dropped, even if another is refused.
napi_value dispose_all(napi_env env, Arguments& in) {
  napi_value handles = in.next();
  uint32_t length = list_length(env, handles);
  std::string refused;
  for (uint32_t i = 0; i < length; ++i) {
    try {
      drop_tensor(number_of(env, list_item(env, handles, i)));
    } catch (const Refusal& refusal) {
      refused = refusal.what();
    }
  }
  tell_v8(env);
  if (!refused.empty()) throw Refusal(Code::argument, refused);
  return nullptr;
}

// readInto(tensor, at, file, from, bytes): fills a part of a tensor's memory, `at` bytes into it, from a position in an open file.
// Returns how many bytes there were, which are fewer where the file ends, or less than zero: the system's error.
napi_value read_into(napi_env env, Arguments& in) {
  at::Tensor tensor = tensor_of(env, in.next());
  int64_t at = integer_of(number_of(env, in.next()));
  int file = static_cast<int>(integer_of(number_of(env, in.next())));
  int64_t from = integer_of(number_of(env, in.next()));
  int64_t bytes = integer_of(number_of(env, in.next()));
  if (!tensor.device().is_cpu() || !tensor.is_contiguous()) throw Refusal(Code::argument, "memory of the processor");
  int64_t size = static_cast<int64_t>(tensor.nbytes());
  if (at < 0 || bytes < 0 || at > size || bytes > size - at) throw Refusal(Code::argument, "part of the tensor");
  char* to = static_cast<char*>(tensor.data_ptr()) + at;
  int64_t done = 0;
  while (done < bytes) {
    ssize_t count = pread(file, to + done, bytes - done, from + done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return js_number(env, -errno);
    if (count == 0) break;
    done += count;
  }
  return js_number(env, static_cast<double>(done));
}

// readAhead(file, from, bytes): the system begins to read a part of an open file, and this does not wait for it. It is only
// advice. One call is heeded up to the device's read_ahead_kb, which is 128 KiB unless somebody has set it.
napi_value read_ahead(napi_env env, Arguments& in) {
  int file = static_cast<int>(integer_of(number_of(env, in.next())));
  int64_t from = integer_of(number_of(env, in.next()));
  int64_t end = from + integer_of(number_of(env, in.next()));
#ifdef POSIX_FADV_WILLNEED
  constexpr int64_t heeded = 128 * 1024;
  for (int64_t at = from; at < end; at += heeded)
    posix_fadvise(file, at, std::min(heeded, end - at), POSIX_FADV_WILLNEED);
#endif
  return nullptr;
}

napi_value live(napi_env env, Arguments&) { return js_number(env, static_cast<double>(live_tensors())); }
napi_value bytes(napi_env env, Arguments&) { return js_number(env, static_cast<double>(live_bytes())); }

}  // namespace

void add_tensors(napi_env env, napi_value exports) {
  define(env, exports, "fromBytes", guarded<from_bytes>);
  define(env, exports, "toBytes", guarded<to_bytes>);
  define(env, exports, "shape", guarded<shape>);
  define(env, exports, "strides", guarded<strides>);
  define(env, exports, "dtype", guarded<dtype>);
  define(env, exports, "device", guarded<device>);
  define(env, exports, "leaveToCollector", guarded<leave>);
  define(env, exports, "dispose", guarded<dispose>);
  define(env, exports, "disposeAll", guarded<dispose_all>);
  define(env, exports, "readInto", guarded<read_into>);
  define(env, exports, "readAhead", guarded<read_ahead>);
  define(env, exports, "live", guarded<live>);
  define(env, exports, "liveBytes", guarded<bytes>);
}

}  // namespace arclet
