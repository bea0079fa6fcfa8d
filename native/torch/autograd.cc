// Gradients, and the modes of a thread: gradient recording and autocast.
#include "door.h"

#include <ATen/autocast_mode.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

namespace arclet {
namespace {

std::vector<at::Tensor> maybe_tensors(napi_env env, napi_value value) {
  return is_nullish(env, value) ? std::vector<at::Tensor>{} : tensors_of(env, value);
}

// requiresGrad(tensor, flag?) -> whether the tensor asks for gradients
napi_value requires_grad(napi_env env, napi_value* args, size_t count) {
  at::Tensor tensor = tensor_of(env, args[0]);
  if (count > 1) {
    bool flag = bool_of(env, args[1]);
    if (!flag && tensor.requires_grad() && !tensor.is_leaf())
      throw Refusal(Code::argument, "only a leaf can stop asking for gradients; detach this tensor instead");
    tensor.set_requires_grad(flag);
  }
  return js_bool(env, tensor.requires_grad());
}

// grad(tensor) -> handle of the accumulated gradient, or null
napi_value get_grad(napi_env env, napi_value* args, size_t) {
  at::Tensor tensor = tensor_of(env, args[0]);
  // Only leaves and tensors that retain it have one; reading another's makes libtorch warn on stderr.
  at::Tensor gradient = tensor.is_leaf() || tensor.retains_grad() ? tensor.grad() : at::Tensor();
  if (gradient.defined()) return js_number(env, keep_tensor(std::move(gradient)));
  napi_value none;
  check(env, napi_get_null(env, &none));
  return none;
}

napi_value set_grad(napi_env env, napi_value* args, size_t) {
  at::Tensor tensor = tensor_of(env, args[0]);
  at::Tensor gradient = is_nullish(env, args[1]) ? at::Tensor() : tensor_of(env, args[1]);
  if (gradient.defined()) {
    if (gradient.is_same(tensor)) throw Refusal(Code::argument, "a tensor can't be its own gradient");
    if (gradient.sizes() != tensor.sizes() || gradient.scalar_type() != tensor.scalar_type() ||
        gradient.device() != tensor.device())
      throw Refusal(Code::argument, "gradient must have the tensor's dtype, shape and device, " + describe(tensor) + ", got " +
                    describe(gradient));
  }
  tensor.mutable_grad() = gradient;
  return nullptr;
}

// clearGrads(tensors): the accumulated gradients of a list of parameters are forgotten
napi_value clear_grads(napi_env env, napi_value* args, size_t) {
  for (const at::Tensor& tensor : tensors_of(env, args[0])) tensor.mutable_grad() = at::Tensor();
  return nullptr;
}

void refuse_empty(const std::vector<at::Tensor>& tensors, const char* what) {
  if (tensors.empty()) throw Refusal(Code::argument, std::string(what) + " must be a list of at least one tensor");
}

// Runs `body`, naming the outputs' shapes in libtorch's own error.
template <class F>
auto with_shapes(const std::vector<at::Tensor>& outputs, F body) {
  try {
    return body();
  } catch (const c10::Error& error) {
    throw std::runtime_error(std::string(error.what_without_backtrace()) + " (given " + describe_all(outputs) + ")");
  }
}

// backward(outputs, gradients|null, retainGraph, createGraph)
napi_value backward(napi_env env, napi_value* args, size_t count) {
  if (count < 4) throw Refusal(Code::argument, "outputs, gradients, retainGraph and createGraph are required");
  std::vector<at::Tensor> outputs = tensors_of(env, args[0]);
  refuse_empty(outputs, "outputs");
  std::vector<at::Tensor> given = maybe_tensors(env, args[1]);
  bool retain = bool_of(env, args[2]);
  bool create = bool_of(env, args[3]);
  with_shapes(outputs, [&] { torch::autograd::backward(outputs, given, retain, create); });
  return nullptr;
}

// gradients(outputs, inputs, gradients|null, retainGraph, createGraph) -> handles or null for unused inputs
napi_value gradients(napi_env env, napi_value* args, size_t count) {
  if (count < 5) throw Refusal(Code::argument, "outputs, inputs, gradients, retainGraph and createGraph are required");
  std::vector<at::Tensor> outputs = tensors_of(env, args[0]);
  std::vector<at::Tensor> inputs = tensors_of(env, args[1]);
  refuse_empty(outputs, "outputs");
  refuse_empty(inputs, "inputs");
  std::vector<at::Tensor> given = maybe_tensors(env, args[2]);
  bool retain = bool_of(env, args[3]);
  bool create = bool_of(env, args[4]);
  auto found = with_shapes(
      outputs, [&] { return torch::autograd::grad(outputs, inputs, given, retain, create, /*allow_unused=*/true); });
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
napi_value set_grad_mode(napi_env env, napi_value* args, size_t) {
  bool on = bool_of(env, args[0]);
  bool was = c10::GradMode::is_enabled();
  c10::GradMode::set_enabled(on);
  return js_bool(env, was);
}

// What autocast was before it was entered, innermost last.
struct Autocast {
  bool cuda;
  bool enabled;
  at::ScalarType dtype;
};
thread_local std::vector<Autocast> entered;

Autocast autocast_now(bool cuda) {
#if ARCLET_TORCH_AT_LEAST(2, 4)
  at::DeviceType device = cuda ? at::kCUDA : at::kCPU;
  return {cuda, at::autocast::is_autocast_enabled(device), at::autocast::get_autocast_dtype(device)};
#else
  return {cuda, cuda ? at::autocast::is_enabled() : at::autocast::is_cpu_enabled(),
          cuda ? at::autocast::get_autocast_gpu_dtype() : at::autocast::get_autocast_cpu_dtype()};
#endif
}

void set_autocast(const Autocast& state) {
#if ARCLET_TORCH_AT_LEAST(2, 4)
  at::DeviceType device = state.cuda ? at::kCUDA : at::kCPU;
  at::autocast::set_autocast_dtype(device, state.dtype);
  at::autocast::set_autocast_enabled(device, state.enabled);
#else
  if (state.cuda) {
    at::autocast::set_autocast_gpu_dtype(state.dtype);
    at::autocast::set_enabled(state.enabled);
  } else {
    at::autocast::set_autocast_cpu_dtype(state.dtype);
    at::autocast::set_cpu_enabled(state.enabled);
  }
#endif
}

// enterAutocast(dtype, device "cpu"|"cuda") -> was it on
napi_value enter_autocast(napi_env env, napi_value* args, size_t count) {
  if (count < 2) throw Refusal(Code::argument, "a dtype and a device are required");
  at::ScalarType dtype = dtype_of(text_of(env, args[0]));
  if (dtype != at::kBFloat16 && dtype != at::kHalf) throw Refusal(Code::argument, "dtype must be bfloat16 or float16");
  std::string device = text_of(env, args[1]);
  if (device != "cpu" && device != "cuda") throw Refusal(Code::argument, "device must be cpu or cuda, got " + device);
  Autocast was = autocast_now(device == "cuda");
  entered.push_back(was);
  set_autocast({was.cuda, true, dtype});
  at::autocast::increment_nesting();
  return js_bool(env, was.enabled);
}

// leaveAutocast(): the innermost, back to what it was
napi_value leave_autocast(napi_env, napi_value*, size_t) {
  if (entered.empty()) throw Refusal(Code::argument, "no autocast is entered");
  // The casts of weights are kept while autocast lasts: once a weight, not once a call.
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  set_autocast(entered.back());
  entered.pop_back();
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
