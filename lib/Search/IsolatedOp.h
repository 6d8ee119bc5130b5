//===- IsolatedOp.h - One op from cold --------------------------*- C++ -*-===//

#ifndef MEMWALL_LIB_SEARCH_ISOLATEDOP_H
#define MEMWALL_LIB_SEARCH_ISOLATEDOP_H

#include "OpShape.h"
#include "memwall/Schedule/Groups.h"
#include "memwall/Target/Target.h"

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
  /// A tile of a group, whose loops hold it in the outermost cache: what the op
  /// moves at DRAM is the group's matter.
  bool isTile = false;
  bool canSplit = false; ///< Its reductions, over units.
};

/// Cuts nest `node` of `tree` out. Errors: see readOpShape.
llvm::Expected<IsolatedOp> isolateOp(const LoopTree &tree, NodeId node);

/// The members of a group alone in a function, with the fills and broadcasts
/// that they start from. What others need of it is live out.
struct IsolatedGroup {
  LoopTree tree;
  llvm::SmallVector<OpId, 8> ops;     ///< Of the members, in `tree`.
  llvm::SmallVector<NodeId, 8> nodes; ///< Likewise.
};

/// Cuts the members of `plan` out of `tree`.
IsolatedGroup isolateGroup(const LoopTree &tree, const GroupPlan &plan);

/// The outermost cache of `target` and its memory, with the victims that the
/// cache takes from those further in, for a walk of DRAM alone.
Target keepLastCache(const LoopTree &tree, const Target &target);

/// What has to come in and go out of `cache`, what its stores fetch included.
double countMinimum(const IsolatedGroup &group, const Level &cache);
/// Of that, what stores fetch.
double countFetchedByStores(const IsolatedGroup &group, const Level &cache);

/// The same of the members, each on its own: what they hand to each other goes
/// out and comes in.
double countMinimumAlone(const IsolatedGroup &group);

/// Equal for ops that a search treats alike: extents, accesses relative to
/// their buffers, widths and kinds of storage. Buffers are numbered as they
/// appear.
std::string makeSearchKey(const IsolatedOp &isolated);
std::string makeSearchKey(const LoopTree &tree);

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_ISOLATEDOP_H
