//===- InitProducer.h - Fills and broadcasts that go into loops -*- C++ -*-===//

#ifndef MEMWALL_SCHEDULE_INITPRODUCER_H
#define MEMWALL_SCHEDULE_INITPRODUCER_H

#include "memwall/Work/LoopTree.h"
#include <optional>

namespace memwall {

/// A nest that puts the initial value into the accumulators of another one.
struct InitProducer {
  NodeId node = 0;
  /// Per loop of the producer the dimension of the consumer that it runs over;
  /// none for loops that run once.
  llvm::SmallVector<std::optional<unsigned>, 4> dims;
};

/// The fill or broadcast right before nest `consumer` that writes what the
/// consumer starts from, over the same box; none when something else touches
/// the accumulators in between.
std::optional<InitProducer> findInitProducer(const LoopTree &tree,
                                             NodeId consumer);

/// Dimensions of the nest that its writes move with: its parallel ones.
llvm::SmallVector<bool, 6> findWrittenDims(const Nest &nest);

} // namespace memwall

#endif // MEMWALL_SCHEDULE_INITPRODUCER_H
