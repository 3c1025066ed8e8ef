// Convolution with one image a lane: maps are [channel][row][column] of vectors, and every
// operation is full width whatever the number of channels. Weights are read as single floats and
// spread over the lanes.
#pragma once

#include "batch/activation.hpp"
#include "common/simd.hpp"
#include "batch/spec.hpp"
#include "batch/tiles.hpp"

namespace lenet {
namespace LENET_VARIANT {

// Output channels worked on together. A tile has 4 accumulators a channel (the 2x2 window that is
// pooled) and reads 4 pixels and one weight a channel for 4 products a channel.
constexpr int FORWARD_TILE = REGISTERS == 32 ? 4 : 2;
// 5 accumulators a channel (a row of the kernel).
constexpr int WEIGHT_TILE = REGISTERS == 32 ? 4 : 2;

// The sums of one 2x2 window of outputs for T channels. `in` points at the window's corner.
template <int T, int SIDE>
LENET_INLINE void window(const Vec* in, int in_channels, const float* weight, const float* bias,
                         Vec (&sum)[T][4]) {
  const int stride = in_channels * TAPS;
#pragma GCC unroll 8
  for (int t = 0; t < T; ++t)
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) sum[t][k] = splat(bias[t]);
  for (int c = 0; c < in_channels; ++c)
    for (int ky = 0; ky < KERNEL; ++ky) {
      const Vec* above = in + (c * SIDE + ky) * SIDE;
      const Vec* below = above + SIDE;
      const float* w = weight + c * TAPS + ky * KERNEL;
#pragma GCC unroll 5
      for (int kx = 0; kx < KERNEL; ++kx) {
        const Vec v0 = above[kx], v1 = above[kx + 1], v2 = below[kx], v3 = below[kx + 1];
#pragma GCC unroll 8
        for (int t = 0; t < T; ++t) {
          const Vec s = splat(w[t * stride + kx]);
          sum[t][0] += s * v0;
          sum[t][1] += s * v1;
          sum[t][2] += s * v2;
          sum[t][3] += s * v3;
        }
      }
    }
}

// Maps before pooling lie in bands of two rows, [half][channels][2][side], in the order in which
// they are made and used: what a band needs is one stretch of memory.
template <int SIDE>
LENET_INLINE int band_row(int channels, int channel, int y) {
  return ((y / 2 * channels + channel) * 2 + y % 2) * SIDE;
}

// What one convolution, activation and pooling read and leave behind.
struct Stage {
  const Vec* in;     // [in_channels][in side][in side]
  Vec* pooled;       // [channels][half][half]
  // For training. Average: the activation's derivative times 1/4, in the order of `band_row`.
  // Max: its derivative at the maximum, [channels][half][half], and which of the four it was.
  Vec* slope;
  IntVec* winner;
};

template <int T, int SIDE_IN, Activation A, Pooling P, bool TRAINING>
LENET_INLINE void pooled_row(const Stage& s, int in_channels, int channels, const float* weight,
                             const float* bias, int first, int y) {
  constexpr int SIDE = SIDE_IN - KERNEL + 1, HALF = SIDE / 2;
  for (int x = 0; x < HALF; ++x) {
    Vec sum[T][4];
    window<T, SIDE_IN>(s.in + 2 * y * SIDE_IN + 2 * x, in_channels, weight, bias, sum);
#pragma GCC unroll 8
    for (int t = 0; t < T; ++t) {
      const int place = ((first + t) * HALF + y) * HALF + x;
      if constexpr (P == Pooling::average) {
        Vec total{};
        [[maybe_unused]] const int corner = band_row<SIDE>(channels, first + t, 2 * y) + 2 * x;
#pragma GCC unroll 4
        for (int k = 0; k < 4; ++k) {
          const Vec a = activate<A>(sum[t][k]);
          const Vec quarter = 0.25f * a;
          total += quarter;
          if constexpr (TRAINING)
            s.slope[corner + (k / 2) * SIDE + k % 2] = quarter_slope_of<A>(a, quarter);
        }
        s.pooled[place] = total;
      } else {
        // Activations never fall, so the maximum may be taken first: a quarter of the work.
        Vec best = sum[t][0];
        IntVec winner{};
#pragma GCC unroll 3
        for (int k = 1; k < 4; ++k) {
          const IntVec larger = sum[t][k] > best;
          best = larger ? sum[t][k] : best;
          if constexpr (TRAINING) winner = larger ? (IntVec{} + k) : winner;
        }
        const Vec a = activate<A>(best);
        s.pooled[place] = a;
        if constexpr (TRAINING) {
          s.slope[place] = slope_of<A>(a);
          s.winner[place] = winner;
        }
      }
    }
  }
}

template <int SIDE_IN, Activation A, Pooling P, bool TRAINING, int MOST = FORWARD_TILE>
LENET_INLINE void row_of_tile(int size, const Stage& s, int in_channels, int channels,
                              const float* weight, const float* bias, int first, int y) {
  if constexpr (MOST > 1)
    if (size < MOST)
      return row_of_tile<SIDE_IN, A, P, TRAINING, MOST - 1>(size, s, in_channels, channels, weight,
                                                            bias, first, y);
  pooled_row<MOST, SIDE_IN, A, P, TRAINING>(s, in_channels, channels, weight, bias, first, y);
}

// Convolution, activation and pooling of one vector of images, two rows of outputs at a time so
// that the rows read stay in the first-level cache for all channels.
template <int SIDE_IN, Activation A, Pooling P, bool TRAINING>
inline void forward_stage(const Stage& s, int in_channels, int channels, const float* weight,
                          const float* bias) {
  constexpr int HALF = (SIDE_IN - KERNEL + 1) / 2;
  const int count = tiles(channels, FORWARD_TILE);
  for (int y = 0; y < HALF; ++y)
    for (int n = 0, first = 0; n < count; ++n) {
      const int size = tile_size(channels, FORWARD_TILE, n);
      row_of_tile<SIDE_IN, A, P, TRAINING>(size, s, in_channels, channels,
                                           weight + first * in_channels * TAPS, bias + first,
                                           first, y);
      first += size;
    }
}

// From the gradient of the pooled maps to that of the sums before the activation, in `delta`
// (in the slopes' own place when pooling by average), for rows 2y and 2y+1. Adds the bias
// gradient.
template <int SIDE, Pooling P>
LENET_INLINE void spread(const Vec* pooled_gradient, const Vec* slope,
                         const IntVec* winner, Vec* delta, int channels, int channel, int y,
                         Vec& bias_gradient) {
  constexpr int HALF = SIDE / 2;
  Vec* rows = delta + band_row<SIDE>(channels, channel, 2 * y);
  Vec bias = bias_gradient;
  for (int x = 0; x < HALF; ++x) {
    const int place = (channel * HALF + y) * HALF + x;
    const Vec g = pooled_gradient[place];
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
      Vec& d = rows[(k / 2) * SIDE + 2 * x + k % 2];
      if constexpr (P == Pooling::average)
        d = g * d;
      else
        d = winner[place] == k ? g * slope[place] : Vec{};
      bias += d;
    }
  }
  bias_gradient = bias;
}

// Adds to the gradient of T channels' weights what rows [y0, y1) of outputs give. Lanes stay
// apart until the end of a shard: `sums` is [channels][in_channels][5][5] of vectors.
template <int T, int SIDE_IN>
LENET_INLINE void weight_gradient_tile(const Vec* in, int in_channels, const Vec* delta,
                                       int channels, int y0, int y1, Vec* sums) {
  constexpr int SIDE = SIDE_IN - KERNEL + 1;
  for (int c = 0; c < in_channels; ++c)
    for (int ky = 0; ky < KERNEL; ++ky) {
      Vec sum[T][KERNEL];
#pragma GCC unroll 8
      for (int t = 0; t < T; ++t)
#pragma GCC unroll 5
        for (int kx = 0; kx < KERNEL; ++kx)
          sum[t][kx] = sums[(t * in_channels + c) * TAPS + ky * KERNEL + kx];
      for (int y = y0; y < y1; ++y) {
        const Vec* row = in + (c * SIDE_IN + y + ky) * SIDE_IN;
        const Vec* d = delta + band_row<SIDE>(channels, 0, y);
#pragma GCC unroll 2
        for (int x = 0; x < SIDE; ++x) {
          Vec v[KERNEL];
#pragma GCC unroll 5
          for (int kx = 0; kx < KERNEL; ++kx) v[kx] = row[x + kx];
#pragma GCC unroll 8
          for (int t = 0; t < T; ++t) {
            const Vec dt = d[t * 2 * SIDE + x];
#pragma GCC unroll 5
            for (int kx = 0; kx < KERNEL; ++kx) sum[t][kx] += dt * v[kx];
          }
        }
      }
#pragma GCC unroll 8
      for (int t = 0; t < T; ++t)
#pragma GCC unroll 5
        for (int kx = 0; kx < KERNEL; ++kx)
          sums[(t * in_channels + c) * TAPS + ky * KERNEL + kx] = sum[t][kx];
    }
}

template <int SIDE_IN, int MOST = WEIGHT_TILE>
LENET_INLINE void weight_gradient_of_tile(int size, const Vec* in, int in_channels,
                                          const Vec* delta, int channels, int y0, int y1,
                                          Vec* sums) {
  if constexpr (MOST > 1)
    if (size < MOST)
      return weight_gradient_of_tile<SIDE_IN, MOST - 1>(size, in, in_channels, delta, channels, y0,
                                                        y1, sums);
  weight_gradient_tile<MOST, SIDE_IN>(in, in_channels, delta, channels, y0, y1, sums);
}

template <int SIDE_IN>
inline void weight_gradient(const Vec* in, int in_channels, const Vec* delta, int channels, int y0,
                            int y1, Vec* sums) {
  constexpr int SIDE = SIDE_IN - KERNEL + 1;
  const int count = tiles(channels, WEIGHT_TILE);
  for (int n = 0, first = 0; n < count; ++n) {
    const int size = tile_size(channels, WEIGHT_TILE, n);
    weight_gradient_of_tile<SIDE_IN>(size, in, in_channels, delta + first * 2 * SIDE, channels, y0,
                                     y1, sums + first * in_channels * TAPS);
    first += size;
  }
}

// The gradient of the second convolution's input, a row at a time: each output row that touches
// it is scattered over the 5 columns of its kernel, in registers, without any padding.
inline void input_gradient(const Vec* delta, int channels, const float* weight, int in_channels,
                           Vec* gradient) {
  constexpr int SEGMENTS = REGISTERS == 32 ? 1 : 2, WIDTH = HALF1 / SEGMENTS;
  const int stride = in_channels * TAPS;
  for (int c = 0; c < in_channels; ++c)
    for (int row = 0; row < HALF1; ++row) {
      const int low = row - SIDE2 + 1 > 0 ? row - SIDE2 + 1 : 0;
      const int high = row < KERNEL - 1 ? row : KERNEL - 1;
#pragma GCC unroll 2
      for (int segment = 0; segment < SEGMENTS; ++segment) {
        const int begin = segment * WIDTH;
        Vec sum[WIDTH] = {};
        for (int ky = low; ky <= high; ++ky) {
          const Vec* d = delta + band_row<SIDE2>(channels, 0, row - ky);
          const float* w = weight + c * TAPS + ky * KERNEL;
          for (int o = 0; o < channels; ++o, d += 2 * SIDE2, w += stride) {
#pragma GCC unroll 5
            for (int kx = 0; kx < KERNEL; ++kx) {
              const Vec s = splat(w[kx]);
#pragma GCC unroll 14
              for (int i = 0; i < WIDTH; ++i) {
                const int x = begin + i - kx;
                if (x >= 0 && x < SIDE2) sum[i] += s * d[x];
              }
            }
          }
        }
#pragma GCC unroll 14
        for (int i = 0; i < WIDTH; ++i) gradient[(c * HALF1 + row) * HALF1 + begin + i] = sum[i];
      }
    }
}

}  // namespace LENET_VARIANT
}  // namespace lenet
