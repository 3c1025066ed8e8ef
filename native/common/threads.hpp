// The engine's threads. They are started at the first call that needs them, sleep between calls,
// and serve all callers.
#pragma once

#include <cstdint>
#include <functional>

namespace lenet {

// Calls work(worker, task) for every task, on the calling thread (worker 0) and on up to
// threads - 1 others. Returns when all tasks are done. Which worker does which task is random, so a
// task's result must not depend on it. If a task throws, the remaining tasks are not started, and
// the first exception is thrown again on the calling thread.
void run_parallel(int threads, std::int64_t tasks,
                  const std::function<void(int worker, std::int64_t task)>& work);

}  // namespace lenet
