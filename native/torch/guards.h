// Checks of arguments that libtorch itself does not check before it reads memory or divides.
#pragma once

#include "door.h"

#include <ATen/core/function_schema.h>
#include <ATen/core/ivalue.h>

namespace arclet {

using Guard = void (*)(const c10::FunctionSchema& schema, const std::vector<c10::IValue>& stack);

// The check to run before a call of the operator `name` (without overload): nullptr for nearly all.
// It throws a Refusal that says which argument must be what.
Guard guard_of(const std::string& name);

}  // namespace arclet
