// A pool of threads that wait for jobs. The calling thread works on its own job; the others help.
#include "common/threads.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

#if !defined(_WIN32)
#include <unistd.h>
#endif

namespace lenet {
namespace {

// One call of `run_parallel`.
struct Job {
  const std::function<void(int, std::int64_t)>& work;
  const std::int64_t tasks;
  std::atomic<std::int64_t> next{0};  // the first task that nobody has begun
  int wanted;                         // helpers that may still join; guarded by the pool's mutex
  int joined = 0;                     // helpers that have joined; guarded by the pool's mutex
  std::atomic<int> active{0};         // helpers at work
  std::atomic<bool> failed{false};    // whether a task has thrown
  std::exception_ptr error;           // the first exception, written by the worker that caught it
};

// Does tasks of the job until none is left or one has thrown.
void work_on(Job& job, int worker) noexcept {
  for (std::int64_t task; (task = job.next.fetch_add(1)) < job.tasks && !job.failed;) try {
      job.work(worker, task);
    } catch (...) {
      if (!job.failed.exchange(true)) job.error = std::current_exception();
    }
}

class Pool {
 public:
  // Does the job together with up to job.wanted helpers. Returns when no helper uses the job.
  void run(Job& job) {
    const int wanted = job.wanted;  // helpers change job.wanted as soon as the job is posted
    {
      std::lock_guard<std::mutex> lock(mutex_);
      try {
        for (; helpers_ < wanted; ++helpers_) std::thread([this] { help(); }).detach();
      } catch (const std::system_error&) {
        // The system has no more threads. The caller and the existing helpers do the work.
      }
      jobs_.push_back(&job);
      posted_.fetch_add(1);
    }
    if (wanted == 1)
      call_.notify_one();
    else
      call_.notify_all();
    work_on(job, 0);
    std::unique_lock<std::mutex> lock(mutex_);
    jobs_.erase(std::remove(jobs_.begin(), jobs_.end(), &job), jobs_.end());
    lock.unlock();
    spin_while([&] { return job.active != 0; });
    lock.lock();
    done_.wait(lock, [&] { return job.active == 0; });
  }

 private:
  // Works on one job after another, on a thread of its own that never ends.
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
      spin_while([&] { return posted_ == seen; });
      lock.lock();
    }
  }

  // Waits while `condition` holds, without sleeping and for at most 0.2 ms. The next step of a
  // training loop usually comes within this time, and waking a sleeping thread would take a large
  // part of it. After this time the thread sleeps, so that other programs can use the processor.
  template <class Condition>
  static void spin_while(Condition condition) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::microseconds(200);
    while (condition() && Clock::now() < end) pause();
  }

  // Lets the processor save energy while the thread spins.
  static void pause() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }

  std::mutex mutex_;  // guards jobs_, helpers_, and `wanted` and `joined` of the jobs
  std::condition_variable call_, done_;  // a job was posted; a job's last helper has finished
  std::deque<Job*> jobs_;
  std::atomic<std::uint64_t> posted_{0};  // jobs posted so far
  int helpers_ = 0;
};

// Returns the pool of this process. A child of a fork has none of the parent's threads, so it gets
// a new pool. Pools are never destroyed, because helpers may sleep in them until the process ends.
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
  Job job{work, tasks, {0}, std::max(helpers, 0), 0, {0}, {false}, nullptr};
  if (helpers <= 0)
    work_on(job, 0);
  else
    pool().run(job);
  if (job.error) std::rethrow_exception(job.error);
}

}  // namespace lenet
