// Operators that don't check their arguments: senseless values make them divide by zero or read beyond memory, which
// ends the process. Each has its check here. They were found by calling every operator with junk (libtorch 1.13); the
// operators that people usually call check their arguments themselves.
#include "guards.h"

#include <ATen/ops/max.h>
#include <ATen/ops/min.h>

#include <algorithm>
#include <unordered_map>

namespace arclet {
namespace {

using c10::IValue;
using Schema = c10::FunctionSchema;
using Stack = std::vector<IValue>;

// An argument by its name; none if the schema has no such argument, or it was left out.
const IValue& given(const Schema& schema, const Stack& stack, const char* name) {
  static const IValue none;
  auto index = schema.argumentIndexWithName(name);
  return index ? stack[*index] : none;
}

[[noreturn]] void refuse(const char* argument, const std::string& must) {
  throw Refusal(Code::argument, std::string(argument) + ": must be " + must);
}

at::Tensor tensor_given(const Schema& schema, const Stack& stack, const char* name) {
  const IValue& value = given(schema, stack, name);
  return value.isTensor() ? value.toTensor() : at::Tensor();
}

// Bounded above too: in 64 bits the square of a large factor, or its lower half, may be zero.
void factor(const Schema& schema, const Stack& stack, const char* name) {
  const IValue& value = given(schema, stack, name);
  if (value.isInt() && (value.toInt() < 1 || value.toInt() > INT32_MAX)) refuse(name, "from 1 to 2^31 - 1");
}

void shuffle_pixels(const Schema& schema, const Stack& stack) { factor(schema, stack, "upscale_factor"); }

void shuffle_channels(const Schema& schema, const Stack& stack) {
  factor(schema, stack, "groups");
  at::Tensor self = tensor_given(schema, stack, "self");
  if (self.defined() && (self.dim() < 3 || self.numel() == 0))
    refuse("self", "of shape (batch, channels, …) and not empty");
  const IValue& groups = given(schema, stack, "groups");
  if (self.defined() && groups.isInt() && self.size(1) % groups.toInt() != 0)
    refuse("groups", "a divisor of the channels");
}

void ellipsis_within_order(const Schema& schema, const Stack& stack) {
  const IValue& order = given(schema, stack, "order");
  const IValue& place = given(schema, stack, "ellipsis_idx");
  if (!order.isList() || !place.isInt()) return;
  if (place.toInt() < 0 || place.toInt() > static_cast<int64_t>(order.toListRef().size()))
    refuse("ellipsis_idx", "a place in order");
}

void some_tensors(const Schema& schema, const Stack& stack) {
  const IValue& tensors = given(schema, stack, "tensors");
  if (tensors.isList() && tensors.toListRef().empty()) refuse("tensors", "a list of at least one tensor");
}

void one_value(const Schema& schema, const Stack& stack) {
  at::Tensor self = tensor_given(schema, stack, "self");
  if (self.defined() && self.numel() != 1) refuse("self", "a tensor of one value");
}

void a_bin_count_a_coordinate(const Schema& schema, const Stack& stack) {
  at::Tensor self = tensor_given(schema, stack, "self");
  const IValue& bins = given(schema, stack, "bins");
  if (!self.defined() || !bins.isIntList()) return;
  auto counts = bins.toIntVector();
  bool fits = self.dim() > 0 && static_cast<int64_t>(counts.size()) == self.size(-1);
  if (!fits || std::any_of(counts.begin(), counts.end(), [](int64_t count) { return count < 1; }))
    refuse("bins", "a positive number for each of the last dimension's coordinates");
}

void noise_like_self(const Schema& schema, const Stack& stack) {
  at::Tensor self = tensor_given(schema, stack, "self");
  at::Tensor noise = tensor_given(schema, stack, "noise");
  if (!self.defined() || !noise.defined()) return;
  if (noise.sizes() != self.sizes() || !noise.is_contiguous()) refuse("noise", "a contiguous tensor of self's shape");
}

void floating_prediction(const Schema& schema, const Stack& stack) {
  at::Tensor self = tensor_given(schema, stack, "self");
  if (self.defined() && !self.is_floating_point()) refuse("self", "of a floating dtype");
}

// Pivots are the rows to swap, counted from 1.
void pivots_within_rows(const Schema& schema, const Stack& stack) {
  at::Tensor matrices = tensor_given(schema, stack, "LU_data");
  at::Tensor pivots = tensor_given(schema, stack, "LU_pivots");
  if (!matrices.defined() || !pivots.defined() || matrices.dim() < 2) return;
  int64_t rows = matrices.size(-2);
  std::vector<int64_t> shape(matrices.sizes().begin(), matrices.sizes().end() - 2);
  shape.push_back(std::min(rows, matrices.size(-1)));
  bool fits = pivots.sizes() == at::IntArrayRef(shape) && pivots.scalar_type() == at::kInt;
  if (fits && pivots.numel() > 0)
    fits = at::min(pivots).item().toLong() >= 1 && at::max(pivots).item().toLong() <= rows;
  if (!fits) refuse("LU_pivots", "int32 of shape (…, min(m, n)), from 1 to LU_data's rows");
}

// g holds the direction's norms, one for each index along `dim`.
void weight_norms(const Schema& schema, const Stack& stack) {
  at::Tensor v = tensor_given(schema, stack, "v");
  at::Tensor g = tensor_given(schema, stack, "g");
  const IValue& dim = given(schema, stack, "dim");
  if (!v.defined() || !g.defined() || !dim.isInt()) return;
  if (v.numel() == 0 || !v.is_floating_point()) refuse("v", "of a floating dtype and not empty");
  int64_t axis = dim.toInt();
  if (axis != 0 && axis != v.dim() - 1) return;  // done by libtorch's other operators
  std::vector<int64_t> shape(v.dim(), 1);
  if (v.dim() > 0) shape[axis] = v.size(axis);
  if (g.sizes() != at::IntArrayRef(shape) || g.scalar_type() != v.scalar_type())
    refuse("g", "of v's dtype, and of its length along dim and 1 elsewhere");
}

// (N, C, HxW) is the input's shape as the caller of the kernel sees it.
void normalised_groups(const Schema& schema, const Stack& stack) {
  factor(schema, stack, "group");
  at::Tensor input = tensor_given(schema, stack, "input");
  int64_t size[3];
  const char* names[3] = {"N", "C", "HxW"};
  for (int k = 0; k < 3; ++k) {
    const IValue& value = given(schema, stack, names[k]);
    size[k] = value.isInt() ? value.toInt() : 0;
    if (size[k] < 1 || size[k] > INT32_MAX) refuse(names[k], "from 1 to 2^31 - 1");
  }
  bool fits = input.defined() && input.numel() % (size[0] * size[1]) == 0 &&
              input.numel() / (size[0] * size[1]) == size[2];
  if (!fits || !input.is_floating_point()) refuse("input", "of a floating dtype, with N x C x HxW values");
  if (size[1] % given(schema, stack, "group").toInt() != 0) refuse("group", "a divisor of C");
  for (const char* name : {"weight", "bias"}) {
    at::Tensor value = tensor_given(schema, stack, name);
    if (value.defined() && (value.numel() != size[1] || !value.is_floating_point()))
      refuse(name, "a floating tensor of C values");
  }
}

void lengths(const Schema& schema, const Stack& stack) {
  const IValue& size = given(schema, stack, "size");
  if (!size.isIntList()) return;
  for (int64_t length : size.toIntVector())
    if (length < 0) refuse("size", "of non-negative integers");
}

void not_quantised(const Schema& schema, const Stack& stack) {
  at::Tensor self = tensor_given(schema, stack, "self");
  if (self.defined() && self.is_quantized()) refuse("self", "not quantised");
}

// The kernels behind batch_norm take every statistic to have one value per channel of the input.
void batch_statistics(const Schema& schema, const Stack& stack) {
  at::Tensor input = tensor_given(schema, stack, "input");
  if (!input.defined()) return;
  if (input.dim() < 2 || input.numel() == 0) refuse("input", "of shape (batch, channels, …) and not empty");
  for (const char* name : {"weight", "bias", "running_mean", "running_var", "save_mean", "save_invstd"}) {
    at::Tensor statistic = tensor_given(schema, stack, name);
    if (!statistic.defined()) continue;
    if (statistic.dim() != 1 || statistic.size(0) != input.size(1) || !statistic.is_floating_point())
      refuse(name, "a floating tensor of one value per channel");
  }
  at::Tensor gradient = tensor_given(schema, stack, "grad_out");
  if (gradient.defined() && gradient.sizes() != input.sizes()) refuse("grad_out", "of the input's shape");
  bool learning = !schema.argumentIndexWithName("training") && !schema.argumentIndexWithName("train");
  for (const char* name : {"training", "train"}) {
    const IValue& flag = given(schema, stack, name);
    learning = learning || (flag.isBool() && flag.toBool());
  }
  auto need = [&](const char* name) {
    if (!tensor_given(schema, stack, name).defined()) refuse(name, "given here");
  };
  if (!learning) {
    need("running_mean");
    need("running_var");
  } else if (gradient.defined()) {
    need("save_mean");
    need("save_invstd");
  }
}

// Internal parts of other operators: they trust their arguments and check nothing.
void internal_part(const Schema&, const Stack&) {
  throw Refusal(Code::unsupported,
                "is an internal part of another operator and doesn't check its arguments; call that operator instead");
}

const std::unordered_map<std::string, Guard> kGuards = {
    {"aten::_local_scalar_dense", one_value},
    {"aten::_stack", some_tensors},
    {"aten::_weight_norm", weight_norms},
    {"aten::align_tensors", some_tensors},
    {"aten::align_to", ellipsis_within_order},
    {"aten::batch_norm_update_stats", batch_statistics},
    {"aten::channel_shuffle", shuffle_channels},
    {"aten::histogramdd", a_bin_count_a_coordinate},
    {"aten::lu_unpack", pivots_within_rows},
    {"aten::max_pool1d", not_quantised},
    {"aten::native_batch_norm", batch_statistics},
    {"aten::native_batch_norm_backward", batch_statistics},
    {"aten::native_channel_shuffle", shuffle_channels},
    {"aten::native_group_norm", normalised_groups},
    {"aten::pixel_shuffle", shuffle_pixels},
    {"aten::rrelu_with_noise", noise_like_self},
    {"aten::rrelu_with_noise_", noise_like_self},
    {"aten::smooth_l1_loss_backward", floating_prediction},
    {"aten::sum_to_size", lengths},
    {"aten::view_copy", not_quantised},
};

// Prefixes of their names.
constexpr const char* kInternalParts[] = {
    "_adaptive_avg_pool2d_backward",
    "_aminmax",
    "_batch_norm_impl_index_backward",
    "_cdist_backward",
    "_cholesky_solve_helper",
    "_convert_indices_from_",
    "_cummax_helper",
    "_cummin_helper",
    "_efficientzerotensor",
    "_embedding_bag",
    "_fft_",
    "_fused_moving_avg_obs_fq_helper",
    "_histogramdd_",
    "_neg_view_copy",
    "_nested_",
    "_new_zeros_with_same_feature_meta",
    "_pdist_",
    "_remove_batch_dim",
    "_reshape_alias",
    "_saturate_weight_to_fp16",
    "_sobol_engine_",
    "_symeig_helper",
    "_thnn_differentiable_",
    "_transform_bias_rescale_qkv",
    "_weight_norm_interface",
    "adaptive_max_pool2d_backward",
    "adaptive_max_pool3d_backward",
    "choose_qparams_optimized",
    "fractional_max_pool2d_backward",
    "fractional_max_pool3d_backward",
    "matrix_exp_backward",
    "max_pool2d_with_indices_backward",
    "max_pool3d_with_indices_backward",
    "mkldnn_convolution",
    "native_group_norm_backward",
    "quantized_lstm_cell",
    "replication_pad3d_backward",
    "slow_conv3d",
    "unfold_backward",
};

}  // namespace

Guard guard_of(const std::string& name) {
  auto at = kGuards.find(name);
  if (at != kGuards.end()) return at->second;
  for (const char* part : kInternalParts)
    if (name.rfind(std::string("aten::") + part, 0) == 0) return internal_part;
  return nullptr;
}

}  // namespace arclet
