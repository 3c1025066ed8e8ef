// The squashing functions and their slopes, written in terms of their own values.
#pragma once

#include "common/simd.hpp"
#include "batch/spec.hpp"

namespace lenet {
namespace LENET_VARIANT {

// Of a leaky ReLU, below zero: as in lenet.networks.layers.
constexpr float LEAK = 0.2f;

template <Activation A>
LENET_INLINE Vec activate(Vec x) {
  if constexpr (A == Activation::sigmoid) return sigmoid(x);
  if constexpr (A == Activation::tanh) return hyperbolic_tangent(x);
  if constexpr (A == Activation::leaky_relu) return x > 0.0f ? x : LEAK * x;
  return at_least(x, 0.0f);
}

template <Activation A>
LENET_INLINE Vec slope_of(Vec a) {
  if constexpr (A == Activation::sigmoid) return a * (1.0f - a);
  if constexpr (A == Activation::tanh) return 1.0f - a * a;
  if constexpr (A == Activation::leaky_relu) return a > 0.0f ? splat(1.0f) : splat(LEAK);
  return a > 0.0f ? splat(1.0f) : Vec{};
}

// A quarter of the slope, where a quarter of the value is at hand too.
template <Activation A>
LENET_INLINE Vec quarter_slope_of(Vec a, Vec quarter) {
  if constexpr (A == Activation::sigmoid) return quarter - quarter * a;
  if constexpr (A == Activation::tanh) return 0.25f - quarter * a;
  return 0.25f * slope_of<A>(a);
}

}  // namespace LENET_VARIANT
}  // namespace lenet
