// Reads stored images: from bytes, one image after another, to normalised floats with one image per
// lane.
#pragma once

#include "batch/spec.hpp"
#include "common/kernels.hpp"
#include "common/simd.hpp"

namespace lenet {
namespace LENET_VARIANT {

typedef std::uint8_t Bytes __attribute__((vector_size(16)));

// Transposes 16 rows of 16 bytes in place: byte j of row i becomes byte i of row j. Each of the
// four rounds interleaves rows i and i + 8.
LENET_INLINE void transpose(Bytes (&rows)[16]) {
  Bytes other[16];
#pragma GCC unroll 4
  for (int round = 0; round < 4; ++round) {
    Bytes* from = round % 2 ? other : rows;
    Bytes* to = round % 2 ? rows : other;
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) {
      to[2 * i] = LENET_SHUFFLE(Bytes, from[i], from[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5,
                                21, 6, 22, 7, 23);
      to[2 * i + 1] = LENET_SHUFFLE(Bytes, from[i], from[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12,
                                    28, 13, 29, 14, 30, 15, 31);
    }
  }
}

// Sets the border of a map [32][32], `border` places wide on each side, to zero.
LENET_INLINE void clear_border(Vec* map, int border) {
  for (int y = 0; y < SIDE0; ++y)
    for (int x = 0; x < SIDE0; ++x)
      if (y < border || y >= SIDE0 - border || x < border || x >= SIDE0 - border)
        map[y * SIDE0 + x] = Vec{};
      else
        x = SIDE0 - border - 1;  // continue at the right border
}

// Reads the images first, first + 1, ... of a set: LANES of them, or fewer if `last` comes before.
// Writes `out` [in_channels][32][32]: normalised pixels, image first + k in lane k, with a border
// of zeros around images of 28 pixels. Lanes without an image are zero.
inline void gather(const BatchSpec& spec, const Images& images, std::int64_t first,
                   std::int64_t last, Vec* out) {
  const int side = spec.input_side, channels = spec.in_channels;
  const int bytes = side * side * channels, border = (SIDE0 - side) / 2;
  const std::uint8_t* source[LANES];
  float valid[LANES];
  for (int lane = 0; lane < LANES; ++lane) {
    const bool exists = first + lane < last;
    source[lane] = images.pixels + images.stored(exists ? first + lane : first) * bytes;
    valid[lane] = exists ? 1.0f : 0.0f;
  }
  const Vec mask = load(valid), scale = images.scale * mask, offset = images.offset * mask;
  for (int c = 0; c < channels; ++c) clear_border(out + c * SIDE0 * SIDE0, border);
  int x = 0, y = 0, channel = 0;
  for (int start = 0; start < bytes; start += 16) {
    const int count = bytes - start < 16 ? bytes - start : 16;
    alignas(16) std::uint8_t columns[16][16] = {};
    Bytes rows[16] = {};
    for (int lane = 0; lane < LANES; ++lane)
      if (count == 16)
        std::memcpy(&rows[lane], source[lane] + start, 16);
      else
        std::memcpy(&rows[lane], source[lane] + start, to_size(count));
    transpose(rows);
    std::memcpy(columns, rows, sizeof columns);
    for (int i = 0; i < count; ++i) {
      out[(channel * SIDE0 + y + border) * SIDE0 + x + border] =
          load_bytes(columns[i]) * scale + offset;
      if (++channel == channels) {
        channel = 0;
        if (++x == side) {
          x = 0;
          ++y;
        }
      }
    }
  }
}

}  // namespace LENET_VARIANT
}  // namespace lenet
