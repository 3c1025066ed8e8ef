// The engine's C interface: a plan holds a network's widths and one instruction set's kernels, and
// computes on arrays that stay the caller's own. Every function may be called from several threads
// at once, on the same plan too.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <vector>

#include "batch/pool.hpp"
#include "sequence/sequence_spec.hpp"
#include "batch/spec.hpp"
#include "common/threads.hpp"
#include "variants.hpp"  // made by CMake: LENET_VARIANTS, a list of the variants' names

#if defined(_WIN32)
#define LENET_API extern "C" __declspec(dllexport)
#else
#define LENET_API extern "C" __attribute__((visibility("default")))
#endif

namespace lenet {

#define LENET_DECLARE(name) \
  namespace name {          \
  extern const Kernels kernels; \
  }
LENET_VARIANTS(LENET_DECLARE)

namespace {

// Best first.
#define LENET_ADDRESS(name) &name::kernels,
const Kernels* const ALL[] = {LENET_VARIANTS(LENET_ADDRESS)};

// A batch is cut into at most this many shards, whatever the number of threads, and the shards'
// gradients are added in order: so the bits do not depend on the threads.
constexpr std::int64_t MOST_SHARDS = 16, LEAST_SHARD = 64;

// Left-over images that fill at most one lane in so many are done one at a time: that is faster
// than lanes that are mostly empty.
constexpr std::int64_t LANES_AN_IMAGE = 3;

std::int64_t shard_size(std::int64_t images) {
  const std::int64_t even = (images + MOST_SHARDS - 1) / MOST_SHARDS;
  return (even + LEAST_SHARD - 1) / LEAST_SHARD * LEAST_SHARD;
}

struct Plan {
  Spec spec;
  const Kernels* kernels;
  std::vector<std::int64_t> sizes;
  std::int64_t parameters;
  Pool pool;
};

struct SequencePlan {
  Sequence sequence;
  const Kernels* kernels;
  Pool pool;
};

}  // namespace
}  // namespace lenet

using namespace lenet;

// Names of the variants this machine can run, best first; null beyond the last.
LENET_API const char* lenet_variant(int number) {
  for (const Kernels* one : ALL)
    if (one->supported() && number-- == 0) return one->name;
  return nullptr;
}

// numbers: in_channels, input_side, activation, pooling, channels1, channels2, then the units of
// each of `layers` fully connected layers. `rubbish_score`: of the class "none of these", or null
// for no such class. Null if memory or the variant is missing.
LENET_API void* lenet_plan(const char* variant, const std::int32_t* numbers, int layers,
                           const float* rubbish_score)
try {
  for (const Kernels* one : ALL) {
    if (std::strcmp(one->name, variant) != 0 || !one->supported()) continue;
    auto plan = std::make_unique<Plan>();
    plan->spec = Spec{numbers[0], numbers[1], static_cast<Activation>(numbers[2]),
                      static_cast<Pooling>(numbers[3]), numbers[4], numbers[5],
                      std::vector<int>(numbers + 6, numbers + 6 + layers),
                      rubbish_score != nullptr, rubbish_score ? *rubbish_score : 0.0f};
    plan->kernels = one;
    plan->sizes = plan->spec.parameter_sizes();
    plan->parameters = 0;
    for (const std::int64_t size : plan->sizes) plan->parameters += size;
    return plan.release();
  }
  return nullptr;
} catch (const std::exception&) {  // memory
  return nullptr;
}

LENET_API void lenet_free(void* plan) { delete static_cast<Plan*>(plan); }

// Returns 0, or 1 if memory ran out. `targets`: see `Images`. `parts`, if not null, gets the seconds
// of each `Part` added; on one thread only.
LENET_API int lenet_gradients(void* handle, const float* const* parameters, float* const* gradients,
                              const std::uint8_t* pixels, const std::int64_t* labels,
                              const float* targets, const std::int64_t* index, std::int64_t count,
                              float scale, float offset, int threads, double* mean_loss,
                              std::int64_t* correct, double* parts)
try {
  Plan& plan = *static_cast<Plan*>(handle);
  const Images images{pixels, labels, index, scale, offset, targets};
  const std::int64_t shard = shard_size(count), shards = (count + shard - 1) / shard;
  const int workers = static_cast<int>(std::max<std::int64_t>(1, std::min<std::int64_t>(threads, shards)));
  const Scratches scratch(plan.pool, workers,
                          plan.kernels->scratch_bytes(plan.spec, std::min(shard, count), true));
  const Borrowed sums(plan.pool, shards * plan.parameters * sizeof(float));
  float* const first = static_cast<float*>(sums.start());
  std::vector<double> losses(shards);
  std::vector<std::int64_t> rights(shards);
  run_parallel(workers, shards, [&](int worker, std::int64_t number) {
    plan.kernels->gradients(plan.spec, parameters, images, number * shard,
                            std::min(count, (number + 1) * shard), 1.0f / count,
                            scratch.of(worker), first + number * plan.parameters, &losses[number],
                            &rights[number], parts && workers == 1 ? parts : nullptr);
  });
  std::int64_t at = 0;
  for (std::size_t p = 0; p < plan.sizes.size(); at += plan.sizes[p++]) {
    float* out = gradients[p];
    const std::int64_t size = plan.sizes[p];
    std::memcpy(out, first + at, size * sizeof(float));
    for (std::int64_t s = 1; s < shards; ++s) {
      const float* from = first + s * plan.parameters + at;
      for (std::int64_t i = 0; i < size; ++i) out[i] += from[i];
    }
  }
  *mean_loss = 0;
  *correct = 0;
  for (std::int64_t s = 0; s < shards; ++s) {
    *mean_loss += losses[s] / count;
    *correct += rights[s];
  }
  return 0;
} catch (const std::exception&) {  // memory
  return 1;
}

// Logits [count][classes]. Returns 0, or 1 if memory ran out.
LENET_API int lenet_forward(void* handle, const float* const* parameters,
                            const std::uint8_t* pixels, const std::int64_t* index,
                            std::int64_t count, float scale, float offset, int threads,
                            float* logits)
try {
  Plan& plan = *static_cast<Plan*>(handle);
  const Kernels& kernels = *plan.kernels;
  const Images images{pixels, nullptr, index, scale, offset};
  const std::int64_t chunk = 64, over = count % kernels.lanes;
  const bool singly = over * LANES_AN_IMAGE <= kernels.lanes;
  const std::int64_t many = singly ? count - over : count;
  const std::int64_t chunks = (many + chunk - 1) / chunk, tasks = chunks + (many < count);
  const int workers = static_cast<int>(std::max<std::int64_t>(1, std::min<std::int64_t>(threads, tasks)));
  const Scratches scratch(plan.pool, workers, kernels.scratch_bytes(plan.spec, 0, false));
  run_parallel(workers, tasks, [&](int worker, std::int64_t number) {
    if (number < chunks)
      kernels.forward(plan.spec, parameters, images, number * chunk,
                      std::min(many, (number + 1) * chunk), scratch.of(worker), logits);
    else
      for (std::int64_t n = many; n < count; ++n)
        kernels.forward_one(plan.spec, parameters, images, n, scratch.of(worker),
                            logits + n * plan.spec.classes(), nullptr);
  });
  return 0;
} catch (const std::exception&) {  // memory
  return 1;
}

// Distorted images: see warp.hpp; `side` is at most 64. Returns 0, or 1 if memory or the variant is
// missing.
LENET_API int lenet_warp(const char* variant, int side, const float* matrices, const float* shifts,
                         const float* fields, const std::int32_t* field, const float* amplitudes,
                         const float* tones, const std::uint8_t* images, std::int64_t count,
                         int threads, std::uint8_t* out)
try {
  const Distortions distortions{side, matrices, shifts, fields, field, amplitudes, tones};
  const std::int64_t chunk = 256, chunks = (count + chunk - 1) / chunk;
  for (const Kernels* one : ALL)
    if (std::strcmp(one->name, variant) == 0 && one->supported()) {
      run_parallel(threads, chunks, [&](int, std::int64_t number) {
        one->warp(distortions, images, number * chunk, std::min(count, (number + 1) * chunk), out);
      });
      return 0;
    }
  return 1;
} catch (const std::exception&) {  // memory
  return 1;
}

// Every layer's output for every image: outputs[layer] is [count][sizes[layer]].
LENET_API int lenet_activations(void* handle, const float* const* parameters,
                                const std::uint8_t* pixels, std::int64_t count, float scale,
                                float offset, int layers, const std::int64_t* sizes,
                                float* const* outputs)
try {
  Plan& plan = *static_cast<Plan*>(handle);
  const Images images{pixels, nullptr, nullptr, scale, offset};
  const Scratches scratch(plan.pool, 1, plan.kernels->scratch_bytes(plan.spec, 0, false));
  std::vector<float> logits(plan.spec.classes());
  std::vector<float*> places(layers);
  for (std::int64_t n = 0; n < count; ++n) {
    for (int layer = 0; layer < layers; ++layer) places[layer] = outputs[layer] + n * sizes[layer];
    plan.kernels->forward_one(plan.spec, parameters, images, n, scratch.of(0), logits.data(),
                              places.data());
  }
  return 0;
} catch (const std::exception&) {  // memory
  return 1;
}

// A chain of operations: for each, `numbers` holds kind, squash, size, stride, unit_bias, channels
// and the number of links, then each link's map out and map in; `values` holds its value, then the
// codes of radial basis units. Null if memory or the variant is missing or the shapes do not fit.
LENET_API void* lenet_sequence_plan(const char* variant, int in_channels, int in_side,
                                    int operations, const std::int32_t* numbers,
                                    const float* values)
try {
  for (const Kernels* one : ALL) {
    if (std::strcmp(one->name, variant) != 0 || !one->supported()) continue;
    auto plan = std::make_unique<SequencePlan>();
    plan->kernels = one;
    plan->sequence.in_channels = in_channels;
    plan->sequence.in_side = in_side;
    int channels = in_channels;
    for (int n = 0; n < operations; ++n) {
      Op op;
      op.kind = static_cast<OpKind>(*numbers++);
      op.squash = *numbers++ != 0;
      op.size = *numbers++;
      op.stride = *numbers++;
      op.unit_bias = *numbers++ != 0;
      op.channels = *numbers++;
      const int links = *numbers++;
      for (int link = 0; link < links; ++link, numbers += 2)
        op.links.emplace_back(numbers[0], numbers[1]);
      op.value = *values++;
      if (op.kind == OpKind::radial_basis) {
        op.codes.assign(values, values + op.channels * channels);
        values += op.codes.size();
      }
      if (op.channels > 0) channels = op.channels;
      plan->sequence.ops.push_back(std::move(op));
    }
    return plan->sequence.connect() ? plan.release() : nullptr;
  }
  return nullptr;
} catch (const std::exception&) {  // memory
  return nullptr;
}

LENET_API void lenet_sequence_free(void* plan) { delete static_cast<SequencePlan*>(plan); }

// See SequenceMode; `others` holds each parameter's rates, or gets its mean derivatives. The sum of
// the losses and the number right are those before each step. Returns 0, or 1 if memory ran out.
LENET_API int lenet_sequence_learn(void* handle, int mode, int discriminative,
                                   float* const* parameters, float* const* others,
                                   const std::uint8_t* pixels, const std::int64_t* labels,
                                   float scale, float offset, const std::int64_t* index,
                                   std::int64_t count, double* loss, std::int64_t* correct)
try {
  SequencePlan& plan = *static_cast<SequencePlan*>(handle);
  const Images images{pixels, labels, index, scale, offset};
  const Borrowed memory(plan.pool, plan.kernels->sequence_bytes(plan.sequence));
  plan.kernels->sequence_learn(plan.sequence, static_cast<SequenceMode>(mode), discriminative != 0,
                               parameters, others, images, count, memory.start(), loss, correct);
  return 0;
} catch (const std::exception&) {  // memory
  return 1;
}

// Scores [count][classes]. Returns 0, or 1 if memory ran out.
LENET_API int lenet_sequence_forward(void* handle, const float* const* parameters,
                                     const std::uint8_t* pixels, std::int64_t count, float scale,
                                     float offset, int threads, float* scores)
try {
  SequencePlan& plan = *static_cast<SequencePlan*>(handle);
  const Images images{pixels, nullptr, nullptr, scale, offset};
  const std::int64_t chunk = 256, chunks = (count + chunk - 1) / chunk;
  const int workers = static_cast<int>(std::max<std::int64_t>(1, std::min<std::int64_t>(threads, chunks)));
  const Scratches scratch(plan.pool, workers, plan.kernels->sequence_bytes(plan.sequence));
  run_parallel(workers, chunks, [&](int worker, std::int64_t number) {
    plan.kernels->sequence_forward(plan.sequence, parameters, images, number * chunk,
                                   std::min(count, (number + 1) * chunk), scratch.of(worker),
                                   scores);
  });
  return 0;
} catch (const std::exception&) {  // memory
  return 1;
}

// Multiply-accumulates a second that `threads` threads reach with nothing but FMA instructions.
LENET_API double lenet_peak(const char* variant, int threads, double seconds)
try {
  for (const Kernels* one : ALL)
    if (std::strcmp(one->name, variant) == 0 && one->supported()) {
      std::vector<double> rates(threads);
      run_parallel(threads, threads,
                   [&](int, std::int64_t task) { rates[task] = one->peak(seconds); });
      double total = 0;
      for (const double rate : rates) total += rate;
      return total;
    }
  return 0;
} catch (const std::exception&) {  // memory
  return 0;
}
