// Scratch memory that calls borrow: fresh pages would cost as much as the arithmetic.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

namespace lenet {

// One piece of it.
class Block {
 public:
  explicit Block(std::int64_t bytes) : bytes_(bytes) {
    void* raw = std::malloc(bytes + 64);
    if (raw == nullptr) throw std::bad_alloc();
    std::memset(raw, 0, bytes + 64);  // what is read beyond the end of a map must be a number
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

// Blocks that wait to be used again.
class Pool {
 public:
  // Gives a block of at least `bytes` to the caller alone until it comes back.
  std::unique_ptr<Block> borrow(std::int64_t bytes) {
    {
      std::lock_guard<std::mutex> lock(mutex);
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
  void give_back(std::unique_ptr<Block> block) {
    std::lock_guard<std::mutex> lock(mutex);
    if (idle.size() < 64) idle.push_back(std::move(block));
  }

 private:
  std::mutex mutex;
  std::vector<std::unique_ptr<Block>> idle;
};

class Borrowed {
 public:
  Borrowed(Pool& pool, std::int64_t bytes) : pool_(pool), block_(pool.borrow(bytes)) {}
  ~Borrowed() { pool_.give_back(std::move(block_)); }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  void* start() const { return block_->start(); }

 private:
  Pool& pool_;
  std::unique_ptr<Block> block_;
};

// One block for each worker, cut from a single borrowed one.
class Scratches {
 public:
  Scratches(Pool& pool, int workers, std::int64_t bytes)
      : each_((bytes + 4095) / 4096 * 4096), all_(pool, each_ * workers) {}
  void* of(int worker) const { return static_cast<char*>(all_.start()) + worker * each_; }

 private:
  std::int64_t each_;
  Borrowed all_;
};

}  // namespace lenet
