// The backward pass of a chain of operations, and the functions that the engine calls.
//
// The backward pass computes gradients or second derivatives. Second derivatives use the same code:
// where a gradient is multiplied by a weight, an input or a slope, a second derivative is
// multiplied by its square (`SECOND`). lenet.engine.backward explains the method.
#pragma once

#include "sequence/sequence.hpp"

namespace lenet {
namespace LENET_VARIANT {

// The two uses of the derivative by LANES parameters. `TakeStep` changes the parameters at once, so
// that no gradient is stored. `AddUp` adds the derivative to a sum over images.
struct TakeStep {
  static LENET_INLINE void apply(float* value, float* rate, Vec derivative) {
    store(value, load(value) - load(rate) * derivative);
  }
};
struct AddUp {
  static LENET_INLINE void apply(float*, float* sum, Vec derivative) {
    store(sum, load(sum) + derivative);
  }
};

// Computes the derivatives by a tile of a convolution's weights, K taps and V vectors of output
// channels, and hands them to `Use`. Each is a sum over all places.
//   in   [in_side][in_side][in_step], squared for second derivatives
//   tap  the first tap; v: the first vector of channels
template <class Use, int K, int V>
LENET_INLINE void weights_tile(const Node& n, const float* in, int tap, int v) {
  const Operation& op = *n.op;
  Vec sum[K][V] = {};
  const int* offsets = n.offsets.data() + tap;
  for (int y = 0; y < op.side; ++y) {
    const float* row = in + std::int64_t(y) * op.stride * op.in_side * n.in_step;
    const float* slope = n.slope + std::int64_t(y) * op.side * n.step + v * LANES;
    for (int x = 0; x < op.side; ++x) {
      Vec s[V];
#pragma GCC unroll 8
      for (int i = 0; i < V; ++i) s[i] = load(slope + i * LANES);
#pragma GCC unroll 16
      for (int k = 0; k < K; ++k) {
        const Vec value = splat(row[offsets[k]]);
#pragma GCC unroll 8
        for (int i = 0; i < V; ++i) sum[k][i] += value * s[i];
      }
      row += op.stride * n.in_step;
      slope += n.step;
    }
  }
#pragma GCC unroll 16
  for (int k = 0; k < K; ++k)
#pragma GCC unroll 8
    for (int i = 0; i < V; ++i) {
      const std::int64_t at = std::int64_t(tap + k) * n.step + (v + i) * LANES;
      Use::apply(n.weight + at, n.rate + at, sum[k][i]);
    }
}

// Computes the derivatives by all weights and biases of a convolution, and hands them to `Use`.
// n.slope [side][side][step] is the derivative by the output.
template <class Use>
inline void convolution_weights(const Node& n, const float* in) {
  const int taps = n.taps(), all = n.step / LANES;
  if (n.places() == 1 && all % 4 == 0) {  // the sums have one term: go along the rows of weights
    for (int tap = 0; tap < taps; ++tap)
      for (int v = 0; v < all; v += 4) weights_tile<Use, 1, 4>(n, in, tap, v);
  } else {
    for (int v = 0; v < all; ++v) {
      int tap = 0;
      for (; tap + 10 <= taps; tap += 10) weights_tile<Use, 10, 1>(n, in, tap, v);
      for (; tap + 5 <= taps; tap += 5) weights_tile<Use, 5, 1>(n, in, tap, v);
      for (; tap < taps; ++tap) weights_tile<Use, 1, 1>(n, in, tap, v);
    }
  }
  for (int v = 0; v < n.step; v += LANES) {
    Vec sum = {};
    for (int place = 0; place < n.places(); ++place) {
      const Vec s = load(n.slope + place * n.step + v);
      const int at = place * n.step + v;
      if (n.op->unit_bias) Use::apply(n.bias + at, n.bias_rate + at, s);
      else sum += s;
    }
    if (!n.op->unit_bias) Use::apply(n.bias + v, n.bias_rate + v, sum);
  }
}

// Computes the derivative by C channels of place (y, x) of a convolution's input: the sum over all
// places and maps of the output that read it.
//   weight  [taps][step], squared for second derivatives
//   c       the first channel
//   out     result, [C]
template <int C>
LENET_INLINE void input_tile(const Node& n, const float* weight, int y, int x, int c, float* out) {
  const Operation& op = *n.op;
  Vec sum[C] = {};
  for (int ky = y % op.stride; ky < op.size && ky <= y; ky += op.stride) {
    const int oy = (y - ky) / op.stride;
    if (oy >= op.side) continue;
    for (int kx = x % op.stride; kx < op.size && kx <= x; kx += op.stride) {
      const int ox = (x - kx) / op.stride;
      if (ox >= op.side) continue;
      const float* slope = n.slope + std::int64_t(oy * op.side + ox) * n.step;
      const float* w = weight + (std::int64_t(ky * op.size + kx) * op.in_channels + c) * n.step;
      for (int v = 0; v < n.step; v += LANES) {
        const Vec s = load(slope + v);
#pragma GCC unroll 8
        for (int i = 0; i < C; ++i) sum[i] += s * load(w + i * n.step + v);
      }
    }
  }
  sums_of_lanes(sum, C, out);
}

// Computes the derivative by a convolution's input, `out` [in_side][in_side][in_step].
inline void convolution_input(const Node& n, const float* weight, float* out) {
  const Operation& op = *n.op;
  for (int y = 0; y < op.in_side; ++y)
    for (int x = 0; x < op.in_side; ++x) {
      float* place = out + std::int64_t(y * op.in_side + x) * n.in_step;
      int c = 0;
      for (; c + 8 <= op.in_channels; c += 8) input_tile<8>(n, weight, y, x, c, place + c);
      for (; c + 4 <= op.in_channels; c += 4) input_tile<4>(n, weight, y, x, c, place + c);
      for (; c + 2 <= op.in_channels; c += 2) input_tile<2>(n, weight, y, x, c, place + c);
      for (; c < op.in_channels; ++c) input_tile<1>(n, weight, y, x, c, place + c);
    }
}

// Computes the derivatives of a subsampling. Hands those by its coefficients and biases to `Use`.
// Writes the derivative by its input to `out` [in_side][in_side][step]. `out` is null if the input
// is the image, which needs no derivative.
template <class Use, bool SECOND>
inline void subsampling_back(const Node& n, const float* in, float* out) {
  const Operation& op = *n.op;
  const Vec factor = splat(op.value);
  for (int v = 0; v < n.step; v += LANES) {
    Vec weight_sum = {}, bias_sum = {};
    Vec coefficient = load(n.weight + v) * factor;
    if (SECOND) coefficient *= coefficient;
    for (int y = 0; y < op.side; ++y)
      for (int x = 0; x < op.side; ++x) {
        const Vec slope = load(n.slope + (y * op.side + x) * n.step + v);
        Vec sum = {};
        for (int dy = 0; dy < op.size; ++dy)
          for (int dx = 0; dx < op.size; ++dx) {
            const int at =
                ((y * op.size + dy) * op.in_side + x * op.size + dx) * n.in_step + v;
            sum += load(in + at);
            if (out) store(out + at, slope * coefficient);
          }
        sum *= factor;
        weight_sum += slope * (SECOND ? sum * sum : sum);
        bias_sum += slope;
      }
    Use::apply(n.weight + v, n.rate + v, weight_sum);
    Use::apply(n.bias + v, n.bias_rate + v, bias_sum);
  }
}

// Computes the derivatives by all parameters, from the last operation to the first, and hands them
// to `Use`. `differentiate_loss` has written the derivative with which the backward pass begins.
template <class Use, bool SECOND>
inline void back_through(const Chain& chain) {
  for (std::size_t k = chain.nodes.size(); k-- > 0;) {
    const Node& n = chain.nodes[k];
    const Operation& op = *n.op;
    if (op.kind == OperationKind::radial_basis) continue;  // `gaussian_loss` includes it
    if (op.squash)
      for (std::int64_t i = 0; i < n.values(); i += LANES) {
        const Vec y = load(n.value + i);
        Vec slope = SLOPE * AMPLITUDE - (SLOPE / AMPLITUDE) * y * y;
        if (SECOND) slope *= slope;
        store(n.slope + i, load(n.slope + i) * slope);
      }
    const float* in = chain.input_of(k);
    float* out = k == 0 ? nullptr : chain.nodes[k - 1].slope;
    if (op.kind == OperationKind::pad) {
      if (out)
        for (int y = 0; y < op.in_side; ++y)
          std::memcpy(out + y * op.in_side * n.step,
                      n.slope + ((y + op.size) * op.side + op.size) * n.step,
                      bytes_of<float>(op.in_side * n.step));
      if (!out || (k == 1 && chain.nodes[0].op->weights() == 0)) return;
      continue;
    }
    if (op.kind == OperationKind::subsampling) {
      subsampling_back<Use, SECOND>(n, in, out);
      continue;
    }
    // The operations before the first one with parameters need no derivative.
    const bool needed = k > 1 || (k == 1 && chain.nodes[0].op->weights() > 0);
    if (needed) convolution_input(n, SECOND ? n.squared_weight : n.weight, out);
    if (SECOND) {
      for (std::int64_t i = 0; i < n.inputs(); ++i) n.squares[i] = in[i] * in[i];
      in = n.squares;
    }
    convolution_weights<Use>(n, in);
    if (!needed) return;
  }
}

// ---- The functions that the engine calls

// Returns the bytes of memory that `sequence_learn` and `sequence_forward` need.
inline std::int64_t sequence_bytes(const SequenceSpec& s) {
  return (Chain(s, nullptr).floats + LANES) * std::int64_t(sizeof(float));
}

// Reads image n of a set into chain.input, normalised.
inline void read_image(const Chain& chain, const Images& images, std::int64_t n) {
  const SequenceSpec& s = chain.spec;
  const std::int64_t size = std::int64_t(s.in_side) * s.in_side * s.in_channels;
  const std::uint8_t* from = images.pixels + images.stored(n) * size;
  for (std::int64_t i = 0; i < size; ++i)
    chain.input[i] = float(from[i]) * images.scale + images.offset;
}

// Calls f(node, k) for each operation with parameters: its weight is parameter k and its bias
// parameter k + 1 of the caller's arrays.
template <class F>
inline void each_learning_node(const Chain& chain, F f) {
  int k = 0;
  for (const Node& n : chain.nodes)
    if (n.op->weights() > 0) {
      f(n, k);
      k += 2;
    }
}

// Sets all arrays of a chain to zero, and fills the borders of its paddings.
inline void clear(const Chain& chain, void* memory) {
  std::memset(memory, 0, bytes_of<float>(chain.floats));
  for (const Node& n : chain.nodes)
    if (n.op->kind == OperationKind::pad)
      for (std::int64_t i = 0; i < n.values(); ++i) n.value[i] = n.op->value;
}

// Goes through `count` images, one after another, as `mode` says.
//   parameters      weight and bias of each operation with parameters; `train` changes them
//   others          the same shapes: learning rates for `train`; otherwise the result, the mean
//                   derivatives
//   discriminative  see `differentiate_loss`
//   memory          sequence_bytes(s) bytes
//   loss, correct   result: sums over the images, each taken before the image's own step
inline void sequence_learn(const SequenceSpec& s, SequenceMode mode, bool discriminative,
                           float* const* parameters, float* const* others, const Images& images,
                           std::int64_t count, void* memory, double* loss, std::int64_t* correct) {
  const Chain chain(s, static_cast<float*>(memory));
  const bool second = mode == SequenceMode::curvature;
  clear(chain, memory);
  each_learning_node(chain, [&](const Node& n, int k) {
    read_parameters(n, parameters[k], parameters[k + 1], n.weight, n.bias);
    if (mode == SequenceMode::train)
      read_parameters(n, others[k], others[k + 1], n.rate, n.bias_rate);
    for (std::int64_t i = 0; second && i < n.weights(); ++i)
      n.squared_weight[i] = n.weight[i] * n.weight[i];
  });
  *loss = 0;
  *correct = 0;
  const Node& last = chain.nodes.back();
  for (std::int64_t number = 0; number < count; ++number) {
    read_image(chain, images, number);
    forward_through(chain);
    const std::int64_t label = images.labels[images.stored(number)];
    int best = 0;
    for (int i = 1; i < last.op->channels; ++i)
      if (last.value[i] > last.value[best]) best = i;
    *correct += best == label;
    *loss += differentiate_loss(chain, label, second, discriminative);
    if (mode == SequenceMode::train) back_through<TakeStep, false>(chain);
    else if (second) back_through<AddUp, true>(chain);
    else back_through<AddUp, false>(chain);
  }
  each_learning_node(chain, [&](const Node& n, int k) {
    if (mode == SequenceMode::train)
      write_parameters(n, n.weight, n.bias, 1.0f, parameters[k], parameters[k + 1]);
    else
      write_parameters(n, n.rate, n.bias_rate, 1.0f / float(count), others[k], others[k + 1]);
  });
}

// Computes the scores of the images [first, last): rows first to last - 1 of `scores`
// [count][classes].
inline void sequence_forward(const SequenceSpec& s, const float* const* parameters,
                             const Images& images, std::int64_t first, std::int64_t last,
                             void* memory, float* scores) {
  const Chain chain(s, static_cast<float*>(memory));
  clear(chain, memory);
  each_learning_node(chain, [&](const Node& n, int k) {
    read_parameters(n, parameters[k], parameters[k + 1], n.weight, n.bias);
  });
  for (std::int64_t number = first; number < last; ++number) {
    read_image(chain, images, number);
    forward_through(chain);
    std::memcpy(scores + number * s.classes(), chain.nodes.back().value,
                bytes_of<float>(s.classes()));
  }
}

}  // namespace LENET_VARIANT
}  // namespace lenet
