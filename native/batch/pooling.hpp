// Activation and pooling of the sums of a convolution, and the gradient by these sums.
//
// Average pooling applies the activation function to the four sums of a window, then takes the
// mean. Max pooling takes the maximum first: an activation function never decreases, so the result
// is the same, with one activation in place of four.
//
// Training. The backward pass needs the derivative of a pooled number by each of its four sums. For
// average pooling the forward pass keeps the activation function's slope at each sum, times 1/4.
// For max pooling three of the derivatives are 0. The forward pass keeps the fourth, the slope at
// the maximum, and the place of the maximum in its window, which is 0, 1, 2 or 3.
#pragma once

#include "batch/activation.hpp"
#include "batch/spec.hpp"
#include "common/simd.hpp"

namespace lenet {
namespace LENET_VARIANT {

// Returns where row y of a channel begins in an array of maps before pooling. Such an array is
// [SIDE / 2][channels][2][SIDE]: two rows that are pooled together, for each channel, then the next
// two rows. The loops compute and read the rows in this order.
template <int SIDE>
LENET_INLINE int band_row(int channels, int channel, int y) {
  return ((y / 2 * channels + channel) * 2 + y % 2) * SIDE;
}

// The arrays of one stage: convolution, activation and pooling. SIDE is SIDE_IN - 4, the side of
// the maps before pooling, and HALF is SIDE / 2.
struct Stage {
  const Vec* in;  // [in_channels][SIDE_IN][SIDE_IN]: the input
  Vec* pooled;    // [channels][HALF][HALF]: the output
  // Null except in training. With average pooling: a quarter of the activation's slope at each sum,
  // in the order of `band_row`. With max pooling: the slope at each maximum,
  // [channels][HALF][HALF].
  Vec* slope;
  // Training with max pooling: the place of each maximum in its window, [channels][HALF][HALF].
  IntVec* winner;
};

// Applies the activation function to the sums of a row of windows, and takes their means.
//   sums    [half][4]: upper left, upper right, lower left and lower right of each window
//   slope   null, or result: [2][2 * half], a quarter of the slope at each sum
//   pooled  result, [half]
template <Activation A>
LENET_INLINE void average_row(const Vec* sums, int half, Vec* slope, Vec* pooled) {
  for (int x = 0; x < half; ++x) {
    Vec mean{};
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
      const Vec a = activate<A>(sums[4 * x + k]);
      const Vec quarter = 0.25f * a;
      mean += quarter;
      if (slope) slope[(k / 2) * 2 * half + 2 * x + k % 2] = quarter_slope_of<A>(a, quarter);
    }
    pooled[x] = mean;
  }
}

// Takes the maxima of a row of windows, and applies the activation function to them.
//   sums    [half][4]: upper left, upper right, lower left and lower right of each window
//   slope   null, or result: [half], the slope at each maximum
//   winner  result unless `slope` is null, [half]: the place of each maximum in its window
//   pooled  result, [half]
template <Activation A>
LENET_INLINE void maximum_row(const Vec* sums, int half, Vec* slope, IntVec* winner, Vec* pooled) {
  for (int x = 0; x < half; ++x) {
    Vec best = sums[4 * x];  // of equal sums the first is the maximum
    IntVec place{};
#pragma GCC unroll 3
    for (int k = 1; k < 4; ++k) {
      const IntVec larger = sums[4 * x + k] > best;  // in each lane
      best = larger ? sums[4 * x + k] : best;
      place = larger ? (IntVec{} + k) : place;
    }
    const Vec a = activate<A>(best);
    pooled[x] = a;
    if (slope) {
      slope[x] = slope_of<A>(a);
      winner[x] = place;
    }
  }
}

// Applies the activation function to the sums of a row of windows of some channels, and pools them.
//   s     receives row y of channels first to first + count - 1; its arrays have all `channels`
//   sums  [count][half][4]
inline void pool_tile(Activation activation, Pooling pooling, const Stage& s, const Vec* sums,
                      int half, int channels, int first, int count, int y) {
  with_activation(activation, [&](auto a) {
    for (int c = first; c < first + count; ++c, sums += half * 4) {
      const int row = (c * half + y) * half;
      if (pooling == Pooling::average)
        average_row<a>(sums, half, s.slope ? s.slope + (y * channels + c) * 4 * half : nullptr,
                       s.pooled + row);
      else
        maximum_row<a>(sums, half, s.slope ? s.slope + row : nullptr,
                       s.slope ? s.winner + row : nullptr, s.pooled + row);
    }
  });
}

// Computes the gradient by the sums of one channel in rows 2y and 2y + 1, from the gradient by row
// y of the pooled map.
//   pooled_gradient  [channels][HALF][HALF]
//   slope, winner    what the forward pass kept (see `Stage`); average pooling reads `delta`
//                    instead
//   delta            result, in the order of `band_row`. With average pooling it holds the slopes
//                    before the call, and the gradient replaces them.
//   bias_gradient    the gradient by the channel's bias: receives the sum of the result
template <int SIDE>
inline void unpool_gradient(Pooling pooling, const Vec* pooled_gradient, const Vec* slope,
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
      if (pooling == Pooling::average)
        d = g * d;
      else
        d = winner[place] == k ? g * slope[place] : Vec{};
      bias += d;
    }
  }
  bias_gradient = bias;
}

}  // namespace LENET_VARIANT
}  // namespace lenet
