// A tensor's memory, as our own kernels take it.
#pragma once

#include <ATen/core/Tensor.h>

namespace arclet {

// Whether its memory, on the processor, holds its values.
inline bool is_there(const at::Tensor& tensor) {
  return tensor.device().is_cpu() && tensor.layout() == at::kStrided && !tensor.is_neg() && !tensor._is_zerotensor();
}

// Whether kernels are compiled for its type.
inline bool has_lanes(const at::Tensor& tensor) {
  return tensor.scalar_type() == at::kFloat || tensor.scalar_type() == at::kBFloat16;
}

// Its elements, bfloat16 by its bits; null for no tensor.
template <class T>
T* data(const at::Tensor& tensor) {
  return tensor.defined() ? reinterpret_cast<T*>(tensor.data_ptr()) : nullptr;
}

// f(T{}) with T as kernels take the tensor's elements.
template <class F>
void by_type(const at::Tensor& tensor, const F& f) {
  if (tensor.scalar_type() == at::kFloat) f(float{});
  else f(uint16_t{});
}

}  // namespace arclet
