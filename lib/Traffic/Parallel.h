//===- Parallel.h - Work that does not depend on its order ------*- C++ -*-===//
//
// The levels of a target are walked side by side, and so are the sets of each.
// llvm::parallelFor runs one loop inside of another serially; a thread pool
// with task groups does not.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRAFFIC_PARALLEL_H
#define MEMWALL_LIB_TRAFFIC_PARALLEL_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include <cstddef>

namespace memwall {

/// Calls `work` for 0 .. count - 1, on all processors, and waits. May be called
/// from within `work`.
void runInParallel(size_t count, llvm::function_ref<void(size_t)> work);

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_PARALLEL_H
