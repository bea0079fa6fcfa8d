// Converts JavaScript values to the arguments that an operator's schema requires.
#pragma once

#include "door.h"

#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>

#include <optional>

namespace arclet {

// What an argument's type requires, read once from the schema.
struct Kind {
  c10::TypeKind kind;
  c10::TypeKind element = c10::TypeKind::NoneType;
  bool element_optional = false;
  bool optional = false;
  size_t length = 0;  // 2 for an `int[2]`; 0 if any length will do
  bool may_be_empty = false;  // an empty list of fixed length is the schema's own default (a pool's stride)
};

// `size` is the length of a list, if the schema gives one.
Kind kind_of(const c10::TypePtr& type, std::optional<int32_t> size);

// Throws a Refusal that says what the value must be.
c10::IValue from_js(napi_env env, napi_value value, const Kind& kind);

}  // namespace arclet
