// The door to libtorch: what its files share.
//
// JavaScript holds tensors and generators by handle: a number made of a slot and the slot's generation, so that
// a disposed tensor's handle can never reach another tensor. Everything here lives on the thread that loaded the
// door (one registry a JavaScript environment).
#pragma once

#include <node_api.h>

#include <ATen/ATen.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace arclet {

// A refusal that becomes a JavaScript TypeError.
struct Refusal : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// ---- registry.cc: handles ----
double keep_tensor(at::Tensor tensor);
const at::Tensor& tensor_at(double handle);
void drop_tensor(double handle);
double keep_generator(at::Generator generator);
const at::Generator& generator_at(double handle);
void drop_generator(double handle);
int64_t live_tensors();
int64_t live_bytes();
void tell_v8(napi_env env);

// ---- values.cc: JavaScript values and libtorch's ----
std::string text_of(napi_env env, napi_value value);
double number_of(napi_env env, napi_value value, const char* what);
bool bool_of(napi_env env, napi_value value, const char* what);
bool is_nullish(napi_env env, napi_value value);
std::vector<int64_t> ints_of(napi_env env, napi_value value);
const at::Tensor& tensor_of(napi_env env, napi_value value);
std::vector<at::Tensor> tensors_of(napi_env env, napi_value value);
at::ScalarType dtype_of(const std::string& name);
const char* dtype_name(at::ScalarType dtype);
std::string describe(const at::Tensor& tensor);
napi_value js_text(napi_env env, const std::string& text);
napi_value js_number(napi_env env, double number);
napi_value js_ints(napi_env env, at::IntArrayRef ints);

// ---- calls ----
void check(napi_env env, napi_status status);
using Body = napi_value (*)(napi_env env, napi_value* args, size_t count, void* data);
// Runs `body`; whatever it throws becomes a JavaScript error, and none leaves the door.
template <Body body>
napi_value guarded(napi_env env, napi_callback_info info);
void throw_current(napi_env env);
void define(napi_env env, napi_value exports, const char* name, napi_callback callback);

constexpr size_t kMaxArguments = 40;

template <Body body>
napi_value guarded(napi_env env, napi_callback_info info) {
  try {
    napi_value args[kMaxArguments];
    size_t count = kMaxArguments;
    void* data = nullptr;
    check(env, napi_get_cb_info(env, info, &count, args, nullptr, &data));
    if (count > kMaxArguments) throw Refusal("too many arguments");
    return body(env, args, count, data);
  } catch (...) {
    throw_current(env);
    return nullptr;
  }
}

// ---- one `add_…` a file: puts the file's functions on the module ----
void add_operators(napi_env env, napi_value exports);
void add_tensors(napi_env env, napi_value exports);
void add_autograd(napi_env env, napi_value exports);
void add_machine(napi_env env, napi_value exports);

}  // namespace arclet
