// Arithmetic on 32 neighbouring channels at once, in float32 or bfloat16, for kernels that are compiled for several
// processors (ARCLET_CLONES). Everything is inlined into them, so that each copy has its processor's instructions.
#pragma once

#include <cstdint>
#include <cstring>

#pragma GCC diagnostic ignored "-Wpsabi"  // vectors are never passed between functions that are called

// libtorch is compiled once for each instruction set; so are these, and the loader chooses.
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && __GNUC__ >= 12 && !defined(__clang__)
#define ARCLET_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define ARCLET_CLONES
#endif
#define ARCLET_INLINE static inline __attribute__((always_inline))

namespace arclet {

constexpr int64_t kLanes = 32;

typedef float Floats __attribute__((vector_size(64)));
typedef uint32_t Words __attribute__((vector_size(64)));

// 32 channels. Which of them are in `a` depends on the type they are loaded from: of float32 the first 16; of bfloat16
// every other one, since two neighbours then come apart by a shift and a mask.
struct Lanes {
  Floats a, b;
};

template <class To, class From>
ARCLET_INLINE To bits(const From& from) {
  To to;
  static_assert(sizeof(to) == sizeof(from), "a vector of the same size");
  std::memcpy(&to, &from, sizeof(to));
  return to;
}

ARCLET_INLINE Lanes load(const float* from) {
  Lanes lanes;
  std::memcpy(&lanes.a, from, 64);
  std::memcpy(&lanes.b, from + 16, 64);
  return lanes;
}

ARCLET_INLINE void store(float* to, const Lanes& lanes) {
  std::memcpy(to, &lanes.a, 64);
  std::memcpy(to + 16, &lanes.b, 64);
}

// bfloat16 as its bits.
ARCLET_INLINE Lanes load(const uint16_t* from) {
  Words words;
  std::memcpy(&words, from, 64);
  return {bits<Floats>(words << 16), bits<Floats>(words & 0xffff0000u)};
}

// The nearest bfloat16 in the upper half, of two the even one; what is not a number stays so.
ARCLET_INLINE Words rounded(const Floats& value) {
  Words word = bits<Words>(value);
  Words near = word + 0x7fffu + ((word >> 16) & 1u);
  return (word & 0x7fffffffu) > 0x7f800000u ? (word | 0x00400000u) : near;
}

ARCLET_INLINE void store(uint16_t* to, const Lanes& lanes) {
  Words words = (rounded(lanes.a) >> 16) | (rounded(lanes.b) & 0xffff0000u);
  std::memcpy(to, &words, 64);
}

// The place that channel `lane` of 32 has among the lanes that are loaded from a T.
template <class T>
constexpr int64_t place(int64_t lane) {
  return sizeof(T) == 4 ? lane : (lane % 2) * 16 + lane / 2;
}

// e^x to a few units in the last place: x = n ln 2 + f, Taylor's series of e^f to the seventh power, |f| < 0.35.
ARCLET_INLINE Floats exponential(const Floats& given) {
  Floats x = given > 88.0f ? Floats{} + 88.0f : given;
  x = x < -87.0f ? Floats{} - 87.0f : x;
  const float whole = 12582912.0f;  // 1.5 · 2^23: a sum with it has no fraction
  Floats shifted = x * 1.44269504f + whole;
  Floats n = shifted - whole;
  Floats f = (x - n * 0.693359375f) + n * 2.12194440e-4f;  // ln 2 in two parts
  Floats sum = f * (1.0f / 5040) + 1.0f / 720;
  sum = sum * f + 1.0f / 120;
  sum = sum * f + 1.0f / 24;
  sum = sum * f + 1.0f / 6;
  sum = sum * f + 0.5f;
  sum = sum * f + 1.0f;
  sum = sum * f + 1.0f;
  return sum * bits<Floats>((bits<Words>(shifted) + 127u) << 23);
}

ARCLET_INLINE Floats sigmoid(const Floats& x) { return 1.0f / (1.0f + exponential(-x)); }

}  // namespace arclet
