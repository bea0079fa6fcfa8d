// The door to libtorch: what its files share.
//
// JavaScript holds tensors and generators by handle: a number made of a slot and the slot's generation, so that
// a disposed tensor's handle can never reach another tensor. Everything here lives on the thread that loaded the
// door (one registry a JavaScript thread).
#pragma once

#include "../node/refusal.h"

#include <node_api.h>

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <torch/version.h>

#include <cstdint>
#include <string>
#include <vector>

#define ARCLET_TORCH_AT_LEAST(major, minor) \
  (TORCH_VERSION_MAJOR > (major) || (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))

namespace arclet {

// ---- registry.cc: handles ----
// They are given out by value: a getter of a JavaScript argument may run any code, and move the registry.
double keep_tensor(at::Tensor tensor);
at::Tensor tensor_at(double handle);
void drop_tensor(double handle);
double keep_generator(at::Generator generator);
at::Generator generator_at(double handle);
void drop_generator(double handle);
int64_t live_tensors();
int64_t live_bytes();
void tell_v8(napi_env env);

// ---- values.cc: JavaScript values and libtorch's; each refuses by saying what the value must be ----
std::string text_of(napi_env env, napi_value value);
double number_of(napi_env env, napi_value value);
int64_t whole_of(double number);
bool bool_of(napi_env env, napi_value value);
bool is_nullish(napi_env env, napi_value value);
uint32_t list_length(napi_env env, napi_value list);
napi_value list_item(napi_env env, napi_value list, uint32_t index);
std::vector<int64_t> ints_of(napi_env env, napi_value value);
at::Tensor tensor_of(napi_env env, napi_value value);
at::Generator generator_of(napi_env env, napi_value value);
std::vector<at::Tensor> tensors_of(napi_env env, napi_value value);
at::ScalarType dtype_of(const std::string& name);
const char* dtype_name(at::ScalarType dtype);
std::string describe(const at::Tensor& tensor);
std::string describe_all(const std::vector<at::Tensor>& tensors);
napi_value js_text(napi_env env, const std::string& text);
napi_value js_number(napi_env env, double number);
napi_value js_bool(napi_env env, bool flag);
napi_value js_ints(napi_env env, at::IntArrayRef ints);

// ---- errors.cc ----
void check(napi_env env, napi_status status);
// Turns the exception in flight into a JavaScript error of one line: "where: sentence after".
void throw_current(napi_env env, const std::string& where, const std::string& after);

// ---- calls ----
constexpr size_t kMaxArguments = 40;

using Body = napi_value (*)(napi_env env, napi_value* args, size_t count);

// Runs `body`; whatever it throws becomes a JavaScript error that names the function, and none leaves the door.
// Arguments that JavaScript leaves out read as undefined.
template <Body body>
napi_value guarded(napi_env env, napi_callback_info info) {
  void* name = nullptr;
  try {
    napi_value args[kMaxArguments];
    size_t count = kMaxArguments;
    check(env, napi_get_cb_info(env, info, &count, args, nullptr, &name));
    if (count > kMaxArguments) throw Refusal(Code::argument, "too many arguments");
    return body(env, args, count);
  } catch (...) {
    throw_current(env, name == nullptr ? "door" : static_cast<const char*>(name), "");
    return nullptr;
  }
}

// Puts a function on the module; `name` must live as long as the program.
void define(napi_env env, napi_value exports, const char* name, napi_callback callback);

// ---- one `add_…` a file: puts the file's functions on the module ----
void add_operators(napi_env env, napi_value exports);
void add_tensors(napi_env env, napi_value exports);
void add_generators(napi_env env, napi_value exports);
void add_autograd(napi_env env, napi_value exports);
void add_machine(napi_env env, napi_value exports);

}  // namespace arclet
