// The activation functions and their slopes.
#pragma once

#include <type_traits>

#include "batch/spec.hpp"
#include "common/simd.hpp"

namespace lenet {
namespace LENET_VARIANT {

// The slope of a leaky ReLU below zero: LEAK in lenet.networks.layers.
constexpr float LEAK = 0.2f;

// Returns the activation of each lane of x.
template <Activation A>
LENET_INLINE Vec activate(Vec x) {
  if constexpr (A == Activation::sigmoid) return sigmoid(x);
  if constexpr (A == Activation::tanh) return hyperbolic_tangent(x);
  if constexpr (A == Activation::leaky_relu) return x > 0.0f ? x : LEAK * x;
  return at_least(x, 0.0f);
}

// Returns the derivative of the activation function, computed from its output a.
template <Activation A>
LENET_INLINE Vec slope_of(Vec a) {
  if constexpr (A == Activation::sigmoid) return a * (1.0f - a);
  if constexpr (A == Activation::tanh) return 1.0f - a * a;
  if constexpr (A == Activation::leaky_relu) return a > 0.0f ? splat(1.0f) : splat(LEAK);
  return a > 0.0f ? splat(1.0f) : Vec{};
}

// Returns a quarter of the derivative. `quarter` is a / 4, which average pooling has computed
// already.
template <Activation A>
LENET_INLINE Vec quarter_slope_of(Vec a, Vec quarter) {
  if constexpr (A == Activation::sigmoid) return quarter - quarter * a;
  if constexpr (A == Activation::tanh) return 0.25f - quarter * a;
  return 0.25f * slope_of<A>(a);
}

// Calls f with the activation function as a constant, std::integral_constant<Activation, ...>. Only
// the loops inside f are compiled for every activation function.
template <class F>
LENET_INLINE void with_activation(Activation activation, F f) {
  switch (activation) {
    case Activation::sigmoid: return f(std::integral_constant<Activation, Activation::sigmoid>{});
    case Activation::tanh: return f(std::integral_constant<Activation, Activation::tanh>{});
    case Activation::relu: return f(std::integral_constant<Activation, Activation::relu>{});
    case Activation::leaky_relu:
      return f(std::integral_constant<Activation, Activation::leaky_relu>{});
  }
}

// Applies the activation function to values [count], in place.
inline void activate_all(Activation activation, Vec* values, int count) {
  with_activation(activation, [&](auto a) {
    for (int i = 0; i < count; ++i) values[i] = activate<a>(values[i]);
  });
}

// Multiplies gradients [count] by the slope at outputs [count] of the activation function.
inline void multiply_by_slopes(Activation activation, const Vec* outputs, int count,
                               Vec* gradients) {
  with_activation(activation, [&](auto a) {
    for (int i = 0; i < count; ++i) gradients[i] *= slope_of<a>(outputs[i]);
  });
}

}  // namespace LENET_VARIANT
}  // namespace lenet
