// Converts JavaScript values to an operator's arguments, by its schema.
#include "arguments.h"

#include <ATen/ScalarOps.h>

#include <algorithm>
#include <cmath>

namespace arclet {
namespace {

using c10::IValue;
using c10::TypeKind;

// A schema's integers may also be dtypes, layouts and memory formats, which JavaScript gives by name.
int64_t named_int(const std::string& name) {
  if (name == "contiguous") return static_cast<int64_t>(at::MemoryFormat::Contiguous);
  if (name == "preserve") return static_cast<int64_t>(at::MemoryFormat::Preserve);
  if (name == "channels_last") return static_cast<int64_t>(at::MemoryFormat::ChannelsLast);
  if (name == "strided") return static_cast<int64_t>(at::kStrided);
  return static_cast<int64_t>(dtype_of(name));
}

napi_valuetype type_of(napi_env env, napi_value value) {
  napi_valuetype type;
  check(env, napi_typeof(env, value, &type));
  return type;
}

int64_t int_from(napi_env env, napi_value value) {
  napi_valuetype type = type_of(env, value);
  if (type == napi_boolean) return bool_of(env, value) ? 1 : 0;
  if (type == napi_bigint) {
    int64_t big = 0;
    bool lossless = false;
    check(env, napi_get_value_bigint_int64(env, value, &big, &lossless));
    if (!lossless) throw Refusal(Code::argument, "must fit 64 bits");
    return big;
  }
  if (type != napi_number) throw Refusal(Code::argument, "must be an integer");
  return integer_of(number_of(env, value));
}

// dtypes, layouts and memory formats: by name, or by libtorch's own number.
int64_t named_from(napi_env env, napi_value value, int64_t count) {
  if (type_of(env, value) == napi_string) return named_int(text_of(env, value));
  int64_t number = int_from(env, value);
  if (number < 0 || number >= count)
    throw Refusal(Code::argument, "must be the name of a dtype, layout or memory format");
  return number;
}

at::Scalar scalar_from(napi_env env, napi_value value) {
  napi_valuetype type = type_of(env, value);
  if (type == napi_boolean) return at::Scalar(bool_of(env, value));
  if (type == napi_bigint) return at::Scalar(int_from(env, value));
  double number = number_of(env, value);
  // A whole JavaScript number is an integer scalar, so that it never changes an integer tensor's dtype.
  bool whole = std::abs(number) <= 9007199254740992.0 && std::trunc(number) == number &&
               !(number == 0 && std::signbit(number));
  return whole ? at::Scalar(static_cast<int64_t>(number)) : at::Scalar(number);
}

// Where a schema wants a tensor, a plain number or boolean will do, as in Python's `x + 1`: it is held in double
// precision and never overrides the dtype of a tensor of its kind.
at::Tensor tensor_from(napi_env env, napi_value value) {
  napi_valuetype type = type_of(env, value);
  if (type != napi_number && type != napi_boolean && type != napi_bigint) return tensor_of(env, value);
  return at::native::wrapped_scalar_tensor(scalar_from(env, value));
}

c10::optional<at::Tensor> maybe_tensor_from(napi_env env, napi_value value) {
  if (is_nullish(env, value)) return c10::nullopt;
  return tensor_from(env, value);
}

IValue single_from(napi_env env, napi_value value, TypeKind kind) {
  switch (kind) {
    case TypeKind::TensorType: return tensor_from(env, value);
    case TypeKind::IntType:
      // Before libtorch 2, dtypes and their like come as plain integers in some schemas.
      if (type_of(env, value) == napi_string) return named_int(text_of(env, value));
      return int_from(env, value);
    case TypeKind::SymIntType: return int_from(env, value);
    case TypeKind::FloatType: return number_of(env, value);
    case TypeKind::BoolType: return bool_of(env, value);
    case TypeKind::NumberType: return IValue(scalar_from(env, value));
    case TypeKind::StringType: return text_of(env, value);
    case TypeKind::DeviceObjType: return c10::Device(text_of(env, value));
    case TypeKind::GeneratorType: return generator_of(env, value);
    case TypeKind::ScalarTypeType: return named_from(env, value, static_cast<int64_t>(at::ScalarType::Undefined));
    case TypeKind::LayoutType: return named_from(env, value, static_cast<int64_t>(at::Layout::NumOptions));
    case TypeKind::MemoryFormatType: return named_from(env, value, static_cast<int64_t>(at::MemoryFormat::NumOptions));
    default:
      throw Refusal(Code::unsupported,
                    std::string("is a ") + c10::typeKindToString(kind) + ", which has no JavaScript form");
  }
}

template <class T>
IValue list_from(napi_env env, napi_value value, const Kind& kind, T (*convert)(napi_env, napi_value)) {
  c10::List<T> list;
  bool array = false;
  check(env, napi_is_array(env, value, &array));
  if (!array && kind.element == TypeKind::TensorType) throw Refusal(Code::argument, "must be a list of tensors");
  uint32_t length = array ? list_length(env, value) : 1;
  // libtorch reads the second of an `int[2]` without a check, so a list of another length must not reach it.
  if (kind.length > 1 && length > 1 && length != kind.length)
    throw Refusal(Code::argument,
                  "must be a list of " + std::to_string(kind.length) + ", got " + std::to_string(length));
  if (length == 1) {  // one value stands for both of an `int[2]`
    T one = convert(env, array ? list_item(env, value, 0) : value);
    for (size_t i = 0; i < std::max<size_t>(kind.length, 1); ++i) list.push_back(one);
    return list;
  }
  if (length == 0 && kind.length > 1 && !kind.may_be_empty)
    throw Refusal(Code::argument, "must be a list of " + std::to_string(kind.length) + ", got an empty one");
  list.reserve(length);
  for (uint32_t i = 0; i < length; ++i) list.push_back(convert(env, list_item(env, value, i)));
  return list;
}

IValue numbers_from(napi_env env, napi_value value) {
  c10::impl::GenericList list(c10::NumberType::get());
  uint32_t length = list_length(env, value);
  for (uint32_t i = 0; i < length; ++i) list.push_back(IValue(scalar_from(env, list_item(env, value, i))));
  return list;
}

}  // namespace

Kind kind_of(const c10::TypePtr& type, std::optional<int32_t> size) {
  Kind kind{type->kind()};
  if (type->kind() == TypeKind::OptionalType) {
    kind = kind_of(type->castRaw<c10::OptionalType>()->getElementType(), size);
    kind.optional = true;
  } else if (type->kind() == TypeKind::ListType) {
    Kind inner = kind_of(type->castRaw<c10::ListType>()->getElementType(), std::nullopt);
    kind.element = inner.kind;
    kind.element_optional = inner.optional;
    if (size && *size > 1) kind.length = static_cast<size_t>(*size);
  }
  return kind;
}

IValue from_js(napi_env env, napi_value value, const Kind& kind) {
  if (kind.kind != TypeKind::ListType) return single_from(env, value, kind.kind);
  switch (kind.element) {
    case TypeKind::TensorType:
      return kind.element_optional ? list_from<c10::optional<at::Tensor>>(env, value, kind, maybe_tensor_from)
                                   : list_from<at::Tensor>(env, value, kind, tensor_from);
    case TypeKind::IntType:
    case TypeKind::SymIntType: return list_from<int64_t>(env, value, kind, int_from);
    case TypeKind::FloatType: return list_from<double>(env, value, kind, number_of);
    case TypeKind::BoolType: return list_from<bool>(env, value, kind, bool_of);
    case TypeKind::StringType: return list_from<std::string>(env, value, kind, text_of);
    case TypeKind::NumberType: return numbers_from(env, value);
    default: throw Refusal(Code::unsupported, "is a list of a type that has no JavaScript form");
  }
}

}  // namespace arclet
