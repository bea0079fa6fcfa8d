// The loops of batch normalisation with what follows it (norm_activation.cc), over rows of channels.
#pragma once

#include <cstdint>

namespace arclet {

enum class Activation : int64_t { none = 0, relu = 1, silu = 2 };

// Of 32 channels, in the order of lanes.h.
struct Channels {
  float mean[32];
  float scale[32];  // γ / σ
  float shift[32];  // β
  float slope[32];  // what the gradient gets of x − mean
  float level[32];  // and as a constant
};

// Rows of `stride` elements; bfloat16 is given by its bits. Tile t is of the 32 channels from starts[t].
struct Rows {
  int64_t count;
  int64_t stride;
  const int64_t* starts;
  int64_t tiles;
};

// Mean and sum of squared distances from it of every tile's channels: 32 floats a tile, in lanes' order.
void moments(const float* x, const Rows& rows, float* mean, float* squares);
void moments(const uint16_t* x, const Rows& rows, float* mean, float* squares);

// y = act((x − mean) scale + shift + added); `added` may be null.
void normalise(const float* x, const float* added, float* y, const Rows& rows, const Channels* channels, Activation act);
void normalise(const uint16_t* x, const uint16_t* added, uint16_t* y, const Rows& rows, const Channels* channels,
               Activation act);

// Σ g and Σ g (x − mean) of every tile's channels, where g is the gradient before the activation; `y` is what it gave, or
// null to compute that again.
void gradient_sums(const float* x, const float* dy, const float* y, const Rows& rows, const Channels* channels,
                   Activation act, float* sums, float* products);
void gradient_sums(const uint16_t* x, const uint16_t* dy, const uint16_t* y, const Rows& rows, const Channels* channels,
                   Activation act, float* sums, float* products);

// dx = g scale + (x − mean) slope + level, and d(added) = g; either may be null.
void gradients(const float* x, const float* dy, const float* y, float* dx, float* dadded, const Rows& rows,
               const Channels* channels, Activation act);
void gradients(const uint16_t* x, const uint16_t* dy, const uint16_t* y, uint16_t* dx, uint16_t* dadded,
               const Rows& rows, const Channels* channels, Activation act);

}  // namespace arclet
