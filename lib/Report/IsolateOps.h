//===- IsolateOps.h - A few ops of a tree ----------------------*- C++ -*-===//

#ifndef MEMWALL_LIB_REPORT_ISOLATEOPS_H
#define MEMWALL_LIB_REPORT_ISOLATEOPS_H

#include "memwall/Work/LoopTree.h"

namespace memwall {

/// `tree` with the nests of `ops`, and of what their accumulators start from,
/// and nothing else. Ids of ops, loops and buffers stay. What other ops make is
/// there before, and what they read is live out; of a single op, all that it
/// makes is.
LoopTree isolateOps(const LoopTree &tree, llvm::ArrayRef<OpId> ops);

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_ISOLATEOPS_H
