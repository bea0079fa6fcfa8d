// arclet::batch_norm_activation: batch normalisation, a tensor added to it and an activation, as one operator whose
// gradient is one too. libtorch has the three apart, each a pass over memory, and in bfloat16 slow ones.
//
// It computes images that lie channels-last, and vectors, on the processor; of anything else libtorch's own operators are
// called. A gradient that is itself to be differentiated goes through these as well.
#include "lanes.h"
#include "memory.h"
#include "norm_kernels.h"

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/gt.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/silu.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <cmath>

namespace arclet {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kFewestChannels = 8;
constexpr int64_t kFewestRows = 128;  // of a part, of which threads take one after the other
constexpr int64_t kMostParts = 32;

// How x is walked: as rows of channels. Rows narrower than 32 are taken several at once. A part's sums don't depend on how
// many threads there are.
struct Walk {
  int64_t channels;
  int64_t together;  // rows of x in one of ours
  int64_t rows, part, parts;
  std::vector<int64_t> starts;

  explicit Walk(const Tensor& x) : channels(x.size(1)) {
    together = (kLanes + channels - 1) / channels;
    rows = x.numel() / channels / together;
    part = std::max(kFewestRows, (rows + kMostParts - 1) / kMostParts);
    parts = (rows + part - 1) / part;
    int64_t wide = width();
    for (int64_t start = 0; start + kLanes < wide; start += kLanes) starts.push_back(start);
    starts.push_back(wide - kLanes);  // may overlap the one before
  }
  int64_t width() const { return channels * together; }
  int64_t tiles() const { return static_cast<int64_t>(starts.size()); }
  Rows of(int64_t index) const {
    return {std::min(part, rows - index * part), width(), starts.data(), tiles()};
  }
  int64_t offset(int64_t index) const { return index * part * width(); }

  // body(part) on all threads.
  template <class F>
  void each(const F& body) const {
    int64_t grain = std::max<int64_t>(1, 32768 / (part * width()));
    at::parallel_for(0, parts, grain, [&](int64_t begin, int64_t end) {
      for (int64_t index = begin; index < end; ++index) body(index);
    });
  }

  // body(tile, lane, channel, place among the lanes of a T); once for each channel and row taken together if `once`.
  template <class T, class F>
  void lanes(bool once, const F& body) const {
    int64_t done = 0;
    for (int64_t tile = 0; tile < tiles(); ++tile)
      for (int64_t lane = 0; lane < kLanes; ++lane) {
        int64_t at = starts[tile] + lane;
        if (once && at < done) continue;
        done = std::max(done, at + 1);
        body(tile, at % channels, place<T>(lane));
      }
  }
};

template <class T>
T* moved(T* at, int64_t by) {
  return at == nullptr ? nullptr : at + by;
}

struct Statistics {
  Tensor mean, inverse;  // 1 / σ
};

struct Settings {
  bool training;
  double momentum, epsilon;
  Activation act;
};

void move(const Tensor& running, const std::vector<double>& now, double momentum) {
  if (!running.defined()) return;
  float* values = running.data_ptr<float>();
  for (size_t c = 0; c < now.size(); ++c)
    values[c] = static_cast<float>((1 - momentum) * values[c] + momentum * now[c]);
  running.unsafeGetTensorImpl()->bump_version();
}

// Of the batch; the running statistics move towards them.
template <class T>
Statistics measured(const Tensor& x, const Walk& walk, const Tensor& running_mean, const Tensor& running_var,
                    const Settings& settings) {
  const int64_t size = walk.tiles() * kLanes;
  std::vector<float> means(size * walk.parts), squares(size * walk.parts);
  walk.each([&](int64_t index) {
    moments(data<T>(x) + walk.offset(index), walk.of(index), &means[index * size], &squares[index * size]);
  });
  const double count = static_cast<double>(walk.rows * walk.together);
  std::vector<double> mean(walk.channels), variance(walk.channels);
  auto each_part = [&](const auto& body) {
    walk.lanes<T>(true, [&](int64_t tile, int64_t channel, int64_t place) {
      for (int64_t index = 0; index < walk.parts; ++index)
        body(channel, static_cast<double>(walk.of(index).count), index * size + tile * kLanes + place);
    });
  };
  each_part([&](int64_t channel, double rows, int64_t at) { mean[channel] += rows * means[at] / count; });
  each_part([&](int64_t channel, double rows, int64_t at) {
    double apart = means[at] - mean[channel];
    variance[channel] += (squares[at] + rows * apart * apart) / count;
  });
  auto options = x.options().dtype(at::kFloat);
  Statistics statistics = {at::empty({walk.channels}, options), at::empty({walk.channels}, options)};
  for (int64_t c = 0; c < walk.channels; ++c) {
    statistics.mean.data_ptr<float>()[c] = static_cast<float>(mean[c]);
    statistics.inverse.data_ptr<float>()[c] = static_cast<float>(1 / std::sqrt(variance[c] + settings.epsilon));
  }
  move(running_mean, mean, settings.momentum);
  for (double& value : variance) value *= count / (count - 1);
  move(running_var, variance, settings.momentum);
  return statistics;
}

Statistics remembered(const Tensor& running_mean, const Tensor& running_var, double epsilon) {
  return {running_mean.clone(), running_var.add(epsilon).rsqrt_()};
}

template <class T>
std::vector<Channels> channels_of(const Walk& walk, const Statistics& statistics, const Tensor& weight,
                                  const Tensor& bias) {
  std::vector<Channels> all(walk.tiles());
  const float *mean = data<float>(statistics.mean), *inverse = data<float>(statistics.inverse);
  const float *gamma = data<float>(weight), *beta = data<float>(bias);
  walk.lanes<T>(false, [&](int64_t tile, int64_t c, int64_t place) {
    all[tile].mean[place] = mean[c];
    all[tile].scale[place] = gamma[c] * inverse[c];
    all[tile].shift[place] = beta[c];
  });
  return all;
}

struct Gradients {
  Tensor x, added, weight, bias;
};

// Gradients of γ and β, and what x's gradient takes from the sums over all rows.
template <class T>
void add_sums(const Walk& walk, std::vector<Channels>& channels, const std::vector<float>& sums,
              const std::vector<float>& products, const Statistics& statistics, const Tensor& weight, bool training,
              Gradients& out) {
  const int64_t size = walk.tiles() * kLanes;
  std::vector<double> sum(walk.channels), product(walk.channels);
  walk.lanes<T>(true, [&](int64_t tile, int64_t c, int64_t place) {
    for (int64_t index = 0; index < walk.parts; ++index) {
      sum[c] += sums[index * size + tile * kLanes + place];
      product[c] += products[index * size + tile * kLanes + place];
    }
  });
  const float *inverse = data<float>(statistics.inverse), *gamma = data<float>(weight);
  const double count = static_cast<double>(walk.rows * walk.together);
  for (int64_t c = 0; c < walk.channels; ++c) {
    data<float>(out.weight)[c] = static_cast<float>(product[c] * inverse[c]);
    data<float>(out.bias)[c] = static_cast<float>(sum[c]);
  }
  if (!training) return;
  walk.lanes<T>(false, [&](int64_t tile, int64_t c, int64_t place) {
    const double scale = static_cast<double>(gamma[c]) * inverse[c] / count;
    channels[tile].slope[place] = static_cast<float>(-scale * inverse[c] * inverse[c] * product[c]);
    channels[tile].level[place] = static_cast<float>(-scale * sum[c]);
  });
}

template <class T>
Gradients gradients_of(const Tensor& x, const Tensor& dy, const Tensor& y, const Tensor& weight, const Tensor& bias,
                       const Statistics& statistics, const Settings& settings, bool for_x, bool for_added) {
  Walk walk(x);
  auto channels = channels_of<T>(walk, statistics, weight, bias);
  Gradients out;
  out.weight = at::empty_like(weight);
  out.bias = at::empty_like(bias);
  const int64_t size = walk.tiles() * kLanes;
  std::vector<float> sums(size * walk.parts), products(size * walk.parts);
  walk.each([&](int64_t index) {
    int64_t by = walk.offset(index);
    gradient_sums(data<T>(x) + by, data<T>(dy) + by, moved(data<T>(y), by), walk.of(index), channels.data(),
                  settings.act, &sums[index * size], &products[index * size]);
  });
  add_sums<T>(walk, channels, sums, products, statistics, weight, settings.training, out);
  bool same = settings.act == Activation::none;  // then what was added gets dy itself
  if (for_x) out.x = at::empty_like(x);
  if (for_added) out.added = same ? dy : at::empty_like(x);
  if (for_x || (for_added && !same))
    walk.each([&](int64_t index) {
      int64_t by = walk.offset(index);
      T* added = same ? nullptr : moved(data<T>(out.added), by);
      arclet::gradients(data<T>(x) + by, data<T>(dy) + by, moved(data<T>(y), by), moved(data<T>(out.x), by), added,
                        walk.of(index), channels.data(), settings.act);
    });
  return out;
}

Tensor plain(const Tensor& x, const Tensor& added, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
             const Tensor& running_var, const Settings& settings) {
  Tensor z = at::batch_norm(x, weight, bias, running_mean, running_var, settings.training, settings.momentum,
                            settings.epsilon, false);
  if (added.defined()) z = z.add(added);
  if (settings.act == Activation::relu) return at::relu_(z);
  return settings.act == Activation::silu ? at::silu(z) : z;
}

// dy in x's own order of memory.
Tensor like(const Tensor& dy, const Tensor& x) {
  return dy.contiguous(x.dim() == 4 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous);
}

struct NormActivation : torch::autograd::Function<NormActivation> {
  using Maybe = c10::optional<Tensor>;  // autograd takes no undefined tensor

  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Maybe& maybe_added, const Tensor& weight,
                        const Tensor& bias, const Maybe& maybe_mean, const Maybe& maybe_var, bool training,
                        double momentum, double epsilon, int64_t activation) {
    const Tensor added = maybe_added.value_or(Tensor()), running_mean = maybe_mean.value_or(Tensor()),
                 running_var = maybe_var.value_or(Tensor());
    const Settings settings = {training, momentum, epsilon, static_cast<Activation>(activation)};
    Walk walk(x);
    Tensor y = at::empty_like(x);
    Statistics statistics;
    by_type(x, [&](auto type) {
      using T = decltype(type);
      statistics = training ? measured<T>(x, walk, running_mean, running_var, settings)
                            : remembered(running_mean, running_var, epsilon);
      auto channels = channels_of<T>(walk, statistics, weight, bias);
      Tensor other = added.defined() ? like(added, x) : added;
      walk.each([&](int64_t index) {
        int64_t by = walk.offset(index);
        normalise(data<T>(x) + by, moved(data<T>(other), by), data<T>(y) + by, walk.of(index), channels.data(),
                  settings.act);
      });
    });
    bool sign = added.defined() && settings.act == Activation::relu;
    ctx->save_for_backward({x, weight, bias, statistics.mean, statistics.inverse, sign ? y : Tensor(),
                            training ? Tensor() : running_mean, training ? Tensor() : running_var});
    ctx->saved_data["training"] = training;
    ctx->saved_data["epsilon"] = epsilon;
    ctx->saved_data["activation"] = activation;
    ctx->saved_data["added"] = added.defined() && added.requires_grad();
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list given) {
    variable_list saved = ctx->get_saved_variables();
    const Tensor &x = saved[0], &weight = saved[1], &bias = saved[2], &y = saved[5];
    const Settings settings = {ctx->saved_data["training"].toBool(), 0, ctx->saved_data["epsilon"].toDouble(),
                               static_cast<Activation>(ctx->saved_data["activation"].toInt())};
    bool for_added = ctx->saved_data["added"].toBool();
    if (c10::GradMode::is_enabled()) return differentiable(saved, given[0], settings, for_added);
    Tensor dy = like(given[0], x);
    Gradients out;
    by_type(x, [&](auto type) {
      out = gradients_of<decltype(type)>(x, dy, y, weight, bias, {saved[3], saved[4]}, settings, x.requires_grad(),
                                         for_added);
    });
    return {out.x, out.added, out.weight, out.bias, {}, {}, {}, {}, {}, {}};
  }

  // Through operators whose gradients can be differentiated in turn.
  static variable_list differentiable(const variable_list& saved, Tensor dy, Settings settings, bool for_added) {
    if (saved[5].defined()) {
      dy = dy.mul(at::gt(saved[5], 0));
      settings.act = Activation::none;
    }
    Tensor y = plain(saved[0], {}, saved[1], saved[2], saved[6], saved[7], settings);
    variable_list inputs;
    for (size_t i = 0; i < 3; ++i)
      if (saved[i].requires_grad()) inputs.push_back(saved[i]);
    variable_list found(10);
    if (!inputs.empty()) {
      variable_list own = torch::autograd::grad({y}, inputs, {dy}, true, true);
      const size_t places[] = {0, 2, 3};
      for (size_t i = 0, next = 0; i < 3; ++i)
        if (saved[i].requires_grad()) found[places[i]] = own[next++];
    }
    if (for_added) found[1] = dy;
    return found;
  }
};

bool is_whole(const Tensor& tensor) {
  return is_there(tensor) && tensor.scalar_type() == at::kFloat && tensor.is_contiguous();
}

bool is_fast(const Tensor& x, const Tensor& added, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
             const Tensor& running_var, Activation act) {
  bool typed = is_there(x) && has_lanes(x);
  bool lies = (x.dim() == 4 && x.is_contiguous(at::MemoryFormat::ChannelsLast)) || (x.dim() == 2 && x.is_contiguous());
  if (!typed || !lies || x.size(1) < kFewestChannels || !is_whole(weight) || !is_whole(bias)) return false;
  for (const Tensor& running : {running_mean, running_var})
    if (running.defined() && !is_whole(running)) return false;
  if (added.defined() &&
      (act == Activation::silu || !is_there(added) || added.sizes() != x.sizes() || added.scalar_type() != x.scalar_type()))
    return false;
  int64_t rows = x.numel() / x.size(1), together = (kLanes + x.size(1) - 1) / x.size(1);
  return rows > 1 && rows % together == 0;
}

Tensor batch_norm_activation(const Tensor& x, const c10::optional<Tensor>& added, const Tensor& weight,
                             const Tensor& bias, const c10::optional<Tensor>& running_mean,
                             const c10::optional<Tensor>& running_var, bool training, double momentum, double epsilon,
                             int64_t activation) {
  TORCH_CHECK(activation >= 0 && activation <= 2, "activation must be 0 (none), 1 (relu) or 2 (silu)");
  const Settings settings = {training, momentum, epsilon, static_cast<Activation>(activation)};
  const Tensor other = added.value_or(Tensor()), mean = running_mean.value_or(Tensor()),
               var = running_var.value_or(Tensor());
  bool fits = x.dim() >= 2 && weight.dim() == 1 && weight.size(0) == x.size(1) && bias.sizes() == weight.sizes() &&
              mean.defined() == var.defined() && (training || mean.defined());
  for (const Tensor& running : {mean, var})
    if (running.defined() && running.sizes() != weight.sizes()) fits = false;
  if (!fits || !is_fast(x, other, weight, bias, mean, var, settings.act))
    return plain(x, other, weight, bias, mean, var, settings);
  return NormActivation::apply(x, added, weight, bias, running_mean, running_var, training, momentum, epsilon,
                               activation);
}

}  // namespace
}  // namespace arclet

TORCH_LIBRARY_FRAGMENT(arclet, library) {
  library.def(
      "batch_norm_activation(Tensor x, Tensor? added, Tensor weight, Tensor bias, Tensor? running_mean, "
      "Tensor? running_var, bool training, float momentum, float epsilon, int activation) -> Tensor",
      arclet::batch_norm_activation);
}
