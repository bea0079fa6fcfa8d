// The door to libtorch: what its files share.
//
// JavaScript holds tensors and generators by handle: a number made of a slot and the slot's generation, so that
// a disposed tensor's handle can never reach another tensor. Everything here lives on the thread that loaded the
// door (one registry per JavaScript thread).
#pragma once

#include "../node/calls.h"

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/util/Exception.h>
#include <torch/version.h>

#define ARCLET_TORCH_AT_LEAST(major, minor) \
  (TORCH_VERSION_MAJOR > (major) || (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))

namespace arclet {

// ---- registry.cc: handles ----
// Returned by value: a getter of a JavaScript argument may run any code, and so move the registry.
double keep_tensor(at::Tensor tensor);
at::Tensor tensor_at(double handle);
void drop_tensor(double handle);
void leave_to_collector(double handle);
double keep_generator(at::Generator generator);
at::Generator generator_at(double handle);
void drop_generator(double handle);
int64_t live_tensors();
int64_t live_bytes();
void tell_v8(napi_env env);

// ---- values.cc: JavaScript and libtorch values; a refusal says what the value must be ----
int64_t integer_of(double number);
std::vector<int64_t> integers_of(napi_env env, napi_value value);
at::Tensor tensor_of(napi_env env, napi_value value);
at::Generator generator_of(napi_env env, napi_value value);
std::vector<at::Tensor> tensors_of(napi_env env, napi_value value);
at::ScalarType dtype_of(const std::string& name);
const char* dtype_name(at::ScalarType dtype);
std::string describe(const at::Tensor& tensor);
std::string describe_all(const std::vector<at::Tensor>& tensors);

// ---- errors.cc ----
// The same libtorch error, with `after` at its end.
[[noreturn]] void rethrow(const c10::Error& error, const std::string& after);

// ---- ranks_gradients.cc: what ranks do around a backward pass; nothing without ranks ----
void begin_backward();
void finish_backward();

// ---- one `add_…` per file: adds the file's functions to the module ----
void add_operators(napi_env env, napi_value exports);
void add_tensors(napi_env env, napi_value exports);
void add_generators(napi_env env, napi_value exports);
void add_autograd(napi_env env, napi_value exports);
void add_machine(napi_env env, napi_value exports);
void add_ranks(napi_env env, napi_value exports);

}  // namespace arclet
