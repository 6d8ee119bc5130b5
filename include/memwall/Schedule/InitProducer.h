//===- InitProducer.h - Fills and broadcasts that go into loops -*- C++ -*-===//

#ifndef MEMWALL_SCHEDULE_INITPRODUCER_H
#define MEMWALL_SCHEDULE_INITPRODUCER_H

#include "memwall/Work/LoopTree.h"
#include <optional>

namespace memwall {

/// A nest that puts the initial value into the accumulators of another one.
struct InitProducer {
  NodeId node = 0;
  /// Where the accumulators have storage of their own, because others read the
  /// initial value as well: the nest of the consumer's op that copies it there.
  std::optional<NodeId> copy;
  /// Per loop of the producer the dimension of the consumer that it runs over;
  /// none for loops that run once.
  llvm::SmallVector<std::optional<unsigned>, 4> dims;
};

/// The fill or broadcast before nest `consumer` that writes what the consumer
/// starts from, over the same box; none when something else writes there in
/// between.
std::optional<InitProducer> findInitProducer(const LoopTree &tree,
                                             NodeId consumer);

/// The nest of the same op right before `consumer` that copies its init into
/// the storage of its result, if there is one.
std::optional<NodeId> findInitCopy(const LoopTree &tree, NodeId consumer);

/// Whether anything but nest `consumer` and the nests `gone` reads what nest
/// `producer` wrote.
bool isReadByOthers(const LoopTree &tree, NodeId producer,
                    llvm::ArrayRef<NodeId> gone);

/// Dimensions of the nest that its writes move with: its parallel ones.
llvm::SmallVector<bool, 6> findWrittenDims(const Nest &nest);

} // namespace memwall

#endif // MEMWALL_SCHEDULE_INITPRODUCER_H
