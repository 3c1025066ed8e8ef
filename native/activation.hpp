// The squashing functions and their slopes, written in terms of their own values.
#pragma once

#include "simd.hpp"
#include "spec.hpp"

namespace lenet {
namespace LENET_VARIANT {

template <Activation A>
LENET_INLINE Vec activate(Vec x) {
  if constexpr (A == Activation::sigmoid) return sigmoid(x);
  if constexpr (A == Activation::tanh) return hyperbolic_tangent(x);
  return at_least(x, 0.0f);
}

// A quarter of the slope, where a quarter of the value is at hand too.
template <Activation A>
LENET_INLINE Vec quarter_slope_of(Vec a, Vec quarter) {
  if constexpr (A == Activation::sigmoid) return quarter - quarter * a;
  if constexpr (A == Activation::tanh) return 0.25f - quarter * a;
  return a > 0.0f ? splat(0.25f) : Vec{};
}

template <Activation A>
LENET_INLINE Vec slope_of(Vec a) {
  if constexpr (A == Activation::sigmoid) return a * (1.0f - a);
  if constexpr (A == Activation::tanh) return 1.0f - a * a;
  return a > 0.0f ? splat(1.0f) : Vec{};
}

}  // namespace LENET_VARIANT
}  // namespace lenet
