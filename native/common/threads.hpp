// The engine's threads: started when first needed, asleep in between, shared by all callers.
#pragma once

#include <cstdint>
#include <functional>

namespace lenet {

// Calls work(worker, task) for every task, on the calling thread (worker 0) and up to threads - 1
// others. Returns when all are done. Which worker does which task is chance, so what a task
// computes must not depend on it.
void run_parallel(int threads, std::int64_t tasks,
                  const std::function<void(int worker, std::int64_t task)>& work);

}  // namespace lenet
