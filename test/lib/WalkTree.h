//===- WalkTree.h - Executes a loop tree, access by access ------*- C++ -*-===//

#ifndef MEMWALL_TEST_LIB_WALKTREE_H
#define MEMWALL_TEST_LIB_WALKTREE_H

#include "memwall/Work/LoopTree.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace memwall::test {

/// One execution of an access.
struct WalkedAccess {
  const Nest &nest;
  const Access &access;
  int64_t element; ///< Of the buffer; not checked to be in it.
  int64_t unit;    ///< That executes it.
};

/// Calls `visit` with every access in the order in which one unit after the
/// other of `units` executes them, and `die` with every buffer that is not live
/// out after its last use in an iteration of its scope. Data-dependent rows are
/// spread over their range.
void walkTree(const LoopTree &tree,
              llvm::function_ref<void(const WalkedAccess &)> visit,
              llvm::function_ref<void(BufferId)> die = {}, int64_t units = 1);

} // namespace memwall::test

#endif // MEMWALL_TEST_LIB_WALKTREE_H
