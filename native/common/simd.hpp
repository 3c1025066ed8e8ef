// The vector type `Vec` of LANES floats, and the operations on vectors that the compiler does not
// provide. The compiler's vector types have the usual operators, which work lane by lane, so one
// source serves all instruction sets. It is compiled once for each.
#pragma once

#include <cstdint>
#include <cstring>

#include "common/bytes.hpp"

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

// The number of vector registers. The sums of a tile must fit them: the compiler would keep the
// rest in memory.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int REGISTERS = 32;
#else
constexpr int REGISTERS = 16;
#endif

typedef float Vec __attribute__((vector_size(4 * LENET_LANES)));
typedef std::int32_t IntVec __attribute__((vector_size(4 * LENET_LANES)));

#define LENET_INLINE inline __attribute__((always_inline))

// Returns a vector with x in every lane.
LENET_INLINE Vec splat(float x) { return x - Vec{}; }

// Reads and writes the LANES floats at p, which need not be aligned.
LENET_INLINE Vec load(const float* p) {
  Vec v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
LENET_INLINE void store(float* p, Vec v) { std::memcpy(p, &v, sizeof v); }

// Returns the LANES bytes at p as floats. GCC compiles __builtin_convertvector to one conversion
// per lane, which doubles the time of `gather`. Therefore the instructions are named here.
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

// Return the larger or the smaller of x and a bound in each lane. A lane that is NaN stays NaN,
// because every comparison with NaN is false. The instructions of x86 do just this, but GCC does
// not find them: it compares and selects, which takes twice as many.
#if defined(__AVX512F__)
LENET_INLINE Vec at_least(Vec x, float low) {
  return (Vec)_mm512_maskz_max_ps(0xffff, (__m512)splat(low), (__m512)x);
}
LENET_INLINE Vec at_most(Vec x, float high) {
  return (Vec)_mm512_maskz_min_ps(0xffff, (__m512)splat(high), (__m512)x);
}
#elif defined(__AVX__)
LENET_INLINE Vec at_least(Vec x, float low) {
  return (Vec)_mm256_max_ps((__m256)splat(low), (__m256)x);
}
LENET_INLINE Vec at_most(Vec x, float high) {
  return (Vec)_mm256_min_ps((__m256)splat(high), (__m256)x);
}
#elif defined(__SSE__)
LENET_INLINE Vec at_least(Vec x, float low) {
  return (Vec)_mm_max_ps((__m128)splat(low), (__m128)x);
}
LENET_INLINE Vec at_most(Vec x, float high) {
  return (Vec)_mm_min_ps((__m128)splat(high), (__m128)x);
}
#else
LENET_INLINE Vec at_least(Vec x, float low) { return splat(low) > x ? splat(low) : x; }
LENET_INLINE Vec at_most(Vec x, float high) { return splat(high) < x ? splat(high) : x; }
#endif

// Selects lanes from two vectors a and b by number: 0 is the first lane of a, and the first lane of
// b has the next number after the last lane of a. GCC before version 12 has this operation under
// another name.
#if defined(__clang__) || __GNUC__ >= 12
#define LENET_SHUFFLE(mask, a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define LENET_SHUFFLE(mask, a, b, ...) __builtin_shuffle(a, b, mask{__VA_ARGS__})
#endif

// The lane numbers that interleave the lower halves of two vectors, and those for the upper halves.
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

// Transposes a square of LANES vectors in place: lane j of row i becomes lane i of row j. Each of
// the log2(LANES) rounds interleaves rows i and i + LANES / 2.
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

// Computes sums [count]: the sum of the lanes of each of vectors [count].
inline void sums_of_lanes(const Vec* vectors, std::int64_t count, float* sums) {
  for (std::int64_t first = 0; first < count; first += LANES) {
    const std::int64_t here = count - first < LANES ? count - first : LANES;
    Vec square[LANES] = {};
    std::memcpy((void*)square, vectors + first, bytes_of<Vec>(here));
    transpose(square);
    Vec total = square[0];
    for (int lane = 1; lane < LANES; ++lane) total += square[lane];
    std::memcpy(sums + first, &total, bytes_of<float>(here));
  }
}

// Returns the sum of the lanes of v.
inline float sum_of_lanes(Vec v) {
  float lanes[LANES];
  std::memcpy(lanes, &v, sizeof v);
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  return lanes[0];
}

// Returns 1 / x in each lane; with AVX-512, to about the precision of a float.
LENET_INLINE Vec reciprocal(Vec x) {
#if defined(__AVX512F__)
  // An estimate with 14 bits and one Newton step. A division would take 16 cycles.
  const Vec r = (Vec)_mm512_maskz_rcp14_ps(0xffff, (__m512)x);
  return r * (2.0f - x * r);
#else
  return 1.0f / x;
#endif
}

// Returns e^-x in each lane, with a relative error of about 2e-7. Let -x log2(e) = n + f, where n
// is an integer and |f| <= 1/2. Then e^-x = 2^n 2^f. A polynomial, fitted for the smallest relative
// error, approximates 2^f, and n is added to the exponent bits.
LENET_INLINE Vec exponential_of_minus(Vec x) {
  // Adding 1.5 * 2^23 to a number rounds it to an integer, which is in the low bits of the sum.
  constexpr float LOG2E = 1.44269504f, SHIFT = 12582912.0f;
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

// Returns x. The compiler can't see through it, so it can't fuse the product x with a later sum.
LENET_INLINE Vec rounded(Vec x) {
#if defined(__AVX512F__)
  asm("" : "+v"(x));
#elif defined(__x86_64__)
  asm("" : "+x"(x));
#elif defined(__aarch64__)
  asm("" : "+w"(x));
#else
  asm("" : "+m"(x));
#endif
  return x;
}

// Makes the compiler write the numbers to memory, so that it can't fuse a product with a later sum.
template <int N>
LENET_INLINE void keep(float (&numbers)[N]) {
  asm("" : "+m"(numbers));
}

// Returns a * b + c: rounded once where the instruction set can do that, else twice.
LENET_INLINE float multiply_add(float a, float b, float c) {
#if defined(__FMA__) || defined(__aarch64__)
  return __builtin_fmaf(a, b, c);
#else
  return a * b + c;
#endif
}

// Returns a * b + c, rounded once. The product is exact in double. If the sum is not, it gets an odd
// last bit, so that the second rounding, to float, does not see a tie where there is none (Boldo,
// Melquiond, IEEE Trans. Computers 57(4), 2008).
inline float fused_by_double(float a, float b, float c) {
  const double product = double(a) * double(b), sum = product + double(c);
  const double other = sum - product, second = sum - other;
  const double lost = (product - second) + (double(c) - other);
  double total = sum;
  std::int64_t bits;
  std::memcpy(&bits, &total, sizeof bits);
  const bool finite = total - total == 0;
  if (finite && lost != 0 && bits % 2 == 0) bits += (lost > 0) == (total > 0) ? 1 : -1;
  std::memcpy(&total, &bits, sizeof bits);
  return float(total);
}

// Returns a * b + c in each lane, rounded once, as a fused multiply-add does.
LENET_INLINE Vec fused_multiply_add(Vec a, Vec b, Vec c) {
#if defined(__AVX512F__)
  return (Vec)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__FMA__)
  return (Vec)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
  Vec sum;
  for (int lane = 0; lane < LANES; ++lane) {
#if defined(__aarch64__)
    sum[lane] = __builtin_fmaf(a[lane], b[lane], c[lane]);
#else
    sum[lane] = fused_by_double(a[lane], b[lane], c[lane]);
#endif
  }
  return sum;
#endif
}

// Return the activation function of each lane.
LENET_INLINE Vec sigmoid(Vec x) { return reciprocal(1.0f + exponential_of_minus(x)); }
LENET_INLINE Vec hyperbolic_tangent(Vec x) { return 2.0f * sigmoid(2.0f * x) - 1.0f; }

}  // namespace LENET_VARIANT
}  // namespace lenet
