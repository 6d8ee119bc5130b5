//===- ExplainLoops.h - Loops around an op, by name -------------*- C++ -*-===//

#ifndef MEMWALL_LIB_REPORT_EXPLAINLOOPS_H
#define MEMWALL_LIB_REPORT_EXPLAINLOOPS_H

#include "memwall/Report/Explain.h"
#include "memwall/Traffic/Reuse.h"

namespace memwall {

/// The loops of one op and those around it, and how they move its operands.
class OpLoops {
public:
  OpLoops(const LoopTree &tree, OpId op);

  /// The nest that runs most iterations, if there is any.
  const Nest *getNest() const { return nest; }
  /// "d0 (m)" for dimension `d` of that nest.
  std::string getDimName(unsigned d) const;
  LoopFigures describe(LoopId loop) const;

  /// The loop that brings `buffer` back most, by what is lost or, where
  /// `hasConflicts`, by what is touched.
  std::optional<CarryingLoop> findCarrier(BufferId buffer,
                                          llvm::ArrayRef<Reuse> reuses,
                                          bool hasConflicts,
                                          const Level &cache) const;

private:
  bool isAround(LoopId loop) const;
  std::string getRole(unsigned d) const;
  int64_t getStrideBytes(BufferId buffer, LoopId loop) const;
  void findPitch(BufferId buffer, const Level &cache,
                 CarryingLoop &carrier) const;

  const LoopTree &tree;
  OpId op;
  const Nest *nest = nullptr;
  llvm::SmallVector<LoopId, 4> around; ///< Of that nest, outermost first.
  /// Name and location of each of `around`; "a loop" where it is not known.
  llvm::SmallVector<std::pair<std::string, std::string>, 4> names;
};

/// Ops that touched operands of `op` before it, and what it finds of theirs.
/// `ops`: those of the function.
llvm::SmallVector<Neighbour, 1> findNeighbours(llvm::ArrayRef<OpFigures> ops,
                                               OpId op, BufferId buffer,
                                               llvm::ArrayRef<Reuse> reuses);

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_EXPLAINLOOPS_H
