//===- Parallel.cpp - Work that does not depend on its order --------------===//

#include "Parallel.h"
#include "llvm/Support/ThreadPool.h"

using namespace memwall;

void memwall::runInParallel(size_t count,
                            llvm::function_ref<void(size_t)> work) {
  static llvm::DefaultThreadPool pool;
  llvm::ThreadPoolTaskGroup group(pool);
  for (size_t i = 1; i < count; ++i)
    group.async([work, i] { work(i); });
  if (count > 0)
    work(0);
  group.wait();
}
