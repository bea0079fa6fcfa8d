#include "depthwise_kernels.h"

#include "lanes.h"

namespace arclet {
namespace {

struct Range {
  int64_t begin, end;
};

// Outputs whose input under a tap is inside the image.
ARCLET_INLINE Range inside(int64_t tap, int64_t padding, int64_t stride, int64_t inputs, int64_t outputs) {
  const int64_t before = padding - tap;  // input = output · stride − before
  int64_t begin = before > 0 ? (before + stride - 1) / stride : 0;
  const int64_t last = inputs - 1 + before;
  int64_t end = last < 0 ? 0 : last / stride + 1;
  return {begin, end < outputs ? end : outputs};
}

template <class T>
ARCLET_INLINE void sums_of(const T* x, const T* dy, int64_t images, const Depthwise& s, float* sums) {
  const int64_t in_row = s.in_width * s.channels, out_row = s.out_width * s.channels;
  // As many images at once as stay in the cache while all taps pass over them.
  const int64_t pixels = s.out_height * s.out_width;
  const int64_t block = pixels >= 256 ? 1 : 256 / pixels;
  for (int64_t first = 0; first < images; first += block) {
    const int64_t end = first + block < images ? first + block : images;
    for (int64_t tap = 0; tap < s.kernel_height * s.kernel_width; ++tap) {
      const int64_t i = tap / s.kernel_width, j = tap % s.kernel_width;
      const Range rows = inside(i, s.top, s.down, s.in_height, s.out_height);
      const Range columns = inside(j, s.left, s.across, s.in_width, s.out_width);
      Lanes sum = {Floats{}, Floats{}};
      if (first > 0) sum = load(sums + tap * kLanes);
      for (int64_t image = first; image < end; ++image)
        for (int64_t row = rows.begin; row < rows.end; ++row) {
          const int64_t in = image * s.in_height + row * s.down + i - s.top;
          const T* from = x + in * in_row + (columns.begin * s.across + j - s.left) * s.channels;
          const T* by = dy + (image * s.out_height + row) * out_row + columns.begin * s.channels;
          for (int64_t column = columns.begin; column < columns.end; ++column) {
            Lanes one = load(from), other = load(by);
            sum.a += one.a * other.a;
            sum.b += one.b * other.b;
            from += s.across * s.channels;
            by += s.channels;
          }
        }
      store(sums + tap * kLanes, sum);
    }
  }
}

}  // namespace

ARCLET_CLONES void depthwise_sums(const float* x, const float* dy, int64_t images, const Depthwise& shape,
                                  float* sums) {
  sums_of(x, dy, images, shape, sums);
}
ARCLET_CLONES void depthwise_sums(const uint16_t* x, const uint16_t* dy, int64_t images, const Depthwise& shape,
                                  float* sums) {
  sums_of(x, dy, images, shape, sums);
}

}  // namespace arclet
