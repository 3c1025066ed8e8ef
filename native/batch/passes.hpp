// Forward and backward over many images: as many as lanes go through the whole network and back
// before the next ones begin, so that all they touch stays in the second-level cache.
#pragma once

#include <cstddef>
#include <utility>

#include "batch/convolution.hpp"
#include "batch/dense.hpp"
#include "batch/gather.hpp"
#include "batch/loss.hpp"
#include "common/stopwatch.hpp"

namespace lenet {
namespace LENET_VARIANT {

// Hands out pieces of a block of memory; with no block, only counts.
class Arena {
 public:
  explicit Arena(void* memory) : memory_(static_cast<char*>(memory)) {}
  template <class T>
  T* take(std::int64_t count) {
    T* piece = reinterpret_cast<T*>(memory_ + used_);
    used_ += (count * std::int64_t(sizeof(T)) + 63) / 64 * 64;
    return memory_ ? piece : nullptr;
  }
  std::int64_t used() const { return used_; }

 private:
  char* memory_;
  std::int64_t used_ = 0;
};

constexpr int MOST_DENSE = 8;

// Where one thread keeps what lies between two layers.
struct Scratch {
  Vec *in, *pooled1;
  Vec *slope1 = nullptr, *slope2 = nullptr;  // this and what follows: in training only
  IntVec *winner1 = nullptr, *winner2 = nullptr;
  Vec *delta1, *delta2;        // max pooling only: the slopes' place serves the average
  Vec* unit[MOST_DENSE + 1];   // [0]: the flattened maps; [k + 1]: outputs of dense layer k
  Vec* delta[MOST_DENSE + 1];  // their gradients
  Vec* gradient1;              // of pooled1
  Vec *weight1, *bias1, *weight2, *bias2;  // gradient sums, lanes apart
  float *rows[MOST_DENSE], *delta_rows[MOST_DENSE];
  std::int64_t bytes;

  Scratch(const Spec& s, std::int64_t shard, bool training, void* memory) {
    Arena arena(memory);
    const bool max = s.pooling == Pooling::max;
    const std::int64_t c1 = s.channels1, c2 = s.channels2;
    const std::int64_t full1 = c1 * SIDE1 * SIDE1, half1 = c1 * HALF1 * HALF1;
    const std::int64_t full2 = c2 * SIDE2 * SIDE2, half2 = c2 * HALF2 * HALF2;
    in = arena.take<Vec>(std::int64_t(s.in_channels) * SIDE0 * SIDE0);
    pooled1 = arena.take<Vec>(half1);
    for (int k = 0; k <= s.dense_layers(); ++k)
      unit[k] = arena.take<Vec>(k == 0 ? s.flat() : s.units[k - 1]);
    if (training) {
      slope1 = arena.take<Vec>(max ? half1 : full1);
      slope2 = arena.take<Vec>(max ? half2 : full2);
      winner1 = arena.take<IntVec>(max ? half1 : 0);
      winner2 = arena.take<IntVec>(max ? half2 : 0);
      delta1 = arena.take<Vec>(max ? full1 : 0);
      delta2 = arena.take<Vec>(max ? full2 : 0);
      for (int k = 0; k <= s.dense_layers(); ++k)
        delta[k] = arena.take<Vec>(k == 0 ? s.flat() : s.units[k - 1]);
      gradient1 = arena.take<Vec>(half1);
      weight1 = arena.take<Vec>(c1 * s.in_channels * TAPS);
      bias1 = arena.take<Vec>(c1);
      weight2 = arena.take<Vec>(c2 * c1 * TAPS);
      bias2 = arena.take<Vec>(c2);
      const std::int64_t images = (shard + LANES - 1) / LANES * LANES;
      for (int k = 0; k < s.dense_layers(); ++k) {
        rows[k] = arena.take<float>(images * padded(s.inputs(k)));
        delta_rows[k] = arena.take<float>(images * padded(s.units[k]));
      }
    }
    bytes = arena.used();
  }
};

template <Activation A, Pooling P, bool TRAINING>
inline void forward_lanes(const Spec& s, const float* const* p, const Images& images,
                          std::int64_t first, std::int64_t last, const Scratch& m,
                          Stopwatch& watch) {
  gather(s, images, first, last, m.in);
  watch.lap(GATHER);
  const Stage one{m.in, m.pooled1, m.slope1, m.winner1};
  forward_stage<SIDE0, A, P, TRAINING>(one, s.in_channels, s.channels1, p[0], p[1]);
  watch.lap(CONV1);
  const Stage two{m.pooled1, m.unit[0], m.slope2, m.winner2};
  forward_stage<HALF1, A, P, TRAINING>(two, s.channels1, s.channels2, p[2], p[3]);
  watch.lap(CONV2);
  for (int k = 0; k < s.dense_layers(); ++k)
    dense_forward<A>(m.unit[k], s.inputs(k), s.units[k], p[4 + 2 * k], p[5 + 2 * k],
                     k + 1 < s.dense_layers(), m.unit[k + 1]);
}

template <Activation A, Pooling P>
inline void backward_convolutions(const Spec& s, const float* const* p, const Scratch& m,
                                  Stopwatch& watch) {
  Vec* delta2 = P == Pooling::max ? m.delta2 : m.slope2;
  for (int y = 0; y < HALF2; ++y)
    for (int c = 0; c < s.channels2; ++c)
      spread<SIDE2, P>(m.delta[0], m.slope2, m.winner2, delta2, s.channels2, c, y, m.bias2[c]);
  weight_gradient<HALF1>(m.pooled1, s.channels1, delta2, s.channels2, 0, SIDE2, m.weight2);
  watch.lap(CONV2_WEIGHTS);
  input_gradient(delta2, s.channels2, p[2], s.channels1, m.gradient1);
  watch.lap(CONV2_INPUT);
  Vec* delta1 = P == Pooling::max ? m.delta1 : m.slope1;
  // A few rows at a time: what was just spread is still in the first-level cache.
  constexpr int BAND = 2;
  for (int y = 0; y < HALF1; y += BAND) {
    for (int r = y; r < y + BAND; ++r)
      for (int c = 0; c < s.channels1; ++c)
        spread<SIDE1, P>(m.gradient1, m.slope1, m.winner1, delta1, s.channels1, c, r, m.bias1[c]);
    weight_gradient<SIDE0>(m.in, s.in_channels, delta1, s.channels1, 2 * y, 2 * (y + BAND),
                           m.weight1);
  }
  watch.lap(CONV1_WEIGHTS);
}

// The gradients of images [first, last), all parameters in order, into `out`.
template <Activation A, Pooling P>
inline void gradients_of_shard(const Spec& s, const float* const* p, const Images& images,
                               std::int64_t first, std::int64_t last, float weight,
                               const Scratch& m, float* out, double* loss, std::int64_t* correct,
                               double* parts) {
  Stopwatch watch(parts);
  const int layers = s.dense_layers();
  const std::pair<Vec*, std::int64_t> sums[] = {
      {m.weight1, std::int64_t(s.channels1) * s.in_channels * TAPS},
      {m.bias1, s.channels1},
      {m.weight2, std::int64_t(s.channels2) * s.channels1 * TAPS},
      {m.bias2, s.channels2}};
  for (const auto& [vectors, count] : sums) std::memset((void*)vectors, 0, count * sizeof(Vec));

  for (std::int64_t at = first; at < last; at += LANES) {
    forward_lanes<A, P, true>(s, p, images, at, last, m, watch);
    cross_entropy(s, m.unit[layers], images, at, last, weight, m.delta[layers], loss, correct);
    watch.lap(DENSE);
    for (int k = layers - 1; k >= 0; --k) {
      const int inputs = s.inputs(k), units = s.units[k];
      const std::int64_t row = at - first;
      to_rows(m.unit[k], inputs, m.rows[k] + row * padded(inputs), padded(inputs));
      to_rows(m.delta[k + 1], units, m.delta_rows[k] + row * padded(units), padded(units));
      dense_backward(m.delta[k + 1], units, inputs, p[4 + 2 * k], m.delta[k]);
      if (k > 0)
        for (int i = 0; i < inputs; ++i) m.delta[k][i] *= slope_of<A>(m.unit[k][i]);
    }
    watch.lap(DENSE_BACK);
    backward_convolutions<A, P>(s, p, m, watch);
  }

  for (const auto& [vectors, count] : sums) {
    sums_of_lanes(vectors, count, out);
    out += count;
  }
  watch.lap(CONV2_WEIGHTS);
  const std::int64_t rows = (last - first + LANES - 1) / LANES * LANES;
  for (int k = 0; k < layers; ++k) {
    const int inputs = s.inputs(k), units = s.units[k], stride = padded(units);
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

// The logits of images [first, last).
template <Activation A, Pooling P>
inline void forward_many(const Spec& s, const float* const* p, const Images& images,
                         std::int64_t first, std::int64_t last, const Scratch& m, float* logits) {
  const Vec* scores = m.unit[s.dense_layers()];
  Stopwatch watch(nullptr);
  for (std::int64_t at = first; at < last; at += LANES) {
    forward_lanes<A, P, false>(s, p, images, at, last, m, watch);
    for (int lane = 0; lane < LANES && at + lane < last; ++lane)
      for (int k = 0; k < s.classes(); ++k)
        logits[(at + lane) * s.classes() + k] = scores[k][lane];
  }
}

}  // namespace LENET_VARIANT
}  // namespace lenet
