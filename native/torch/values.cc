// JavaScript values to libtorch's and back.
#include "door.h"

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

// The name of the property by which a JavaScript tensor or generator carries its handle, as one string that is
// made once per environment: making it again costs more than reading the property.
napi_value handle_key(napi_env env) {
  thread_local napi_env owner = nullptr;
  thread_local napi_ref holder = nullptr;
  napi_value list, key;
  if (owner != env) {
    check(env, napi_create_array_with_length(env, 1, &list));
    check(env, napi_create_string_utf8(env, "handle", NAPI_AUTO_LENGTH, &key));
    check(env, napi_set_element(env, list, 0, key));
    check(env, napi_create_reference(env, list, 1, &holder));
    const auto end = [](void*) {
      napi_delete_reference(owner, holder);
      owner = nullptr;
    };
    check(env, napi_add_env_cleanup_hook(env, end, nullptr));
    owner = env;
  }
  check(env, napi_get_reference_value(env, holder, &list));
  check(env, napi_get_element(env, list, 0, &key));
  return key;
}

double handle_of(napi_env env, napi_value value, const char* what) {
  napi_valuetype type;
  check(env, napi_typeof(env, value, &type));
  napi_value handle;
  double number = 0;
  if (type != napi_object || napi_get_property(env, value, handle_key(env), &handle) != napi_ok ||
      napi_get_value_double(env, handle, &number) != napi_ok)
    throw Refusal(Code::argument, std::string("must be a ") + what);
  return number;
}

}  // namespace

int64_t integer_of(double number) {
  // The comparison also rejects NaN; beyond these bounds the conversion is undefined in C++.
  if (!(number >= -9.2e18 && number <= 9.2e18) || static_cast<double>(static_cast<int64_t>(number)) != number) {
    std::ostringstream text;
    text << "must be an integer, got " << number;
    throw Refusal(Code::argument, text.str());
  }
  return static_cast<int64_t>(number);
}

std::vector<int64_t> integers_of(napi_env env, napi_value value) {
  uint32_t length = list_length(env, value);
  std::vector<int64_t> integers;
  for (uint32_t i = 0; i < length; ++i) integers.push_back(integer_of(number_of(env, list_item(env, value, i))));
  return integers;
}

at::Tensor tensor_of(napi_env env, napi_value value) { return tensor_at(handle_of(env, value, "tensor")); }

at::Generator generator_of(napi_env env, napi_value value) { return generator_at(handle_of(env, value, "generator")); }

std::vector<at::Tensor> tensors_of(napi_env env, napi_value value) {
  uint32_t length = list_length(env, value);
  std::vector<at::Tensor> tensors;
  for (uint32_t i = 0; i < length; ++i) tensors.push_back(tensor_of(env, list_item(env, value, i)));
  return tensors;
}

at::ScalarType dtype_of(const std::string& name) {
  for (const DTypeName& entry : kDTypes)
    if (name == entry.name) return entry.dtype;
  std::string names;
  for (const DTypeName& entry : kDTypes) names += std::string(names.empty() ? "" : ", ") + entry.name;
  throw Refusal(Code::argument, "dtype must be one of " + names + ", got " + name);
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

std::string describe_all(const std::vector<at::Tensor>& tensors) {
  constexpr size_t kShown = 8;
  std::string text;
  for (size_t i = 0; i < tensors.size() && i < kShown; ++i) text += (i ? ", " : "") + describe(tensors[i]);
  if (tensors.size() > kShown) text += ", … " + std::to_string(tensors.size()) + " in all";
  return text;
}

}  // namespace arclet
