// What the engine is told of a network: the widths of a LeNet. Everything else about its geometry
// is fixed, and that is what makes it fast: 5x5 kernels, 2x2 pooling, 28x28 maps behind the first
// convolution, 14x14 behind its pooling, 10x10 behind the second, 5x5 behind its pooling.
#pragma once

#include <cstdint>
#include <vector>

namespace lenet {

enum class Activation : std::int32_t { sigmoid = 0, tanh = 1, relu = 2, leaky_relu = 3 };
enum class Pooling : std::int32_t { average = 0, max = 1 };

constexpr int KERNEL = 5, TAPS = KERNEL * KERNEL;
constexpr int SIDE0 = 32;  // of the input with its padding
constexpr int SIDE1 = 28, HALF1 = 14;
constexpr int SIDE2 = 10, HALF2 = 5;

struct Spec {
  int in_channels;
  int input_side;  // 28, padded by 2, or 32
  Activation activation;
  Pooling pooling;
  int channels1, channels2;
  std::vector<int> units;  // of the fully connected layers; the last are the classes
  // Beside the classes there may be "none of these", whose score is always this.
  bool rubbish = false;
  float rubbish_score = 0.0f;

  int classes() const { return units.back(); }
  int flat() const { return channels2 * HALF2 * HALF2; }
  // Inputs of fully connected layer k.
  int inputs(int k) const { return k == 0 ? flat() : units[k - 1]; }
  int dense_layers() const { return static_cast<int>(units.size()); }

  // Parameters in order: weight and bias of each layer.
  std::vector<std::int64_t> parameter_sizes() const {
    std::vector<std::int64_t> sizes = {
        std::int64_t(channels1) * in_channels * TAPS, channels1,
        std::int64_t(channels2) * channels1 * TAPS, channels2};
    for (int k = 0; k < dense_layers(); ++k) {
      sizes.push_back(std::int64_t(units[k]) * inputs(k));
      sizes.push_back(units[k]);
    }
    return sizes;
  }
};

// Labelled images as the caller holds them.
struct Images {
  const std::uint8_t* pixels;   // [count][side][side][channels]
  const std::int64_t* labels;   // [count], or null; the number behind the last class: rubbish
  const std::int64_t* index;    // which images, or null for the first ones
  float scale, offset;          // a pixel becomes pixel * scale + offset
  // What to answer instead of the labels: probabilities, [count][classes, rubbish if there is], or
  // null.
  const float* targets = nullptr;
};

// How each image of a batch is made from the one that is stored: see warp.hpp.
struct Distortions {
  int side;
  const float* matrices;         // [count][2][2]: from a place of the result to the image's
  const float* shifts;           // [count][2]
  const float* fields;           // [..][2][side][side]: further displacements; or null
  const std::int32_t* field;     // [count]: which of them
  const float* amplitudes;       // [count]: pixels for each unit of it
  const float* tones;            // [count][3]: blur, gain, bias; or null
};

struct Sequence;
enum class SequenceMode : std::int32_t;

// One instruction set's kernels.
struct Kernels {
  const char* name;
  bool (*supported)();
  int lanes;
  // Bytes of scratch memory for one thread.
  std::int64_t (*scratch_bytes)(const Spec&, std::int64_t shard, bool training);
  // Mean-loss gradients of images [first, last) into `gradients` (one buffer, all parameters in
  // order); adds to loss and correct. `weight` is 1 / (images in the batch). `parts`, if not
  // null, gets the seconds of each `Part`.
  void (*gradients)(const Spec&, const float* const* parameters, const Images&, std::int64_t first,
                    std::int64_t last, float weight, void* scratch, float* gradients, double* loss,
                    std::int64_t* correct, double* parts);
  void (*forward)(const Spec&, const float* const* parameters, const Images&, std::int64_t first,
                  std::int64_t last, void* scratch, float* logits);
  // One image, every layer's output one after another (null: logits only).
  void (*forward_one)(const Spec&, const float* const* parameters, const Images&,
                      std::int64_t number, void* scratch, float* logits, float* const* outputs);
  // Images [first, last), distorted, [..][side][side].
  void (*warp)(const Distortions&, const std::uint8_t* images, std::int64_t first,
               std::int64_t last, std::uint8_t* out);
  // The networks of 1989 to 1998: sequence.hpp, sequence_back.hpp.
  std::int64_t (*sequence_bytes)(const Sequence&);
  void (*sequence_learn)(const Sequence&, SequenceMode, bool discriminative,
                         float* const* parameters, float* const* others, const Images&, std::int64_t count, void* memory,
                         double* loss, std::int64_t* correct);
  void (*sequence_forward)(const Sequence&, const float* const* parameters, const Images&,
                           std::int64_t first, std::int64_t last, void* memory, float* scores);
  // Multiply-accumulates done in about this many seconds by nothing but FMA instructions.
  double (*peak)(double seconds);
};

}  // namespace lenet
