// Gradients of what several ranks compute together: sums over ranks, and a backward pass that adds up the gradients of
// divided parameters while it still runs.
#include "ranks.h"

#ifdef ARCLET_RANKS

#include <ATen/ops/empty.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <unordered_map>

namespace arclet {
namespace {

constexpr int64_t kBucketBytes = 4 << 20;

at::Tensor summed(const at::Tensor& tensor) {
  at::Tensor sum = tensor.detach().clone(at::MemoryFormat::Contiguous);
  Collective collective = add_up(sum, c10d::ReduceOp::SUM);
  finish(collective);
  return sum;
}

// y = Σ_r x_r on every rank; each rank's x gets Σ_r ∂L_r/∂y.
struct SumOverRanks : torch::autograd::Function<SumOverRanks> {
  static at::Tensor forward(torch::autograd::AutogradContext*, const at::Tensor& tensor) { return summed(tensor); }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext*,
                                                 torch::autograd::variable_list gradients) {
    return {summed(gradients[0])};
  }
};

struct Divided {
  at::Tensor parameter;
  size_t bucket;
  at::Tensor gradient;  // of this rank, in the backward pass that runs
};

struct Bucket {
  std::vector<size_t> members;
  int64_t bytes = 0;
  size_t arrived = 0;
  bool launched = false;
  at::Tensor flat;
  Collective collective;
};

// Parameters in buckets, the last ones first, since their gradients come first. A full bucket is on its way while the
// backward pass goes on. All ranks have the same graph, so that buckets fill in the same order.
struct Gradients {
  std::vector<Divided> divided;
  std::vector<Bucket> buckets;
  std::unordered_map<c10::TensorImpl*, size_t> known;
  bool running = false;

  void add(const std::vector<at::Tensor>& parameters) {
    bool open = false;  // whether the last bucket is of this call
    for (auto at = parameters.rbegin(); at != parameters.rend(); ++at) {
      if (!at->requires_grad() || known.count(at->unsafeGetTensorImpl()) > 0) continue;
      int64_t bytes = at->numel() * at->element_size();
      bool fits = open && buckets.back().bytes + bytes <= kBucketBytes &&
                  divided[buckets.back().members[0]].parameter.options().type_equal(at->options());
      if (!fits) buckets.emplace_back();
      open = true;
      size_t index = divided.size();
      divided.push_back({*at, buckets.size() - 1, {}});
      buckets.back().members.push_back(index);
      buckets.back().bytes += bytes;
      known.emplace(at->unsafeGetTensorImpl(), index);
      at->register_hook([this, index](at::Tensor gradient) { arrive(index, std::move(gradient)); });
    }
  }

  void arrive(size_t index, at::Tensor gradient) {
    if (!running) return;
    Divided& own = divided[index];
    if (own.parameter.grad().defined())
      throw Refusal(Code::conflict, "gradients must be cleared before a backward pass of several ranks");
    own.gradient = std::move(gradient);
    Bucket& bucket = buckets[own.bucket];
    if (++bucket.arrived == bucket.members.size()) launch(bucket);
  }

  // A view of a flat tensor in the parameter's own memory layout.
  static at::Tensor slice(const at::Tensor& flat, int64_t offset, const at::Tensor& parameter) {
    at::Tensor part = flat.narrow(0, offset, parameter.numel());
    if (parameter.is_contiguous() || !parameter.is_non_overlapping_and_dense()) return part.view(parameter.sizes());
    return part.as_strided(parameter.sizes(), parameter.strides());
  }

  template <class F>
  void each(Bucket& bucket, F body) {
    int64_t offset = 0;
    for (size_t index : bucket.members) {
      Divided& own = divided[index];
      if (!own.gradient.defined()) continue;
      body(own, slice(bucket.flat, offset, own.parameter));
      offset += own.parameter.numel();
    }
  }

  void launch(Bucket& bucket) {
    c10::NoGradGuard guard;
    int64_t elements = 0;
    for (size_t index : bucket.members)
      if (divided[index].gradient.defined()) elements += divided[index].parameter.numel();
    bucket.flat = at::empty({elements}, divided[bucket.members[0]].parameter.options().requires_grad(false));
    each(bucket, [](Divided& own, at::Tensor part) { part.copy_(own.gradient); });
    bucket.collective = add_up(bucket.flat, c10d::ReduceOp::SUM);
    bucket.launched = true;
  }

  void clear() {
    running = false;
    for (Bucket& bucket : buckets) {
      for (size_t index : bucket.members) divided[index].gradient = at::Tensor();
      bucket.arrived = 0;
      bucket.launched = false;
      bucket.flat = at::Tensor();
      bucket.collective = {};
    }
  }

  // Buckets that some parameters have not reached are sent without them; then all sums take their gradients' places.
  void end() {
    c10::NoGradGuard guard;
    for (Bucket& bucket : buckets)
      if (bucket.arrived > 0 && !bucket.launched) launch(bucket);
    for (Bucket& bucket : buckets) {
      if (!bucket.launched) continue;
      finish(bucket.collective);
      each(bucket, [](Divided& own, at::Tensor part) { own.parameter.mutable_grad() = part; });
    }
    clear();
  }
};

// Never freed: hooks of parameters that outlive it refer to it.
Gradients& gradients() {
  static auto* own = new Gradients();
  return *own;
}

}  // namespace

at::Tensor sum_with_gradient(const at::Tensor& tensor) { return SumOverRanks::apply(tensor); }

void divide(const std::vector<at::Tensor>& parameters) { gradients().add(parameters); }

void begin_backward() {
  if (!has_group()) return;
  gradients().clear();
  gradients().running = true;
}

void finish_backward() {
  if (has_group()) gradients().end();
}

}  // namespace arclet

#else

namespace arclet {
void begin_backward() {}
void finish_backward() {}
}  // namespace arclet

#endif
