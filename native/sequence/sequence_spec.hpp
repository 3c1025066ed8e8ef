// What the engine is told of the networks of 1989 to 1998: a chain of any convolutions and
// subsamplings by a table. They learn from one image at a time, so here no batch fills the lanes.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace lenet {

enum class OpKind : std::int32_t { pad = 0, convolution = 1, subsampling = 2, radial_basis = 3 };

struct Op {
  OpKind kind;
  bool squash = false;  // followed by 1.7159 tanh(2/3 a)
  int size = 1;         // of the frame, the kernel or the window
  int stride = 1;
  bool unit_bias = false;                  // one bias a unit, not one a map
  std::vector<std::pair<int, int>> links;  // (map out, map in), in the order of the weights
  float value = 0;                         // of the frame; or the factor before the coefficient
  std::vector<float> codes;                // radial basis: [channels][inputs], and value is j
  // What comes in and what goes out.
  int in_channels = 0, in_side = 0, channels = 0, side = 0;

  std::int64_t weights() const {
    if (kind == OpKind::convolution) return std::int64_t(links.size()) * size * size;
    return kind == OpKind::subsampling ? channels : 0;
  }
  std::int64_t biases() const {
    if (weights() == 0) return 0;
    return unit_bias ? std::int64_t(channels) * side * side : channels;
  }
};

struct Sequence {
  int in_channels, in_side;
  std::vector<Op> ops;

  // Fills in the shapes; false if they do not fit together.
  bool connect() {
    int channels = in_channels, side = in_side;
    for (Op& op : ops) {
      op.in_channels = channels;
      op.in_side = side;
      if (op.kind == OpKind::pad) {
        side += 2 * op.size;
      } else if (op.kind == OpKind::convolution) {
        if (side < op.size) return false;
        side = (side - op.size) / op.stride + 1;
        channels = op.channels;
        for (const auto& [out, in] : op.links)
          if (out < 0 || out >= channels || in < 0 || in >= op.in_channels) return false;
      } else if (op.kind == OpKind::subsampling) {
        if (side < op.size) return false;
        side /= op.size;
      } else {
        if (side != 1 || op.codes.size() != std::size_t(op.channels) * channels) return false;
        channels = op.channels;
      }
      op.channels = channels;
      op.side = side;
    }
    return !ops.empty() && side == 1;
  }
  int classes() const { return ops.back().channels; }
};

enum class SequenceMode : std::int32_t {
  train = 0,      // after each image every parameter takes a step of its own rate
  gradients = 1,  // their mean
  curvature = 2,  // the mean of the second derivatives by the recursion of 1998, page 42
};

}  // namespace lenet
