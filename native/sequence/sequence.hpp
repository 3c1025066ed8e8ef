// The forward pass of a chain of operations, and its loss, for one image at a time.
//
// These networks learn from every image before they see the next, so there is no batch to fill the
// lanes. The lanes run along the channels instead: maps are arrays [rows][columns][step] of floats,
// where `step` is the number of channels rounded up to whole vectors. One vector of weights
// therefore serves LANES output maps. If a table leaves out connections between maps, their weights
// are zero and stay zero.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "common/bytes.hpp"
#include "common/simd.hpp"
#include "sequence/sequence_spec.hpp"

namespace lenet {
namespace LENET_VARIANT {

// The squashing function AMPLITUDE * tanh(SLOPE * a): the same as in lenet.networks.layers.
constexpr float AMPLITUDE = 1.7159f, SLOPE = 2.0f / 3.0f;

// Returns the number of vectors that hold so many channels.
inline int vectors(int channels) { return (channels + LANES - 1) / LANES; }

// ---- Memory

// The arrays of one operation. `tap` counts the weights of one output map: a convolution has
// size * size * in_channels, in the order [row][column][channel], a subsampling has 1.
struct Node {
  const Operation* op;
  int in_step, step;         // floats from one place to the next, in the input and the output
  float* value;              // [side][side][step]: the output
  float* slope;              // [side][side][step]: the derivative of the loss by the output
  float* squares;            // [in_side][in_side][in_step]: squared inputs, for second derivatives
  float* weight;             // [taps][step]
  float* bias;               // [step] or, with unit_bias, [side][side][step]
  float *rate, *bias_rate;   // as weight and bias: learning rates, or sums of derivatives
  float* squared_weight;     // as weight
  std::vector<int> offsets;  // [taps]: floats from the first input of a place to the tap's input

  int places() const { return op->side * op->side; }
  int taps() const {
    return op->kind == OperationKind::convolution ? op->size * op->size * op->in_channels : 1;
  }
  // Return the number of floats in `weight`, `bias`, `value` and `squares`.
  std::int64_t weights() const { return op->weights() ? std::int64_t(taps()) * step : 0; }
  std::int64_t biases() const {
    return op->weights() == 0 ? 0 : std::int64_t(op->unit_bias ? places() : 1) * step;
  }
  std::int64_t values() const { return std::int64_t(places()) * step; }
  std::int64_t inputs() const { return std::int64_t(op->in_side) * op->in_side * in_step; }
};

// All operations of a network with their arrays, which lie in one block of memory.
struct Chain {
  const SequenceSpec& spec;
  std::vector<Node> nodes;
  float* input;             // [in_side][in_side][in_channels]: the image
  std::int64_t floats = 0;  // floats of all arrays

  // Takes the arrays from `memory`; if it is null, only `floats` is valid.
  Chain(const SequenceSpec& s, float* memory) : spec(s) {
    auto take = [&](std::int64_t count) {
      float* start = memory ? memory + floats : nullptr;
      floats += (count + LANES - 1) / LANES * LANES + LANES;
      return start;
    };
    input = take(std::int64_t(s.in_side) * s.in_side * s.in_channels);
    int step = s.in_channels;
    for (const Operation& op : s.operations) {
      Node n{};
      n.op = &op;
      n.in_step = step;
      n.step = op.kind == OperationKind::pad ? step : vectors(op.channels) * LANES;
      n.value = take(n.values());
      n.slope = take(n.values());
      n.squares = take(n.inputs());
      n.weight = take(n.weights());
      n.bias = take(n.biases());
      n.rate = take(n.weights());
      n.bias_rate = take(n.biases());
      n.squared_weight = take(n.weights());
      if (op.kind == OperationKind::convolution)
        for (int ky = 0; ky < op.size; ++ky)
          for (int kx = 0; kx < op.size; ++kx)
            for (int c = 0; c < op.in_channels; ++c)
              n.offsets.push_back((ky * op.in_side + kx) * step + c);
      step = n.step;
      nodes.push_back(n);
    }
  }

  // Returns the input of an operation: the output of the one before it, or the image.
  const float* input_of(std::size_t number) const {
    return number == 0 ? input : nodes[number - 1].value;
  }
};

// ---- Parameters, in the order of the caller's arrays and in the order of `Node`

// Calls f(i, j) for each weight: i is its index in the caller's array, [links][size][size] or
// [channels], and j that in `Node::weight`.
template <class F>
inline void each_weight(const Node& n, F f) {
  const Operation& op = *n.op;
  if (op.kind == OperationKind::subsampling) {
    for (int c = 0; c < op.channels; ++c) f(c, c);
    return;
  }
  const std::int64_t square = op.size * op.size;
  std::int64_t link = 0;
  for (const auto& [out, in] : op.links) {
    for (std::int64_t tap = 0; tap < square; ++tap)
      f(link * square + tap, (tap * op.in_channels + in) * n.step + out);
    ++link;
  }
}

// Calls f(i, j) for each bias: i is its index in the caller's array, [channels] or
// [channels][side][side], and j that in `Node::bias`.
template <class F>
inline void each_bias(const Node& n, F f) {
  const int places = n.op->unit_bias ? n.places() : 1;
  for (int c = 0; c < n.op->channels; ++c)
    for (int place = 0; place < places; ++place) f(c * places + place, place * n.step + c);
}

// Copies the caller's arrays `weight` and `bias` to arrays in the order of `Node`; other places
// become zero.
inline void read_parameters(const Node& n, const float* weight, const float* bias, float* to_weight,
                            float* to_bias) {
  std::memset(to_weight, 0, bytes_of<float>(n.weights()));
  std::memset(to_bias, 0, bytes_of<float>(n.biases()));
  each_weight(n, [&](std::int64_t from, std::int64_t to) { to_weight[to] = weight[from]; });
  each_bias(n, [&](std::int64_t from, std::int64_t to) { to_bias[to] = bias[from]; });
}

// Copies arrays in the order of `Node`, times `factor`, to the caller's arrays `weight` and `bias`.
inline void write_parameters(const Node& n, const float* from_weight, const float* from_bias,
                             float factor, float* weight, float* bias) {
  each_weight(n,
              [&](std::int64_t to, std::int64_t from) { weight[to] = factor * from_weight[from]; });
  each_bias(n, [&](std::int64_t to, std::int64_t from) { bias[to] = factor * from_bias[from]; });
}

// ---- Forward

// Computes a tile of a convolution: P places in a row, V vectors of output channels.
//   in      the first input of the first place; the next place begins `in_stride` floats later
//   weight  [taps][step], bias [P][bias_step], out [P][step]: each beginning at the first channel.
//           bias_step is 0 if all places have the same bias.
template <int P, int V>
LENET_INLINE void convolve_tile(const Node& n, const float* in, int in_stride, const float* weight,
                                const float* bias, int bias_step, float* out) {
  Vec sum[P][V];
#pragma GCC unroll 8
  for (int p = 0; p < P; ++p)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) sum[p][v] = load(bias + p * bias_step + v * LANES);
  const int taps = n.taps();
  const int* offsets = n.offsets.data();
  for (int tap = 0; tap < taps; ++tap) {
    const float* x = in + offsets[tap];
    const float* w = weight + std::int64_t(tap) * n.step;
    Vec row[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) row[v] = load(w + v * LANES);
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p) {
      const Vec s = splat(x[p * in_stride]);
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) sum[p][v] += s * row[v];
    }
  }
#pragma GCC unroll 8
  for (int p = 0; p < P; ++p)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) store(out + p * n.step + v * LANES, sum[p][v]);
}

// Computes a convolution: from `in` [in_side][in_side][in_step] to n.value [side][side][step].
inline void convolve(const Node& n, const float* in) {
  const Operation& op = *n.op;
  const int all = n.step / LANES, in_stride = op.stride * n.in_step;
  const int bias_step = op.unit_bias ? n.step : 0;
  for (int y = 0; y < op.side; ++y) {
    const float* row = in + std::int64_t(y) * op.stride * op.in_side * n.in_step;
    for (int x = 0; x < op.side;) {
      const float* from = row + x * in_stride;
      const std::int64_t place = y * op.side + x;
      float* out = n.value + place * n.step;
      const float* bias = n.bias + place * bias_step;
      const int left = op.side - x;
      // Calls tile(in, weight, bias, out) for all output channels, `width` vectors at a time.
      auto each = [&](auto tile, int width) {
        for (int v = 0; v < all; v += width)
          tile(from, n.weight + v * LANES, bias + v * LANES, out + v * LANES);
      };
#define LENET_TILE(P, V)                                               \
  each(                                                                \
      [&](const float* i, const float* w, const float* b, float* o) {  \
        convolve_tile<P, V>(n, i, in_stride, w, b, bias_step, o);      \
      },                                                               \
      V)
      if (left >= 7) {
        LENET_TILE(7, 1);
        x += 7;
      } else if (left >= 4) {
        LENET_TILE(4, 1);
        x += 4;
      } else if (left >= 2) {
        LENET_TILE(2, 1);
        x += 2;
      } else {
        if (all % 6 == 0) LENET_TILE(1, 6);
        else if (all % 4 == 0) LENET_TILE(1, 4);
        else if (all % 2 == 0) LENET_TILE(1, 2);
        else LENET_TILE(1, 1);
        x += 1;
      }
#undef LENET_TILE
    }
  }
}

// Computes a subsampling: from `in` [in_side][in_side][step] to n.value [side][side][step].
inline void subsample(const Node& n, const float* in) {
  const Operation& op = *n.op;
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

// Copies `in` [in_side][in_side][step] to the middle of n.value [side][side][step].
// `clear` has filled the border.
inline void pad(const Node& n, const float* in) {
  const Operation& op = *n.op;
  for (int y = 0; y < op.in_side; ++y)
    std::memcpy(n.value + ((y + op.size) * op.side + op.size) * n.step,
                in + y * op.in_side * n.step, bytes_of<float>(op.in_side * n.step));
}

// Computes the scores of radial basis units: n.value [channels] is minus the squared distance of
// `in` [in_channels] to each code.
inline void measure_distances(const Node& n, const float* in) {
  const Operation& op = *n.op;
  const float* codes = op.codes.data();
  for (int i = 0; i < op.channels; ++i) {
    float sum = 0;
    for (int j = 0; j < op.in_channels; ++j) {
      const float d = in[j] - codes[i * op.in_channels + j];
      sum += d * d;
    }
    n.value[i] = -sum;
  }
}

// Computes the output of every operation from chain.input. The last one is the scores.
inline void forward_through(const Chain& chain) {
  for (std::size_t k = 0; k < chain.nodes.size(); ++k) {
    const Node& n = chain.nodes[k];
    const float* in = chain.input_of(k);
    switch (n.op->kind) {
      case OperationKind::pad: pad(n, in); break;
      case OperationKind::convolution: convolve(n, in); break;
      case OperationKind::subsampling: subsample(n, in); break;
      case OperationKind::radial_basis: measure_distances(n, in); break;
    }
    if (n.op->squash)
      for (std::int64_t i = 0; i < n.values(); i += LANES)
        store(n.value + i, AMPLITUDE * hyperbolic_tangent(SLOPE * load(n.value + i)));
  }
}

// ---- Losses. Each function returns the loss of one image and writes its derivative: the first, or
// if `second` is true the second. lenet.engine.losses and lenet.engine.backward define them.

// Half the squared error of squashed outputs. The target is 1 for the label and -1 for other
// classes. Writes the derivative by the outputs to last.slope [classes].
inline double squared_error(const Node& last, std::int64_t label, bool second) {
  double loss = 0;
  for (int i = 0; i < last.op->channels; ++i) {
    const float error = last.value[i] - (i == label ? 1.0f : -1.0f);
    loss += 0.5 * double(error) * double(error);
    last.slope[i] = second ? 1.0f : error;
  }
  return loss;
}

// Equation 9 of 1998 for squashed outputs: the cross-entropy of the softmax of 4 times the outputs.
// Writes the derivative by the outputs to last.slope [classes].
inline double discrimination(const Node& last, std::int64_t label, bool second) {
  const int classes = last.op->channels;
  double highest = last.value[0], total = 0;
  for (int i = 1; i < classes; ++i) highest = std::max(highest, double(last.value[i]));
  for (int i = 0; i < classes; ++i) total += std::exp(4 * (double(last.value[i]) - highest));
  for (int i = 0; i < classes; ++i) {
    const double posterior = std::exp(4 * (double(last.value[i]) - highest)) / total;
    last.slope[i] =
        float(second ? 2 + 16 * posterior * (1 - posterior) : 4 * (posterior - (i == label)));
  }
  return std::log(total) + 4 * (highest - double(last.value[label]));
}

// Equation 9 of 1998 for radial basis units: the cross-entropy of the softmax of the scores, which
// are minus the distances. The class "none" takes part with the constant distance j.
// Writes the derivative by the units' inputs to before.slope [in_channels]; `before` is the
// operation before the units. With p the posteriors, x the inputs, w the codes and D the label:
//   first   2 sum_i (d_iD - p_i) (x_j - w_ij), where d_iD is 1 if i = D and 0 otherwise
//   second  2 plus the variance of 2 (x_j - w_ij) under p, an upper bound
inline double gaussian_loss(const Node& before, const Node& last, std::int64_t label, bool second) {
  const int classes = last.op->channels;
  double highest = -double(last.op->value);
  for (int i = 0; i < classes; ++i) highest = std::max(highest, double(last.value[i]));
  const double none = std::exp(-double(last.op->value) - highest);
  double total = none;
  for (int i = 0; i < classes; ++i) total += std::exp(double(last.value[i]) - highest);
  const int inputs = last.op->in_channels;
  float *mean = before.slope, *square = last.squares;
  std::memset(mean, 0, bytes_of<float>(before.values()));
  std::memset(square, 0, bytes_of<float>(inputs));
  for (int i = 0; i < classes; ++i) {
    const float posterior = float(std::exp(double(last.value[i]) - highest) / total);
    const float* code = last.op->codes.data() + i * inputs;
    const float factor = second ? posterior : (i == label ? 1.0f : 0.0f) - posterior;
    for (int j = 0; j < inputs; ++j) {
      const float d = 2.0f * (before.value[j] - code[j]);
      mean[j] += factor * d;
      square[j] += factor * d * d;
    }
  }
  if (second)
    for (int j = 0; j < inputs; ++j) mean[j] = 2.0f + square[j] - mean[j] * mean[j];
  return highest + std::log(total) - double(last.value[label]);
}

// Computes the loss that the network's last operation asks for. Squashed outputs have the squared
// error, or equation 9 if `discriminative`.
inline double differentiate_loss(const Chain& chain, std::int64_t label, bool second,
                                 bool discriminative) {
  const Node& last = chain.nodes.back();
  if (last.op->kind == OperationKind::radial_basis)
    return gaussian_loss(chain.nodes[chain.nodes.size() - 2], last, label, second);
  return discriminative ? discrimination(last, label, second) : squared_error(last, label, second);
}

}  // namespace LENET_VARIANT
}  // namespace lenet
