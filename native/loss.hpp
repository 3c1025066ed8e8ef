// Softmax and cross-entropy, one image a lane.
#pragma once

#include <cmath>

#include "simd.hpp"
#include "spec.hpp"

namespace lenet {
namespace LENET_VARIANT {

// For images [first, last), at most as many as lanes: the gradient of the mean loss by the scores
// into `delta`, zero in lanes without an image; adds to loss and correct. Of equal scores the
// first class counts as the answer, as in NumPy and PyTorch.
inline void cross_entropy(const Vec* scores, int classes, const Images& images, std::int64_t first,
                          std::int64_t last, float weight, Vec* delta, double* loss,
                          std::int64_t* correct) {
  std::int32_t label[LANES];
  float lane_weight[LANES];
  for (int lane = 0; lane < LANES; ++lane) {
    const bool there = first + lane < last;
    const std::int64_t number = there ? first + lane : first;
    label[lane] = std::int32_t(images.labels[images.index ? images.index[number] : number]);
    lane_weight[lane] = there ? weight : 0.0f;
  }
  Vec best = scores[0];
  IntVec answer{};
  for (int k = 1; k < classes; ++k) {
    const IntVec larger = scores[k] > best;
    best = larger ? scores[k] : best;
    answer = larger ? (IntVec{} + k) : answer;
  }
  Vec total{};
  for (int k = 0; k < classes; ++k) {
    delta[k] = exponential_of_minus(best - scores[k]);
    total += delta[k];
  }
  const Vec weights = load(lane_weight), share = weights / total;
  IntVec labels;
  std::memcpy(&labels, label, sizeof labels);
  for (int k = 0; k < classes; ++k)
    delta[k] = delta[k] * share - (labels == k ? weights : Vec{});
  for (int lane = 0; lane < LANES && first + lane < last; ++lane) {
    *loss += std::log(double(total[lane])) + best[lane] - scores[label[lane]][lane];
    *correct += answer[lane] == label[lane];
  }
}

}  // namespace LENET_VARIANT
}  // namespace lenet
