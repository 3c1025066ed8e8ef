// A step of stochastic gradient descent, with the bits of PyTorch's on processors that have fused
// multiply-add.
#pragma once

#include <cstdint>
#include <cstring>

#include "common/bytes.hpp"
#include "common/kernels.hpp"
#include "common/simd.hpp"

namespace lenet {
namespace LENET_VARIANT {

// Changes LANES parameters at a time. The gradient, plus weight_decay times the parameter, is added
// to momentum times the velocity; the result moves the parameter. A sum that PyTorch does not fuse
// is not fused here. Without momentum `velocities` is null.
inline void descend(const Descent& d, float* parameters, const float* gradients, float* velocities,
                    std::int64_t count) {
  for (std::int64_t first = 0; first < count; first += LANES) {
    const std::size_t bytes = bytes_of<float>(count - first < LANES ? count - first : LANES);
    Vec parameter{}, gradient{};
    std::memcpy(&parameter, parameters + first, bytes);
    std::memcpy(&gradient, gradients + first, bytes);
    if (d.weight_decay != 0)
      gradient = fused_multiply_add(parameter, splat(d.weight_decay), gradient);
    if (velocities != nullptr) {
      Vec velocity{};
      std::memcpy(&velocity, velocities + first, bytes);
      gradient = rounded(velocity * d.momentum) + gradient;
      std::memcpy(velocities + first, &gradient, bytes);
    }
    parameter = fused_multiply_add(gradient, splat(-d.learning_rate), parameter);
    std::memcpy(parameters + first, &parameter, bytes);
  }
}

}  // namespace LENET_VARIANT
}  // namespace lenet
