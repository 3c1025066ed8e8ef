// How the channels of a layer are divided into tiles, groups whose sums fit the registers.
#pragma once

namespace lenet {

// Returns the number of tiles of at most `largest` that hold `count`.
inline int tiles(int count, int largest) { return (count + largest - 1) / largest; }

// Returns the size of tile `number`. Sizes differ by at most 1: 6 channels in tiles of at most 4
// are 3 and 3, which keeps the processor busier than 4 and 2.
inline int tile_size(int count, int largest, int number) {
  const int n = tiles(count, largest);
  return count / n + (number < count % n ? 1 : 0);
}

}  // namespace lenet
