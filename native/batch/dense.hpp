// Fully connected layers: the forward pass and the gradients.
//
// Forward, and back to the inputs, one image per lane: the numbers of a layer are an array [units]
// of vectors. The gradient by the weights is a sum over images. For it the numbers of all images of
// a shard are first laid out as rows, [images][units], and then multiplied like matrices, with the
// lanes along the units.
#pragma once

#include <cstdint>

#include "batch/tiles.hpp"
#include "common/bytes.hpp"
#include "common/simd.hpp"

namespace lenet {
namespace LENET_VARIANT {

// The number of sums in a tile. They stay in registers, and each input is read once for all of
// them.
constexpr int DENSE_TILE = REGISTERS == 32 ? 20 : 10;
constexpr int SMALL_TILE = 4;

// Adds to T sums: sum[t] += weight[t * across + i * along] * in[i], over all i below `count`.
//   in      [count]
//   sum     [T]
template <int T>
LENET_INLINE void dense_tile(const Vec* in, int count, const float* weight, std::int64_t across, std::int64_t along,
                             Vec (&sum)[T]) {
  for (int i = 0; i < count; ++i) {
    const Vec v = in[i];
#pragma GCC unroll 20
    for (int t = 0; t < T; ++t) sum[t] += splat(weight[t * across + i * along]) * v;
  }
}

// Computes out = weight * in + bias for T units.
//   in [inputs], weight [T][inputs], bias [T], out [T]
template <int T>
LENET_INLINE void dense_forward_tile(const Vec* in, int inputs, const float* weight,
                                     const float* bias, Vec* out) {
  Vec sum[T];
#pragma GCC unroll 20
  for (int t = 0; t < T; ++t) sum[t] = splat(bias[t]);
  dense_tile<T>(in, inputs, weight, inputs, 1, sum);
#pragma GCC unroll 20
  for (int t = 0; t < T; ++t) out[t] = sum[t];
}

// Computes out = weight * in + bias for a whole layer.
//   in [inputs], weight [units][inputs], bias [units], out [units]
inline void dense_forward(const Vec* in, int inputs, int units, const float* weight,
                          const float* bias, Vec* out) {
  int j = 0;
  for (; j + DENSE_TILE <= units; j += DENSE_TILE)
    dense_forward_tile<DENSE_TILE>(in, inputs, weight + std::int64_t(j) * inputs, bias + j, out + j);
  for (; j + SMALL_TILE <= units; j += SMALL_TILE)
    dense_forward_tile<SMALL_TILE>(in, inputs, weight + std::int64_t(j) * inputs, bias + j, out + j);
  for (; j < units; ++j)
    dense_forward_tile<1>(in, inputs, weight + std::int64_t(j) * inputs, bias + j, out + j);
}

// Computes the gradient by T inputs.
//   delta [units], gradient [T]
//   weight  column of the first of the T inputs in [units][inputs]
template <int T>
LENET_INLINE void dense_backward_tile(const Vec* delta, int units, int inputs, const float* weight,
                                      Vec* gradient) {
  Vec sum[T] = {};
  dense_tile<T>(delta, units, weight, 1, inputs, sum);
#pragma GCC unroll 20
  for (int t = 0; t < T; ++t) gradient[t] = sum[t];
}

// Computes the gradient by the inputs of a layer: gradient = transposed weight * delta.
//   delta [units]: the gradient by the outputs before the activation
//   weight [units][inputs], gradient [inputs]
inline void dense_backward(const Vec* delta, int units, int inputs, const float* weight,
                           Vec* gradient) {
  int i = 0;
  for (; i + DENSE_TILE <= inputs; i += DENSE_TILE)
    dense_backward_tile<DENSE_TILE>(delta, units, inputs, weight + i, gradient + i);
  for (; i + SMALL_TILE <= inputs; i += SMALL_TILE)
    dense_backward_tile<SMALL_TILE>(delta, units, inputs, weight + i, gradient + i);
  for (; i < inputs; ++i) dense_backward_tile<1>(delta, units, inputs, weight + i, gradient + i);
}

// Writes values [units], with one image per lane, as one row of floats per image: `rows` is
// [LANES][stride]. `stride` is at least padded(units), and the places after the last unit become
// zero.
inline void to_rows(const Vec* values, int units, float* rows, int stride) {
  for (int first = 0; first < units; first += LANES) {
    Vec square[LANES];
#pragma GCC unroll 16
    for (int u = 0; u < LANES; ++u) square[u] = first + u < units ? values[first + u] : Vec{};
    transpose(square);
#pragma GCC unroll 16
    for (int lane = 0; lane < LANES; ++lane)
      store(rows + std::int64_t(lane) * stride + first, square[lane]);
  }
}

// Returns n rounded up to whole vectors.
inline int padded(int n) { return (n + LANES - 1) / LANES * LANES; }

// The largest tile of the weight gradient: units, and vectors of inputs.
constexpr int OUTER_UNITS = REGISTERS == 32 ? 6 : 3;
constexpr int OUTER_VECTORS = REGISTERS == 32 ? 4 : 3;

// Computes gradient[j][i] = sum over images n of delta[n][j] * in[n][i], for J units and I vectors
// of inputs, with the lanes along the inputs.
//   delta     [images][delta_stride], beginning at the first unit
//   in        [images][in_stride], beginning at the first input
//   gradient  result, [units][inputs], beginning at the first unit and input
//   left      inputs from the first one to the end of the row: no more are written
template <int J, int I>
LENET_INLINE void outer_tile(const float* delta, int delta_stride, const float* in, int in_stride,
                             std::int64_t images, float* gradient, int inputs, int left) {
  Vec sum[J][I] = {};
  for (std::int64_t n = 0; n < images; ++n) {
    Vec v[I];
#pragma GCC unroll 4
    for (int i = 0; i < I; ++i) v[i] = load(in + n * in_stride + i * LANES);
#pragma GCC unroll 8
    for (int j = 0; j < J; ++j) {
      const Vec d = splat(delta[n * delta_stride + j]);
#pragma GCC unroll 4
      for (int i = 0; i < I; ++i) sum[j][i] += d * v[i];
    }
  }
  for (int j = 0; j < J; ++j)
    for (int i = 0; i < I; ++i) {
      float* place = gradient + std::int64_t(j) * inputs + i * LANES;
      const int count = left - i * LANES;
      if (count >= LANES) {
        store(place, sum[j][i]);
      } else if (count > 0) {
        float lanes[LANES];
        store(lanes, sum[j][i]);
        std::memcpy(place, lanes, bytes_of<float>(count));
      }
    }
}

// Computes the gradient by the weights of `size` vectors of inputs, 1 to I, for all units. The
// arguments are those of `outer_tile`.
template <int I = OUTER_VECTORS>
LENET_INLINE void outer_columns(int size, const float* delta, int delta_stride, int units,
                                const float* in, int in_stride, int inputs, std::int64_t images,
                                float* gradient, int left) {
  if constexpr (I > 1)
    if (size < I)
      return outer_columns<I - 1>(size, delta, delta_stride, units, in, in_stride, inputs, images,
                                  gradient, left);
  constexpr int J = OUTER_UNITS;
  int j = 0;
  for (; j + J <= units; j += J)
    outer_tile<J, I>(delta + j, delta_stride, in, in_stride, images, gradient + std::int64_t(j) * inputs,
                     inputs, left);
  for (; j < units; ++j)
    outer_tile<1, I>(delta + j, delta_stride, in, in_stride, images, gradient + std::int64_t(j) * inputs,
                     inputs, left);
}

// Computes the gradient by the weights of a layer: gradient = transposed delta * in.
//   delta     [images][delta_stride]: the gradient by the outputs before the activation
//   in        [images][in_stride]
//   gradient  result, [units][inputs]
inline void dense_weight_gradient(const float* delta, int delta_stride, int units, const float* in,
                                  int in_stride, int inputs, std::int64_t images, float* gradient) {
  const int vectors = padded(inputs) / LANES, count = tiles(vectors, OUTER_VECTORS);
  for (int n = 0, i = 0; n < count; ++n) {
    const int size = tile_size(vectors, OUTER_VECTORS, n);
    outer_columns(size, delta, delta_stride, units, in + i, in_stride, inputs, images,
                  gradient + i, inputs - i);
    i += size * LANES;
  }
}

}  // namespace LENET_VARIANT
}  // namespace lenet
