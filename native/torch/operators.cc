// Any operator of libtorch's dispatcher, by name and overload.
#include "arguments.h"
#include "guards.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include <memory>
#include <sstream>
#include <unordered_map>

namespace arclet {
namespace {

using c10::IValue;
using c10::TypeKind;

struct Argument {
  std::string name;
  Kind kind;
  c10::optional<IValue> fallback;
};

struct Operator {
  c10::OperatorHandle handle;
  std::vector<Argument> arguments;
  std::string name;
  std::string schema;
  bool several = false;  // returns several values
  Guard guard = nullptr;
};

napi_value to_js(napi_env env, const IValue& value);

template <class List>
napi_value array_to_js(napi_env env, const List& list) {
  napi_value array = js_list(env, list.size());
  size_t i = 0;
  for (const IValue& item : list) set(env, array, i++, to_js(env, item));
  return array;
}

// Inside lists and tuples a tensor becomes an object {tensor: handle}, so that it can't be mistaken for a number.
napi_value to_js(napi_env env, const IValue& value) {
  if (value.isNone() || (value.isTensor() && !value.toTensor().defined())) return js_null(env);
  if (value.isTensor()) {
    napi_value out = js_object(env);
    set(env, out, "tensor", js_number(env, keep_tensor(value.toTensor())));
    return out;
  }
  if (value.isBool()) return js_bool(env, value.toBool());
  if (value.isInt()) return js_number(env, static_cast<double>(value.toInt()));
  if (value.isDouble()) return js_number(env, value.toDouble());
  if (value.isString()) return js_text(env, value.toStringRef());
  if (value.isScalar()) return js_number(env, value.toScalar().toDouble());
  if (value.isList()) return array_to_js(env, value.toListRef());
  if (value.isTuple()) return array_to_js(env, value.toTupleRef().elements());
  throw Refusal(Code::unsupported, "returns a " + value.tagKind() + ", which has no JavaScript form");
}

// The tensors among an operator's arguments, for its error message.
std::string tensors_given(napi_env env, const Operator& op, napi_value* args, size_t count) {
  std::string given;
  for (size_t i = 0; i < op.arguments.size() && i < count; ++i) {
    const Kind& kind = op.arguments[i].kind;
    if (kind.kind != TypeKind::TensorType && kind.element != TypeKind::TensorType) continue;
    std::string part;
    try {
      if (is_nullish(env, args[i])) continue;
      IValue value = from_js(env, args[i], kind);
      part = value.isTensor() ? describe(value.toTensor()) : "[" + describe_all(tensors_of(env, args[i])) + "]";
    } catch (...) {  // a list with nulls in it: left out
      continue;
    }
    given += (given.empty() ? "" : ", ") + part;
  }
  return given.empty() ? "" : " (given " + given + ")";
}

std::vector<IValue> stack_from(napi_env env, const Operator& op, napi_value* args, size_t count) {
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
        else throw Refusal(Code::argument, "is required");
      } else if (type == napi_null) {
        if (!argument.kind.optional) throw Refusal(Code::argument, "must not be null");
        stack.emplace_back();
      } else {
        stack.push_back(from_js(env, args[i], argument.kind));
      }
    } catch (const Refusal& refusal) {
      throw Refusal(refusal.code, argument.name + ": " + refusal.what());
    }
  }
  return stack;
}

napi_value run(napi_env env, const Operator& op, napi_value* args, size_t count) {
  if (count > op.arguments.size())
    throw Refusal(Code::argument, "takes at most " + std::to_string(op.arguments.size()) + " arguments, got " +
                                      std::to_string(count));
  std::vector<IValue> stack = stack_from(env, op, args, count);
  if (op.guard != nullptr) op.guard(op.handle.schema(), stack);
  // libtorch returns several outputs as references to its arguments (`min.dim_min`, `topk.values`), which would die
  // with the stack if nothing else held them.
  std::vector<IValue> alive;
  if (op.several) alive = stack;
  op.handle.callBoxed(&stack);
  napi_value out;
  if (stack.size() == 1 && stack[0].isTensor() && stack[0].toTensor().defined()) {
    out = js_number(env, keep_tensor(std::move(stack[0]).toTensor()));  // the common case: a bare handle
  } else if (stack.size() == 1) {
    out = to_js(env, stack[0]);
  } else {
    out = array_to_js(env, stack);
  }
  return out;
}

napi_value call_operator(napi_env env, napi_callback_info info) {
  const Operator* op = nullptr;
  napi_value args[kMaxArguments];
  size_t count = kMaxArguments;
  try {
    void* data = nullptr;
    check(env, napi_get_cb_info(env, info, &count, args, nullptr, &data));
    op = static_cast<Operator*>(data);
    return run(env, *op, args, count);
  } catch (const Refusal&) {
    throw_current(env, op == nullptr ? "operator" : op->name.c_str());
  } catch (...) {
    // Described from JavaScript's arguments: the stack belongs to the operator once it is called.
    throw_current(env, op == nullptr ? "operator" : op->name.c_str(),
                  op == nullptr ? "" : tensors_given(env, *op, args, std::min(count, kMaxArguments)));
  }
  return nullptr;
}

Operator* operator_named(const std::string& name, const std::string& overload) {
  static thread_local std::unordered_map<std::string, std::unique_ptr<Operator>> known;
  std::string full = name + (overload.empty() ? "" : "." + overload);
  auto at = known.find(full);
  if (at != known.end()) return at->second.get();
  auto found = c10::Dispatcher::singleton().findSchema({name, overload});
  if (!found) throw Refusal(Code::absent, "libtorch has no operator " + full);
  const c10::FunctionSchema& schema = found->schema();
  if (schema.is_vararg() || schema.arguments().size() > kMaxArguments)
    throw Refusal(Code::unsupported, full + " takes arguments that JavaScript can't give");
  auto op = std::make_unique<Operator>(Operator{*found, {}, full, {}});
  std::ostringstream text;
  text << schema;
  op->schema = text.str();
  op->several = schema.returns().size() > 1;
  op->guard = guard_of(name);
  for (const c10::Argument& argument : schema.arguments()) {
    std::optional<int32_t> size;
    if (argument.N()) size = *argument.N();
    Kind kind = kind_of(argument.real_type(), size);
    const auto& fallback = argument.default_value();
    kind.may_be_empty = fallback && fallback->isList() && fallback->toListRef().empty();
    op->arguments.push_back({argument.name(), kind, fallback});
  }
  return known.emplace(full, std::move(op)).first->second.get();
}

// operator(name, overload) -> {call, schema, arguments: [names], tensor: whether it returns just one tensor}
napi_value find_operator(napi_env env, Arguments& in) {
  std::string name = in.text("name");
  Operator* op = operator_named(name, in.text("overload"));
  napi_value call, out = js_object(env), names = js_list(env, op->arguments.size());
  check(env, napi_create_function(env, name.c_str(), NAPI_AUTO_LENGTH, call_operator, op, &call));
  set(env, out, "call", call);
  set(env, out, "schema", js_text(env, op->schema));
  for (size_t i = 0; i < op->arguments.size(); ++i) set(env, names, i, js_text(env, op->arguments[i].name));
  set(env, out, "arguments", names);
  const auto& returns = op->handle.schema().returns();
  set(env, out, "tensor", js_bool(env, returns.size() == 1 && returns[0].type()->kind() == TypeKind::TensorType));
  return out;
}

// operators(prefix) -> names with overloads
napi_value list_operators(napi_env env, Arguments& in) {
  std::string prefix = in.maybe("prefix", text_of).value_or("");
  napi_value out = js_list(env, 0);
  size_t i = 0;
  for (const c10::OperatorName& name : c10::Dispatcher::singleton().getAllOpNames()) {
    std::string text = name.name + (name.overload_name.empty() ? "" : "." + name.overload_name);
    if (text.compare(0, prefix.size(), prefix) == 0) set(env, out, i++, js_text(env, text));
  }
  return out;
}

}  // namespace

void add_operators(napi_env env, napi_value exports) {
  define(env, exports, "operator", guarded<find_operator>);
  define(env, exports, "operators", guarded<list_operators>);
}

}  // namespace arclet
