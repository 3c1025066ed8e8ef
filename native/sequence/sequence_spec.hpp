// The shape of a network that the sequence kernels compute: a chain of operations, such as the
// networks of 1989 to 1998. These networks learn from one image at a time.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "common/bytes.hpp"
#include "common/kernels.hpp"

namespace lenet {

enum class OperationKind : std::int32_t {
  pad = 0,           // add a border of a constant
  convolution = 1,   // with any kernel, stride and table of connected maps
  subsampling = 2,   // sum of each window, times a coefficient, plus a bias; both per map
  radial_basis = 3,  // minus the squared distance to the code of each class
};

struct Operation {
  OperationKind kind;
  bool squash = false;     // whether 1.7159 tanh(2/3 a) follows
  int size = 1;            // width of the border, side of the kernel, or side of the window
  int stride = 1;          // of a convolution
  bool unit_bias = false;  // whether a convolution has one bias per unit, not one per map
  std::vector<std::pair<int, int>> links;  // convolution: (output map, input map) of each kernel,
                                           // in the order of the weights
  float value = 0;  // the border's constant; the factor of a subsampling's sums (1, or 1 / window);
                    // radial basis: the distance j of the class "none"
  std::vector<float> codes;  // radial basis: [channels][in_channels]
  // The shapes [side][side][channels] of the input and the output.
  int in_channels = 0, in_side = 0, channels = 0, side = 0;

  // Returns the number of weights and of biases that the caller passes: a convolution has
  // [links][size][size] weights, a subsampling [channels]. Biases are [channels] or, with
  // unit_bias, [channels][side][side].
  std::int64_t weights() const {
    if (kind == OperationKind::convolution) return std::int64_t(links.size()) * size * size;
    return kind == OperationKind::subsampling ? channels : 0;
  }
  std::int64_t biases() const {
    if (weights() == 0) return 0;
    return unit_bias ? std::int64_t(channels) * side * side : channels;
  }
};

struct SequenceSpec {
  int in_channels, in_side;
  std::vector<Operation> operations;

  // Computes the shapes of all operations. Returns false if an operation does not fit its input, or
  // if the last output is not one number per class.
  bool connect() {
    int channels = in_channels, side = in_side;
    if (!counted(channels, side, 1)) return false;
    for (Operation& op : operations) {
      op.in_channels = channels;
      op.in_side = side;
      if (!counted(1, op.size, 1) || op.stride < 1) return false;
      if (op.kind == OperationKind::pad) {
        side += 2 * op.size;
      } else if (op.kind == OperationKind::convolution) {
        if (side < op.size) return false;
        side = (side - op.size) / op.stride + 1;
        channels = op.channels;
        for (const auto& [out, in] : op.links)
          if (out < 0 || out >= channels || in < 0 || in >= op.in_channels) return false;
      } else if (op.kind == OperationKind::subsampling) {
        if (side < op.size) return false;
        side /= op.size;
      } else {
        if (side != 1 || op.codes.size() != to_size(op.channels) * to_size(channels)) return false;
        channels = op.channels;
      }
      op.channels = channels;
      op.side = side;
      if (!counted(channels, side, 1)) return false;
      // The weights of all pairs of maps, also of those that a table leaves out.
      if (op.kind == OperationKind::convolution && !counted(channels, op.size, op.in_channels))
        return false;
    }
    return !operations.empty() && side == 1;
  }
  int classes() const { return operations.back().channels; }

 private:
  // Returns whether channels * side * side * others numbers are so few that no `int` of the kernels
  // overflows. Channels are rounded up to whole vectors, at most 16.
  static bool counted(std::int64_t channels, std::int64_t side, std::int64_t others) {
    constexpr std::int64_t most_side = 1 << 13, most_channels = 1 << 20, most = 1 << 30;
    if (channels < 1 || side < 1 || others < 1) return false;
    if (channels > most_channels || side > most_side || others > most_channels) return false;
    const std::int64_t maps = side * side, rounded = (channels + 15) / 16 * 16;
    return maps <= most / rounded && others <= most / rounded / maps;
  }
};

// The modes of `sequence_learn`, in the order of lenet.engine.sequence.Mode.
enum class SequenceMode : std::int32_t {
  train = 0,      // a step after each image, with a learning rate for each parameter
  gradients = 1,  // the mean gradient
  curvature = 2,  // the mean second derivative (Proc. IEEE 86(11), 1998, Appendix C, page 42)
};

}  // namespace lenet
