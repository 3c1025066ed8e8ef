// The shape of a network that the batch kernels compute: a LeNet of any widths.
//
// The geometry is fixed, because loops whose lengths the compiler knows are faster:
//
//     input                    SIDE0 = 32   (28 pixels and a border of 2 zeros, or 32 pixels)
//     5x5 convolution          SIDE1 = 28
//     2x2 pooling              HALF1 = 14
//     5x5 convolution          SIDE2 = 10
//     2x2 pooling              HALF2 = 5
//     fully connected layers
#pragma once

#include <cstdint>
#include <vector>

#include "common/bytes.hpp"

namespace lenet {

enum class Activation : std::int32_t { sigmoid = 0, tanh = 1, relu = 2, leaky_relu = 3 };
enum class Pooling : std::int32_t { average = 0, max = 1 };

constexpr int KERNEL = 5, TAPS = KERNEL * KERNEL;
constexpr int SIDE0 = 32;
constexpr int SIDE1 = SIDE0 - KERNEL + 1, HALF1 = SIDE1 / 2;
constexpr int SIDE2 = HALF1 - KERNEL + 1, HALF2 = SIDE2 / 2;

// The largest number of fully connected layers: _MOST_LINEAR in lenet.engine.family.
constexpr int MAX_DENSE = 8;

// The most parameters of a network, and the most numbers between its layers for one image. The
// kernels count in `int` within one image, also numbers times the 16 lanes of a vector: below this
// no count overflows. Python's own limits (lenet.networks.limits) are lower.
constexpr std::int64_t MOST_COUNTED = std::int64_t(1) << 26;

struct BatchSpec {
  int in_channels;
  int input_side;  // 28, which gets a border of 2 zeros, or 32
  Activation activation;
  Pooling pooling;
  int channels1, channels2;      // output channels of the two convolutions
  std::vector<int> dense_units;  // units of each fully connected layer; the last one's are classes
  // A network may have one more class, "none of these". Its score is a constant.
  bool has_none = false;
  float none_score = 0.0f;

  // Returns whether the kernels can compute such a network: all numbers are in range, and no count
  // is too large.
  bool valid() const {
    auto counted = [](std::int64_t count) { return 0 < count && count <= MOST_COUNTED; };
    if (in_channels < 1 || in_channels > 4 || (input_side != 28 && input_side != 32)) return false;
    if (activation < Activation::sigmoid || activation > Activation::leaky_relu) return false;
    if (pooling != Pooling::average && pooling != Pooling::max) return false;
    if (dense_units.empty() || dense_units.size() > std::size_t(MAX_DENSE)) return false;
    if (!counted(std::int64_t(channels1) * SIDE1 * SIDE1)) return false;
    if (!counted(std::int64_t(channels2) * SIDE2 * SIDE2)) return false;
    std::int64_t all = 0;
    for (const std::int64_t size : parameter_sizes()) {
      if (!counted(size)) return false;
      all += size;
    }
    return counted(all);
  }
  int dense_layers() const { return static_cast<int>(dense_units.size()); }
  int classes() const { return dense_units.back(); }
  // Numbers that the second pooling passes to the first fully connected layer.
  int flattened() const { return channels2 * HALF2 * HALF2; }
  // Inputs and outputs of fully connected layer k, which counts from 0.
  int inputs(int k) const { return k == 0 ? flattened() : units(k - 1); }
  int units(int k) const { return dense_units[to_size(k)]; }

  // Returns the size of each parameter, in the order in which the caller passes them: weight and
  // bias of convolution 1 (parameters 0 and 1), of convolution 2 (2 and 3), and of fully connected
  // layer k (4 + 2k and 5 + 2k). Weights of a convolution are [channels][in_channels][5][5], those
  // of a fully connected layer are [units][inputs].
  std::vector<std::int64_t> parameter_sizes() const {
    std::vector<std::int64_t> sizes = {
        std::int64_t(channels1) * in_channels * TAPS, channels1,
        std::int64_t(channels2) * channels1 * TAPS, channels2};
    for (int k = 0; k < dense_layers(); ++k) {
      sizes.push_back(std::int64_t(units(k)) * inputs(k));
      sizes.push_back(units(k));
    }
    return sizes;
  }
};

}  // namespace lenet
