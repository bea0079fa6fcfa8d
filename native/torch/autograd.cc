// Gradients, and the modes of a thread: gradient recording and autocast.
#include "door.h"

#include <ATen/autocast_mode.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/version.h>

namespace arclet {
namespace {

std::vector<at::Tensor> maybe_tensors(napi_env env, napi_value value) {
  return is_nullish(env, value) ? std::vector<at::Tensor>{} : tensors_of(env, value);
}

napi_value requires_grad(napi_env env, napi_value* args, size_t count, void*) {
  const at::Tensor& tensor = tensor_of(env, args[0]);
  if (count > 1) tensor.set_requires_grad(bool_of(env, args[1], ""));
  napi_value out;
  check(env, napi_get_boolean(env, tensor.requires_grad(), &out));
  return out;
}

// grad(tensor) -> handle of the accumulated gradient, or null
napi_value get_grad(napi_env env, napi_value* args, size_t, void*) {
  const at::Tensor& gradient = tensor_of(env, args[0]).grad();
  if (gradient.defined()) return js_number(env, keep_tensor(gradient));
  napi_value none;
  check(env, napi_get_null(env, &none));
  return none;
}

napi_value set_grad(napi_env env, napi_value* args, size_t, void*) {
  const at::Tensor& tensor = tensor_of(env, args[0]);
  tensor.mutable_grad() = is_nullish(env, args[1]) ? at::Tensor() : tensor_of(env, args[1]);
  return nullptr;
}

// clearGrads(tensors): the accumulated gradients of a list of parameters are forgotten
napi_value clear_grads(napi_env env, napi_value* args, size_t, void*) {
  for (const at::Tensor& tensor : tensors_of(env, args[0])) tensor.mutable_grad() = at::Tensor();
  return nullptr;
}

// backward(outputs, gradients|null, retainGraph, createGraph)
napi_value backward(napi_env env, napi_value* args, size_t count, void*) {
  if (count < 4) throw Refusal("backward: outputs, gradients, retainGraph and createGraph are required");
  torch::autograd::backward(tensors_of(env, args[0]), maybe_tensors(env, args[1]), bool_of(env, args[2], ""),
                            bool_of(env, args[3], ""));
  return nullptr;
}

// gradients(outputs, inputs, gradients|null, retainGraph, createGraph) -> handles or null for unused inputs
napi_value gradients(napi_env env, napi_value* args, size_t count, void*) {
  if (count < 5) throw Refusal("gradients: outputs, inputs, gradients, retainGraph and createGraph are required");
  auto found = torch::autograd::grad(tensors_of(env, args[0]), tensors_of(env, args[1]), maybe_tensors(env, args[2]),
                                     bool_of(env, args[3], ""), bool_of(env, args[4], ""), true);
  napi_value out;
  check(env, napi_create_array_with_length(env, found.size(), &out));
  for (size_t i = 0; i < found.size(); ++i) {
    napi_value item;
    if (found[i].defined()) item = js_number(env, keep_tensor(std::move(found[i])));
    else check(env, napi_get_null(env, &item));
    check(env, napi_set_element(env, out, static_cast<uint32_t>(i), item));
  }
  tell_v8(env);
  return out;
}

// setGradMode(on) -> what it was
napi_value set_grad_mode(napi_env env, napi_value* args, size_t, void*) {
  bool was = c10::GradMode::is_enabled();
  c10::GradMode::set_enabled(bool_of(env, args[0], ""));
  napi_value out;
  check(env, napi_get_boolean(env, was, &out));
  return out;
}

// enterAutocast(dtype, device "cpu"|"cuda") -> was it on; leaveAutocast(device, was)
napi_value enter_autocast(napi_env env, napi_value* args, size_t count, void*) {
  if (count < 2) throw Refusal("enterAutocast: a dtype and a device are required");
  at::ScalarType dtype = dtype_of(text_of(env, args[0]));
  bool cuda = text_of(env, args[1]) == "cuda";
  bool was;
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
  at::DeviceType device = cuda ? at::kCUDA : at::kCPU;
  was = at::autocast::is_autocast_enabled(device);
  at::autocast::set_autocast_dtype(device, dtype);
  at::autocast::set_autocast_enabled(device, true);
#else
  was = cuda ? at::autocast::is_enabled() : at::autocast::is_cpu_enabled();
  if (cuda) {
    at::autocast::set_autocast_gpu_dtype(dtype);
    at::autocast::set_enabled(true);
  } else {
    at::autocast::set_autocast_cpu_dtype(dtype);
    at::autocast::set_cpu_enabled(true);
  }
#endif
  at::autocast::increment_nesting();
  napi_value out;
  check(env, napi_get_boolean(env, was, &out));
  return out;
}

napi_value leave_autocast(napi_env env, napi_value* args, size_t count, void*) {
  if (count < 2) throw Refusal("leaveAutocast: a device and a state are required");
  bool cuda = text_of(env, args[0]) == "cuda";
  bool was = bool_of(env, args[1], "");
  // The casts of weights are kept while autocast lasts: once a weight, not once a call.
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
  at::autocast::set_autocast_enabled(cuda ? at::kCUDA : at::kCPU, was);
#else
  if (cuda) at::autocast::set_enabled(was);
  else at::autocast::set_cpu_enabled(was);
#endif
  return nullptr;
}

}  // namespace

void add_autograd(napi_env env, napi_value exports) {
  define(env, exports, "requiresGrad", guarded<requires_grad>);
  define(env, exports, "grad", guarded<get_grad>);
  define(env, exports, "setGrad", guarded<set_grad>);
  define(env, exports, "clearGrads", guarded<clear_grads>);
  define(env, exports, "backward", guarded<backward>);
  define(env, exports, "gradients", guarded<gradients>);
  define(env, exports, "setGradMode", guarded<set_grad_mode>);
  define(env, exports, "enterAutocast", guarded<enter_autocast>);
  define(env, exports, "leaveAutocast", guarded<leave_autocast>);
}

}  // namespace arclet
