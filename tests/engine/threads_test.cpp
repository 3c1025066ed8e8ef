// Tests of native/common/threads.hpp; tests/engine/test_threads.py compiles and runs this program.
//
// The argument is the name of a test. The program prints "ok" if the test passes. Otherwise it
// prints the reason and returns 1.
#include "common/threads.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <thread>
#include <vector>

namespace {

constexpr int REPEATS = 1000;

[[noreturn]] void fail(const char* reason) {
  std::printf("%s\n", reason);
  std::fflush(stdout);
  std::_Exit(1);  // helper threads are still running
}

// Waits until `flag` is true. The other thread may need a while to wake.
void wait_for(const std::atomic<bool>& flag) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!flag) {
    if (std::chrono::steady_clock::now() > end) fail("no other thread took a task");
    std::this_thread::yield();
  }
}

// Does `tasks` tasks on `threads` threads. Fails unless each task is called exactly once, by a
// worker whose number is below `threads`.
void check_each_once(int threads, std::int64_t tasks) {
  const auto calls = std::make_unique<std::atomic<int>[]>(static_cast<std::size_t>(tasks) + 1);
  for (std::int64_t task = 0; task < tasks; ++task) calls[static_cast<std::size_t>(task)] = 0;
  std::atomic<bool> valid{true};
  lenet::run_parallel(threads, tasks, [&](int worker, std::int64_t task) {
    if (worker < 0 || worker >= threads || task < 0 || task >= tasks) valid = false;
    else ++calls[static_cast<std::size_t>(task)];
  });
  if (!valid) fail("a worker or a task has a wrong number");
  for (std::int64_t task = 0; task < tasks; ++task)
    if (calls[static_cast<std::size_t>(task)] != 1) fail("a task was not called exactly once");
}

// Runs a job in which the calling thread or every helper throws std::bad_alloc. Before the exception
// is thrown, both sides have begun a task. Fails unless the exception reaches the caller.
void check_rethrown(int threads, bool on_helper) {
  std::atomic<bool> caller_began{false}, helper_began{false}, thrown{false};
  const auto caller = std::this_thread::get_id();
  bool caught = false;
  try {
    lenet::run_parallel(threads, threads, [&](int worker, std::int64_t) {
      const bool is_caller = std::this_thread::get_id() == caller;
      if ((worker == 0) != is_caller) fail("worker 0 is not the caller");
      (is_caller ? caller_began : helper_began) = true;
      if (is_caller != on_helper) {
        wait_for(is_caller ? helper_began : caller_began);
        thrown = true;
        throw std::bad_alloc();
      }
      wait_for(thrown);
    });
  } catch (const std::bad_alloc&) {
    caught = true;
  }
  if (!caught) fail("the exception did not reach the caller");
}

void test_each_task_once() {
  for (int repeat = 0; repeat < REPEATS / 10; ++repeat)
    for (int threads = 1; threads <= 4; ++threads)
      for (const std::int64_t tasks : {0, 1, 2, 3, 4, 5, 64, 1000}) check_each_once(threads, tasks);
}

void test_throw(bool on_helper) {
  for (int repeat = 0; repeat < REPEATS; ++repeat) {
    const int threads = 2 + repeat % 3;
    check_rethrown(threads, on_helper);
    check_each_once(threads, 20);
  }
}

// All tasks throw, on one to four threads.
void test_all_tasks_throw() {
  for (int repeat = 0; repeat < REPEATS; ++repeat) {
    bool caught = false;
    try {
      lenet::run_parallel(1 + repeat % 4, 20, [](int, std::int64_t) { throw std::bad_alloc(); });
    } catch (const std::bad_alloc&) {
      caught = true;
    }
    if (!caught) fail("the exception did not reach the caller");
    check_each_once(3, 20);
  }
}

// Several threads call at once; the jobs of every other one throw.
void test_several_callers() {
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller)
    callers.emplace_back([caller] {
      for (int repeat = 0; repeat < REPEATS / 5; ++repeat) {
        check_each_once(2 + (caller + repeat) % 3, 30);
        bool caught = false;
        try {
          lenet::run_parallel(3, 30, [caller](int, std::int64_t task) {
            if (caller % 2 && task == 7) throw std::bad_alloc();
          });
        } catch (const std::bad_alloc&) {
          caught = true;
        }
        if (caught != (caller % 2 == 1)) fail("an exception reached the wrong caller");
      }
    });
  for (std::thread& caller : callers) caller.join();
}

// The tasks of a job run jobs of their own, and their exceptions go up through both.
void test_job_in_a_task() {
  for (int repeat = 0; repeat < REPEATS / 5; ++repeat) {
    lenet::run_parallel(3, 6, [](int, std::int64_t) { check_each_once(3, 10); });
    bool caught = false;
    try {
      lenet::run_parallel(3, 6, [](int, std::int64_t) {
        lenet::run_parallel(2, 4, [](int, std::int64_t) { throw std::bad_alloc(); });
      });
    } catch (const std::bad_alloc&) {
      caught = true;
    }
    if (!caught) fail("the exception did not reach the caller");
  }
}

}  // namespace

int main(int count, char** arguments) {
  const char* name = count == 2 ? arguments[1] : "";
  const auto is = [name](const char* test) { return std::strcmp(name, test) == 0; };
  if (is("each-task-once")) test_each_task_once();
  else if (is("helper-throws")) test_throw(true);
  else if (is("caller-throws")) test_throw(false);
  else if (is("all-throw")) test_all_tasks_throw();
  else if (is("several-callers")) test_several_callers();
  else if (is("job-in-a-task")) test_job_in_a_task();
  else fail("no such test");
  std::printf("ok\n");
  std::fflush(stdout);
  std::_Exit(0);  // helper threads sleep until the process ends
}
