// One image after another through a chain of convolutions and subsamplings, and back: for networks
// that learn from every image before they see the next. The lanes run along the channels of a
// place, [y][x][channel]: a weight row serves all maps of the output at once, and a table of
// connections is a matter of weights that stay zero.
//
// The second derivatives take the same way back with everything squared: weights, inputs, slopes.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "sequence/sequence_spec.hpp"
#include "common/simd.hpp"
#include "batch/spec.hpp"

namespace lenet {
namespace LENET_VARIANT {

constexpr float AMPLITUDE = 1.7159f, SLOPE = 2.0f / 3.0f;

// What comes in from the image is read number by number, all else in whole vectors.
inline int vectors(int channels) { return (channels + LANES - 1) / LANES; }

// Where one operation keeps what it computes; all in one block of memory.
struct Node {
  const Op* op;
  int in_step, step;       // floats from one place to the next, of the input and the output
  float *value, *slope;    // of the output [side][side][step]; slope: derivatives by it
  float *squares;          // of the input, for the second derivatives
  float *weight, *bias;    // [tap][in_channels][step]; [side][side][step] or [step]
  float *rate, *bias_rate;  // or sums of derivatives, in the same layout
  float *squared_weight;
  std::vector<int> offsets;  // of a tap's input from the input of the place

  int places() const { return op->side * op->side; }
  int taps() const { return op->kind == OpKind::convolution ? op->size * op->size * op->in_channels : 1; }
  std::int64_t weights() const { return op->weights() ? std::int64_t(taps()) * step : 0; }
  std::int64_t biases() const {
    return op->weights() == 0 ? 0 : std::int64_t(op->unit_bias ? places() : 1) * step;
  }
  std::int64_t values() const { return std::int64_t(places()) * step; }
  std::int64_t inputs() const { return std::int64_t(op->in_side) * op->in_side * in_step; }
};

struct Chain {
  const Sequence& sequence;
  std::vector<Node> nodes;
  float* input;
  std::int64_t floats = 0;

  // With memory null, only `floats` counts.
  Chain(const Sequence& s, float* memory) : sequence(s) {
    auto take = [&](std::int64_t count) {
      float* start = memory ? memory + floats : nullptr;
      floats += (count + LANES - 1) / LANES * LANES + LANES;
      return start;
    };
    input = take(std::int64_t(s.in_side) * s.in_side * s.in_channels);
    int step = s.in_channels;
    for (const Op& op : s.ops) {
      Node n{};
      n.op = &op;
      n.in_step = step;
      n.step = op.kind == OpKind::pad ? step : vectors(op.channels) * LANES;
      n.value = take(n.values());
      n.slope = take(n.values());
      n.squares = take(n.inputs());
      n.weight = take(n.weights());
      n.bias = take(n.biases());
      n.rate = take(n.weights());
      n.bias_rate = take(n.biases());
      n.squared_weight = take(n.weights());
      if (op.kind == OpKind::convolution)
        for (int ky = 0; ky < op.size; ++ky)
          for (int kx = 0; kx < op.size; ++kx)
            for (int c = 0; c < op.in_channels; ++c)
              n.offsets.push_back((ky * op.in_side + kx) * step + c);
      step = n.step;
      nodes.push_back(n);
    }
  }

  const float* input_of(std::size_t number) const {
    return number == 0 ? input : nodes[number - 1].value;
  }
};

// Between the parameters as Python holds them and the rows of vectors here.
template <class F>
inline void each_weight(const Node& n, F f) {
  const Op& op = *n.op;
  if (op.kind == OpKind::subsampling) {
    for (int c = 0; c < op.channels; ++c) f(c, c);
    return;
  }
  const int square = op.size * op.size;
  for (std::size_t link = 0; link < op.links.size(); ++link)
    for (int tap = 0; tap < square; ++tap)
      f(link * square + tap,
        (std::int64_t(tap) * op.in_channels + op.links[link].second) * n.step + op.links[link].first);
}

template <class F>
inline void each_bias(const Node& n, F f) {
  const int places = n.op->unit_bias ? n.places() : 1;
  for (int c = 0; c < n.op->channels; ++c)
    for (int place = 0; place < places; ++place) f(c * places + place, place * n.step + c);
}

inline void read_parameters(const Node& n, const float* weight, const float* bias, float* to_weight,
                            float* to_bias) {
  std::memset(to_weight, 0, n.weights() * sizeof(float));
  std::memset(to_bias, 0, n.biases() * sizeof(float));
  each_weight(n, [&](std::int64_t from, std::int64_t to) { to_weight[to] = weight[from]; });
  each_bias(n, [&](std::int64_t from, std::int64_t to) { to_bias[to] = bias[from]; });
}

inline void write_parameters(const Node& n, const float* from_weight, const float* from_bias,
                             float factor, float* weight, float* bias) {
  each_weight(n, [&](std::int64_t to, std::int64_t from) { weight[to] = factor * from_weight[from]; });
  each_bias(n, [&](std::int64_t to, std::int64_t from) { bias[to] = factor * from_bias[from]; });
}

// P places in a row and V vectors of channels at once.
template <int P, int V>
LENET_INLINE void convolve_block(const Node& n, const float* in, int apart, const float* weight,
                                 const float* bias, int bias_step, float* out) {
  Vec sum[P][V];
#pragma GCC unroll 8
  for (int p = 0; p < P; ++p)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) sum[p][v] = load(bias + p * bias_step + v * LANES);
  const int taps = n.taps();
  for (int tap = 0; tap < taps; ++tap) {
    const float* x = in + n.offsets[tap];
    const float* w = weight + std::int64_t(tap) * n.step;
    Vec row[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) row[v] = load(w + v * LANES);
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p) {
      const Vec s = splat(x[p * apart]);
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) sum[p][v] += s * row[v];
    }
  }
#pragma GCC unroll 8
  for (int p = 0; p < P; ++p)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) store(out + p * n.step + v * LANES, sum[p][v]);
}

inline void convolve(const Node& n, const float* in) {
  const Op& op = *n.op;
  const int all = n.step / LANES, apart = op.stride * n.in_step;
  const int bias_step = op.unit_bias ? n.step : 0;
  for (int y = 0; y < op.side; ++y) {
    const float* row = in + std::int64_t(y) * op.stride * op.in_side * n.in_step;
    for (int x = 0; x < op.side;) {
      const float* from = row + x * apart;
      const std::int64_t place = y * op.side + x;
      float* out = n.value + place * n.step;
      const float* bias = n.bias + place * bias_step;
      const int left = op.side - x;
      auto each = [&](auto block, int width) {
        for (int v = 0; v < all; v += width)
          block(from, n.weight + v * LANES, bias + v * LANES, out + v * LANES);
      };
#define LENET_BLOCK(P, V)                                                              \
  each([&](const float* i, const float* w, const float* b, float* o) {                 \
    convolve_block<P, V>(n, i, apart, w, b, bias_step, o);                             \
  }, V)
      if (left >= 7) {
        LENET_BLOCK(7, 1);
        x += 7;
      } else if (left >= 4) {
        LENET_BLOCK(4, 1);
        x += 4;
      } else if (left >= 2) {
        LENET_BLOCK(2, 1);
        x += 2;
      } else {
        if (all % 6 == 0) LENET_BLOCK(1, 6);
        else if (all % 4 == 0) LENET_BLOCK(1, 4);
        else if (all % 2 == 0) LENET_BLOCK(1, 2);
        else LENET_BLOCK(1, 1);
        x += 1;
      }
#undef LENET_BLOCK
    }
  }
}

inline void subsample(const Node& n, const float* in) {
  const Op& op = *n.op;
  for (int v = 0; v < n.step; v += LANES) {
    const Vec coefficient = load(n.weight + v) * op.value, bias = load(n.bias + v);
    for (int y = 0; y < op.side; ++y)
      for (int x = 0; x < op.side; ++x) {
        Vec sum = {};
        for (int dy = 0; dy < op.size; ++dy)
          for (int dx = 0; dx < op.size; ++dx)
            sum += load(in + ((y * op.size + dy) * op.in_side + x * op.size + dx) * n.in_step + v);
        store(n.value + (y * op.side + x) * n.step + v, sum * coefficient + bias);
      }
  }
}

// Frames what comes in; the frame itself was filled once.
inline void frame(const Node& n, const float* in) {
  const Op& op = *n.op;
  for (int y = 0; y < op.in_side; ++y)
    std::memcpy(n.value + ((y + op.size) * op.side + op.size) * n.step, in + y * op.in_side * n.step,
                op.in_side * n.step * sizeof(float));
}

inline void measure_distances(const Node& n, const float* in) {
  const Op& op = *n.op;
  for (int i = 0; i < op.channels; ++i) {
    float sum = 0;
    for (int j = 0; j < op.in_channels; ++j) {
      const float d = in[j] - op.codes[i * op.in_channels + j];
      sum += d * d;
    }
    n.value[i] = -sum;
  }
}

inline void forward_through(const Chain& chain) {
  for (std::size_t k = 0; k < chain.nodes.size(); ++k) {
    const Node& n = chain.nodes[k];
    const float* in = chain.input_of(k);
    switch (n.op->kind) {
      case OpKind::pad: frame(n, in); break;
      case OpKind::convolution: convolve(n, in); break;
      case OpKind::subsampling: subsample(n, in); break;
      case OpKind::radial_basis: measure_distances(n, in); break;
    }
    if (n.op->squash)
      for (std::int64_t i = 0; i < n.values(); i += LANES)
        store(n.value + i, AMPLITUDE * hyperbolic_tangent(SLOPE * load(n.value + i)));
  }
}

// The loss of one image, and its first (or second) derivatives by the chain's last output, or by
// what goes into the radial basis units if it ends in those. Squashed outputs may be discriminative:
// lenet.engine.losses.discrimination.
inline double differentiate_loss(const Chain& chain, std::int64_t label, bool second,
                                 bool discriminative) {
  const Node& last = chain.nodes.back();
  const int classes = last.op->channels;
  if (last.op->kind != OpKind::radial_basis && discriminative) {
    double greatest = last.value[0], total = 0;
    for (int i = 1; i < classes; ++i) greatest = std::max(greatest, double(last.value[i]));
    for (int i = 0; i < classes; ++i) total += std::exp(4 * (double(last.value[i]) - greatest));
    for (int i = 0; i < classes; ++i) {
      const double share = std::exp(4 * (double(last.value[i]) - greatest)) / total;
      last.slope[i] = float(second ? 2 + 16 * share * (1 - share) : 4 * (share - (i == label)));
    }
    return std::log(total) + 4 * (greatest - double(last.value[label]));
  }
  if (last.op->kind != OpKind::radial_basis) {
    double loss = 0;
    for (int i = 0; i < classes; ++i) {
      const float off = last.value[i] - (i == label ? 1.0f : -1.0f);
      loss += 0.5 * double(off) * double(off);
      last.slope[i] = second ? 1.0f : off;
    }
    return loss;
  }
  // Scores are minus distances; a further class at the distance j is "none of these".
  double greatest = -double(last.op->value);
  for (int i = 0; i < classes; ++i) greatest = std::max(greatest, double(last.value[i]));
  const double none = std::exp(-double(last.op->value) - greatest);
  double total = none;
  for (int i = 0; i < classes; ++i) total += std::exp(double(last.value[i]) - greatest);
  // First: 2 sum_i (d_iD - p_i) (x_j - w_ij). Second: what lenet.engine.backward derives, 2 and the
  // variance of the distances' slopes under p.
  const Node& before = chain.nodes[chain.nodes.size() - 2];
  const int inputs = last.op->in_channels;
  float *mean = before.slope, *square = last.squares;
  std::memset(mean, 0, before.values() * sizeof(float));
  std::memset(square, 0, inputs * sizeof(float));
  for (int i = 0; i < classes; ++i) {
    const float share = float(std::exp(double(last.value[i]) - greatest) / total);
    const float* code = &last.op->codes[i * inputs];
    const float pull = second ? share : (i == label ? 1.0f : 0.0f) - share;
    for (int j = 0; j < inputs; ++j) {
      const float d = 2.0f * (before.value[j] - code[j]);
      mean[j] += pull * d;
      square[j] += pull * d * d;
    }
  }
  if (second)
    for (int j = 0; j < inputs; ++j)
      mean[j] = 2.0f + square[j] - mean[j] * mean[j];
  return greatest + std::log(total) - double(last.value[label]);
}

}  // namespace LENET_VARIANT
}  // namespace lenet
