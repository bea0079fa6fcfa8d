// Any operator of libtorch's dispatcher, by name and overload, with arguments converted by its own schema.
#include "door.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>

#include <memory>
#include <unordered_map>

namespace arclet {
namespace {

using c10::IValue;
using c10::TypeKind;

// What an argument's type asks for, read once from the schema.
struct Kind {
  TypeKind kind;
  TypeKind element = TypeKind::NoneType;
  bool element_optional = false;
  bool optional = false;
};

struct Argument {
  std::string name;
  Kind kind;
  c10::TypePtr type;
  c10::optional<IValue> fallback;
};

struct Operator {
  c10::OperatorHandle handle;
  std::vector<Argument> arguments;
  std::string schema;
};

Kind kind_of(c10::TypePtr type) {
  Kind kind{type->kind()};
  if (type->kind() == TypeKind::OptionalType) {
    kind = kind_of(type->castRaw<c10::OptionalType>()->getElementType());
    kind.optional = true;
  } else if (type->kind() == TypeKind::ListType) {
    Kind inner = kind_of(type->castRaw<c10::ListType>()->getElementType());
    kind.element = inner.kind;
    kind.element_optional = inner.optional;
  }
  return kind;
}

// Integers of a schema also stand for dtypes, layouts and memory formats, which JavaScript gives by name.
int64_t named_int(const std::string& name) {
  if (name == "contiguous") return static_cast<int64_t>(at::MemoryFormat::Contiguous);
  if (name == "preserve") return static_cast<int64_t>(at::MemoryFormat::Preserve);
  if (name == "channels_last") return static_cast<int64_t>(at::MemoryFormat::ChannelsLast);
  if (name == "strided") return static_cast<int64_t>(at::kStrided);
  return static_cast<int64_t>(dtype_of(name));
}

int64_t int_from(napi_env env, napi_value value) {
  napi_valuetype type;
  check(env, napi_typeof(env, value, &type));
  if (type == napi_string) return named_int(text_of(env, value));
  if (type == napi_boolean) return bool_of(env, value, "") ? 1 : 0;
  if (type == napi_bigint) {
    int64_t big = 0;
    bool lossless = false;
    check(env, napi_get_value_bigint_int64(env, value, &big, &lossless));
    if (!lossless) throw Refusal("must fit 64 bits");
    return big;
  }
  double number = number_of(env, value, "");
  if (!(number >= -9.2e18 && number <= 9.2e18) || static_cast<double>(static_cast<int64_t>(number)) != number)
    throw Refusal("must be an integer, got " + std::to_string(number));
  return static_cast<int64_t>(number);
}

at::Scalar scalar_from(napi_env env, napi_value value) {
  napi_valuetype type;
  check(env, napi_typeof(env, value, &type));
  if (type == napi_boolean) return at::Scalar(bool_of(env, value, ""));
  if (type == napi_bigint) return at::Scalar(int_from(env, value));
  double number = number_of(env, value, "");
  int64_t whole = number >= -9e15 && number <= 9e15 ? static_cast<int64_t>(number) : 0;
  // A whole JavaScript number is an integer scalar, so that it never changes an integer tensor's dtype.
  return static_cast<double>(whole) == number && !(number == 0 && std::signbit(number)) ? at::Scalar(whole)
                                                                                       : at::Scalar(number);
}

// Where a schema wants a tensor, a plain number or truth value will do, as in Python's `x + 1`.
at::Tensor tensor_from(napi_env env, napi_value value) {
  napi_valuetype type;
  check(env, napi_typeof(env, value, &type));
  if (type != napi_number && type != napi_boolean && type != napi_bigint) return tensor_of(env, value);
  at::Tensor tensor = at::scalar_tensor(scalar_from(env, value));
  tensor.unsafeGetTensorImpl()->set_wrapped_number(true);
  return tensor;
}

at::Generator generator_from(napi_env env, napi_value value) {
  napi_value handle;
  double number = 0;
  napi_valuetype type;
  check(env, napi_typeof(env, value, &type));
  if (type != napi_object || napi_get_named_property(env, value, "handle", &handle) != napi_ok ||
      napi_get_value_double(env, handle, &number) != napi_ok)
    throw Refusal("must be a generator");
  return generator_at(number);
}

IValue single_from(napi_env env, napi_value value, TypeKind kind) {
  switch (kind) {
    case TypeKind::TensorType: return tensor_from(env, value);
    case TypeKind::IntType:
    case TypeKind::SymIntType: return int_from(env, value);
    case TypeKind::FloatType: return number_of(env, value, "");
    case TypeKind::BoolType: return bool_of(env, value, "");
    case TypeKind::NumberType: return IValue(scalar_from(env, value));
    case TypeKind::StringType: return text_of(env, value);
    case TypeKind::DeviceObjType: return c10::Device(text_of(env, value));
    case TypeKind::GeneratorType: return generator_from(env, value);
    default:
      // ScalarType, Layout and MemoryFormat have kinds of their own in libtorch 2 and are integers underneath.
      return int_from(env, value);
  }
}

template <class T>
IValue list_from(napi_env env, napi_value value, T (*convert)(napi_env, napi_value)) {
  c10::List<T> list;
  bool array = false;
  check(env, napi_is_array(env, value, &array));
  if (!array) {  // one value stands for a list of one, as in the schema's `int[2] stride=1`
    list.push_back(convert(env, value));
    return list;
  }
  uint32_t length = 0;
  check(env, napi_get_array_length(env, value, &length));
  list.reserve(length);
  for (uint32_t i = 0; i < length; ++i) {
    napi_value item;
    check(env, napi_get_element(env, value, i, &item));
    list.push_back(convert(env, item));
  }
  return list;
}

c10::optional<at::Tensor> maybe_tensor_from(napi_env env, napi_value value) {
  if (is_nullish(env, value)) return c10::nullopt;
  return tensor_from(env, value);
}
double float_from(napi_env env, napi_value value) { return number_of(env, value, ""); }
bool truth_from(napi_env env, napi_value value) { return bool_of(env, value, ""); }

IValue from_js(napi_env env, napi_value value, const Kind& kind) {
  if (kind.kind != TypeKind::ListType) return single_from(env, value, kind.kind);
  switch (kind.element) {
    case TypeKind::TensorType:
      return kind.element_optional ? list_from<c10::optional<at::Tensor>>(env, value, maybe_tensor_from)
                                   : list_from<at::Tensor>(env, value, tensor_from);
    case TypeKind::IntType:
    case TypeKind::SymIntType: return list_from<int64_t>(env, value, int_from);
    case TypeKind::FloatType: return list_from<double>(env, value, float_from);
    case TypeKind::BoolType: return list_from<bool>(env, value, truth_from);
    case TypeKind::NumberType: {
      c10::impl::GenericList list(c10::NumberType::get());
      uint32_t length = 0;
      check(env, napi_get_array_length(env, value, &length));
      for (uint32_t i = 0; i < length; ++i) {
        napi_value item;
        check(env, napi_get_element(env, value, i, &item));
        list.push_back(IValue(scalar_from(env, item)));
      }
      return list;
    }
    default: throw Refusal("lists of this type are not supported");
  }
}

napi_value to_js(napi_env env, const IValue& value);

template <class List>
napi_value array_to_js(napi_env env, const List& list) {
  napi_value array;
  check(env, napi_create_array_with_length(env, list.size(), &array));
  uint32_t i = 0;
  for (const IValue& item : list) check(env, napi_set_element(env, array, i++, to_js(env, item)));
  return array;
}

// A tensor goes out as an object {tensor: handle} inside lists and tuples, so that it can't be taken for a number.
napi_value to_js(napi_env env, const IValue& value) {
  napi_value out;
  if (value.isNone()) {
    check(env, napi_get_null(env, &out));
  } else if (value.isTensor()) {
    if (!value.toTensor().defined()) {
      check(env, napi_get_null(env, &out));
      return out;
    }
    check(env, napi_create_object(env, &out));
    check(env, napi_set_named_property(env, out, "tensor", js_number(env, keep_tensor(value.toTensor()))));
  } else if (value.isBool()) {
    check(env, napi_get_boolean(env, value.toBool(), &out));
  } else if (value.isInt()) {
    out = js_number(env, static_cast<double>(value.toInt()));
  } else if (value.isDouble()) {
    out = js_number(env, value.toDouble());
  } else if (value.isString()) {
    out = js_text(env, value.toStringRef());
  } else if (value.isScalar()) {
    out = js_number(env, value.toScalar().toDouble());
  } else if (value.isList()) {
    out = array_to_js(env, value.toListRef());
  } else if (value.isTuple()) {
    out = array_to_js(env, value.toTupleRef().elements());
  } else {
    throw Refusal("the operator returns a " + value.tagKind() + ", which has no JavaScript form");
  }
  return out;
}

std::string explain(const Operator& op, const std::vector<IValue>& stack, const std::string& sentence) {
  std::string given;
  for (const IValue& value : stack) {
    std::string part;
    if (value.isTensor()) part = describe(value.toTensor());
    else if (value.isTensorList()) {
      for (const at::Tensor& tensor : value.toTensorVector()) part += (part.empty() ? "[" : ", ") + describe(tensor);
      part += "]";
    } else continue;
    given += (given.empty() ? "" : ", ") + part;
  }
  std::string name = op.handle.schema().name();
  return name + ": " + sentence + (given.empty() ? "" : " (given " + given + ")");
}

napi_value call_operator(napi_env env, napi_value* args, size_t count, void* data) {
  const Operator& op = *static_cast<Operator*>(data);
  if (count > op.arguments.size())
    throw Refusal(op.handle.schema().name() + ": takes at most " + std::to_string(op.arguments.size()) +
                  " arguments, got " + std::to_string(count));
  std::vector<IValue> stack;
  stack.reserve(op.arguments.size());
  for (size_t i = 0; i < op.arguments.size(); ++i) {
    const Argument& argument = op.arguments[i];
    napi_valuetype type = napi_undefined;
    if (i < count) check(env, napi_typeof(env, args[i], &type));
    try {
      if (type == napi_undefined) {
        if (argument.fallback) stack.push_back(*argument.fallback);
        else if (argument.kind.optional) stack.emplace_back();
        else throw Refusal("is required");
      } else if (type == napi_null) {
        if (!argument.kind.optional) throw Refusal("must not be null");
        stack.emplace_back();
      } else {
        stack.push_back(from_js(env, args[i], argument.kind));
      }
    } catch (const Refusal& refusal) {
      throw Refusal(op.handle.schema().name() + ": " + argument.name + ": " + refusal.what());
    }
  }
  std::vector<IValue> given;  // what an error message shows; tensors are shared, not copied
  try {
    op.handle.callBoxed(&stack);
  } catch (const c10::Error& error) {
    for (size_t i = 0; i < op.arguments.size() && i < count; ++i) {
      try {
        given.push_back(from_js(env, args[i], op.arguments[i].kind));
      } catch (...) {
      }
    }
    std::string text = error.what_without_backtrace();
    napi_throw_error(env, "LIBTORCH", explain(op, given, text).c_str());
    return nullptr;
  }
  napi_value out;
  if (stack.size() == 1 && stack[0].isTensor() && stack[0].toTensor().defined()) {
    out = js_number(env, keep_tensor(std::move(stack[0]).toTensor()));  // the common case: a bare handle
  } else if (stack.size() == 1) {
    out = to_js(env, stack[0]);
  } else {
    out = array_to_js(env, stack);
  }
  tell_v8(env);
  return out;
}


// operator(name, overload) -> {call, schema, arguments: [names], tensor: does it return just one tensor}
napi_value find_operator(napi_env env, napi_value* args, size_t count, void*) {
  if (count < 2) throw Refusal("operator: a name and an overload are required");
  std::string name = text_of(env, args[0]);
  std::string overload = text_of(env, args[1]);
  static thread_local std::unordered_map<std::string, std::unique_ptr<Operator>> known;
  std::unique_ptr<Operator>& entry = known[name + "." + overload];
  if (!entry) {
    auto found = c10::Dispatcher::singleton().findSchema({name, overload});
    if (!found) {
      known.erase(name + "." + overload);
      throw Refusal("operator: libtorch has no operator " + name + (overload.empty() ? "" : "." + overload));
    }
    auto op = std::make_unique<Operator>(Operator{*found, {}, {}});
    std::ostringstream schema;
    schema << found->schema();
    op->schema = schema.str();
    for (const c10::Argument& argument : found->schema().arguments())
      op->arguments.push_back({argument.name(), kind_of(argument.real_type()), argument.real_type(), argument.default_value()});
    entry = std::move(op);
  }
  napi_value out, call, names, single;
  check(env, napi_create_object(env, &out));
  check(env, napi_create_function(env, name.c_str(), NAPI_AUTO_LENGTH, guarded<call_operator>, entry.get(), &call));
  check(env, napi_set_named_property(env, out, "call", call));
  check(env, napi_set_named_property(env, out, "schema", js_text(env, entry->schema)));
  check(env, napi_create_array(env, &names));
  for (size_t i = 0; i < entry->arguments.size(); ++i)
    check(env, napi_set_element(env, names, static_cast<uint32_t>(i), js_text(env, entry->arguments[i].name)));
  check(env, napi_set_named_property(env, out, "arguments", names));
  const auto& returns = entry->handle.schema().returns();
  bool one = returns.size() == 1 && returns[0].type()->kind() == TypeKind::TensorType;
  check(env, napi_get_boolean(env, one, &single));
  check(env, napi_set_named_property(env, out, "tensor", single));
  return out;
}

// operators(prefix) -> names with overloads
napi_value list_operators(napi_env env, napi_value* args, size_t count, void*) {
  std::string prefix = count > 0 ? text_of(env, args[0]) : "";
  napi_value out;
  check(env, napi_create_array(env, &out));
  uint32_t i = 0;
  for (const c10::OperatorName& name : c10::Dispatcher::singleton().getAllOpNames()) {
    std::string text = name.name + (name.overload_name.empty() ? "" : "." + name.overload_name);
    if (text.compare(0, prefix.size(), prefix) == 0) check(env, napi_set_element(env, out, i++, js_text(env, text)));
  }
  return out;
}

}  // namespace

void add_operators(napi_env env, napi_value exports) {
  define(env, exports, "operator", guarded<find_operator>);
  define(env, exports, "operators", guarded<list_operators>);
}

}  // namespace arclet
