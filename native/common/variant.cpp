// The kernels for one instruction set; CMake compiles this file once for each, under the name
// LENET_VARIANT.
#include <chrono>

#include "sequence/sequence_back.hpp"
#include "batch/single.hpp"
#include "common/warp.hpp"

#define LENET_STRING_(x) #x
#define LENET_STRING(x) LENET_STRING_(x)

namespace lenet {
namespace LENET_VARIANT {
namespace {

bool supported() {
#if defined(__AVX512F__)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512cd");
#elif defined(__AVX2__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi2");
#else
  return true;
#endif
}

// Saturated sigmoids leave gradients too small for normal numbers, on which processors are up to
// a hundred times slower: they count as zero while a kernel runs.
class FlushDenormals {
 public:
#if defined(__x86_64__)
  FlushDenormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | 0x8040); }
  ~FlushDenormals() { _mm_setcsr(before_); }

 private:
  unsigned before_;
#elif defined(__aarch64__)
  FlushDenormals() {
    asm volatile("mrs %0, fpcr" : "=r"(before_));
    asm volatile("msr fpcr, %0" : : "r"(before_ | (1ull << 24)));
  }
  ~FlushDenormals() { asm volatile("msr fpcr, %0" : : "r"(before_)); }

 private:
  unsigned long long before_;
#endif
};

// Calls f.template operator()<A, P>() for the network's activation and pooling.
template <Activation A, class F>
void with_pooling(const Spec& s, F f) {
  if (s.pooling == Pooling::average)
    f.template operator()<A, Pooling::average>();
  else
    f.template operator()<A, Pooling::max>();
}

template <class F>
void with_kinds(const Spec& s, F f) {
  [[maybe_unused]] const FlushDenormals flush;
  switch (s.activation) {
    case Activation::sigmoid: return with_pooling<Activation::sigmoid>(s, f);
    case Activation::tanh: return with_pooling<Activation::tanh>(s, f);
    case Activation::relu: return with_pooling<Activation::relu>(s, f);
    case Activation::leaky_relu: return with_pooling<Activation::leaky_relu>(s, f);
  }
}

std::int64_t scratch_bytes(const Spec& s, std::int64_t shard, bool training) {
  const std::int64_t many = Scratch(s, shard, training, nullptr).bytes;
  const std::int64_t one = Single(s, nullptr).bytes;
  return many > one ? many : one;
}

struct GradientsCall {
  const Spec& s; const float* const* p; const Images& images; std::int64_t first, last;
  float weight; void* scratch; float* out; double* loss; std::int64_t* correct; double* parts;
  template <Activation A, Pooling P>
  void operator()() const {
    gradients_of_shard<A, P>(s, p, images, first, last, weight,
                             Scratch(s, last - first, true, scratch), out, loss, correct, parts);
  }
};

void gradients(const Spec& s, const float* const* p, const Images& images, std::int64_t first,
               std::int64_t last, float weight, void* scratch, float* out, double* loss,
               std::int64_t* correct, double* parts) {
  with_kinds(s, GradientsCall{s, p, images, first, last, weight, scratch, out, loss, correct, parts});
}

struct ForwardCall {
  const Spec& s; const float* const* p; const Images& images; std::int64_t first, last;
  void* scratch; float* logits;
  template <Activation A, Pooling P>
  void operator()() const {
    forward_many<A, P>(s, p, images, first, last, Scratch(s, 0, false, scratch), logits);
  }
};

void forward(const Spec& s, const float* const* p, const Images& images, std::int64_t first,
             std::int64_t last, void* scratch, float* logits) {
  with_kinds(s, ForwardCall{s, p, images, first, last, scratch, logits});
}

struct SingleCall {
  const Spec& s; const float* const* p; const Images& images; std::int64_t number;
  void* scratch; float* logits; float* const* outputs;
  template <Activation A, Pooling P>
  void operator()() const {
    forward_single<A, P>(s, p, images, number, Single(s, scratch), logits, outputs);
  }
};

void forward_one(const Spec& s, const float* const* p, const Images& images, std::int64_t number,
                 void* scratch, float* logits, float* const* outputs) {
  with_kinds(s, SingleCall{s, p, images, number, scratch, logits, outputs});
}

void learn_in_sequence(const Sequence& s, SequenceMode mode, bool discriminative,
                       float* const* parameters, float* const* others, const Images& images,
                       std::int64_t count, void* memory, double* loss, std::int64_t* correct) {
  [[maybe_unused]] const FlushDenormals flush;
  sequence_learn(s, mode, discriminative, parameters, others, images, count, memory, loss,
                 correct);
}

void forward_in_sequence(const Sequence& s, const float* const* parameters, const Images& images,
                         std::int64_t first, std::int64_t last, void* memory, float* scores) {
  [[maybe_unused]] const FlushDenormals flush;
  sequence_forward(s, parameters, images, first, last, memory, scores);
}

double peak(double seconds) {
  using Clock = std::chrono::steady_clock;
  constexpr int CHAINS = REGISTERS == 32 ? 24 : 12;
  Vec sum[CHAINS] = {};
  Vec a = splat(1.0f), b = splat(1e-9f);
  const auto start = Clock::now();
  double rounds = 0, elapsed = 0;
  do {
    for (int i = 0; i < 20000; ++i) {
      // Keeps the compiler from folding the loop.
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
                         forward, forward_one, warp_images, sequence_bytes, learn_in_sequence,
                         forward_in_sequence, peak};

}  // namespace LENET_VARIANT
}  // namespace lenet
