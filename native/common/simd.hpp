// One vector of LANES floats, and the few operations the kernels need. The same source is compiled
// once for each instruction set; the compiler's vector types do the rest.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define LENET_LANES 16
#elif defined(__AVX__)
#define LENET_LANES 8
#else
#define LENET_LANES 4
#endif

namespace lenet {
namespace LENET_VARIANT {

constexpr int LANES = LENET_LANES;

// Registers that tiles of accumulators may count on. Fewer is slower, more would spill.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int REGISTERS = 32;
#else
constexpr int REGISTERS = 16;
#endif

typedef float Vec __attribute__((vector_size(4 * LENET_LANES)));
typedef std::int32_t IntVec __attribute__((vector_size(4 * LENET_LANES)));

#define LENET_INLINE inline __attribute__((always_inline))

LENET_INLINE Vec splat(float x) { return x - Vec{}; }

// A vector at an address that need not be aligned.
LENET_INLINE Vec load(const float* p) {
  Vec v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
LENET_INLINE void store(float* p, Vec v) { std::memcpy(p, &v, sizeof v); }

// As many bytes as lanes. By __builtin_convertvector, GCC would go lane by lane, which doubles the
// time it takes to read the images.
LENET_INLINE Vec load_bytes(const std::uint8_t* p) {
#if defined(__AVX512F__)
  return (Vec)_mm512_maskz_cvtepi32_ps(
      0xffff, _mm512_maskz_cvtepu8_epi32(0xffff, _mm_loadu_si128((const __m128i*)p)));
#elif defined(__AVX2__)
  return (Vec)_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i*)p)));
#else
  Vec v;
  for (int lane = 0; lane < LANES; ++lane) v[lane] = p[lane];
  return v;
#endif
}

// Written so that what is no number stays none.
LENET_INLINE Vec at_least(Vec x, float low) { return splat(low) > x ? splat(low) : x; }
LENET_INLINE Vec at_most(Vec x, float high) { return splat(high) < x ? splat(high) : x; }

// GCC before 12 has the same under another name.
#if defined(__clang__) || __GNUC__ >= 12
#define LENET_SHUFFLE(mask, a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define LENET_SHUFFLE(mask, a, b, ...) __builtin_shuffle(a, b, mask{__VA_ARGS__})
#endif

// The lower and the upper halves of two vectors, lane by lane in turn.
#if LENET_LANES == 16
#define LENET_LOW 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define LENET_HIGH 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif LENET_LANES == 8
#define LENET_LOW 0, 8, 1, 9, 2, 10, 3, 11
#define LENET_HIGH 4, 12, 5, 13, 6, 14, 7, 15
#else
#define LENET_LOW 0, 4, 1, 5
#define LENET_HIGH 2, 6, 3, 7
#endif

// As many vectors as lanes: rows become columns, by as many rounds of interleaving as it takes to
// count the lanes in binary.
LENET_INLINE void transpose(Vec (&rows)[LANES]) {
  for (int width = 1; width < LANES; width *= 2) {
    Vec other[LANES];
#pragma GCC unroll 8
    for (int i = 0; i < LANES / 2; ++i) {
      const Vec a = rows[i], b = rows[i + LANES / 2];
      other[2 * i] = LENET_SHUFFLE(IntVec, a, b, LENET_LOW);
      other[2 * i + 1] = LENET_SHUFFLE(IntVec, a, b, LENET_HIGH);
    }
    std::memcpy(&rows, &other, sizeof rows);
  }
}

// The sum of each of `count` vectors' lanes.
inline void sums_of_lanes(const Vec* vectors, std::int64_t count, float* sums) {
  for (std::int64_t first = 0; first < count; first += LANES) {
    const std::int64_t here = count - first < LANES ? count - first : LANES;
    Vec square[LANES] = {};
    std::memcpy((void*)square, vectors + first, here * sizeof(Vec));
    transpose(square);
    Vec total = square[0];
    for (int lane = 1; lane < LANES; ++lane) total += square[lane];
    std::memcpy(sums + first, &total, here * sizeof(float));
  }
}

inline float sum_of_lanes(Vec v) {
  float lanes[LANES];
  std::memcpy(lanes, &v, sizeof v);
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  return lanes[0];
}

LENET_INLINE Vec reciprocal(Vec x) {
#if defined(__AVX512F__)
  // 14 bits and one Newton step: a division would cost 16 cycles a vector.
  const Vec r = (Vec)_mm512_maskz_rcp14_ps(0xffff, (__m512)x);
  return r * (2.0f - x * r);
#else
  return 1.0f / x;
#endif
}

// e^-x to about 2e-7 relative. -x = n ln 2 + f with |f| <= ln 2 / 2; 2^n goes straight into the
// exponent bits, 2^f is a polynomial fitted for least relative error.
LENET_INLINE Vec exponential_of_minus(Vec x) {
  constexpr float LOG2E = 1.44269504f, SHIFT = 12582912.0f;  // 1.5 * 2^23: adding it rounds
  x = at_most(at_least(x, -88.0f), 87.0f);
  const Vec shifted = SHIFT - x * LOG2E;
  const Vec n = shifted - SHIFT;
  const Vec f = -x * LOG2E - n;
  Vec p = splat(0.00132647f);
  p = p * f + 0.00967151f;
  p = p * f + 0.05550734f;
  p = p * f + 0.24022242f;
  p = p * f + 0.69314698f;
  p = p * f + 1.0f;
#if defined(__AVX512F__)
  return (Vec)_mm512_maskz_scalef_ps(0xffff, (__m512)p, (__m512)n);
#else
  return (Vec)((IntVec)p + ((IntVec)shifted << 23));
#endif
}

LENET_INLINE Vec sigmoid(Vec x) { return reciprocal(1.0f + exponential_of_minus(x)); }
LENET_INLINE Vec hyperbolic_tangent(Vec x) { return 2.0f * sigmoid(2.0f * x) - 1.0f; }

}  // namespace LENET_VARIANT
}  // namespace lenet
