// How work is cut into pieces that fit the registers.
#pragma once

namespace lenet {

// How many tiles of at most `most` cover `count`, and how large each is: 6 by 4 is 3 and 3, since
// two even tiles keep the processor busier than 4 and 2.
inline int tiles(int count, int most) { return (count + most - 1) / most; }
inline int tile_size(int count, int most, int number) {
  const int n = tiles(count, most);
  return count / n + (number < count % n ? 1 : 0);
}

}  // namespace lenet
