// Distorted images. Each pixel of the result is read from a place of the image that the image's
// matrix, shift and field of displacements determine, with bilinear interpolation. Afterwards the
// tones may be changed.
#pragma once

#include <cmath>
#include <cstdint>

#include "common/kernels.hpp"
#include "common/simd.hpp"

namespace lenet {
namespace LENET_VARIANT {

constexpr int MAX_SIDE = 64;

// Returns x, limited to 0 to `largest`; 0 if x is NaN, because the result may become an address.
LENET_INLINE float within(float x, float largest) {
  return x > 0.0f ? (x < largest ? x : largest) : 0.0f;
}

// Changes the tones of pixels [side][side] in place. Each pixel becomes a mix of itself and the
// mean of its 3x3 neighbourhood, then gain * (mix - bias). A blurred stroke whose edges are made
// steep again is thicker or thinner than before.
inline void change_tones(float* pixels, int side, float blur, float gain, float bias) {
  constexpr int ROW = MAX_SIDE + 2;
  float sums[ROW * ROW] = {};  // of three neighbours in a row, in a border of zeros
  for (int y = 0; y < side; ++y) {
    const float* row = pixels + y * side;
    float* out = sums + (y + 1) * ROW;
    for (int x = 0; x < side; ++x)
      out[x] = (x > 0 ? row[x - 1] : 0.0f) + row[x] + (x + 1 < side ? row[x + 1] : 0.0f);
  }
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      const float* at = sums + (y + 1) * ROW + x;
      const float mean = (at[-ROW] + at[0] + at[ROW]) / 9.0f, pixel = pixels[y * side + x];
      pixels[y * side + x] = gain * (pixel + blur * (mean - pixel) - bias);
    }
}

// Distorts images [first, last) of `images` [count][side][side]; writes the same rows of `out`
// [count][side][side]. `d` holds one distortion per image (see `Distortions`). The side is at most
// MAX_SIDE.
inline void warp_images(const Distortions& d, const std::uint8_t* images, std::int64_t first,
                        std::int64_t last, std::uint8_t* out) {
  const int side = d.side, size = side * side;
  // The image with a border of background. A place outside the border is moved to it, so that the
  // four pixels around every place exist.
  constexpr int ROW = MAX_SIDE + 3;
  float framed[ROW * ROW] = {};
  float result[MAX_SIDE * MAX_SIDE];
  const float middle = float(side - 1) / 2.0f, largest = float(side + 1);
  for (std::int64_t n = first; n < last; ++n) {
    const std::uint8_t* image = images + n * size;
    for (int y = 0; y < side; ++y)
      for (int x = 0; x < side; ++x) framed[(y + 1) * ROW + x + 1] = image[y * side + x];
    const float *m = d.matrices + 4 * n, *shift = d.shifts + 2 * n;
    const float* field = d.fields ? d.fields + std::int64_t(d.field[n]) * 2 * size : nullptr;
    const float amplitude = field ? d.amplitudes[n] : 0.0f;
    for (int y = 0; y < side; ++y) {
      const float down = float(y) - middle;
      float rows[MAX_SIDE], columns[MAX_SIDE];  // the places that the pixels of row y are read from
      for (int x = 0; x < side; ++x) {
        const float right = float(x) - middle;
        rows[x] = m[0] * down + m[1] * right + shift[0] + middle + 1.0f;
        columns[x] = m[2] * down + m[3] * right + shift[1] + middle + 1.0f;
      }
      if (field)
        for (int x = 0; x < side; ++x) {
          rows[x] += amplitude * field[y * side + x];
          columns[x] += amplitude * field[size + y * side + x];
        }
      for (int x = 0; x < side; ++x) {
        const float row = within(rows[x], largest);
        const float column = within(columns[x], largest);
        const int top = int(row), left = int(column);
        const float v = row - float(top), u = column - float(left);
        const float* corner = framed + top * ROW + left;
        const float upper = corner[0] * (1.0f - u) + corner[1] * u;
        const float lower = corner[ROW] * (1.0f - u) + corner[ROW + 1] * u;
        result[y * side + x] = upper * (1.0f - v) + lower * v;
      }
    }
    if (d.tones)
      change_tones(result, side, d.tones[3 * n], d.tones[3 * n + 1], d.tones[3 * n + 2]);
    for (int i = 0; i < size; ++i)  // nearbyint rounds halves to even numbers, as NumPy does
      out[n * size + i] = std::uint8_t(std::nearbyint(within(result[i], 255.0f)));
  }
}

}  // namespace LENET_VARIANT
}  // namespace lenet
