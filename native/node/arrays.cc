// Typed arrays, given and new, through Node-API.
#include "arrays.h"

namespace arclet {
namespace {

struct Kind {
  const char* name;
  size_t size;
};

// In the order of napi_typedarray_type.
constexpr Kind kKinds[] = {
    {"Int8Array", 1},   {"Uint8Array", 1},  {"Uint8ClampedArray", 1}, {"Int16Array", 2},
    {"Uint16Array", 2}, {"Int32Array", 4},  {"Uint32Array", 4},       {"Float32Array", 4},
    {"Float64Array", 8}, {"BigInt64Array", 8}, {"BigUint64Array", 8},
};

const Kind& kind_of(napi_typedarray_type type) {
  auto index = static_cast<size_t>(type);
  if (index >= sizeof kKinds / sizeof kKinds[0])
    throw Refusal(Code::argument, "must be a typed array of a kind that is known here");
  return kKinds[index];
}

}  // namespace

size_t element_size(napi_typedarray_type type) { return kind_of(type).size; }

Array array_of(napi_env env, napi_value value) {
  Array array;
  bool is = false;
  check(env, napi_is_typedarray(env, value, &is));
  if (!is) throw Refusal(Code::argument, "must be a typed array");
  check(env, napi_get_typedarray_info(env, value, &array.type, &array.length, &array.data, nullptr, nullptr));
  return array;
}

Array array_of(napi_env env, napi_value value, napi_typedarray_type type) {
  bool is = false;
  check(env, napi_is_typedarray(env, value, &is));
  Array array = is ? array_of(env, value) : Array();
  if (!is || array.type != type) throw Refusal(Code::argument, std::string("must be a ") + kind_of(type).name);
  return array;
}

// Through JavaScript's constructor: when memory is short it throws a RangeError, while Node-API ends the process.
napi_value new_buffer(napi_env env, size_t bytes, void** data) {
  napi_value global, constructor, size, buffer;
  size_t made = 0;
  check(env, napi_get_global(env, &global));
  check(env, napi_get_named_property(env, global, "ArrayBuffer", &constructor));
  check(env, napi_create_double(env, static_cast<double>(bytes), &size));
  check(env, napi_new_instance(env, constructor, 1, &size, &buffer));
  check(env, napi_get_arraybuffer_info(env, buffer, data, &made));
  if (made != bytes) throw Refusal(Code::argument, "ArrayBuffer is not JavaScript's own");
  return buffer;
}

napi_value new_array(napi_env env, napi_typedarray_type type, size_t length, void** data) {
  napi_value array, buffer = new_buffer(env, length * element_size(type), data);
  check(env, napi_create_typedarray(env, type, length, buffer, 0, &array));
  return array;
}

}  // namespace arclet
