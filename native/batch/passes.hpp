// The forward and backward pass of the whole network over many images.
//
// LANES images pass through the whole network, forward and back, before the next ones begin. All
// numbers between the layers then stay in the second-level cache.
#pragma once

#include <utility>

#include "batch/activation.hpp"
#include "batch/arena.hpp"
#include "batch/convolution.hpp"
#include "batch/dense.hpp"
#include "batch/gather.hpp"
#include "batch/loss.hpp"
#include "common/stopwatch.hpp"

namespace lenet {
namespace LENET_VARIANT {

// The arrays of one thread between the layers. All but `rows` and `delta_rows` have one image per
// lane. Arrays whose comment says "training" exist only in training.
struct Scratch {
  Vec* in;                   // [in_channels][32][32]: normalised images
  Vec* pooled1;              // [channels1][14][14]: output of the first stage
  Vec* unit[MAX_DENSE + 1];  // [0]: flattened output of the second stage, [channels2][5][5];
                             // [k + 1]: output of fully connected layer k, [units]

  // Training: the arrays that the forward pass of each stage keeps for the backward pass (`Stage`).
  Vec *slope1 = nullptr, *slope2 = nullptr;
  IntVec *winner1 = nullptr, *winner2 = nullptr;

  // Training: the gradient by the sums of each convolution, in the order of `band_row`. Only max
  // pooling has these arrays: average pooling writes the gradient over the slopes.
  Vec *delta1, *delta2;
  // Training: [0]: the gradient by unit[0]; [k + 1]: the gradient by the output of fully connected
  // layer k before the activation, [units].
  Vec* delta[MAX_DENSE + 1];
  Vec* gradient1;  // training: the gradient by pooled1, [channels1][14][14]

  // Training: the gradient by the parameters of the convolutions. Each lane has a sum of its own.
  Vec *weight1, *bias1, *weight2, *bias2;

  // Training: for all images of a shard, the inputs of each fully connected layer and the gradient
  // by its output: [images][padded(inputs)] and [images][padded(units)].
  float *rows[MAX_DENSE], *delta_rows[MAX_DENSE];
  std::int64_t bytes;  // bytes of all arrays

  // Takes the arrays from `memory`; if it is null, only `bytes` is valid.
  Scratch(const BatchSpec& s, std::int64_t shard, bool training, void* memory) {
    Arena arena(memory);
    const bool max = s.pooling == Pooling::max;
    const std::int64_t c1 = s.channels1, c2 = s.channels2;
    const std::int64_t full1 = c1 * SIDE1 * SIDE1, half1 = c1 * HALF1 * HALF1;
    const std::int64_t full2 = c2 * SIDE2 * SIDE2, half2 = c2 * HALF2 * HALF2;
    in = arena.take<Vec>(std::int64_t(s.in_channels) * SIDE0 * SIDE0);
    pooled1 = arena.take<Vec>(half1);
    for (int k = 0; k <= s.dense_layers(); ++k)
      unit[k] = arena.take<Vec>(k == 0 ? s.flattened() : s.units(k - 1));
    if (training) {
      slope1 = arena.take<Vec>(max ? half1 : full1);
      slope2 = arena.take<Vec>(max ? half2 : full2);
      winner1 = arena.take<IntVec>(max ? half1 : 0);
      winner2 = arena.take<IntVec>(max ? half2 : 0);
      delta1 = arena.take<Vec>(max ? full1 : 0);
      delta2 = arena.take<Vec>(max ? full2 : 0);
      for (int k = 0; k <= s.dense_layers(); ++k)
        delta[k] = arena.take<Vec>(k == 0 ? s.flattened() : s.units(k - 1));
      gradient1 = arena.take<Vec>(half1);
      weight1 = arena.take<Vec>(c1 * s.in_channels * TAPS);
      bias1 = arena.take<Vec>(c1);
      weight2 = arena.take<Vec>(c2 * c1 * TAPS);
      bias2 = arena.take<Vec>(c2);
      const std::int64_t images = (shard + LANES - 1) / LANES * LANES;
      for (int k = 0; k < s.dense_layers(); ++k) {
        rows[k] = arena.take<float>(images * padded(s.inputs(k)));
        delta_rows[k] = arena.take<float>(images * padded(s.units(k)));
      }
    }
    bytes = arena.used();
  }
};

// Computes the forward pass of the images [first, last), at most LANES. The scores are then in the
// last array of m.unit, [classes]. If `m` has the arrays for training, it also writes what the
// backward pass needs.
//   parameters  weight and bias of each layer: see `BatchSpec::parameter_sizes`
inline void forward_lanes(const BatchSpec& s, const float* const* parameters, const Images& images,
                          std::int64_t first, std::int64_t last, const Scratch& m,
                          Stopwatch& watch) {
  gather(s, images, first, last, m.in);
  watch.lap(GATHER);
  const Stage one{m.in, m.pooled1, m.slope1, m.winner1};
  forward_stage<SIDE0>(one, s.activation, s.pooling, s.in_channels, s.channels1, parameters[0],
                       parameters[1]);
  watch.lap(CONV1);
  const Stage two{m.pooled1, m.unit[0], m.slope2, m.winner2};
  forward_stage<HALF1>(two, s.activation, s.pooling, s.channels1, s.channels2, parameters[2],
                       parameters[3]);
  watch.lap(CONV2);
  for (int k = 0; k < s.dense_layers(); ++k) {
    dense_forward(m.unit[k], s.inputs(k), s.units(k), parameters[4 + 2 * k], parameters[5 + 2 * k],
                  m.unit[k + 1]);
    if (k + 1 < s.dense_layers()) activate_all(s.activation, m.unit[k + 1], s.units(k));
  }
}

// Computes the backward pass of both convolutions for LANES images, from m.delta[0], the gradient
// by the flattened maps. Adds to the gradients by the parameters: m.weight1, m.bias1, m.weight2 and
// m.bias2.
inline void backward_convolutions(const BatchSpec& s, const float* const* parameters,
                                  const Scratch& m, Stopwatch& watch) {
  Vec* delta2 = s.pooling == Pooling::max ? m.delta2 : m.slope2;
  for (int y = 0; y < HALF2; ++y)
    for (int c = 0; c < s.channels2; ++c)
      unpool_gradient<SIDE2>(s.pooling, m.delta[0], m.slope2, m.winner2, delta2, s.channels2, c, y,
                             m.bias2[c]);
  weight_gradient<HALF1>(m.pooled1, s.channels1, delta2, s.channels2, 0, SIDE2, m.weight2);
  watch.lap(CONV2_WEIGHTS);
  input_gradient(delta2, s.channels2, parameters[2], s.channels1, m.gradient1);
  watch.lap(CONV2_INPUT);
  Vec* delta1 = s.pooling == Pooling::max ? m.delta1 : m.slope1;
  // The maps of the first convolution are larger than the first-level cache. A few rows at a time,
  // `weight_gradient` finds the result of `unpool_gradient` still in the cache.
  constexpr int ROWS = 2;
  for (int y = 0; y < HALF1; y += ROWS) {
    for (int r = y; r < y + ROWS; ++r)
      for (int c = 0; c < s.channels1; ++c)
        unpool_gradient<SIDE1>(s.pooling, m.gradient1, m.slope1, m.winner1, delta1, s.channels1, c,
                               r, m.bias1[c]);
    weight_gradient<SIDE0>(m.in, s.in_channels, delta1, s.channels1, 2 * y, 2 * (y + ROWS),
                           m.weight1);
  }
  watch.lap(CONV1_WEIGHTS);
}

// Computes the gradient of the mean loss by every parameter, over the images [first, last) of a
// batch.
//   parameters     weight and bias of each layer: see `BatchSpec::parameter_sizes`
//   weight         1 / (images in the batch)
//   out            result: all parameters one after another
//   loss, correct  receive the sum of the losses and the number of correct answers
//   parts          null, or receives the seconds of each part
inline void gradients_of_shard(const BatchSpec& s, const float* const* parameters,
                               const Images& images, std::int64_t first, std::int64_t last,
                               float weight, const Scratch& m, float* out, double* loss,
                               std::int64_t* correct, double* parts) {
  Stopwatch watch(parts);
  const int layers = s.dense_layers();
  const std::pair<Vec*, std::int64_t> sums[] = {
      {m.weight1, std::int64_t(s.channels1) * s.in_channels * TAPS},
      {m.bias1, s.channels1},
      {m.weight2, std::int64_t(s.channels2) * s.channels1 * TAPS},
      {m.bias2, s.channels2}};
  for (const auto& [vectors, count] : sums) std::memset((void*)vectors, 0, bytes_of<Vec>(count));

  for (std::int64_t at = first; at < last; at += LANES) {
    forward_lanes(s, parameters, images, at, last, m, watch);
    cross_entropy(s, m.unit[layers], images, at, last, weight, m.delta[layers], loss, correct);
    watch.lap(DENSE);
    for (int k = layers - 1; k >= 0; --k) {
      const int inputs = s.inputs(k), units = s.units(k);
      const std::int64_t row = at - first;
      to_rows(m.unit[k], inputs, m.rows[k] + row * padded(inputs), padded(inputs));
      to_rows(m.delta[k + 1], units, m.delta_rows[k] + row * padded(units), padded(units));
      dense_backward(m.delta[k + 1], units, inputs, parameters[4 + 2 * k], m.delta[k]);
      if (k > 0) multiply_by_slopes(s.activation, m.unit[k], inputs, m.delta[k]);
    }
    watch.lap(DENSE_BACK);
    backward_convolutions(s, parameters, m, watch);
  }

  for (const auto& [vectors, count] : sums) {
    sums_of_lanes(vectors, count, out);
    out += count;
  }
  watch.lap(CONV2_WEIGHTS);
  // The rows of lanes without an image count too: their output gradients are zero.
  const std::int64_t rows = (last - first + LANES - 1) / LANES * LANES;
  for (int k = 0; k < layers; ++k) {
    const int inputs = s.inputs(k), units = s.units(k), stride = padded(units);
    dense_weight_gradient(m.delta_rows[k], stride, units, m.rows[k], padded(inputs), inputs, rows,
                          out);
    out += std::int64_t(units) * inputs;
    for (int j = 0; j < units; ++j) out[j] = 0.0f;
    for (std::int64_t n = 0; n < rows; ++n)
      for (int j = 0; j < units; ++j) out[j] += m.delta_rows[k][n * stride + j];
    out += units;
  }
  watch.lap(DENSE_BACK);
}

// Computes the scores of the images [first, last): rows first to last - 1 of `scores`
// [count][classes].
inline void forward_images(const BatchSpec& s, const float* const* parameters, const Images& images,
                           std::int64_t first, std::int64_t last, const Scratch& m,
                           float* scores) {
  const Vec* result = m.unit[s.dense_layers()];
  Stopwatch watch(nullptr);
  for (std::int64_t at = first; at < last; at += LANES) {
    forward_lanes(s, parameters, images, at, last, m, watch);
    for (int lane = 0; lane < LANES && at + lane < last; ++lane)
      for (int k = 0; k < s.classes(); ++k)
        scores[(at + lane) * s.classes() + k] = result[k][lane];
  }
}

}  // namespace LENET_VARIANT
}  // namespace lenet
