// Typed arrays: the memory of JavaScript's arrays, and new ones. The memory may move when JavaScript runs again, so
// look it up last.
#pragma once

#include "values.h"

namespace arclet {

// The memory of any typed array.
struct Array {
  void* data = nullptr;
  size_t length = 0;  // elements
  napi_typedarray_type type = napi_uint8_array;
};

size_t element_size(napi_typedarray_type type);
Array array_of(napi_env env, napi_value value);
Array array_of(napi_env env, napi_value value, napi_typedarray_type type);
napi_value new_buffer(napi_env env, size_t bytes, void** data);
napi_value new_array(napi_env env, napi_typedarray_type type, size_t length, void** data);

// The memory of a typed array of one type.
template <class T>
struct Span {
  T* data = nullptr;
  size_t length = 0;
  T& operator[](size_t i) const { return data[i]; }
};

template <class T>
constexpr napi_typedarray_type typed_array();
template <>
constexpr napi_typedarray_type typed_array<uint8_t>() {
  return napi_uint8_array;
}
template <>
constexpr napi_typedarray_type typed_array<int32_t>() {
  return napi_int32_array;
}
template <>
constexpr napi_typedarray_type typed_array<float>() {
  return napi_float32_array;
}
template <>
constexpr napi_typedarray_type typed_array<double>() {
  return napi_float64_array;
}

template <class T>
Span<T> span_of(napi_env env, napi_value value) {
  Array array = array_of(env, value, typed_array<T>());
  return {static_cast<T*>(array.data), array.length};
}

// A new typed array, and its memory.
template <class T>
napi_value new_array(napi_env env, size_t length, T** data) {
  void* memory = nullptr;
  napi_value array = new_array(env, typed_array<T>(), length, &memory);
  *data = static_cast<T*>(memory);
  return array;
}

}  // namespace arclet
