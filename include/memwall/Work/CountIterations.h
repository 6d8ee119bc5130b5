//===- CountIterations.h - Exact counts over partial tiles ------*- C++ -*-===//

#ifndef MEMWALL_WORK_COUNTITERATIONS_H
#define MEMWALL_WORK_COUNTITERATIONS_H

#include "memwall/Work/LoopTree.h"
#include "llvm/ADT/ArrayRef.h"
#include <optional>

namespace memwall {

/// How often the body of the innermost of `nested` runs in total; `nested` is
/// outermost first and holds every loop that an extent names. Absent when the
/// count does not fit 64 bits, or when its loops are too irregular to count
/// (more than 10^7 different trip counts).
std::optional<int64_t> countIterations(const llvm::SmallVectorImpl<Loop> &loops,
                                       llvm::ArrayRef<LoopId> nested);

} // namespace memwall

#endif // MEMWALL_WORK_COUNTITERATIONS_H
