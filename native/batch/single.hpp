// The forward pass for one image at a time, used when there are too few images to fill the lanes.
//
// Here the lanes run along the rows of a map. A map of width w is one long array: row y begins at
// w * y. The products with weight (ky, kx) read the same array, shifted by w * ky + kx. The last 4
// sums of each row have windows that continue in the next row. They are computed like the others,
// and skipped later.
#pragma once

#include "batch/activation.hpp"
#include "batch/arena.hpp"
#include "batch/passes.hpp"
#include "batch/spec.hpp"
#include "batch/tiles.hpp"
#include "common/bytes.hpp"
#include "common/kernels.hpp"
#include "common/simd.hpp"

namespace lenet {
namespace LENET_VARIANT {

// The largest tile: the sums of this many output channels at this many vectors of places.
constexpr int SINGLE_TILE = REGISTERS == 32 ? 8 : 3;
constexpr int SINGLE_VECTORS = REGISTERS == 32 ? 3 : 2;
constexpr int SINGLE_PLACES = SINGLE_VECTORS * LANES;

// Applies the activation function to values [count], in place.
inline void activate_all(Activation activation, float* values, std::int64_t count) {
  with_activation(activation, [&](auto a) {
    std::int64_t i = 0;
    for (; i + LANES <= count; i += LANES) store(values + i, activate<a>(load(values + i)));
    if (i < count) {
      float rest[LANES] = {};
      std::memcpy(rest, values + i, bytes_of<float>(count - i));
      store(rest, activate<a>(load(rest)));
      std::memcpy(values + i, rest, bytes_of<float>(count - i));
    }
  });
}

// Computes the sums of T output channels at V vectors of places.
//   in      [in_channels] maps, `in_map` floats apart and `width` wide, beginning at the first
//           place
//   weight  [T][in_channels][5][5], bias [T]
//   out     result: [T] maps, `out_map` floats apart, beginning at the first place
template <int T, int V>
LENET_INLINE void flat_tile(const float* in, int width, int in_map, int in_channels,
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
        const float* from = in + c * in_map + ky * width + kx;
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

// Calls `flat_tile` with T = size, which is 1 to LARGEST.
template <int LARGEST = SINGLE_TILE>
LENET_INLINE void flat_tile_of_size(int size, const float* in, int width, int in_map,
                                    int in_channels, const float* weight, const float* bias,
                                    float* out, int out_map) {
  if constexpr (LARGEST > 1)
    if (size < LARGEST)
      return flat_tile_of_size<LARGEST - 1>(size, in, width, in_map, in_channels, weight, bias, out,
                                            out_map);
  flat_tile<LARGEST, SINGLE_VECTORS>(in, width, in_map, in_channels, weight, bias, out, out_map);
}

// Returns the places of an output map for an input of this width: the sums to the end of the last
// row, with those to be skipped, rounded up to whole tiles.
inline int output_places(int width) {
  const int side = width - KERNEL + 1;
  return ((side - 1) * width + side + SINGLE_PLACES - 1) / SINGLE_PLACES * SINGLE_PLACES;
}
// Returns the floats of an input map of this width, with those after its end that the last tile
// reads.
inline int input_floats(int width) {
  return output_places(width) + (KERNEL - 1) * (width + 1) + LANES;
}

// Computes the sums of all output channels.
//   in      [in_channels][input_floats(width)], rows `width` apart
//   weight  [channels][in_channels][5][5], bias [channels]
//   out     result, [channels][output_places(width)], rows `width` apart
inline void flat_convolution(const float* in, int width, int in_channels, int channels,
                             const float* weight, const float* bias, float* out) {
  const int places = output_places(width), map = input_floats(width);
  const int count = tiles(channels, SINGLE_TILE);
  for (int n = 0, first = 0; n < count; ++n) {
    const int size = tile_size(channels, SINGLE_TILE, n);
    for (int start = 0; start < places; start += SINGLE_PLACES)
      flat_tile_of_size(size, in + start, width, map, in_channels,
                        weight + first * in_channels * TAPS, bias + first,
                        out + first * places + start, places);
    first += size;
  }
}

// Returns the mean or the maximum of a 2x2 window: above[0], above[1], below[0] and below[1].
template <Pooling P>
LENET_INLINE float pool_of(const float* above, const float* below) {
  if constexpr (P == Pooling::average) return 0.25f * (above[0] + above[1] + below[0] + below[1]);
  const float a = above[0] > above[1] ? above[0] : above[1];
  const float b = below[0] > below[1] ? below[0] : below[1];
  return a > b ? a : b;
}

// Returns total + a[0] * b[0] + a[1] * b[1] + ..., added one after the other, for count < LANES.
// Which of the products are rounded before they are added is said here, because compilers choose
// differently, and the scores would differ in the last bit: those of the first half of a vector, if
// there are as many.
LENET_INLINE float add_rest(float total, const float* a, const float* b, int count) {
  constexpr int HALF = LANES / 2;
  int i = 0;
  if (count >= HALF) {
    float product[HALF];
    for (; i < HALF; ++i) product[i] = a[i] * b[i];
    keep(product);
    for (const float one : product) total += one;
  }
  for (; i < count; ++i) total = multiply_add(a[i], b[i], total);
  return total;
}

// Computes out = weight * in + bias, with the lanes along the inputs.
//   in [inputs], weight [units][inputs], bias [units], out [units]
inline void flat_dense(const float* in, int inputs, int units, const float* weight,
                       const float* bias, float* out) {
  constexpr int J = 8;  // units in a tile
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
      const float total = sum_of_lanes(sum[j]) + bias[first + j];
      out[first + j] =
          add_rest(total, in + whole, w + std::int64_t(j) * inputs + whole, inputs - whole);
    }
  }
}

// The arrays of one thread between the layers.
struct SingleScratch {
  float* in;                   // [in_channels][input_floats(32)]: the normalised image
  float* sums1;                // [channels1][output_places(32)]: output of convolution 1
  float* in2;                  // [channels1][input_floats(14)]: output of the first pooling
  float* sums2;                // [channels2][output_places(14)]: output of convolution 2
  float* unit[MAX_DENSE + 1];  // [0]: flattened output of the second pooling, [channels2][5][5];
                               // [k + 1]: output of fully connected layer k
  std::int64_t bytes;          // bytes of all arrays

  // Takes the arrays from `memory`; if it is null, only `bytes` is valid.
  SingleScratch(const BatchSpec& s, void* memory) {
    Arena arena(memory);
    in = arena.take<float>(std::int64_t(s.in_channels) * input_floats(SIDE0));
    sums1 = arena.take<float>(std::int64_t(s.channels1) * output_places(SIDE0));
    in2 = arena.take<float>(std::int64_t(s.channels1) * input_floats(HALF1));
    sums2 = arena.take<float>(std::int64_t(s.channels2) * output_places(HALF1));
    for (int k = 0; k <= s.dense_layers(); ++k)
      unit[k] = arena.take<float>(k == 0 ? s.flattened() : s.units(k - 1));
    bytes = arena.used();
  }
};

// Copies the output of a convolution without the places to be skipped: from
// [channels][output_places(width)] to [channels][side][side].
inline void copy_maps(const float* from, int channels, int width, float* to) {
  const int side = width - KERNEL + 1, places = output_places(width);
  for (int c = 0; c < channels; ++c)
    for (int y = 0; y < side; ++y, to += side)
      std::memcpy(to, from + c * places + y * width, bytes_of<float>(side));
}

// Applies the activation function to sums [channels][output_places(width)], in place, and pools
// them.
//   out  result: [channels] maps, `out_map` floats apart, rows half as long as those of the sums
inline void activate_and_pool(const BatchSpec& s, float* sums, int channels, int width, float* out,
                              int out_map) {
  const int half = (width - KERNEL + 1) / 2, places = output_places(width);
  activate_all(s.activation, sums, std::int64_t(channels) * places);
  for (int c = 0; c < channels; ++c)
    for (int y = 0; y < half; ++y) {
      const float* above = sums + c * places + 2 * y * width;
      float* row = out + c * out_map + y * half;
      if (s.pooling == Pooling::average)
        for (int x = 0; x < half; ++x)
          row[x] = pool_of<Pooling::average>(above + 2 * x, above + width + 2 * x);
      else
        for (int x = 0; x < half; ++x)
          row[x] = pool_of<Pooling::max>(above + 2 * x, above + width + 2 * x);
    }
}

// Computes the scores [classes] of image n.
//   parameters  weight and bias of each layer: see `BatchSpec::parameter_sizes`
//   outputs     null, or where the output of every layer goes, in the order of the network's layers
inline void forward_single(const BatchSpec& s, const float* const* parameters, const Images& images,
                           std::int64_t n, const SingleScratch& m, float* scores,
                           float* const* outputs) {
  const int side = s.input_side, border = (SIDE0 - side) / 2, map0 = input_floats(SIDE0);
  const std::uint8_t* pixel = images.pixels + images.stored(n) * side * side * s.in_channels;
  std::memset(m.in, 0, bytes_of<float>(std::int64_t(s.in_channels) * map0));
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      for (int c = 0; c < s.in_channels; ++c)
        m.in[c * map0 + (y + border) * SIDE0 + x + border] =
            float(*pixel++) * images.scale + images.offset;

  int layer = 0;  // counts the outputs
  flat_convolution(m.in, SIDE0, s.in_channels, s.channels1, parameters[0], parameters[1], m.sums1);
  if (outputs) copy_maps(m.sums1, s.channels1, SIDE0, outputs[layer++]);
  activate_and_pool(s, m.sums1, s.channels1, SIDE0, m.in2, input_floats(HALF1));
  if (outputs) {
    copy_maps(m.sums1, s.channels1, SIDE0, outputs[layer++]);
    float* to = outputs[layer++];
    for (int c = 0; c < s.channels1; ++c)
      std::memcpy(to + c * HALF1 * HALF1, m.in2 + c * input_floats(HALF1),
                  HALF1 * HALF1 * sizeof(float));
  }
  flat_convolution(m.in2, HALF1, s.channels1, s.channels2, parameters[2], parameters[3], m.sums2);
  if (outputs) copy_maps(m.sums2, s.channels2, HALF1, outputs[layer++]);
  activate_and_pool(s, m.sums2, s.channels2, HALF1, m.unit[0], HALF2 * HALF2);
  if (outputs) {
    copy_maps(m.sums2, s.channels2, HALF1, outputs[layer++]);
    for (int copy = 0; copy < 2; ++copy)  // pooling and flattening yield the same numbers
      std::memcpy(outputs[layer++], m.unit[0], bytes_of<float>(s.flattened()));
  }
  for (int k = 0; k < s.dense_layers(); ++k) {
    const bool is_last = k + 1 == s.dense_layers();
    flat_dense(m.unit[k], s.inputs(k), s.units(k), parameters[4 + 2 * k], parameters[5 + 2 * k],
               m.unit[k + 1]);
    const std::size_t size = bytes_of<float>(s.units(k));
    if (outputs) std::memcpy(outputs[layer++], m.unit[k + 1], size);
    if (is_last) {
      std::memcpy(scores, m.unit[k + 1], size);
    } else {
      activate_all(s.activation, m.unit[k + 1], s.units(k));
      if (outputs) std::memcpy(outputs[layer++], m.unit[k + 1], size);
    }
  }
}

}  // namespace LENET_VARIANT
}  // namespace lenet
