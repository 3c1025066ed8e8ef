// Measures how long each part of a training step takes, for `lenet bench`.
#pragma once

#include <chrono>

namespace lenet {

// The parts, in the order of lenet.engine.native.PARTS.
enum Part {
  GATHER,
  CONV1,
  CONV2,
  DENSE,
  DENSE_BACK,
  CONV2_WEIGHTS,
  CONV2_INPUT,
  CONV1_WEIGHTS
};

// Measures laps. With `seconds` null it does nothing.
class Stopwatch {
 public:
  explicit Stopwatch(double* seconds) : seconds_(seconds) {
    if (seconds_) last_ = Clock::now();
  }
  // Adds the time since the last lap, or since the start, to seconds[part].
  void lap(Part part) {
    if (!seconds_) return;
    const auto now = Clock::now();
    seconds_[part] += std::chrono::duration<double>(now - last_).count();
    last_ = now;
  }

 private:
  using Clock = std::chrono::steady_clock;
  double* seconds_;
  Clock::time_point last_;
};

}  // namespace lenet
