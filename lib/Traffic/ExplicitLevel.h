//===- ExplicitLevel.h - A memory that the program fills --------*- C++ -*-===//
//
// Shared memory and VMEM hold what the program puts there. The model gives them
// the best retention: the gap between two touches of the same data may be
// served by holding its bits, as long as everything that is held at any place
// of the program fits. Dirty data need not be written to the level below when
// it is held in every gap between its store and its next store, or its death.
// The choice is exhaustive for the loops of one nest, and greedy by bytes saved
// per bit held across nests. docs/Model.md, "Explicit levels".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRAFFIC_EXPLICITLEVEL_H
#define MEMWALL_LIB_TRAFFIC_EXPLICITLEVEL_H

#include "ReuseAnalysis.h"
#include "memwall/Target/Target.h"
#include <vector>

namespace memwall {

/// What one buffer moves to and from the level below, in sectors.
struct BufferFlow {
  double read = 0, written = 0;
  /// Of what is read: sectors that the program stored before, at least this
  /// many different ones.
  double readBack = 0;
};

/// What remains to be moved when an explicit level is used as well as possible.
struct Retained {
  /// First touches and flushes, and what is not held: `sectors` of each move.
  std::vector<ReuseClass> moved;
  llvm::SmallVector<BufferFlow, 0> buffers; ///< By BufferId.
};

/// The classes of reuse that an explicit `level` of `target` chooses among.
/// `tree` is the constant tree of `source` as one instance of the level sees it
/// (distributeLoops).
std::vector<ReuseClass> findGaps(const LoopTree &source,
                                 const ConstantTree &tree, const Level &level);

/// Chooses what `level` holds. The order of `classes` does not matter.
Retained chooseRetention(const LoopTree &source, const ConstantTree &tree,
                         const Level &level,
                         llvm::ArrayRef<ReuseClass> classes);

/// Both together; `tree` is the constant tree of `source`.
Retained computeExplicitTraffic(const LoopTree &source,
                                const ConstantTree &tree, const Target &target,
                                const Level &level);

/// The invariant of an explicit level: what is read from below was written
/// there before, or came from an argument, a constant or a global. Returns the
/// first buffer that breaks it: an intermediate of which more different sectors
/// are read back than were written. (Undefined content that the program reads
/// before it stores anything is not read back.)
std::optional<BufferId> findLostWrite(const LoopTree &source,
                                      const Level &level,
                                      llvm::ArrayRef<BufferFlow> buffers);

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_EXPLICITLEVEL_H
