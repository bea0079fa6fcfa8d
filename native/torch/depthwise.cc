// arclet::depthwise_conv2d: libtorch's convolution of each channel by itself, with a weight gradient of our own. oneDNN has
// none for most shapes: it takes the generic one, a matrix product a channel, which is most of EfficientNet's training step.
//
// For images that lie channels-last on the processor; anything else is libtorch's convolution throughout, and so is a
// gradient that is itself to be differentiated.
#include "depthwise_kernels.h"
#include "lanes.h"
#include "memory.h"

#include <ATen/Parallel.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <vector>

namespace arclet {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kImages = 16;  // of a part, of which threads take one after the other

Depthwise shape_of(const Tensor& x, const Tensor& dy, const Tensor& weight, at::IntArrayRef stride,
                   at::IntArrayRef padding) {
  return {x.size(1),      x.size(2), x.size(3), dy.size(2), dy.size(3), weight.size(2),
          weight.size(3), stride[0], stride[1], padding[0], padding[1]};
}

template <class T>
Tensor weight_gradient(const Tensor& x, const Tensor& dy, const Tensor& weight, const Depthwise& shape) {
  const int64_t channels = shape.channels, taps = shape.kernel_height * shape.kernel_width;
  const int64_t tiles = (channels + kLanes - 1) / kLanes, parts = (x.size(0) + kImages - 1) / kImages;
  auto start = [&](int64_t tile) { return std::min(tile * kLanes, channels - kLanes); };  // the last may overlap
  const int64_t in = shape.in_height * shape.in_width * channels, out = shape.out_height * shape.out_width * channels;
  std::vector<float> sums(parts * tiles * taps * kLanes);
  const int64_t work = kImages * taps * shape.out_height * shape.out_width * kLanes;
  at::parallel_for(0, parts * tiles, std::max<int64_t>(1, 65536 / work), [&](int64_t begin, int64_t end) {
    for (int64_t item = begin; item < end; ++item) {
      const int64_t first = item / tiles * kImages, at = start(item % tiles);
      depthwise_sums(data<T>(x) + first * in + at, data<T>(dy) + first * out + at,
                     std::min(kImages, x.size(0) - first), shape, &sums[item * taps * kLanes]);
    }
  });
  Tensor gradient = at::empty(weight.sizes(), weight.options().dtype(at::kFloat));
  float* values = gradient.data_ptr<float>();
  for (int64_t tile = 0; tile < tiles; ++tile)
    for (int64_t lane = 0; lane < kLanes; ++lane)
      for (int64_t tap = 0; tap < taps; ++tap) {
        double sum = 0;
        for (int64_t part = 0; part < parts; ++part)
          sum += sums[((part * tiles + tile) * taps + tap) * kLanes + place<T>(lane)];
        values[(start(tile) + lane) * taps + tap] = static_cast<float>(sum);
      }
  return at::empty_like(weight).copy_(gradient);
}

struct DepthwiseConv : torch::autograd::Function<DepthwiseConv> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& weight, std::vector<int64_t> stride,
                        std::vector<int64_t> padding) {
    ctx->save_for_backward({x, weight});
    ctx->saved_data["stride"] = stride;
    ctx->saved_data["padding"] = padding;
    return at::conv2d(x, weight, {}, stride, padding, {1, 1}, x.size(1));
  }

  static variable_list backward(AutogradContext* ctx, variable_list given) {
    variable_list saved = ctx->get_saved_variables();
    const Tensor &x = saved[0], &weight = saved[1];
    const auto stride = ctx->saved_data["stride"].toIntVector(), padding = ctx->saved_data["padding"].toIntVector();
    const bool for_x = x.requires_grad(), own = !c10::GradMode::is_enabled() && weight.requires_grad();
    Tensor dx, dw;
    if (for_x || (weight.requires_grad() && !own))
      std::tie(dx, dw, std::ignore) =
          at::convolution_backward(given[0], x, weight, c10::nullopt, stride, padding, {1, 1}, false, {0, 0}, x.size(1),
                                   {for_x, weight.requires_grad() && !own, false});
    if (own) {
      Tensor dy = given[0].contiguous(at::MemoryFormat::ChannelsLast);
      const Depthwise shape = shape_of(x, dy, weight, stride, padding);
      by_type(x, [&](auto type) { dw = weight_gradient<decltype(type)>(x, dy, weight, shape); });
    }
    return {dx, dw, {}, {}};
  }
};

Tensor depthwise_conv2d(const Tensor& x, const Tensor& weight, at::IntArrayRef stride, at::IntArrayRef padding) {
  TORCH_CHECK(stride.size() == 2 && padding.size() == 2, "stride and padding must be of two numbers");
  bool fits = x.dim() == 4 && weight.dim() == 4 && is_there(x) && is_there(weight) && has_lanes(x) &&
              weight.scalar_type() == x.scalar_type() && x.size(1) >= kLanes && weight.size(0) == x.size(1) &&
              weight.size(1) == 1 && x.is_contiguous(at::MemoryFormat::ChannelsLast);
  if (!fits) return at::conv2d(x, weight, {}, stride, padding, {1, 1}, x.dim() == 4 ? x.size(1) : 1);
  return DepthwiseConv::apply(x, weight, stride.vec(), padding.vec());
}

}  // namespace
}  // namespace arclet

TORCH_LIBRARY_FRAGMENT(arclet, library) {
  library.def("depthwise_conv2d(Tensor x, Tensor weight, int[2] stride, int[2] padding) -> Tensor",
              arclet::depthwise_conv2d);
}
