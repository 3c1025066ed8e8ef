// Says which instruction sets an x86-64 processor has. The processor is asked directly: the answer
// of __builtin_cpu_supports is computed by the compiler's runtime library, and the one that comes
// with Zig, which builds the wheels, always says no.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace lenet {

// What the processor and the operating system report.
struct ProcessorReport {
  std::uint32_t basic_c = 0;     // CPUID leaf 1, register ECX
  std::uint32_t extended_b = 0;  // CPUID leaf 7, register EBX
  std::uint32_t amd_c = 0;       // CPUID leaf 0x80000001, register ECX
  std::uint64_t saved = 0;       // XCR0: the registers that the operating system saves
};

// Returns whether all bits with these numbers are set.
template <class... Numbers>
constexpr bool all_set(std::uint64_t word, Numbers... numbers) {
  return (((word >> numbers) & 1) && ...);
}

// Returns whether the instructions of x86-64-v3 can be used: AVX2, FMA and what came before.
constexpr bool has_v3(const ProcessorReport& r) {
  return all_set(r.basic_c, 0, 9, 13, 19, 20, 23)  // SSE3, SSSE3, CX16, SSE4.1, SSE4.2, POPCNT
         && all_set(r.basic_c, 12, 22, 28, 29)     // FMA, MOVBE, AVX, F16C
         && all_set(r.extended_b, 3, 5, 8)         // BMI1, AVX2, BMI2
         && all_set(r.amd_c, 0, 5)                 // LAHF, LZCNT
         && all_set(r.basic_c, 27)                 // the operating system uses XSAVE
         && all_set(r.saved, 1, 2);                // and saves the registers of SSE and AVX
}

// Returns whether the instructions of x86-64-v4 can be used: AVX-512 F, DQ, CD, BW and VL.
constexpr bool has_v4(const ProcessorReport& r) {
#if defined(__APPLE__)
  const bool saved = true;  // macOS begins to save them when a program first uses them
#else
  const bool saved = all_set(r.saved, 5, 6, 7);
#endif
  return has_v3(r) && all_set(r.extended_b, 16, 17, 28, 30, 31) && saved;
}

// Returns the report of this processor; all zero on others than x86-64.
inline ProcessorReport ask_processor() {
  ProcessorReport r;
#if defined(__x86_64__)
  std::uint32_t a, b, c, d;
  if (__get_cpuid(1, &a, &b, &c, &d)) r.basic_c = c;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) r.extended_b = b;
  if (__get_cpuid(0x80000001, &a, &b, &c, &d)) r.amd_c = c;
  if (all_set(r.basic_c, 27)) {  // else XGETBV is no instruction
    std::uint32_t low, high;
    asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    r.saved = (std::uint64_t{high} << 32) | low;
  }
#endif
  return r;
}

}  // namespace lenet
