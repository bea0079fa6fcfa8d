// Gradients, and the modes of a thread: gradient recording and autocast.
#include "door.h"

#include <ATen/autocast_mode.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

namespace arclet {
namespace {

// requiresGrad(tensor, flag?) -> whether the tensor requires gradients
napi_value requires_grad(napi_env env, Arguments& in) {
  at::Tensor tensor = tensor_of(env, in.next());
  if (in.left() > 0) {
    bool flag = in.flag("flag");
    if (!flag && tensor.requires_grad() && !tensor.is_leaf())
      throw Refusal(Code::argument, "only a leaf can stop asking for gradients; detach this tensor instead");
    tensor.set_requires_grad(flag);
  }
  return js_bool(env, tensor.requires_grad());
}

// grad(tensor) -> handle of the accumulated gradient, or null
napi_value get_grad(napi_env env, Arguments& in) {
  at::Tensor tensor = tensor_of(env, in.next());
  // Only leaves and tensors that retain it have one; reading another tensor's makes libtorch warn on stderr.
  at::Tensor gradient = tensor.is_leaf() || tensor.retains_grad() ? tensor.grad() : at::Tensor();
  if (gradient.defined()) return js_number(env, keep_tensor(std::move(gradient)));
  return js_null(env);
}

// setGrad(tensor, gradient|null)
napi_value set_grad(napi_env env, Arguments& in) {
  at::Tensor tensor = tensor_of(env, in.next());
  at::Tensor gradient = in.maybe("gradient", tensor_of).value_or(at::Tensor());
  if (gradient.defined()) {
    if (gradient.is_same(tensor)) throw Refusal(Code::argument, "a tensor can't be its own gradient");
    if (gradient.sizes() != tensor.sizes() || gradient.scalar_type() != tensor.scalar_type() ||
        gradient.device() != tensor.device())
      throw Refusal(Code::argument, "gradient must have the tensor's dtype, shape and device, " + describe(tensor) +
                                        ", got " + describe(gradient));
  }
  tensor.mutable_grad() = gradient;
  return nullptr;
}

// clearGrads(tensors): drops the accumulated gradients of a list of parameters
napi_value clear_grads(napi_env env, Arguments& in) {
  for (const at::Tensor& tensor : tensors_of(env, in.next())) tensor.mutable_grad() = at::Tensor();
  return nullptr;
}

std::vector<at::Tensor> some_tensors_of(napi_env env, napi_value value) {
  std::vector<at::Tensor> tensors = tensors_of(env, value);
  if (tensors.empty()) throw Refusal(Code::argument, "must be a list of at least one tensor");
  return tensors;
}

// Runs `body`; a libtorch error also names the outputs' shapes.
template <class F>
auto with_shapes(const std::vector<at::Tensor>& outputs, F body) {
  try {
    return body();
  } catch (const c10::Error& error) {
    rethrow(error, " (given " + describe_all(outputs) + ")");
  }
}

// backward(outputs, gradients|null, retainGraph, createGraph)
napi_value backward(napi_env, Arguments& in) {
  auto outputs = in.take("outputs", some_tensors_of);
  auto given = in.maybe("gradients", tensors_of).value_or(std::vector<at::Tensor>());
  bool retain = in.flag("retainGraph");
  bool create = in.flag("createGraph");
  begin_backward();
  with_shapes(outputs, [&] { torch::autograd::backward(outputs, given, retain, create); });
  finish_backward();
  return nullptr;
}

// gradients(outputs, inputs, gradients|null, retainGraph, createGraph) -> handles or null for unused inputs
napi_value gradients(napi_env env, Arguments& in) {
  auto outputs = in.take("outputs", some_tensors_of);
  auto inputs = in.take("inputs", some_tensors_of);
  auto given = in.maybe("gradients", tensors_of).value_or(std::vector<at::Tensor>());
  bool retain = in.flag("retainGraph");
  bool create = in.flag("createGraph");
  auto found = with_shapes(
      outputs, [&] { return torch::autograd::grad(outputs, inputs, given, retain, create, /*allow_unused=*/true); });
  napi_value out = js_list(env, found.size());
  for (size_t i = 0; i < found.size(); ++i)
    set(env, out, i, found[i].defined() ? js_number(env, keep_tensor(std::move(found[i]))) : js_null(env));
  return out;
}

// setGradMode(on) -> what it was
napi_value set_grad_mode(napi_env env, Arguments& in) {
  bool on = bool_of(env, in.next());
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

// enterAutocast(dtype, device "cpu"|"cuda") -> whether it was on
napi_value enter_autocast(napi_env env, Arguments& in) {
  at::ScalarType dtype = dtype_of(in.text("dtype"));
  if (dtype != at::kBFloat16 && dtype != at::kHalf) throw Refusal(Code::argument, "dtype must be bfloat16 or float16");
  std::string device = in.text("device");
  if (device != "cpu" && device != "cuda") throw Refusal(Code::argument, "device must be cpu or cuda, got " + device);
  Autocast was = autocast_now(device == "cuda");
  entered.push_back(was);
  set_autocast({was.cuda, true, dtype});
  at::autocast::increment_nesting();
  return js_bool(env, was.enabled);
}

// leaveAutocast(): the innermost, back to what it was
napi_value leave_autocast(napi_env, Arguments&) {
  if (entered.empty()) throw Refusal(Code::argument, "no autocast is entered");
  // Weights are cast once, not at every call: the casts are kept while autocast lasts.
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
