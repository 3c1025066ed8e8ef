// Softmax and cross-entropy, one image a lane; against labels, or against probabilities.
#pragma once

#include <cmath>

#include "common/simd.hpp"
#include "batch/spec.hpp"

namespace lenet {
namespace LENET_VARIANT {

// For images [first, last), at most as many as lanes: the gradient of the mean loss by the scores
// into `delta`, zero in lanes without an image; adds to loss and correct.
inline void cross_entropy(const Spec& spec, const Vec* scores, const Images& images,
                          std::int64_t first, std::int64_t last, float weight, Vec* delta,
                          double* loss, std::int64_t* correct) {
  const int classes = spec.classes(), columns = classes + spec.rubbish;
  std::int64_t number[LANES];
  std::int32_t label[LANES];
  float lane_weight[LANES];
  for (int lane = 0; lane < LANES; ++lane) {
    const bool there = first + lane < last;
    const std::int64_t place = there ? first + lane : first;
    number[lane] = images.index ? images.index[place] : place;
    label[lane] = std::int32_t(images.labels[number[lane]]);
    lane_weight[lane] = there ? weight : 0.0f;
  }
  IntVec labels;
  std::memcpy(&labels, label, sizeof labels);
  // Of equal scores the first class counts as the answer, as in NumPy and PyTorch.
  Vec best = scores[0];
  IntVec answer{};
  for (int k = 1; k < classes; ++k) {
    const IntVec larger = scores[k] > best;
    best = larger ? scores[k] : best;
    answer = larger ? (IntVec{} + k) : answer;
  }
  const Vec none = splat(spec.rubbish_score);
  Vec highest = best, total{};
  if (spec.rubbish) {
    answer = none > best ? (labels == classes ? labels : answer) : answer;
    highest = none > best ? none : best;
    total = exponential_of_minus(highest - none);
  }
  for (int k = 0; k < classes; ++k) {
    delta[k] = exponential_of_minus(highest - scores[k]);
    total += delta[k];
  }
  const Vec weights = load(lane_weight), share = weights / total;
  Vec behind{};  // how far the scores that are wanted lie behind the highest
  for (int k = 0; k < columns; ++k) {
    Vec target = labels == k ? splat(1.0f) : Vec{};
    if (images.targets) {
      float one[LANES];
      for (int lane = 0; lane < LANES; ++lane)
        one[lane] = images.targets[number[lane] * columns + k];
      target = load(one);
    }
    // A target of nothing asks nothing of a score, though that be infinite.
    behind += target > 0.0f ? target * (highest - (k < classes ? scores[k] : none)) : Vec{};
    if (k < classes) delta[k] = delta[k] * share - target * weights;
  }
  for (int lane = 0; lane < LANES && first + lane < last; ++lane) {
    *loss += std::log(double(total[lane])) + behind[lane];
    *correct += answer[lane] == label[lane];
  }
}

}  // namespace LENET_VARIANT
}  // namespace lenet
