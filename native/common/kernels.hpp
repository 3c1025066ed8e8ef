// The table of kernels that each instruction set provides, and the images and distortions that the
// caller passes to them.
#pragma once

#include <cstdint>

namespace lenet {

// A set of images in the caller's memory, with their labels.
struct Images {
  const std::uint8_t* pixels;  // [stored images][side][side][channels]
  const std::int64_t* labels;  // [stored images], or null; the number of classes means "none"
  const std::int64_t* index;   // [count]: numbers of stored images, or null for 0, 1, 2, ...
  float scale, offset;         // a pixel becomes pixel * scale + offset
  // Probabilities [stored images][classes, and "none" if the network has it]. The loss compares the
  // scores with them instead of the labels. May be null.
  const float* targets = nullptr;

  // Returns the number under which image n of the set is stored.
  std::int64_t stored(std::int64_t n) const { return index ? index[n] : n; }
};

// One distortion for each image; common/warp.hpp applies them.
struct Distortions {
  int side;
  const float* matrices;      // [count][2][2]: map a place of the result to a place of the image
  const float* shifts;        // [count][2]: are added to that place
  const float* fields;        // [fields][2][side][side]: displacements of each pixel, or null
  const std::int32_t* field;  // [count]: the number of each image's field
  const float* amplitudes;    // [count]: factor of the field's displacements
  const float* tones;         // [count][3]: blur, gain and bias, or null
};

// How far a step of gradient descent goes; common/descent.hpp takes it.
struct Descent {
  float learning_rate, momentum, weight_decay;
};

struct BatchSpec;                        // batch/spec.hpp
struct SequenceSpec;                     // sequence/sequence_spec.hpp
enum class SequenceMode : std::int32_t;  // sequence/sequence_spec.hpp

// The kernels of one instruction set. `parameters` holds the weight and the bias of each layer, in
// order; `scratch` and `memory` are 64-byte aligned and belong to the call alone.
struct Kernels {
  const char* name;
  bool (*supported)();  // whether this machine can run them
  int lanes;            // floats in a vector

  // ---- Batches

  // Returns the bytes of scratch memory that one thread needs for up to `shard` images.
  std::int64_t (*scratch_bytes)(const BatchSpec&, std::int64_t shard, bool training);
  // Computes the gradient of the mean loss by every parameter, over the images [first, last).
  // `weight` is 1 / (images in the batch). Writes `gradients`: all parameters one after another.
  // Adds to `loss` and `correct`. Unless `parts` is null, adds the seconds of each `Part` to it.
  void (*gradients)(const BatchSpec&, const float* const* parameters, const Images&,
                    std::int64_t first, std::int64_t last, float weight, void* scratch,
                    float* gradients, double* loss, std::int64_t* correct, double* parts);
  // Computes the scores of the images [first, last): rows first to last - 1 of `scores`
  // [count][classes].
  void (*forward)(const BatchSpec&, const float* const* parameters, const Images&,
                  std::int64_t first, std::int64_t last, void* scratch, float* scores);
  // Computes the scores [classes] of image n. Unless `outputs` is null, writes the output of every
  // layer to outputs[layer].
  void (*forward_one)(const BatchSpec&, const float* const* parameters, const Images&,
                      std::int64_t n, void* scratch, float* scores, float* const* outputs);

  // Takes a step of gradient descent: changes parameters [count] and, unless it is null, velocities
  // [count] in place.
  void (*descend)(const Descent&, float* parameters, const float* gradients, float* velocities,
                  std::int64_t count);

  // ---- Distorted images

  // Distorts images [first, last) of `images` [count][side][side]; writes the same rows of `out`.
  void (*warp)(const Distortions&, const std::uint8_t* images, std::int64_t first,
               std::int64_t last, std::uint8_t* out);

  // ---- Sequences

  // Returns the bytes of memory that one call needs.
  std::int64_t (*sequence_bytes)(const SequenceSpec&);
  // Goes through `count` images one after another: see sequence/sequence_back.hpp.
  void (*sequence_learn)(const SequenceSpec&, SequenceMode, bool discriminative,
                         float* const* parameters, float* const* others, const Images&,
                         std::int64_t count, void* memory, double* loss, std::int64_t* correct);
  // Computes the scores of the images [first, last): rows first to last - 1 of `scores`
  // [count][classes].
  void (*sequence_forward)(const SequenceSpec&, const float* const* parameters, const Images&,
                           std::int64_t first, std::int64_t last, void* memory, float* scores);

  // Returns the multiply-accumulates per second that one thread reaches with nothing but FMA
  // instructions, measured for about `seconds`.
  double (*peak)(double seconds);
};

}  // namespace lenet
