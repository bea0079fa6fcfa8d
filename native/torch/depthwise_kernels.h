// The loop of a depthwise convolution's weight gradient (depthwise.cc).
#pragma once

#include <cstdint>

namespace arclet {

// Images as they lie channels-last, and how the kernel moves over them; pixels.
struct Depthwise {
  int64_t channels;
  int64_t in_height, in_width, out_height, out_width;
  int64_t kernel_height, kernel_width;
  int64_t down, across;  // stride
  int64_t top, left;     // padding
};

// Σ x dy over `images` images for each tap and each of the 32 channels from x and dy on: sums (taps, 32), in the order of
// lanes.h.
void depthwise_sums(const float* x, const float* dy, int64_t images, const Depthwise& shape, float* sums);
void depthwise_sums(const uint16_t* x, const uint16_t* dy, int64_t images, const Depthwise& shape, float* sums);

}  // namespace arclet
