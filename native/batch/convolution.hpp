// Convolution, activation and pooling for a batch of images: the forward pass and the gradients.
//
// The forward pass of one stage computes, for output channel o at row y and column x,
//
//     sum[o][y][x] = bias[o] + sum over c, i, j of weight[o][c][i][j] * in[c][y + i][x + j]
//
// then applies the activation function, then joins every 2x2 window into one number.
//
// One image per lane. A `Vec` is a vector register: LANES floats, for instance 16 with AVX-512.
// Lane k of every vector belongs to image k, so a vector holds the same pixel of LANES images. Maps
// are arrays [channels][rows][columns] of vectors. The loops below are those of the textbook, and
// each multiplication does LANES images at once, whatever the number of channels is. A weight is a
// single float, which `splat` copies to all lanes. No number moves from one lane to another.
//
// Tiles. A processor multiplies and adds faster than it reads. The innermost loops therefore
// compute a tile: the sums of a few output channels at the four places of a 2x2 window. The sums of
// a tile stay in registers until they are complete. Each pixel that is read is multiplied by the
// weights of all channels of the tile, and each weight by the pixels of all four places. A
// multiply-add takes several cycles, but those of different sums do not wait for each other. The
// number of channels in a tile is a template parameter T, so that the compiler can keep every sum
// in its own register.
//
// Two rows at a time. Two rows of outputs are computed for all output channels before the next two
// are begun. They all read the same six rows of each input map, which stay in the first-level
// cache.
//
// Pooling at once. The sums of one row of windows fill a few kilobytes. They are still in the
// first-level cache when batch/pooling.hpp applies the activation function and pools them, so the
// maps before pooling are never written. Only these small loops exist for every activation function
// and kind of pooling. The large ones here are compiled once.
//
// The backward pass begins with the gradient of the loss by the pooled maps and takes three steps.
// `unpool_gradient` computes the gradient by the sums, called `delta` below. `weight_gradient`
// computes the gradient by the weights. `input_gradient` computes the gradient by the input of the
// second convolution, which is the gradient by the pooled maps of the first. The input of the first
// convolution is the image, and training needs no gradient by the image.
#pragma once

#include "batch/pooling.hpp"
#include "batch/spec.hpp"
#include "batch/tiles.hpp"
#include "common/simd.hpp"

namespace lenet {
namespace LENET_VARIANT {

// The largest number of output channels in a tile, for 32 or 16 vector registers. The forward pass
// holds 4 sums per channel, 4 pixels and 1 weight in registers. The weight gradient holds 5 sums
// per channel, 5 pixels and 1 gradient.
constexpr int FORWARD_TILE = REGISTERS == 32 ? 4 : 2;
constexpr int WEIGHT_TILE = REGISTERS == 32 ? 4 : 2;

// ---- Forward

// Computes the sums of T output channels at the four places of one 2x2 window.
//   in      [in_channels][SIDE][SIDE], beginning at the window's upper left corner
//   weight  [T][in_channels][5][5], bias [T]
//   sum     result, [T][4]: upper left, upper right, lower left, lower right
template <int T, int SIDE>
LENET_INLINE void convolve_window(const Vec* in, int in_channels, const float* weight,
                                  const float* bias, Vec (&sum)[T][4]) {
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

// Computes the sums of T output channels in one row of windows.
//   in      [in_channels][SIDE_IN][SIDE_IN], beginning at the row of the first window
//   weight  [T][in_channels][5][5], bias [T]
//   sums    result, [T][HALF][4]: the four sums of each window
template <int T, int SIDE_IN>
LENET_INLINE void convolve_tile(const Vec* in, int in_channels, const float* weight,
                                const float* bias, Vec* sums) {
  constexpr int HALF = (SIDE_IN - KERNEL + 1) / 2;
  for (int x = 0; x < HALF; ++x) {
    Vec sum[T][4];
    convolve_window<T, SIDE_IN>(in + 2 * x, in_channels, weight, bias, sum);
#pragma GCC unroll 8
    for (int t = 0; t < T; ++t)
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k) sums[(t * HALF + x) * 4 + k] = sum[t][k];
  }
}

// Calls `convolve_tile` with T = size, which is 1 to LARGEST.
template <int SIDE_IN, int LARGEST = FORWARD_TILE>
LENET_INLINE void convolve_tile_of_size(int size, const Vec* in, int in_channels,
                                        const float* weight, const float* bias, Vec* sums) {
  if constexpr (LARGEST > 1)
    if (size < LARGEST)
      return convolve_tile_of_size<SIDE_IN, LARGEST - 1>(size, in, in_channels, weight, bias, sums);
  convolve_tile<LARGEST, SIDE_IN>(in, in_channels, weight, bias, sums);
}

// Computes a whole stage for LANES images: convolution, activation and pooling.
//   s       reads s.in; writes the other arrays that it has
//   weight  [channels][in_channels][5][5], bias [channels]
template <int SIDE_IN>
inline void forward_stage(const Stage& s, Activation activation, Pooling pooling, int in_channels,
                          int channels, const float* weight, const float* bias) {
  constexpr int HALF = (SIDE_IN - KERNEL + 1) / 2;
  Vec sums[FORWARD_TILE * HALF * 4];
  const int count = tiles(channels, FORWARD_TILE);
  for (int y = 0; y < HALF; ++y)
    for (int n = 0, first = 0; n < count; ++n) {
      const int size = tile_size(channels, FORWARD_TILE, n);
      convolve_tile_of_size<SIDE_IN>(size, s.in + 2 * y * SIDE_IN, in_channels,
                                     weight + first * in_channels * TAPS, bias + first, sums);
      pool_tile(activation, pooling, s, sums, HALF, channels, first, size, y);
      first += size;
    }
}

// ---- Backward

// Adds to the gradient by the weights of T output channels: the products of rows [y0, y1) of the
// gradient by their sums with the pixels that each weight was multiplied by. A tile is one row of
// the kernel, 5 weights, for T channels.
//   in      [in_channels][SIDE_IN][SIDE_IN]
//   delta   the gradient by the sums, in the order of `band_row`, beginning at the first of the
//           T channels
//   sums    [T][in_channels][5][5], with a separate sum in each lane
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

// Calls `weight_gradient_tile` with T = size, which is 1 to LARGEST.
template <int SIDE_IN, int LARGEST = WEIGHT_TILE>
LENET_INLINE void weight_gradient_tile_of_size(int size, const Vec* in, int in_channels,
                                               const Vec* delta, int channels, int y0, int y1,
                                               Vec* sums) {
  if constexpr (LARGEST > 1)
    if (size < LARGEST)
      return weight_gradient_tile_of_size<SIDE_IN, LARGEST - 1>(size, in, in_channels, delta,
                                                                channels, y0, y1, sums);
  weight_gradient_tile<LARGEST, SIDE_IN>(in, in_channels, delta, channels, y0, y1, sums);
}

// Adds to the gradient by all weights of a convolution what rows [y0, y1) of the gradient by its
// sums contribute. The gradient of a batch is a sum over its images. Each lane holds the sum over
// its own images, and `sums_of_lanes` adds up the lanes once, after the last image.
//   in      [in_channels][SIDE_IN][SIDE_IN]
//   delta   the gradient by the sums of all channels, in the order of `band_row`
//   sums    [channels][in_channels][5][5]
template <int SIDE_IN>
inline void weight_gradient(const Vec* in, int in_channels, const Vec* delta, int channels, int y0,
                            int y1, Vec* sums) {
  constexpr int SIDE = SIDE_IN - KERNEL + 1;
  const int count = tiles(channels, WEIGHT_TILE);
  for (int n = 0, first = 0; n < count; ++n) {
    const int size = tile_size(channels, WEIGHT_TILE, n);
    weight_gradient_tile_of_size<SIDE_IN>(size, in, in_channels, delta + first * 2 * SIDE, channels,
                                          y0, y1, sums + first * in_channels * TAPS);
    first += size;
  }
}

// Computes the gradient by the input of the second convolution. The input at column x was
// multiplied by weight kx for the sum at column x - kx, so
//
//     gradient[c][row][x] = sum over o, ky, kx of weight[o][c][ky][kx] * delta[o][row - ky][x - kx]
//
// over the places that exist. A tile is one row of the result (half a row with 16 registers): each
// weight is multiplied by a whole row of `delta`. The compiler unrolls the loops over columns and
// drops the places outside `delta`, so there is no padding to multiply.
//   delta     [channels] maps of SIDE2 x SIDE2, in the order of `band_row`
//   weight    [channels][in_channels][5][5]
//   gradient  result, [in_channels][HALF1][HALF1]
inline void input_gradient(const Vec* delta, int channels, const float* weight, int in_channels,
                           Vec* gradient) {
  constexpr int SEGMENTS = REGISTERS == 32 ? 1 : 2, WIDTH = HALF1 / SEGMENTS;
  const int stride = in_channels * TAPS;
  for (int c = 0; c < in_channels; ++c)
    for (int row = 0; row < HALF1; ++row) {
      // The rows of the kernel for which row - ky is a row of `delta`.
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
