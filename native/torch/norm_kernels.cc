#include "norm_kernels.h"

#include "lanes.h"

namespace arclet {
namespace {

// So many rows stay in the first cache from one pass over them to the next.
constexpr int64_t kBlock = 16;

// Statistics of each block around its own mean, joined (Chan, Golub and LeVeque 1979): no digits are lost where the mean
// is far from zero.
template <class T>
ARCLET_INLINE void moments_of(const T* x, const Rows& rows, float* mean, float* squares) {
  for (int64_t first = 0; first < rows.count; first += kBlock) {
    const int64_t count = rows.count - first < kBlock ? rows.count - first : kBlock;
    const float part = static_cast<float>(count) / static_cast<float>(first + count);
    for (int64_t tile = 0; tile < rows.tiles; ++tile) {
      const T* from = x + first * rows.stride + rows.starts[tile];
      Lanes sum = load(from);
      for (int64_t row = 1; row < count; ++row) {
        Lanes value = load(from + row * rows.stride);
        sum.a += value.a;
        sum.b += value.b;
      }
      const float inverse = 1.0f / static_cast<float>(count);
      Lanes own = {sum.a * inverse, sum.b * inverse};
      Lanes square = {Floats{}, Floats{}};
      for (int64_t row = 0; row < count; ++row) {
        Lanes value = load(from + row * rows.stride);
        Floats a = value.a - own.a, b = value.b - own.b;
        square.a += a * a;
        square.b += b * b;
      }
      float* mean_at = mean + tile * kLanes;
      float* squares_at = squares + tile * kLanes;
      if (first > 0) {
        Lanes before = load(mean_at), spread = load(squares_at);
        Floats a = own.a - before.a, b = own.b - before.b;
        const float weight = static_cast<float>(first) * part;
        own = {before.a + a * part, before.b + b * part};
        square = {square.a + spread.a + a * a * weight, square.b + spread.b + b * b * weight};
      }
      store(mean_at, own);
      store(squares_at, square);
    }
  }
}

template <Activation act>
ARCLET_INLINE Floats activated(const Floats& z) {
  if (act == Activation::relu) return z < 0.0f ? Floats{} : z;  // what is not a number stays so
  if (act == Activation::silu) return z * sigmoid(z);
  return z;
}

// The activation's derivative, times dy; z is before the activation.
template <Activation act>
ARCLET_INLINE Floats before(const Floats& z, const Floats& dy) {
  if (act == Activation::relu) return z > 0.0f ? dy : Floats{};
  if (act == Activation::silu) {
    Floats s = sigmoid(z);
    return dy * s * (1.0f + z * (1.0f - s));
  }
  return dy;
}

template <class T, Activation act, bool adds>
ARCLET_INLINE void normalise_rows(const T* x, const T* added, T* y, const Rows& rows, const Channels* channels) {
  for (int64_t row = 0; row < rows.count; ++row)
    for (int64_t tile = 0; tile < rows.tiles; ++tile) {
      const int64_t at = row * rows.stride + rows.starts[tile];
      const Channels& own = channels[tile];
      Lanes value = load(x + at), mean = load(own.mean), scale = load(own.scale), shift = load(own.shift);
      Lanes z = {(value.a - mean.a) * scale.a + shift.a, (value.b - mean.b) * scale.b + shift.b};
      if (adds) {
        Lanes other = load(added + at);
        z = {z.a + other.a, z.b + other.b};
      }
      store(y + at, {activated<act>(z.a), activated<act>(z.b)});
    }
}

// What the gradient is made of, at one place.
struct Place {
  Lanes centred;   // x − mean
  Lanes gradient;  // before the activation
};

// `given`: whether y is there, whose sign is that of z
template <class T, Activation act, bool given>
ARCLET_INLINE Place place_at(const T* x, const T* dy, const T* y, int64_t at, const Channels& own) {
  Lanes value = load(x + at), mean = load(own.mean), upper = load(dy + at);
  Lanes centred = {value.a - mean.a, value.b - mean.b};
  if (act == Activation::none) return {centred, upper};
  Lanes z;
  if (given) {
    z = load(y + at);
  } else {
    Lanes scale = load(own.scale), shift = load(own.shift);
    z = {centred.a * scale.a + shift.a, centred.b * scale.b + shift.b};
  }
  return {centred, {before<act>(z.a, upper.a), before<act>(z.b, upper.b)}};
}

template <class T, Activation act, bool given>
ARCLET_INLINE void sum_rows(const T* x, const T* dy, const T* y, const Rows& rows, const Channels* channels,
                            float* sums, float* products) {
  for (int64_t first = 0; first < rows.count; first += kBlock) {
    const int64_t end = first + kBlock < rows.count ? first + kBlock : rows.count;
    for (int64_t tile = 0; tile < rows.tiles; ++tile) {
      float* sums_at = sums + tile * kLanes;
      float* products_at = products + tile * kLanes;
      Lanes sum = {Floats{}, Floats{}}, product = {Floats{}, Floats{}};
      for (int64_t row = first; row < end; ++row) {
        const int64_t at = row * rows.stride + rows.starts[tile];
        Place here = place_at<T, act, given>(x, dy, y, at, channels[tile]);
        sum.a += here.gradient.a;
        sum.b += here.gradient.b;
        product.a += here.gradient.a * here.centred.a;
        product.b += here.gradient.b * here.centred.b;
      }
      if (first > 0) {
        Lanes one = load(sums_at), other = load(products_at);
        sum = {sum.a + one.a, sum.b + one.b};
        product = {product.a + other.a, product.b + other.b};
      }
      store(sums_at, sum);
      store(products_at, product);
    }
  }
}

template <class T, Activation act, bool given>
ARCLET_INLINE void gradient_rows(const T* x, const T* dy, const T* y, T* dx, T* dadded, const Rows& rows,
                                 const Channels* channels) {
  for (int64_t row = 0; row < rows.count; ++row)
    for (int64_t tile = 0; tile < rows.tiles; ++tile) {
      const int64_t at = row * rows.stride + rows.starts[tile];
      const Channels& own = channels[tile];
      Place here = place_at<T, act, given>(x, dy, y, at, own);
      if (dadded != nullptr) store(dadded + at, here.gradient);
      if (dx == nullptr) continue;
      Lanes scale = load(own.scale), slope = load(own.slope), level = load(own.level);
      store(dx + at, {here.gradient.a * scale.a + (here.centred.a * slope.a + level.a),
                      here.gradient.b * scale.b + (here.centred.b * slope.b + level.b)});
    }
}

template <class T>
ARCLET_INLINE void normalise_as(const T* x, const T* added, T* y, const Rows& rows, const Channels* channels,
                                Activation act) {
  if (added != nullptr) {
    if (act == Activation::relu) normalise_rows<T, Activation::relu, true>(x, added, y, rows, channels);
    else normalise_rows<T, Activation::none, true>(x, added, y, rows, channels);
  } else if (act == Activation::relu) {
    normalise_rows<T, Activation::relu, false>(x, added, y, rows, channels);
  } else if (act == Activation::silu) {
    normalise_rows<T, Activation::silu, false>(x, added, y, rows, channels);
  } else {
    normalise_rows<T, Activation::none, false>(x, added, y, rows, channels);
  }
}

template <class T>
ARCLET_INLINE void sum_as(const T* x, const T* dy, const T* y, const Rows& rows, const Channels* channels,
                          Activation act, float* sums, float* products) {
  if (act == Activation::relu && y != nullptr)
    sum_rows<T, Activation::relu, true>(x, dy, y, rows, channels, sums, products);
  else if (act == Activation::relu) sum_rows<T, Activation::relu, false>(x, dy, y, rows, channels, sums, products);
  else if (act == Activation::silu) sum_rows<T, Activation::silu, false>(x, dy, y, rows, channels, sums, products);
  else sum_rows<T, Activation::none, false>(x, dy, y, rows, channels, sums, products);
}

template <class T>
ARCLET_INLINE void gradients_as(const T* x, const T* dy, const T* y, T* dx, T* dadded, const Rows& rows,
                                const Channels* channels, Activation act) {
  if (act == Activation::relu && y != nullptr)
    gradient_rows<T, Activation::relu, true>(x, dy, y, dx, dadded, rows, channels);
  else if (act == Activation::relu)
    gradient_rows<T, Activation::relu, false>(x, dy, y, dx, dadded, rows, channels);
  else if (act == Activation::silu)
    gradient_rows<T, Activation::silu, false>(x, dy, y, dx, dadded, rows, channels);
  else gradient_rows<T, Activation::none, false>(x, dy, y, dx, dadded, rows, channels);
}

}  // namespace

ARCLET_CLONES void moments(const float* x, const Rows& rows, float* mean, float* squares) {
  moments_of(x, rows, mean, squares);
}
ARCLET_CLONES void moments(const uint16_t* x, const Rows& rows, float* mean, float* squares) {
  moments_of(x, rows, mean, squares);
}
ARCLET_CLONES void normalise(const float* x, const float* added, float* y, const Rows& rows, const Channels* channels,
                             Activation act) {
  normalise_as(x, added, y, rows, channels, act);
}
ARCLET_CLONES void normalise(const uint16_t* x, const uint16_t* added, uint16_t* y, const Rows& rows,
                             const Channels* channels, Activation act) {
  normalise_as(x, added, y, rows, channels, act);
}
ARCLET_CLONES void gradient_sums(const float* x, const float* dy, const float* y, const Rows& rows,
                                 const Channels* channels, Activation act, float* sums, float* products) {
  sum_as(x, dy, y, rows, channels, act, sums, products);
}
ARCLET_CLONES void gradient_sums(const uint16_t* x, const uint16_t* dy, const uint16_t* y, const Rows& rows,
                                 const Channels* channels, Activation act, float* sums, float* products) {
  sum_as(x, dy, y, rows, channels, act, sums, products);
}
ARCLET_CLONES void gradients(const float* x, const float* dy, const float* y, float* dx, float* dadded,
                             const Rows& rows, const Channels* channels, Activation act) {
  gradients_as(x, dy, y, dx, dadded, rows, channels, act);
}
ARCLET_CLONES void gradients(const uint16_t* x, const uint16_t* dy, const uint16_t* y, uint16_t* dx, uint16_t* dadded,
                             const Rows& rows, const Channels* channels, Activation act) {
  gradients_as(x, dy, y, dx, dadded, rows, channels, act);
}

}  // namespace arclet
