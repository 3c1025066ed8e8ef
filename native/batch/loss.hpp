// Softmax and cross-entropy, one image per lane.
#pragma once

#include <cmath>

#include "batch/spec.hpp"
#include "common/kernels.hpp"
#include "common/simd.hpp"

namespace lenet {
namespace LENET_VARIANT {

// Computes the loss of the images [first, last), at most LANES, and its gradient by their scores.
// With p the softmax of the scores and t the targets (1 for the label and 0 for other classes, or
// images.targets), the loss of an image is -sum_k t[k] log p[k], and its gradient is p - t.
//   scores   [classes]: image first + k in lane k
//   weight   1 / (images in the batch), because the loss of the batch is a mean
//   delta    result, [classes]: weight * (p - t); zero in lanes without an image
//   loss     receives the sum of the losses, without the factor `weight`
//   correct  receives the number of images whose best class is the label
inline void cross_entropy(const BatchSpec& spec, const Vec* scores, const Images& images,
                          std::int64_t first, std::int64_t last, float weight, Vec* delta,
                          double* loss, std::int64_t* correct) {
  const int classes = spec.classes(), columns = classes + spec.has_none;
  std::int64_t number[LANES];
  std::int32_t label[LANES];
  float lane_weight[LANES];
  for (int lane = 0; lane < LANES; ++lane) {
    const bool exists = first + lane < last;
    number[lane] = images.stored(exists ? first + lane : first);
    label[lane] = std::int32_t(images.labels[number[lane]]);
    lane_weight[lane] = exists ? weight : 0.0f;
  }
  IntVec labels;
  std::memcpy(&labels, label, sizeof labels);
  // If several scores are equal, the first class is the answer, as in NumPy and PyTorch.
  Vec best = scores[0];
  IntVec answer{};
  for (int k = 1; k < classes; ++k) {
    const IntVec larger = scores[k] > best;
    best = larger ? scores[k] : best;
    answer = larger ? (IntVec{} + k) : answer;
  }
  const Vec none = splat(spec.none_score);
  Vec highest = best, total{};  // total: the sum of exp(score - highest)
  if (spec.has_none) {
    answer = none > best ? (labels == classes ? labels : answer) : answer;
    highest = none > best ? none : best;
    total = exponential_of_minus(highest - none);
  }
  for (int k = 0; k < classes; ++k) {
    delta[k] = exponential_of_minus(highest - scores[k]);
    total += delta[k];
  }
  // -log p[k] = log(total) + highest - scores[k], and the targets of an image sum to 1. So its loss
  // is log(total) plus the mean of highest - scores[k], weighted by the targets.
  const Vec weights = load(lane_weight), factor = weights / total;
  Vec mean_distance{};
  for (int k = 0; k < columns; ++k) {
    Vec target = labels == k ? splat(1.0f) : Vec{};
    if (images.targets) {
      float lanes[LANES];
      for (int lane = 0; lane < LANES; ++lane)
        lanes[lane] = images.targets[number[lane] * columns + k];
      target = load(lanes);
    }
    // A score whose target is 0 adds nothing, even if it is minus infinity: 0 * infinity is NaN.
    mean_distance += target > 0.0f ? target * (highest - (k < classes ? scores[k] : none)) : Vec{};
    if (k < classes) delta[k] = delta[k] * factor - target * weights;
  }
  for (int lane = 0; lane < LANES && first + lane < last; ++lane) {
    *loss += std::log(double(total[lane])) + mean_distance[lane];
    *correct += answer[lane] == label[lane];
  }
}

}  // namespace LENET_VARIANT
}  // namespace lenet
