//===- ApplyAndCount.h - What a program moves once an op is scheduled -----===//

#ifndef MEMWALL_LIB_PASSES_APPLYANDCOUNT_H
#define MEMWALL_LIB_PASSES_APPLYANDCOUNT_H

#include "memwall/Report/Explain.h"
#include "mlir/IR/BuiltinOps.h"

namespace memwall {

/// Applies `schedules` to a clone of `module`, which `tree` was built from, on
/// ops of the tree, and counts what level `depth` of `target` moves in the
/// result. A rewritten program may share fewer buffers than the plan in the
/// tree says. nullopt where the schedules cannot be applied, and where levels
/// farther out would move more.
std::optional<AppliedBytes> applyAndCount(mlir::ModuleOp module,
                                          const LoopTree &tree,
                                          llvm::ArrayRef<OpSchedule> schedules,
                                          const Target &target, unsigned depth,
                                          Accuracy accuracy);

/// Folds the op `copy` of `tree` into its readers in a clone of `module`, and
/// counts as above. nullopt where that cannot be done, where `op` is neither it
/// nor one of them, where levels farther out would move more, and where other
/// ops stand at the places of the readers.
std::optional<FoldedBytes> foldAndCount(mlir::ModuleOp module,
                                        const LoopTree &tree, OpId copy,
                                        OpId op, const Target &target,
                                        unsigned depth, Accuracy accuracy);

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_APPLYANDCOUNT_H
