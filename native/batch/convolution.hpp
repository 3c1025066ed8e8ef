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
// Fused pooling. The four sums of a window are still in registers when the window is pooled, so the
// maps before pooling are never written to memory. Average pooling applies the activation function
// to the four sums, then takes the mean. Max pooling takes the maximum first: an activation
// function never decreases, so the result is the same, with one activation in place of four.
//
// Training. The backward pass needs the derivative of a pooled number by each of its four sums. For
// average pooling the forward pass keeps the activation function's slope at each sum, times 1/4.
// For max pooling three of the derivatives are 0. The forward pass keeps the fourth, the slope at
// the maximum, and the place of the maximum in its window, which is 0, 1, 2 or 3.
//
// The backward pass begins with the gradient of the loss by the pooled maps and takes three steps.
// `unpool_gradient` computes the gradient by the sums, called `delta` below. `weight_gradient`
// computes the gradient by the weights. `input_gradient` computes the gradient by the input of the
// second convolution, which is the gradient by the pooled maps of the first. The input of the first
// convolution is the image, and training needs no gradient by the image.
#pragma once

#include "batch/activation.hpp"
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

// Returns where row y of a channel begins in an array of maps before pooling. Such an array is
// [SIDE / 2][channels][2][SIDE]: two rows that are pooled together, for each channel, then the next
// two rows. The loops compute and read the rows in this order.
template <int SIDE>
LENET_INLINE int band_row(int channels, int channel, int y) {
  return ((y / 2 * channels + channel) * 2 + y % 2) * SIDE;
}

// ---- Forward

// The arrays of one stage. SIDE is SIDE_IN - 4, the side of the maps before pooling, and HALF is
// SIDE / 2.
struct Stage {
  const Vec* in;  // [in_channels][SIDE_IN][SIDE_IN]: the input
  Vec* pooled;    // [channels][HALF][HALF]: the output
  // Training with average pooling: a quarter of the activation's slope at each sum, in the order of
  // `band_row`. Training with max pooling: the slope at each maximum, [channels][HALF][HALF].
  Vec* slope;
  // Training with max pooling: the place of each maximum in its window, [channels][HALF][HALF].
  IntVec* winner;
};

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

// Computes row y of the pooled maps of T output channels, first to first + T - 1.
//   s       the stage's arrays, with all channels
//   weight  [T][in_channels][5][5], bias [T]: those of the T channels
template <int T, int SIDE_IN, Activation A, Pooling P, bool TRAINING>
LENET_INLINE void forward_tile(const Stage& s, int in_channels, int channels, const float* weight,
                               const float* bias, int first, int y) {
  constexpr int SIDE = SIDE_IN - KERNEL + 1, HALF = SIDE / 2;
  for (int x = 0; x < HALF; ++x) {
    Vec sum[T][4];
    convolve_window<T, SIDE_IN>(s.in + 2 * y * SIDE_IN + 2 * x, in_channels, weight, bias, sum);
#pragma GCC unroll 8
    for (int t = 0; t < T; ++t) {
      const int place = ((first + t) * HALF + y) * HALF + x;
      if constexpr (P == Pooling::average) {
        Vec mean{};
        [[maybe_unused]] const int corner = band_row<SIDE>(channels, first + t, 2 * y) + 2 * x;
#pragma GCC unroll 4
        for (int k = 0; k < 4; ++k) {
          const Vec a = activate<A>(sum[t][k]);
          const Vec quarter = 0.25f * a;
          mean += quarter;
          if constexpr (TRAINING)
            s.slope[corner + (k / 2) * SIDE + k % 2] = quarter_slope_of<A>(a, quarter);
        }
        s.pooled[place] = mean;
      } else {
        Vec best = sum[t][0];  // of equal sums the first is the maximum
        IntVec winner{};
#pragma GCC unroll 3
        for (int k = 1; k < 4; ++k) {
          const IntVec larger = sum[t][k] > best;  // in each lane
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

// Calls `forward_tile` with T = size, which is 1 to LARGEST.
template <int SIDE_IN, Activation A, Pooling P, bool TRAINING, int LARGEST = FORWARD_TILE>
LENET_INLINE void forward_tile_of_size(int size, const Stage& s, int in_channels, int channels,
                                       const float* weight, const float* bias, int first, int y) {
  if constexpr (LARGEST > 1)
    if (size < LARGEST)
      return forward_tile_of_size<SIDE_IN, A, P, TRAINING, LARGEST - 1>(
          size, s, in_channels, channels, weight, bias, first, y);
  forward_tile<LARGEST, SIDE_IN, A, P, TRAINING>(s, in_channels, channels, weight, bias, first, y);
}

// Computes a whole stage for LANES images: convolution, activation and pooling.
//   s       reads s.in; writes s.pooled and, if TRAINING, s.slope and (max pooling) s.winner
//   weight  [channels][in_channels][5][5], bias [channels]
template <int SIDE_IN, Activation A, Pooling P, bool TRAINING>
inline void forward_stage(const Stage& s, int in_channels, int channels, const float* weight,
                          const float* bias) {
  constexpr int HALF = (SIDE_IN - KERNEL + 1) / 2;
  const int count = tiles(channels, FORWARD_TILE);
  for (int y = 0; y < HALF; ++y)
    for (int n = 0, first = 0; n < count; ++n) {
      const int size = tile_size(channels, FORWARD_TILE, n);
      forward_tile_of_size<SIDE_IN, A, P, TRAINING>(size, s, in_channels, channels,
                                                    weight + first * in_channels * TAPS,
                                                    bias + first, first, y);
      first += size;
    }
}

// ---- Backward

// Computes the gradient by the sums of one channel in rows 2y and 2y + 1, from the gradient by row
// y of the pooled map.
//   pooled_gradient  [channels][HALF][HALF]
//   slope, winner    what the forward pass kept (see `Stage`); average pooling reads `delta`
//                    instead
//   delta            result, in the order of `band_row`. With average pooling it holds the slopes
//                    before the call, and the gradient replaces them.
//   bias_gradient    the gradient by the channel's bias: receives the sum of the result
template <int SIDE, Pooling P>
LENET_INLINE void unpool_gradient(const Vec* pooled_gradient, const Vec* slope,
                                  const IntVec* winner, Vec* delta, int channels, int channel,
                                  int y, Vec& bias_gradient) {
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
