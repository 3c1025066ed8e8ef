// Fully connected layers, one image a lane: activations are [unit] of vectors.
#pragma once

#include "batch/activation.hpp"
#include "common/simd.hpp"
#include "batch/tiles.hpp"

namespace lenet {
namespace LENET_VARIANT {

// Sums worked on together: each input is read once for all of them.
constexpr int DENSE_TILE = REGISTERS == 32 ? 20 : 10;
constexpr int SMALL_TILE = 4;

// T sums over `count` inputs: sum t takes its weights at weight[t * across + i * along].
template <int T>
LENET_INLINE void dense_tile(const Vec* in, int count, const float* weight, long across, long along,
                             Vec (&sum)[T]) {
  for (int i = 0; i < count; ++i) {
    const Vec v = in[i];
#pragma GCC unroll 20
    for (int t = 0; t < T; ++t) sum[t] += splat(weight[t * across + i * along]) * v;
  }
}

// out = weight * in + bias for T units, squashed unless it is the last layer.
template <Activation A, int T>
LENET_INLINE void dense_forward_tile(const Vec* in, int inputs, const float* weight,
                                     const float* bias, bool squash, Vec* out) {
  Vec sum[T];
#pragma GCC unroll 20
  for (int t = 0; t < T; ++t) sum[t] = splat(bias[t]);
  dense_tile<T>(in, inputs, weight, inputs, 1, sum);
  for (int t = 0; t < T; ++t) out[t] = squash ? activate<A>(sum[t]) : sum[t];
}

template <Activation A>
inline void dense_forward(const Vec* in, int inputs, int units, const float* weight,
                          const float* bias, bool squash, Vec* out) {
  int j = 0;
  for (; j + DENSE_TILE <= units; j += DENSE_TILE)
    dense_forward_tile<A, DENSE_TILE>(in, inputs, weight + long(j) * inputs, bias + j, squash,
                                      out + j);
  for (; j + SMALL_TILE <= units; j += SMALL_TILE)
    dense_forward_tile<A, SMALL_TILE>(in, inputs, weight + long(j) * inputs, bias + j, squash,
                                      out + j);
  for (; j < units; ++j)
    dense_forward_tile<A, 1>(in, inputs, weight + long(j) * inputs, bias + j, squash, out + j);
}

template <int T>
LENET_INLINE void dense_backward_tile(const Vec* delta, int units, int inputs, const float* weight,
                                      Vec* gradient) {
  Vec sum[T] = {};
  dense_tile<T>(delta, units, weight, 1, inputs, sum);
#pragma GCC unroll 20
  for (int t = 0; t < T; ++t) gradient[t] = sum[t];
}

// gradient of the inputs = transposed weight * delta.
inline void dense_backward(const Vec* delta, int units, int inputs, const float* weight,
                           Vec* gradient) {
  int i = 0;
  for (; i + DENSE_TILE <= inputs; i += DENSE_TILE)
    dense_backward_tile<DENSE_TILE>(delta, units, inputs, weight + i, gradient + i);
  for (; i + SMALL_TILE <= inputs; i += SMALL_TILE)
    dense_backward_tile<SMALL_TILE>(delta, units, inputs, weight + i, gradient + i);
  for (; i < inputs; ++i) dense_backward_tile<1>(delta, units, inputs, weight + i, gradient + i);
}

// Lay [unit] of vectors out as one row of `stride` floats an image, for weight gradients, which
// are sums over images and so need the images in rows. The end of a row is filled with zeros.
inline void to_rows(const Vec* values, int units, float* rows, int stride) {
  for (int first = 0; first < units; first += LANES) {
    Vec square[LANES];
#pragma GCC unroll 16
    for (int u = 0; u < LANES; ++u) square[u] = first + u < units ? values[first + u] : Vec{};
    transpose(square);
#pragma GCC unroll 16
    for (int lane = 0; lane < LANES; ++lane)
      store(rows + long(lane) * stride + first, square[lane]);
  }
}

inline int padded(int n) { return (n + LANES - 1) / LANES * LANES; }

// gradient[j][i] = sum over images of delta[n][j] * in[n][i], for J units and I vectors of inputs.
template <int J, int I>
LENET_INLINE void outer_tile(const float* delta, int delta_stride, const float* in, int in_stride,
                             long images, float* gradient, int inputs, int vectors) {
  Vec sum[J][I] = {};
  for (long n = 0; n < images; ++n) {
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
      float* place = gradient + long(j) * inputs + i * LANES;
      const int left = vectors - i * LANES;  // floats that are really there
      if (left >= LANES) {
        store(place, sum[j][i]);
      } else if (left > 0) {
        float lanes[LANES];
        store(lanes, sum[j][i]);
        std::memcpy(place, lanes, left * sizeof(float));
      }
    }
}

template <int I = REGISTERS == 32 ? 4 : 3>
LENET_INLINE void outer_columns(int size, const float* delta, int delta_stride, int units,
                                const float* in, int in_stride, int inputs, long images,
                                float* gradient, int left) {
  if constexpr (I > 1)
    if (size < I)
      return outer_columns<I - 1>(size, delta, delta_stride, units, in, in_stride, inputs, images,
                                  gradient, left);
  constexpr int J = REGISTERS == 32 ? 6 : 3;
  int j = 0;
  for (; j + J <= units; j += J)
    outer_tile<J, I>(delta + j, delta_stride, in, in_stride, images, gradient + long(j) * inputs,
                     inputs, left);
  for (; j < units; ++j)
    outer_tile<1, I>(delta + j, delta_stride, in, in_stride, images, gradient + long(j) * inputs,
                     inputs, left);
}

inline void dense_weight_gradient(const float* delta, int delta_stride, int units, const float* in,
                                  int in_stride, int inputs, long images, float* gradient) {
  constexpr int I = REGISTERS == 32 ? 4 : 3;
  const int vectors = padded(inputs) / LANES, count = tiles(vectors, I);
  for (int n = 0, i = 0; n < count; ++n) {
    const int size = tile_size(vectors, I, n);
    outer_columns(size, delta, delta_stride, units, in + i, in_stride, inputs, images,
                  gradient + i, inputs - i);
    i += size * LANES;
  }
}

}  // namespace LENET_VARIANT
}  // namespace lenet
