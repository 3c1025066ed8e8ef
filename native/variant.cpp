// The kernels for one instruction set. CMake compiles this file once for each set, with the set's
// name as LENET_VARIANT, which is also the name of the namespace.
#include <chrono>

#include "batch/passes.hpp"
#include "batch/single.hpp"
#include "common/descent.hpp"
#include "common/kernels.hpp"
#include "common/processor.hpp"
#include "common/warp.hpp"
#include "sequence/sequence_back.hpp"

#define LENET_STRING_(x) #x
#define LENET_STRING(x) LENET_STRING_(x)

namespace lenet {
namespace LENET_VARIANT {
namespace {

// Returns whether this machine has the instruction set.
bool supported() {
#if defined(__AVX512F__)
  return has_v4(ask_processor());
#elif defined(__AVX2__)
  return has_v3(ask_processor());
#else
  return true;
#endif
}

// Makes the processor treat denormal numbers as zero until the end of the scope. Gradients of
// saturated sigmoids are often denormal, and processors are up to a hundred times slower on them.
class FlushDenormals {
 public:
#if defined(__x86_64__)
  // Bit 15 flushes denormal results to zero; bit 6 reads denormal operands as zero.
  FlushDenormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | 0x8040); }
  ~FlushDenormals() { _mm_setcsr(before_); }

 private:
  unsigned before_;
#elif defined(__aarch64__)
  // Bit 24 does both.
  FlushDenormals() {
    asm volatile("mrs %0, fpcr" : "=r"(before_));
    asm volatile("msr fpcr, %0" : : "r"(before_ | (1ull << 24)));
  }
  ~FlushDenormals() { asm volatile("msr fpcr, %0" : : "r"(before_)); }

 private:
  unsigned long long before_;
#endif
};

// The functions below are the entries of the table `Kernels`; common/kernels.hpp describes them.

std::int64_t scratch_bytes(const BatchSpec& s, std::int64_t shard, bool training) {
  const std::int64_t many = Scratch(s, shard, training, nullptr).bytes;
  const std::int64_t one = SingleScratch(s, nullptr).bytes;
  return many > one ? many : one;
}

void gradients(const BatchSpec& s, const float* const* parameters, const Images& images,
               std::int64_t first, std::int64_t last, float weight, void* scratch, float* out,
               double* loss, std::int64_t* correct, double* parts) {
  [[maybe_unused]] const FlushDenormals flush;
  gradients_of_shard(s, parameters, images, first, last, weight,
                     Scratch(s, last - first, true, scratch), out, loss, correct, parts);
}

void forward(const BatchSpec& s, const float* const* parameters, const Images& images,
             std::int64_t first, std::int64_t last, void* scratch, float* scores) {
  [[maybe_unused]] const FlushDenormals flush;
  forward_images(s, parameters, images, first, last, Scratch(s, 0, false, scratch), scores);
}

void forward_one(const BatchSpec& s, const float* const* parameters, const Images& images,
                 std::int64_t n, void* scratch, float* scores, float* const* outputs) {
  [[maybe_unused]] const FlushDenormals flush;
  forward_single(s, parameters, images, n, SingleScratch(s, scratch), scores, outputs);
}

void learn_in_sequence(const SequenceSpec& s, SequenceMode mode, bool discriminative,
                       float* const* parameters, float* const* others, const Images& images,
                       std::int64_t count, void* memory, double* loss, std::int64_t* correct) {
  [[maybe_unused]] const FlushDenormals flush;
  sequence_learn(s, mode, discriminative, parameters, others, images, count, memory, loss,
                 correct);
}

void forward_in_sequence(const SequenceSpec& s, const float* const* parameters,
                         const Images& images, std::int64_t first, std::int64_t last, void* memory,
                         float* scores) {
  [[maybe_unused]] const FlushDenormals flush;
  sequence_forward(s, parameters, images, first, last, memory, scores);
}

double peak(double seconds) {
  using Clock = std::chrono::steady_clock;
  constexpr int CHAINS = REGISTERS == 32 ? 24 : 12;  // sums that do not wait for each other
  Vec sum[CHAINS] = {};
  Vec a = splat(1.0f), b = splat(1e-9f);
  const auto start = Clock::now();
  double rounds = 0, elapsed = 0;
  do {
    for (int i = 0; i < 20000; ++i) {
      // The compiler must assume that this changes a and b, so it cannot remove the loop.
#if defined(__x86_64__) || defined(__aarch64__)
      asm volatile("" : "+x"(a), "+x"(b));
#else
      asm volatile("" : "+m"(a), "+m"(b));
#endif
#pragma GCC unroll 24
      for (int k = 0; k < CHAINS; ++k) sum[k] = sum[k] * a + b;
    }
    rounds += 20000;
    elapsed = std::chrono::duration<double>(Clock::now() - start).count();
  } while (elapsed < seconds);
  float total = 0;
  for (int k = 0; k < CHAINS; ++k) total += sum_of_lanes(sum[k]);
  asm volatile("" : : "r"(&total) : "memory");
  return rounds * CHAINS * LANES / elapsed;
}

}  // namespace

extern const Kernels kernels;
const Kernels kernels = {LENET_STRING(LENET_VARIANT), supported, LANES, scratch_bytes, gradients,
                         forward, forward_one, descend, warp_images, sequence_bytes,
                         learn_in_sequence, forward_in_sequence, peak};

}  // namespace LENET_VARIANT
}  // namespace lenet
