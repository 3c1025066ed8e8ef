// One image at a time, for when there are not enough to fill the lanes: here the lanes run along
// the rows of a map. A map of width w is one long array, and a kernel tap is the same array read
// w * ky + kx further on; the few sums at the end of each row that straddle two rows are dropped.
#pragma once

#include "batch/passes.hpp"

namespace lenet {
namespace LENET_VARIANT {

constexpr int SINGLE_TILE = REGISTERS == 32 ? 8 : 3;  // channels; times 3 or 2 vectors of places
constexpr int SINGLE_VECTORS = REGISTERS == 32 ? 3 : 2;

template <Activation A>
inline void squash(float* values, std::int64_t count) {
  std::int64_t i = 0;
  for (; i + LANES <= count; i += LANES) store(values + i, activate<A>(load(values + i)));
  if (i < count) {
    float rest[LANES] = {};
    std::memcpy(rest, values + i, (count - i) * sizeof(float));
    store(rest, activate<A>(load(rest)));
    std::memcpy(values + i, rest, (count - i) * sizeof(float));
  }
}

// T channels of sums at V vectors of places from `start` on.
template <int T, int V>
LENET_INLINE void flat_tile(const float* in, int width, int map, int in_channels,
                            const float* weight, const float* bias, float* out, int out_map) {
  const int stride = in_channels * TAPS;
  Vec sum[T][V];
#pragma GCC unroll 8
  for (int t = 0; t < T; ++t)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) sum[t][v] = splat(bias[t]);
  for (int c = 0; c < in_channels; ++c)
    for (int ky = 0; ky < KERNEL; ++ky)
#pragma GCC unroll 5
      for (int kx = 0; kx < KERNEL; ++kx) {
        const float* from = in + c * map + ky * width + kx;
        const float* w = weight + c * TAPS + ky * KERNEL + kx;
        Vec value[V];
#pragma GCC unroll 4
        for (int v = 0; v < V; ++v) value[v] = load(from + v * LANES);
#pragma GCC unroll 8
        for (int t = 0; t < T; ++t) {
          const Vec s = splat(w[t * stride]);
#pragma GCC unroll 4
          for (int v = 0; v < V; ++v) sum[t][v] += s * value[v];
        }
      }
#pragma GCC unroll 8
  for (int t = 0; t < T; ++t)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) store(out + t * out_map + v * LANES, sum[t][v]);
}

template <int MOST = SINGLE_TILE>
LENET_INLINE void flat_of_tile(int size, const float* in, int width, int map, int in_channels,
                               const float* weight, const float* bias, float* out, int out_map) {
  if constexpr (MOST > 1)
    if (size < MOST)
      return flat_of_tile<MOST - 1>(size, in, width, map, in_channels, weight, bias, out, out_map);
  flat_tile<MOST, SINGLE_VECTORS>(in, width, map, in_channels, weight, bias, out, out_map);
}

// Places of a map of `width`, with room for reading beyond its end.
constexpr int STEP = SINGLE_VECTORS * LANES;
inline int flat_places(int width) {
  const int side = width - KERNEL + 1;
  return ((side - 1) * width + side + STEP - 1) / STEP * STEP;
}
inline int flat_map(int width) { return flat_places(width) + (KERNEL - 1) * (width + 1) + LANES; }

// The sums of all channels, [channels][flat_places], rows `width` apart.
inline void flat_convolution(const float* in, int width, int in_channels, int channels,
                             const float* weight, const float* bias, float* out) {
  const int places = flat_places(width), map = flat_map(width);
  const int count = tiles(channels, SINGLE_TILE);
  for (int n = 0, first = 0; n < count; ++n) {
    const int size = tile_size(channels, SINGLE_TILE, n);
    for (int start = 0; start < places; start += STEP)
      flat_of_tile(size, in + start, width, map, in_channels, weight + first * in_channels * TAPS,
                   bias + first, out + first * places + start, places);
    first += size;
  }
}

template <Pooling P>
LENET_INLINE float pool_of(const float* above, const float* below) {
  if constexpr (P == Pooling::average) return 0.25f * (above[0] + above[1] + below[0] + below[1]);
  const float a = above[0] > above[1] ? above[0] : above[1];
  const float b = below[0] > below[1] ? below[0] : below[1];
  return a > b ? a : b;
}

// out = weight * in + bias, lanes along the inputs.
inline void flat_dense(const float* in, int inputs, int units, const float* weight,
                       const float* bias, float* out) {
  constexpr int J = 8;
  const int whole = inputs / LANES * LANES;
  for (int first = 0; first < units; first += J) {
    const int count = units - first < J ? units - first : J;
    Vec sum[J] = {};
    const float* w = weight + std::int64_t(first) * inputs;
    if (count == J) {
      for (int i = 0; i < whole; i += LANES) {
        const Vec v = load(in + i);
#pragma GCC unroll 8
        for (int j = 0; j < J; ++j) sum[j] += v * load(w + std::int64_t(j) * inputs + i);
      }
    } else {
      for (int i = 0; i < whole; i += LANES)
        for (int j = 0; j < count; ++j)
          sum[j] += load(in + i) * load(w + std::int64_t(j) * inputs + i);
    }
    for (int j = 0; j < count; ++j) {
      float total = sum_of_lanes(sum[j]) + bias[first + j];
      for (int i = whole; i < inputs; ++i) total += in[i] * w[std::int64_t(j) * inputs + i];
      out[first + j] = total;
    }
  }
}

struct Single {
  float *in, *sums1, *in2, *sums2, *unit[MOST_DENSE + 1];
  std::int64_t bytes;
  Single(const Spec& s, void* memory) {
    Arena arena(memory);
    in = arena.take<float>(std::int64_t(s.in_channels) * flat_map(SIDE0));
    sums1 = arena.take<float>(std::int64_t(s.channels1) * flat_places(SIDE0));
    in2 = arena.take<float>(std::int64_t(s.channels1) * flat_map(HALF1));
    sums2 = arena.take<float>(std::int64_t(s.channels2) * flat_places(HALF1));
    for (int k = 0; k <= s.dense_layers(); ++k)
      unit[k] = arena.take<float>(k == 0 ? s.flat() : s.units[k - 1]);
    bytes = arena.used();
  }
};

// Copies the rows that are really there from [channels][flat_places] to [channels][side][side].
inline void unstride(const float* from, int channels, int width, float* to) {
  const int side = width - KERNEL + 1, places = flat_places(width);
  for (int c = 0; c < channels; ++c)
    for (int y = 0; y < side; ++y, to += side)
      std::memcpy(to, from + c * places + y * width, side * sizeof(float));
}

// Squashes and pools [channels][flat_places] into maps `out_width` wide and `out_map` apart.
template <Activation A, Pooling P>
inline void squash_and_pool(float* sums, int channels, int width, float* out, int out_map) {
  const int half = (width - KERNEL + 1) / 2, places = flat_places(width);
  squash<A>(sums, std::int64_t(channels) * places);
  for (int c = 0; c < channels; ++c)
    for (int y = 0; y < half; ++y) {
      const float* above = sums + c * places + 2 * y * width;
      for (int x = 0; x < half; ++x)
        out[c * out_map + y * half + x] = pool_of<P>(above + 2 * x, above + width + 2 * x);
    }
}

template <Activation A, Pooling P>
inline void forward_single(const Spec& s, const float* const* p, const Images& images,
                           std::int64_t number, const Single& m, float* logits,
                           float* const* outputs) {
  const int side = s.input_side, border = (SIDE0 - side) / 2, map0 = flat_map(SIDE0);
  const std::int64_t at = images.index ? images.index[number] : number;
  const std::uint8_t* pixel = images.pixels + at * side * side * s.in_channels;
  std::memset(m.in, 0, sizeof(float) * s.in_channels * map0);
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      for (int c = 0; c < s.in_channels; ++c)
        m.in[c * map0 + (y + border) * SIDE0 + x + border] =
            float(*pixel++) * images.scale + images.offset;

  int layer = 0;  // of `outputs`
  flat_convolution(m.in, SIDE0, s.in_channels, s.channels1, p[0], p[1], m.sums1);
  if (outputs) unstride(m.sums1, s.channels1, SIDE0, outputs[layer++]);
  squash_and_pool<A, P>(m.sums1, s.channels1, SIDE0, m.in2, flat_map(HALF1));
  if (outputs) {
    unstride(m.sums1, s.channels1, SIDE0, outputs[layer++]);
    float* to = outputs[layer++];
    for (int c = 0; c < s.channels1; ++c)
      std::memcpy(to + c * HALF1 * HALF1, m.in2 + c * flat_map(HALF1),
                  HALF1 * HALF1 * sizeof(float));
  }
  flat_convolution(m.in2, HALF1, s.channels1, s.channels2, p[2], p[3], m.sums2);
  if (outputs) unstride(m.sums2, s.channels2, HALF1, outputs[layer++]);
  squash_and_pool<A, P>(m.sums2, s.channels2, HALF1, m.unit[0], HALF2 * HALF2);
  if (outputs) {
    unstride(m.sums2, s.channels2, HALF1, outputs[layer++]);
    for (int copy = 0; copy < 2; ++copy)  // pooled, and flattened
      std::memcpy(outputs[layer++], m.unit[0], s.flat() * sizeof(float));
  }
  for (int k = 0; k < s.dense_layers(); ++k) {
    const bool is_last = k + 1 == s.dense_layers();
    flat_dense(m.unit[k], s.inputs(k), s.units[k], p[4 + 2 * k], p[5 + 2 * k], m.unit[k + 1]);
    const std::size_t size = s.units[k] * sizeof(float);
    if (outputs) std::memcpy(outputs[layer++], m.unit[k + 1], size);
    if (is_last) {
      std::memcpy(logits, m.unit[k + 1], size);
    } else {
      squash<A>(m.unit[k + 1], s.units[k]);
      if (outputs) std::memcpy(outputs[layer++], m.unit[k + 1], size);
    }
  }
}

}  // namespace LENET_VARIANT
}  // namespace lenet
