// Calls every function of the engine on made-up numbers and prints a hash of each result, for each
// instruction set. The numbers follow from a seed, so that two builds of the engine must print the
// same lines, whatever the compiler and the system: `scripts/wheels.sh` runs it in emulators.
//   bits LIBRARY
#include "lenet_engine.h"

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#if defined(_WIN32)
#include <windows.h>
static void* open_library(const char* path) { return (void*)LoadLibraryA(path); }
static void* find(void* library, const char* name) {
  return (void*)GetProcAddress((HMODULE)library, name);
}
#else
#include <dlfcn.h>
static void* open_library(const char* path) { return dlopen(path, RTLD_NOW); }
static void* find(void* library, const char* name) { return dlsym(library, name); }
#endif

namespace {

void* library;
std::uint64_t state = 1;

#define CALL(name) ((decltype(&name))find(library, #name))

std::uint32_t draw() {  // Knuth's MMIX generator
  state = state * 6364136223846793005u + 1442695040888963407u;
  return std::uint32_t(state >> 32);
}

std::vector<float> floats(std::int64_t count, float size) {
  std::vector<float> values;
  for (std::int64_t n = 0; n < count; ++n)
    values.push_back((float(draw() >> 8) / 8388608.0f - 1.0f) * size);
  return values;
}

std::vector<std::uint8_t> bytes(std::int64_t count) {
  std::vector<std::uint8_t> values;
  for (std::int64_t n = 0; n < count; ++n) values.push_back(std::uint8_t(draw() >> 24));
  return values;
}

struct Hash {
  std::uint64_t value = 14695981039346656037u;  // FNV-1a
  void add(const void* from, std::size_t size) {
    for (std::size_t n = 0; n < size; ++n)
      value = (value ^ ((const unsigned char*)from)[n]) * 1099511628211u;
  }
  template <class T>
  void add(const std::vector<T>& values) {
    add(values.data(), values.size() * sizeof(T));
  }
  void print(const char* variant, const char* what, int status = 0) const {
    std::printf("%s %s %d %016llx\n", variant, what, status, (unsigned long long)value);
  }
};

std::vector<float*> pointers(std::vector<std::vector<float>>& arrays) {
  std::vector<float*> result;
  for (auto& one : arrays) result.push_back(one.data());
  return result;
}

// A network of two convolution blocks: its shape as `lenet_plan_create` takes it.
void batches(const char* variant, std::vector<std::int32_t> shape, std::int64_t count) {
  state = 1;
  const int layers = int(shape.size()) - 6;
  const std::int64_t colours = shape[0], side = shape[1];
  std::vector<std::int64_t> sizes{shape[4] * colours * 25, shape[4],
                                  std::int64_t(shape[5]) * shape[4] * 25, shape[5]};
  std::int64_t inputs = shape[5] * 25;
  for (int n = 0; n < layers; ++n) {
    sizes.push_back(inputs * shape[std::size_t(6 + n)]);
    sizes.push_back(inputs = shape[std::size_t(6 + n)]);
  }
  std::vector<std::vector<float>> weights, gradients, velocities;
  for (const std::int64_t size : sizes) {
    weights.push_back(floats(size, 0.1f));
    gradients.emplace_back(std::size_t(size));
    velocities.push_back(floats(size, 0.01f));
  }
  const auto w = pointers(weights), g = pointers(gradients), v = pointers(velocities);
  const auto pixels = bytes(count * side * side * colours);
  lenet_plan* plan = nullptr;
  int status = CALL(lenet_plan_create)(variant, shape.data(), layers, nullptr, &plan);
  Hash scores, learnt;
  std::vector<float> out(std::size_t(count * inputs));
  status |= CALL(lenet_forward)(plan, w.data(), pixels.data(), count, 0.004f, -0.1f, 2, out.data());
  scores.add(out);
  scores.print(variant, "forward", status);
  std::vector<std::int64_t> labels, index;
  for (std::int64_t n = 0; n < count; ++n) {
    labels.push_back(std::int64_t(draw() % std::uint32_t(inputs)));
    index.push_back(std::int64_t(draw() % std::uint32_t(count)));
  }
  double loss = 0;
  std::int64_t correct = 0;
  status |= CALL(lenet_gradients)(plan, w.data(), g.data(), pixels.data(), labels.data(), nullptr,
                                  index.data(), count, 0.004f, -0.1f, 2, &loss, &correct, nullptr);
  for (const auto& one : gradients) learnt.add(one);
  learnt.add(&loss, sizeof loss);
  learnt.add(&correct, sizeof correct);
  learnt.print(variant, "gradients", status);
  status |= CALL(lenet_descend)(variant, w.data(), g.data(), v.data(), int(sizes.size()),
                                sizes.data(), 0.1f, 0.9f, 0.001f);
  for (const auto& one : weights) learnt.add(one);
  for (const auto& one : velocities) learnt.add(one);
  learnt.print(variant, "descend", status);
  CALL(lenet_plan_free)(plan);
}

// A chain for single images: convolution 5x5 to 3 maps, subsampling, convolution 4x4 to 7 units.
void sequence(const char* variant, std::int64_t count) {
  state = 2;
  std::vector<std::int32_t> numbers;
  const auto operation = [&](std::vector<std::int32_t> words, int in, int out) {
    numbers.insert(numbers.end(), words.begin(), words.end());
    numbers.push_back(in * out);
    for (int o = 0; o < out; ++o)
      for (int i = 0; i < in; ++i) numbers.insert(numbers.end(), {o, i});
  };
  operation({1, 1, 5, 1, 0, 3}, 1, 3);
  operation({2, 1, 2, 2, 0, 0}, 0, 0);
  operation({1, 1, 4, 1, 0, 7}, 3, 7);
  const float values[3] = {0, 0, 0};
  lenet_sequence_plan* plan = nullptr;
  int status = CALL(lenet_sequence_create)(variant, 1, 12, 3, numbers.data(), values, &plan);
  std::vector<std::vector<float>> weights{floats(75, 0.3f), floats(3, 0.1f),  floats(3, 0.5f),
                                          floats(3, 0.1f),  floats(336, 0.2f), floats(7, 0.1f)};
  std::vector<std::vector<float>> others = weights;
  auto w = pointers(weights), o = pointers(others);
  const auto pixels = bytes(count * 144);
  std::vector<std::int64_t> labels, index;
  for (std::int64_t n = 0; n < count; ++n) {
    labels.push_back(std::int64_t(draw() % 7));
    index.push_back(n);
  }
  Hash hash;
  std::vector<float> scores(std::size_t(count * 7));
  if (status == 0)
    status = CALL(lenet_sequence_forward)(plan, w.data(), pixels.data(), count, 0.004f, -0.1f, 2,
                                          scores.data());
  hash.add(scores);
  hash.print(variant, "sequence-forward", status);
  for (const int mode : {2, 1, 0}) {
    for (auto& one : others) std::memset(one.data(), 0, one.size() * sizeof(float));
    if (mode == 0)
      for (auto& one : others)
        for (float& rate : one) rate = 0.001f;
    double loss = 0;
    std::int64_t correct = 0;
    if (status == 0)
      status = CALL(lenet_sequence_learn)(plan, mode, 0, w.data(), o.data(), pixels.data(),
                                          labels.data(), 0.004f, -0.1f, index.data(), count, &loss,
                                          &correct);
    for (const auto& one : weights) hash.add(one);
    for (const auto& one : others) hash.add(one);
    hash.add(&loss, sizeof loss);
    hash.print(variant, "sequence-learn", status);
  }
  if (plan) CALL(lenet_sequence_free)(plan);
}

void warp(const char* variant) {
  state = 3;
  const std::int64_t count = 300, side = 28;
  const auto images = bytes(count * side * side);
  auto matrices = floats(count * 4, 0.2f);
  for (std::int64_t n = 0; n < count; ++n) matrices[std::size_t(4 * n)] += 1,
                                           matrices[std::size_t(4 * n + 3)] += 1;
  const auto shifts = floats(count * 2, 2), fields = floats(2 * 2 * side * side, 3);
  const auto amplitudes = floats(count, 1), tones = floats(count * 3, 0.5f);
  std::vector<std::int32_t> field;
  for (std::int64_t n = 0; n < count; ++n) field.push_back(std::int32_t(draw() % 2));
  std::vector<std::uint8_t> out(images.size());
  const int status = CALL(lenet_warp)(variant, int(side), matrices.data(), shifts.data(),
                                      fields.data(), field.data(), amplitudes.data(), tones.data(),
                                      images.data(), count, 2, out.data());
  Hash hash;
  hash.add(out);
  hash.print(variant, "warp", status);
}

}  // namespace

int main(int count, char** words) {
  library = count == 2 ? open_library(words[1]) : nullptr;
  if (library == nullptr) {
    std::fprintf(stderr, "cannot load the library\n");
    return 1;
  }
  const char* variant = nullptr;
  for (int n = 0; (variant = CALL(lenet_variant)(n)) != nullptr; ++n) {
    for (int activation = 0; activation < 4; ++activation)
      for (int pooling = 0; pooling < 2; ++pooling)
        batches(variant, {1, 28, activation, pooling, 6, 16, 120, 84, 10}, 83);
    batches(variant, {3, 32, 1, 0, 3, 5, 7, 13, 29, 3}, 1);
    batches(variant, {2, 28, 2, 1, 4, 7, 10}, 17);
    batches(variant, {1, 28, 0, 0, 20, 50, 500, 10}, 5);
    sequence(variant, 40);
    warp(variant);
  }
  std::printf("done\n");
}
