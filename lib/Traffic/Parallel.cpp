//===- Parallel.cpp - Work that does not depend on its order --------------===//

#include "Parallel.h"
#include "llvm/Support/ThreadPool.h"
#include <algorithm>
#include <atomic>

using namespace memwall;

void memwall::runInParallel(size_t count,
                            llvm::function_ref<void(size_t)> work) {
  static llvm::DefaultThreadPool pool;
  // Tasks take the next piece of work until none is left: many pieces are
  // shorter than it takes to hand out a task.
  std::atomic<size_t> next = 0;
  auto takeAll = [&] {
    for (size_t i = next++; i < count; i = next++)
      work(i);
  };
  llvm::ThreadPoolTaskGroup group(pool);
  size_t most = pool.getMaxConcurrency();
  for (size_t helper = 1; helper < std::min(count, most + 1); ++helper)
    group.async(takeAll);
  takeAll();
  group.wait();
}
