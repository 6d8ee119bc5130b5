//===- Causes.h - Why bytes move --------------------------------*- C++ -*-===//

#ifndef MEMWALL_LIB_REPORT_CAUSES_H
#define MEMWALL_LIB_REPORT_CAUSES_H

#include "memwall/Report/Explain.h"

namespace memwall {

/// Splits what level `depth` of `target` (not the innermost) moves of every
/// operand of `op` by cause; `op` has the figures of that target, `provenance`
/// is how the level was counted. In the order of its operands.
llvm::SmallVector<Causes, 0>
findCauses(const LoopTree &tree, const Target &target, unsigned depth,
           const OpFigures &op, const LevelFigures &level,
           const Provenance &provenance, Accuracy accuracy);

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_CAUSES_H
