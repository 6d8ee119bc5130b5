//===- NestAccesses.h - What nests touch ------------------------*- C++ -*-===//

#ifndef MEMWALL_SCHEDULE_NESTACCESSES_H
#define MEMWALL_SCHEDULE_NESTACCESSES_H

#include "memwall/Work/AffineForms.h"
#include "llvm/ADT/DenseSet.h"

namespace memwall {

/// Whether node `id`, or a node below it, writes, or else reads, `buffer`.
bool accesses(const LoopTree &tree, NodeId id, BufferId buffer, bool isWrite);

/// How many places `access` goes to where every iteration of the loops that
/// move it has its own.
int64_t countPlaces(const LoopTree &tree, const Nest &nest,
                    const Access &access);

/// Whether node `id`, which writes `buffer`, may leave some of it as it is: a
/// nest that writes a part, such as half of every row.
bool writesPart(const LoopTree &tree, NodeId id, BufferId buffer);

/// Buffers that node `id` and all below it read, and that they write.
struct TouchedBuffers {
  llvm::DenseSet<BufferId> read, written;
};
TouchedBuffers findTouchedBuffers(const LoopTree &tree, NodeId id);

} // namespace memwall

#endif // MEMWALL_SCHEDULE_NESTACCESSES_H
