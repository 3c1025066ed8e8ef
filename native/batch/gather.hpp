// From images as they are stored to one image a lane, normalised.
#pragma once

#include "common/simd.hpp"
#include "batch/spec.hpp"

namespace lenet {
namespace LENET_VARIANT {

typedef std::uint8_t Bytes __attribute__((vector_size(16)));

// 16 rows of 16 bytes become 16 columns: four rounds of interleaving.
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

LENET_INLINE void clear_border(Vec* map, int border) {
  for (int y = 0; y < SIDE0; ++y)
    for (int x = 0; x < SIDE0; ++x)
      if (y < border || y >= SIDE0 - border || x < border || x >= SIDE0 - border)
        map[y * SIDE0 + x] = Vec{};
      else
        x = SIDE0 - border - 1;  // straight to the other side
}

// The images numbered by index[first], index[first + 1], ... (as many as lanes, fewer at `last`)
// into [channel][32][32] of vectors, with zeros around an image of 28. Lanes without an image are
// zero.
inline void gather(const Spec& spec, const Images& images, std::int64_t first, std::int64_t last,
                   Vec* out) {
  const int side = spec.input_side, channels = spec.in_channels;
  const int bytes = side * side * channels, border = (SIDE0 - side) / 2;
  const std::uint8_t* source[LANES];
  float valid[LANES];
  for (int lane = 0; lane < LANES; ++lane) {
    const bool there = first + lane < last;
    const std::int64_t number = there ? first + lane : first;
    source[lane] = images.pixels + (images.index ? images.index[number] : number) * bytes;
    valid[lane] = there ? 1.0f : 0.0f;
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
        std::memcpy(&rows[lane], source[lane] + start, count);
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
