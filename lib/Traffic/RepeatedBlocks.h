//===- RepeatedBlocks.h - Runs of equal layers ------------------*- C++ -*-===//

#ifndef MEMWALL_LIB_TRAFFIC_REPEATEDBLOCKS_H
#define MEMWALL_LIB_TRAFFIC_REPEATEDBLOCKS_H

#include "ConstantTree.h"
#include <utility>
#include <vector>

namespace memwall {

/// Children [first, first + length * count) of the root are `count` blocks of
/// `length` children that do the same on other buffers: the layers of a model.
struct RepeatedBlock {
  unsigned first = 0, length = 0, count = 0;
  /// Buffers of the second block, and what stands in their place in the last.
  std::vector<std::pair<BufferId, BufferId>> renamed;

  unsigned end() const { return first + length * count; }
};

/// Finds runs of at least `least` equal blocks among the children of the root,
/// in order and disjoint. Two neighbouring blocks are equal when their loops
/// and accesses are, and each buffer of the one has one partner in the other,
/// of the same size and kind, that is used for the last time as many children
/// later as the blocks are apart. Both may use a buffer that stays.
std::vector<RepeatedBlock> findRepeatedBlocks(const LoopTree &source,
                                              const ConstantTree &tree,
                                              unsigned least);

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_REPEATEDBLOCKS_H
