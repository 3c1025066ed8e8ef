// The functions of lenet_engine.h. They find the kernels of an instruction set, divide the work
// among threads, and turn every exception into a status.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "lenet_engine.h"

#include "batch/spec.hpp"
#include "common/bytes.hpp"
#include "common/kernels.hpp"
#include "common/memory.hpp"
#include "common/threads.hpp"
#include "sequence/sequence_spec.hpp"
#include "variants.hpp"  // written by CMake: LENET_VARIANTS, the names of the variants

namespace lenet {

#define LENET_DECLARE(name)     \
  namespace name {              \
  extern const Kernels kernels; \
  }
LENET_VARIANTS(LENET_DECLARE)

namespace {

// The kernels of all variants, the fastest first.
#define LENET_ADDRESS(name) &name::kernels,
const Kernels* const ALL[] = {LENET_VARIANTS(LENET_ADDRESS)};

// A batch is divided into at most MAX_SHARDS shards whose sizes are multiples of SHARD_STEP. The
// division does not depend on the number of threads, and the gradients of the shards are added in
// order. Therefore the result has the same bits for any number of threads.
constexpr std::int64_t MAX_SHARDS = 16, SHARD_STEP = 64;

// The images that are left after the last full vector are computed one at a time if they fill at
// most one lane in MIN_LANES_PER_IMAGE. That is faster than a vector that is mostly empty.
constexpr std::int64_t MIN_LANES_PER_IMAGE = 3;

// Images that `lenet_forward`, `lenet_warp` and `lenet_sequence_forward` do as one task.
constexpr std::int64_t FORWARD_CHUNK = 64, WARP_CHUNK = 256, SEQUENCE_CHUNK = 256;

// Returns the images in each shard of a batch, except the last shard, which may be smaller.
std::int64_t shard_size(std::int64_t images) {
  const std::int64_t even = (images + MAX_SHARDS - 1) / MAX_SHARDS;
  return (even + SHARD_STEP - 1) / SHARD_STEP * SHARD_STEP;
}

// Returns the status that `work` returns, or LENET_OUT_OF_MEMORY if it throws.
template <class Work>
int guarded(Work work) noexcept {
  try {
    return work();
  } catch (const std::exception&) {  // the engine throws nothing but std::bad_alloc
    return LENET_OUT_OF_MEMORY;
  }
}

// Returns the kernels of a variant; null if there is no such variant or this machine cannot run it.
const Kernels* kernels_named(const char* variant) {
  for (const Kernels* kernels : ALL)
    if (std::strcmp(kernels->name, variant) == 0 && kernels->supported()) return kernels;
  return nullptr;
}

// Returns how many threads can work on so many tasks: at least 1, at most `threads`.
int workers_for(int threads, std::int64_t tasks) {
  return static_cast<int>(std::max<std::int64_t>(1, std::min<std::int64_t>(threads, tasks)));
}

}  // namespace
}  // namespace lenet

struct lenet_plan {
  lenet::BatchSpec spec;
  const lenet::Kernels* kernels;
  std::vector<std::int64_t> sizes;  // the size of each parameter
  std::int64_t parameters;          // the sum of these sizes
  lenet::MemoryPool pool;
};

struct lenet_sequence_plan {
  lenet::SequenceSpec spec;
  const lenet::Kernels* kernels;
  lenet::MemoryPool pool;
};

using namespace lenet;

int lenet_interface(void) { return LENET_INTERFACE; }

const char* lenet_variant(int number) {
  for (const Kernels* kernels : ALL)
    if (kernels->supported() && number-- == 0) return kernels->name;
  return nullptr;
}

double lenet_peak(const char* variant, int threads, double seconds) {
  double total = 0;
  guarded([&] {
    const Kernels* kernels = kernels_named(variant);
    if (kernels == nullptr) return LENET_UNKNOWN_VARIANT;
    std::vector<double> rates(to_size(threads));
    run_parallel(threads, threads,
                 [&](int, std::int64_t task) { rates[to_size(task)] = kernels->peak(seconds); });
    for (const double rate : rates) total += rate;
    return LENET_OK;
  });
  return total;
}

int lenet_plan_create(const char* variant, const std::int32_t* shape, int layers,
                      const float* none_score, lenet_plan** created) {
  return guarded([&] {
    const Kernels* kernels = kernels_named(variant);
    if (kernels == nullptr) return LENET_UNKNOWN_VARIANT;
    if (layers < 1 || layers > MAX_DENSE) return LENET_BAD_SHAPE;
    auto plan = std::make_unique<lenet_plan>();
    plan->spec = BatchSpec{shape[0],
                           shape[1],
                           static_cast<Activation>(shape[2]),
                           static_cast<Pooling>(shape[3]),
                           shape[4],
                           shape[5],
                           std::vector<int>(shape + 6, shape + 6 + layers),
                           none_score != nullptr,
                           none_score ? *none_score : 0.0f};
    if (!plan->spec.valid()) return LENET_BAD_SHAPE;
    plan->kernels = kernels;
    plan->sizes = plan->spec.parameter_sizes();
    plan->parameters = 0;
    for (const std::int64_t size : plan->sizes) plan->parameters += size;
    *created = plan.release();
    return LENET_OK;
  });
}

void lenet_plan_free(lenet_plan* plan) { delete plan; }

int lenet_forward(lenet_plan* plan, const float* const* parameters, const std::uint8_t* pixels,
                  std::int64_t count, float scale, float offset, int threads, float* scores) {
  return guarded([&] {
    const Kernels& kernels = *plan->kernels;
    const Images images{pixels, nullptr, nullptr, scale, offset};
    const std::int64_t left = count % kernels.lanes;
    const bool singly = left * MIN_LANES_PER_IMAGE <= kernels.lanes;
    const std::int64_t together = singly ? count - left : count;
    const std::int64_t chunks = (together + FORWARD_CHUNK - 1) / FORWARD_CHUNK;
    const std::int64_t tasks = chunks + (together < count);  // the last one: images one at a time
    const int workers = workers_for(threads, tasks);
    const Scratches scratch(plan->pool, workers, kernels.scratch_bytes(plan->spec, 0, false));
    run_parallel(workers, tasks, [&](int worker, std::int64_t number) {
      if (number < chunks)
        kernels.forward(plan->spec, parameters, images, number * FORWARD_CHUNK,
                        std::min(together, (number + 1) * FORWARD_CHUNK), scratch.of(worker),
                        scores);
      else
        for (std::int64_t n = together; n < count; ++n)
          kernels.forward_one(plan->spec, parameters, images, n, scratch.of(worker),
                              scores + n * plan->spec.classes(), nullptr);
    });
    return LENET_OK;
  });
}

int lenet_activations(lenet_plan* plan, const float* const* parameters, const std::uint8_t* pixels,
                      std::int64_t count, float scale, float offset, int layers,
                      const std::int64_t* sizes, float* const* outputs) {
  return guarded([&] {
    const Images images{pixels, nullptr, nullptr, scale, offset};
    const Scratches scratch(plan->pool, 1, plan->kernels->scratch_bytes(plan->spec, 0, false));
    std::vector<float> scores(to_size(plan->spec.classes()));
    std::vector<float*> outputs_of_image(to_size(layers));
    for (std::int64_t n = 0; n < count; ++n) {
      for (int layer = 0; layer < layers; ++layer)
        outputs_of_image[to_size(layer)] = outputs[layer] + n * sizes[layer];
      plan->kernels->forward_one(plan->spec, parameters, images, n, scratch.of(0), scores.data(),
                                 outputs_of_image.data());
    }
    return LENET_OK;
  });
}

int lenet_gradients(lenet_plan* plan, const float* const* parameters, float* const* gradients,
                    const std::uint8_t* pixels, const std::int64_t* labels, const float* targets,
                    const std::int64_t* index, std::int64_t count, float scale, float offset,
                    int threads, double* mean_loss, std::int64_t* correct, double* parts) {
  return guarded([&] {
    const Images images{pixels, labels, index, scale, offset, targets};
    const std::int64_t shard = shard_size(count), shards = (count + shard - 1) / shard;
    const int workers = workers_for(threads, shards);
    const Scratches scratch(plan->pool, workers,
                            plan->kernels->scratch_bytes(plan->spec, std::min(shard, count), true));
    // [shards][all parameters]: the gradient of each shard.
    const Borrowed sums(plan->pool, shards * plan->parameters * std::int64_t(sizeof(float)));
    float* const gradients_of_shards = static_cast<float*>(sums.start());
    std::vector<double> losses(to_size(shards));
    std::vector<std::int64_t> corrects(to_size(shards));
    run_parallel(workers, shards, [&](int worker, std::int64_t number) {
      plan->kernels->gradients(plan->spec, parameters, images, number * shard,
                               std::min(count, (number + 1) * shard), 1.0f / float(count),
                               scratch.of(worker), gradients_of_shards + number * plan->parameters,
                               &losses[to_size(number)], &corrects[to_size(number)],
                               parts && workers == 1 ? parts : nullptr);
    });
    std::int64_t begin = 0;  // where parameter p begins in the gradient of a shard
    for (std::size_t p = 0; p < plan->sizes.size(); begin += plan->sizes[p++]) {
      float* out = gradients[p];
      const float* from = gradients_of_shards + begin;
      const std::int64_t size = plan->sizes[p];
      std::memcpy(out, from, bytes_of<float>(size));
      for (std::int64_t number = 1; number < shards; ++number) {
        from += plan->parameters;
        for (std::int64_t i = 0; i < size; ++i) out[i] += from[i];
      }
    }
    *mean_loss = 0;
    *correct = 0;
    for (const double loss : losses) *mean_loss += loss / double(count);
    for (const std::int64_t one : corrects) *correct += one;
    return LENET_OK;
  });
}

int lenet_descend(const char* variant, float* const* parameters, float* const* gradients,
                  float* const* velocities, int arrays, const std::int64_t* sizes,
                  float learning_rate, float momentum, float weight_decay) {
  const Kernels* kernels = kernels_named(variant);
  if (kernels == nullptr) return LENET_UNKNOWN_VARIANT;
  for (int n = 0; n < arrays; ++n)
    kernels->descend({learning_rate, momentum, weight_decay}, parameters[n], gradients[n],
                     velocities == nullptr ? nullptr : velocities[n], sizes[n]);
  return LENET_OK;
}

int lenet_sequence_create(const char* variant, int in_channels, int in_side, int operations,
                          const std::int32_t* numbers, const float* values,
                          lenet_sequence_plan** created) {
  return guarded([&] {
    const Kernels* kernels = kernels_named(variant);
    if (kernels == nullptr) return LENET_UNKNOWN_VARIANT;
    auto plan = std::make_unique<lenet_sequence_plan>();
    plan->kernels = kernels;
    plan->spec.in_channels = in_channels;
    plan->spec.in_side = in_side;
    int channels = in_channels;
    for (int n = 0; n < operations; ++n) {
      Operation op;
      op.kind = static_cast<OperationKind>(*numbers++);
      op.squash = *numbers++ != 0;
      op.size = *numbers++;
      op.stride = *numbers++;
      op.unit_bias = *numbers++ != 0;
      op.channels = *numbers++;
      const int links = *numbers++;
      if (op.channels < 0 || links < 0) return LENET_BAD_SHAPE;
      for (int link = 0; link < links; ++link, numbers += 2)
        op.links.emplace_back(numbers[0], numbers[1]);
      op.value = *values++;
      if (op.kind == OperationKind::radial_basis) {
        op.codes.assign(values, values + op.channels * channels);
        values += op.codes.size();
      }
      if (op.channels > 0) channels = op.channels;
      plan->spec.operations.push_back(std::move(op));
    }
    if (!plan->spec.connect()) return LENET_BAD_SHAPE;
    *created = plan.release();
    return LENET_OK;
  });
}

void lenet_sequence_free(lenet_sequence_plan* plan) { delete plan; }

int lenet_sequence_forward(lenet_sequence_plan* plan, const float* const* parameters,
                           const std::uint8_t* pixels, std::int64_t count, float scale,
                           float offset, int threads, float* scores) {
  return guarded([&] {
    const Images images{pixels, nullptr, nullptr, scale, offset};
    const std::int64_t chunks = (count + SEQUENCE_CHUNK - 1) / SEQUENCE_CHUNK;
    const int workers = workers_for(threads, chunks);
    const Scratches scratch(plan->pool, workers, plan->kernels->sequence_bytes(plan->spec));
    run_parallel(workers, chunks, [&](int worker, std::int64_t number) {
      plan->kernels->sequence_forward(plan->spec, parameters, images, number * SEQUENCE_CHUNK,
                                      std::min(count, (number + 1) * SEQUENCE_CHUNK),
                                      scratch.of(worker), scores);
    });
    return LENET_OK;
  });
}

int lenet_sequence_learn(lenet_sequence_plan* plan, int mode, int discriminative,
                         float* const* parameters, float* const* others, const std::uint8_t* pixels,
                         const std::int64_t* labels, float scale, float offset,
                         const std::int64_t* index, std::int64_t count, double* loss,
                         std::int64_t* correct) {
  return guarded([&] {
    const Images images{pixels, labels, index, scale, offset};
    const Borrowed memory(plan->pool, plan->kernels->sequence_bytes(plan->spec));
    plan->kernels->sequence_learn(plan->spec, static_cast<SequenceMode>(mode),
                                  discriminative != 0, parameters, others, images, count,
                                  memory.start(), loss, correct);
    return LENET_OK;
  });
}

int lenet_warp(const char* variant, int side, const float* matrices, const float* shifts,
               const float* fields, const std::int32_t* field, const float* amplitudes,
               const float* tones, const std::uint8_t* images, std::int64_t count, int threads,
               std::uint8_t* out) {
  return guarded([&] {
    const Kernels* kernels = kernels_named(variant);
    if (kernels == nullptr) return LENET_UNKNOWN_VARIANT;
    const Distortions distortions{side, matrices, shifts, fields, field, amplitudes, tones};
    const std::int64_t chunks = (count + WARP_CHUNK - 1) / WARP_CHUNK;
    run_parallel(threads, chunks, [&](int, std::int64_t number) {
      kernels->warp(distortions, images, number * WARP_CHUNK,
                    std::min(count, (number + 1) * WARP_CHUNK), out);
    });
    return LENET_OK;
  });
}
