// Conversions of counts to std::size_t, the type in which the standard library measures memory.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lenet {

// Returns a count or an index as std::size_t. The engine counts in signed integers, because it also
// computes differences of counts. The count must not be negative.
constexpr std::size_t to_size(std::int64_t count) { return static_cast<std::size_t>(count); }

// Returns the number of bytes of `count` values of type T.
template <class T>
constexpr std::size_t bytes_of(std::int64_t count) {
  return to_size(count) * sizeof(T);
}

}  // namespace lenet
