//===- IsolatedOp.h - One op from cold --------------------------*- C++ -*-===//

#ifndef MEMWALL_LIB_SEARCH_ISOLATEDOP_H
#define MEMWALL_LIB_SEARCH_ISOLATEDOP_H

#include "OpShape.h"

namespace memwall {

/// An op alone in a function, with the fill or broadcast that its loops would
/// take in. Its result is live out and its inputs are arguments.
struct IsolatedOp {
  LoopTree tree;
  OpId op = 0; ///< In `tree`.
  NodeId node = 0;
  OpShape shape;
  /// By operand of `shape`: a whole buffer that the function only reads and
  /// does not make.
  llvm::SmallVector<bool, 4> isWeight;
};

/// Cuts nest `node` of `tree` out. Errors: see readOpShape.
llvm::Expected<IsolatedOp> isolateOp(const LoopTree &tree, NodeId node);

/// Equal for ops that a search treats alike: extents, accesses relative to
/// their buffers, widths and kinds of storage. Buffers are numbered as they
/// appear.
std::string makeSearchKey(const IsolatedOp &isolated);

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_ISOLATEDOP_H
