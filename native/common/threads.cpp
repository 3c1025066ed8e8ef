#include "common/threads.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>

#if !defined(_WIN32)
#include <unistd.h>
#endif

namespace lenet {
namespace {

struct Job {
  const std::function<void(int, std::int64_t)>& work;
  const std::int64_t tasks;
  std::atomic<std::int64_t> next{0};
  int wanted;       // helpers that may still join
  int joined = 0;   // helpers that have
  std::atomic<int> active{0};  // helpers at work
};

void work_on(Job& job, int worker) {
  for (std::int64_t task; (task = job.next.fetch_add(1)) < job.tasks;) job.work(worker, task);
}

class Pool {
 public:
  void run(Job& job) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      try {
        for (; helpers_ < job.wanted; ++helpers_) std::thread([this] { help(); }).detach();
      } catch (const std::system_error&) {
        // No more threads to be had: the caller and those that there are do the work.
      }
      jobs_.push_back(&job);
      posted_.fetch_add(1);
    }
    if (job.wanted == 1)
      call_.notify_one();
    else
      call_.notify_all();
    work_on(job, 0);
    std::unique_lock<std::mutex> lock(mutex_);
    jobs_.erase(std::remove(jobs_.begin(), jobs_.end(), &job), jobs_.end());
    lock.unlock();
    briefly([&] { return job.active != 0; });
    lock.lock();
    done_.wait(lock, [&] { return job.active == 0; });
  }

 private:
  void help() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      Job* job = nullptr;
      call_.wait(lock, [&] {
        for (Job* one : jobs_)
          if (one->wanted > 0) job = one;
        return job != nullptr;
      });
      --job->wanted;
      ++job->active;
      const int worker = ++job->joined;
      lock.unlock();
      work_on(*job, worker);
      lock.lock();
      if (--job->active == 0) done_.notify_all();
      const auto seen = posted_.load();
      lock.unlock();
      briefly([&] { return posted_ == seen; });
      lock.lock();
    }
  }

  // Waits awake while `condition` holds, but not for long. A training loop's next step comes
  // within this time, and waking a sleeper would take a good part of it; after that the processor
  // is left to others.
  template <class Condition>
  static void briefly(Condition condition) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::microseconds(200);
    while (condition() && Clock::now() < end) pause();
  }

  static void pause() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }

  std::mutex mutex_;
  std::condition_variable call_, done_;
  std::deque<Job*> jobs_;
  std::atomic<std::uint64_t> posted_{0};
  int helpers_ = 0;
};

// After a fork the child has none of the parent's threads: it gets a pool of its own. Pools are
// never destroyed, since helpers may sleep in them until the process ends.
Pool& pool() {
  static std::mutex mutex;
  static Pool* current = nullptr;
  std::lock_guard<std::mutex> lock(mutex);
#if !defined(_WIN32)
  static pid_t owner = 0;
  if (owner != getpid()) {
    current = nullptr;
    owner = getpid();
  }
#endif
  if (current == nullptr) current = new Pool;
  return *current;
}

}  // namespace

void run_parallel(int threads, std::int64_t tasks,
                  const std::function<void(int, std::int64_t)>& work) {
  const int helpers = static_cast<int>(std::min<std::int64_t>(threads, tasks)) - 1;
  Job job{work, tasks, {0}, std::max(helpers, 0)};
  if (helpers <= 0)
    work_on(job, 0);
  else
    pool().run(job);
}

}  // namespace lenet
