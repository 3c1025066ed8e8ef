// Scratch memory that is used again by later calls. Fresh pages from the operating system would
// cost as much time as the arithmetic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "common/bytes.hpp"

namespace lenet {

// A piece of zeroed memory that begins at a multiple of 64 bytes.
class Block {
 public:
  explicit Block(std::int64_t bytes) : bytes_(bytes) {
    const std::size_t size = to_size(bytes) + 64;
    void* raw = std::malloc(size);
    if (raw == nullptr) throw std::bad_alloc();
    std::memset(raw, 0, size);  // kernels read past the end of a map: it must hold numbers
    raw_.reset(raw);
    const auto address = reinterpret_cast<std::uintptr_t>(raw);
    start_ = reinterpret_cast<void*>((address + 63) / 64 * 64);
  }
  void* start() const { return start_; }
  std::int64_t bytes() const { return bytes_; }

 private:
  struct Free {
    void operator()(void* p) const { std::free(p); }
  };
  std::unique_ptr<void, Free> raw_;
  void* start_;
  std::int64_t bytes_;
};

// Blocks that are free to be used again.
class MemoryPool {
 public:
  // Returns a block of at least `bytes`, which belongs to the caller until `give_back`.
  std::unique_ptr<Block> borrow(std::int64_t bytes) {
    {
      std::lock_guard<std::mutex> lock(mutex);
      idle.reserve(MOST_IDLE);  // so that give_back, which destructors call, cannot throw
      for (auto& block : idle)
        if (block->bytes() >= bytes) {
          std::unique_ptr<Block> found = std::move(block);
          block = std::move(idle.back());
          idle.pop_back();
          return found;
        }
    }
    return std::make_unique<Block>(bytes);
  }
  // Takes a block back, for a later call of `borrow`.
  void give_back(std::unique_ptr<Block> block) noexcept {
    std::lock_guard<std::mutex> lock(mutex);
    if (idle.size() < MOST_IDLE) idle.push_back(std::move(block));
  }

 private:
  static constexpr std::size_t MOST_IDLE = 64;
  std::mutex mutex;
  std::vector<std::unique_ptr<Block>> idle;
};

// A block of a pool, which goes back to the pool at the end of the scope.
class Borrowed {
 public:
  Borrowed(MemoryPool& pool, std::int64_t bytes) : pool_(pool), block_(pool.borrow(bytes)) {}
  ~Borrowed() { pool_.give_back(std::move(block_)); }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  void* start() const { return block_->start(); }

 private:
  MemoryPool& pool_;
  std::unique_ptr<Block> block_;
};

// The same amount of memory for each worker, cut from one borrowed block.
class Scratches {
 public:
  Scratches(MemoryPool& pool, int workers, std::int64_t bytes)
      : each_((bytes + 4095) / 4096 * 4096), all_(pool, each_ * workers) {}
  // Returns the memory of a worker, which counts from 0.
  void* of(int worker) const { return static_cast<char*>(all_.start()) + worker * each_; }

 private:
  std::int64_t each_;
  Borrowed all_;
};

}  // namespace lenet
