// Distorted images: each pixel of the result is read, bilinearly, from where the image's matrix,
// shift and field of displacements take it; then its tones may be changed.
#pragma once

#include <cmath>

#include "common/simd.hpp"
#include "batch/spec.hpp"

namespace lenet {
namespace LENET_VARIANT {

constexpr int MOST_SIDE = 64;

// Written so that what is no number becomes 0: it must not become an address.
LENET_INLINE float within(float x, float most) { return x > 0.0f ? (x < most ? x : most) : 0.0f; }

// Replaces each pixel by a mix of itself and the mean of its 3x3 neighbours, then by
// gain * (mix - bias): a blurred stroke that is made steep again is thicker or thinner than it was.
inline void change_tones(float* pixels, int side, float blur, float gain, float bias) {
  constexpr int STEP = MOST_SIDE + 2;
  float sums[STEP * STEP] = {};  // of three beside each other, in a frame of zeros
  for (int y = 0; y < side; ++y) {
    const float* row = pixels + y * side;
    float* out = sums + (y + 1) * STEP;
    for (int x = 0; x < side; ++x)
      out[x] = (x > 0 ? row[x - 1] : 0.0f) + row[x] + (x + 1 < side ? row[x + 1] : 0.0f);
  }
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      const float* at = sums + (y + 1) * STEP + x;
      const float mean = (at[-STEP] + at[0] + at[STEP]) / 9.0f, pixel = pixels[y * side + x];
      pixels[y * side + x] = gain * (pixel + blur * (mean - pixel) - bias);
    }
}

inline void warp_images(const Distortions& d, const std::uint8_t* images, std::int64_t first,
                        std::int64_t last, std::uint8_t* out) {
  const int side = d.side, size = side * side;
  // A frame of background: corners outside the image are read from it. What lies further out than
  // the frame is moved onto it.
  constexpr int STEP = MOST_SIDE + 3;
  float framed[STEP * STEP] = {};
  float result[MOST_SIDE * MOST_SIDE];
  const float middle = (side - 1) / 2.0f, most = float(side + 1);
  for (std::int64_t n = first; n < last; ++n) {
    const std::uint8_t* image = images + n * size;
    for (int y = 0; y < side; ++y)
      for (int x = 0; x < side; ++x) framed[(y + 1) * STEP + x + 1] = image[y * side + x];
    const float *m = d.matrices + 4 * n, *shift = d.shifts + 2 * n;
    const float* field = d.fields ? d.fields + std::int64_t(d.field[n]) * 2 * size : nullptr;
    const float amplitude = field ? d.amplitudes[n] : 0.0f;
    for (int y = 0; y < side; ++y) {
      const float down = y - middle;
      float rows[MOST_SIDE], columns[MOST_SIDE];
      for (int x = 0; x < side; ++x) {
        const float right = x - middle;
        rows[x] = m[0] * down + m[1] * right + shift[0] + middle + 1.0f;
        columns[x] = m[2] * down + m[3] * right + shift[1] + middle + 1.0f;
      }
      if (field)
        for (int x = 0; x < side; ++x) {
          rows[x] += amplitude * field[y * side + x];
          columns[x] += amplitude * field[size + y * side + x];
        }
      for (int x = 0; x < side; ++x) {
        const float row = within(rows[x], most);
        const float column = within(columns[x], most);
        const int top = int(row), left = int(column);
        const float v = row - top, u = column - left;
        const float* corner = framed + top * STEP + left;
        const float upper = corner[0] * (1.0f - u) + corner[1] * u;
        const float lower = corner[STEP] * (1.0f - u) + corner[STEP + 1] * u;
        result[y * side + x] = upper * (1.0f - v) + lower * v;
      }
    }
    if (d.tones)
      change_tones(result, side, d.tones[3 * n], d.tones[3 * n + 1], d.tones[3 * n + 2]);
    for (int i = 0; i < size; ++i)  // of halves the even one, as NumPy
      out[n * size + i] = std::uint8_t(std::nearbyint(within(result[i], 255.0f)));
  }
}

}  // namespace LENET_VARIANT
}  // namespace lenet
