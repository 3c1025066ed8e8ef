// Divides one block of memory into arrays.
#pragma once

#include <cstdint>

#include "common/bytes.hpp"

namespace lenet {
namespace LENET_VARIANT {

// Takes arrays from a block, one after another, each at a multiple of 64 bytes. Without a block
// (null) it only adds up their sizes.
class Arena {
 public:
  explicit Arena(void* memory) : memory_(static_cast<char*>(memory)) {}
  // Returns an array of `count` values of type T, or null if there is no block.
  template <class T>
  T* take(std::int64_t count) {
    T* array = reinterpret_cast<T*>(memory_ + used_);
    used_ += (count * std::int64_t(sizeof(T)) + 63) / 64 * 64;
    return memory_ ? array : nullptr;
  }
  // Returns the bytes of all arrays so far.
  std::int64_t used() const { return used_; }

 private:
  char* memory_;
  std::int64_t used_ = 0;
};

}  // namespace LENET_VARIANT
}  // namespace lenet
