// JavaScript values to libtorch's and back, and errors on their way out.
#include "door.h"

#include <c10/util/Exception.h>

#include <new>
#include <sstream>

namespace arclet {
namespace {

struct DTypeName {
  const char* name;
  at::ScalarType dtype;
};
constexpr DTypeName kDTypes[] = {
    {"float32", at::kFloat}, {"float64", at::kDouble}, {"bfloat16", at::kBFloat16}, {"float16", at::kHalf},
    {"int64", at::kLong},    {"int32", at::kInt},      {"int16", at::kShort},       {"int8", at::kChar},
    {"uint8", at::kByte},    {"bool", at::kBool},
};

// The name of the property by which a JavaScript tensor carries its handle.
napi_value handle_key(napi_env env) {
  thread_local napi_ref key = nullptr;
  napi_value value;
  if (key == nullptr) {
    // A symbol-free, internalised string; held for the life of the environment.
    check(env, napi_create_string_utf8(env, "handle", NAPI_AUTO_LENGTH, &value));
    napi_value holder;
    check(env, napi_create_object(env, &holder));
    check(env, napi_set_named_property(env, holder, "key", value));
    check(env, napi_create_reference(env, holder, 1, &key));
  }
  check(env, napi_get_reference_value(env, key, &value));
  check(env, napi_get_named_property(env, value, "key", &value));
  return value;
}

}  // namespace

void check(napi_env env, napi_status status) {
  if (status == napi_ok) return;
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  const napi_extended_error_info* info = nullptr;
  napi_get_last_error_info(env, &info);
  throw Refusal(info != nullptr && info->error_message != nullptr ? info->error_message : "Node-API call failed");
}

void throw_current(napi_env env) {
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (pending) return;
  try {
    throw;
  } catch (const Refusal& error) {
    napi_throw_type_error(env, nullptr, error.what());
  } catch (const c10::Error& error) {
    napi_throw_error(env, "LIBTORCH", error.what_without_backtrace());
  } catch (const std::bad_alloc&) {
    napi_throw_error(env, "LIBTORCH", "out of memory");
  } catch (const std::exception& error) {
    napi_throw_error(env, "LIBTORCH", error.what());
  } catch (...) {
    napi_throw_error(env, "LIBTORCH", "unknown native error");
  }
}

void define(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value function;
  check(env, napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function));
  check(env, napi_set_named_property(env, exports, name, function));
}

std::string text_of(napi_env env, napi_value value) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) throw Refusal("must be a string");
  std::string text(length, '\0');
  check(env, napi_get_value_string_utf8(env, value, &text[0], length + 1, &length));
  return text;
}

double number_of(napi_env env, napi_value value, const char* what) {
  double number = 0;
  if (napi_get_value_double(env, value, &number) == napi_ok) return number;
  bool lossless = false;
  int64_t big = 0;
  if (napi_get_value_bigint_int64(env, value, &big, &lossless) == napi_ok && lossless) return static_cast<double>(big);
  throw Refusal(std::string("must be a number") + (what[0] ? std::string(" (") + what + ")" : ""));
}

bool bool_of(napi_env env, napi_value value, const char*) {
  bool flag = false;
  if (napi_get_value_bool(env, value, &flag) != napi_ok) throw Refusal("must be true or false");
  return flag;
}

bool is_nullish(napi_env env, napi_value value) {
  napi_valuetype type;
  check(env, napi_typeof(env, value, &type));
  return type == napi_undefined || type == napi_null;
}

std::vector<int64_t> ints_of(napi_env env, napi_value value) {
  bool array = false;
  check(env, napi_is_array(env, value, &array));
  if (!array) throw Refusal("must be a list of integers");
  uint32_t length = 0;
  check(env, napi_get_array_length(env, value, &length));
  std::vector<int64_t> ints(length);
  for (uint32_t i = 0; i < length; ++i) {
    napi_value item;
    check(env, napi_get_element(env, value, i, &item));
    double number = number_of(env, item, "in a list of integers");
    ints[i] = static_cast<int64_t>(number);
    if (static_cast<double>(ints[i]) != number) throw Refusal("must be a list of integers");
  }
  return ints;
}

const at::Tensor& tensor_of(napi_env env, napi_value value) {
  napi_valuetype type;
  check(env, napi_typeof(env, value, &type));
  if (type != napi_object) throw Refusal("must be a tensor");
  napi_value handle;
  double number = 0;
  if (napi_get_property(env, value, handle_key(env), &handle) != napi_ok ||
      napi_get_value_double(env, handle, &number) != napi_ok)
    throw Refusal("must be a tensor");
  return tensor_at(number);
}

std::vector<at::Tensor> tensors_of(napi_env env, napi_value value) {
  bool array = false;
  check(env, napi_is_array(env, value, &array));
  if (!array) throw Refusal("must be a list of tensors");
  uint32_t length = 0;
  check(env, napi_get_array_length(env, value, &length));
  std::vector<at::Tensor> tensors;
  tensors.reserve(length);
  for (uint32_t i = 0; i < length; ++i) {
    napi_value item;
    check(env, napi_get_element(env, value, i, &item));
    tensors.push_back(tensor_of(env, item));
  }
  return tensors;
}

at::ScalarType dtype_of(const std::string& name) {
  for (const DTypeName& entry : kDTypes)
    if (name == entry.name) return entry.dtype;
  throw Refusal("dtype must be one of float32, float64, bfloat16, float16, int64, int32, int16, int8, uint8, bool, got " + name);
}

const char* dtype_name(at::ScalarType dtype) {
  for (const DTypeName& entry : kDTypes)
    if (dtype == entry.dtype) return entry.name;
  return c10::toString(dtype);
}

std::string describe(const at::Tensor& tensor) {
  if (!tensor.defined()) return "undefined tensor";
  std::ostringstream text;
  text << dtype_name(tensor.scalar_type()) << " (";
  for (int64_t i = 0; i < tensor.dim(); ++i) text << (i ? ", " : "") << tensor.size(i);
  text << ")";
  return text.str();
}

napi_value js_text(napi_env env, const std::string& text) {
  napi_value value;
  check(env, napi_create_string_utf8(env, text.data(), text.size(), &value));
  return value;
}

napi_value js_number(napi_env env, double number) {
  napi_value value;
  check(env, napi_create_double(env, number, &value));
  return value;
}

napi_value js_ints(napi_env env, at::IntArrayRef ints) {
  napi_value array;
  check(env, napi_create_array_with_length(env, ints.size(), &array));
  for (size_t i = 0; i < ints.size(); ++i)
    check(env, napi_set_element(env, array, static_cast<uint32_t>(i), js_number(env, static_cast<double>(ints[i]))));
  return array;
}

}  // namespace arclet
