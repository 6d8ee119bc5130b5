//===- PayloadTraffic.h - What memwall knows about payload ops --*- C++ -*-===//

#ifndef MEMWALL_LIB_TRANSFORMOPS_PAYLOADTRAFFIC_H
#define MEMWALL_LIB_TRANSFORMOPS_PAYLOADTRAFFIC_H

#include "memwall/Schedule/Schedule.h"
#include "memwall/Target/Target.h"
#include "memwall/Work/LoopTree.h"
#include "mlir/IR/Operation.h"

namespace memwall {

/// The target called `name`: of the module around `op`, or a shipped one. Emits
/// an error at `op` when there is none.
mlir::FailureOr<Target> findPayloadTarget(mlir::Operation *op,
                                          llvm::StringRef name);

/// The tree of the function around `op`. Emits what is wrong.
mlir::FailureOr<LoopTree> buildPayloadTree(mlir::Operation *op);

/// Bytes read plus written at level number `level` by `op` and all inside it;
/// nullopt when the tree has nothing of it.
std::optional<int64_t> computePayloadBytes(const LoopTree &tree,
                                           mlir::Operation *op,
                                           const Target &target,
                                           unsigned level);

/// The schedules that Search chooses for `ops`, each in its function, by
/// number; nullopt where an op stays as it is. Every function is searched once.
/// Emits what is wrong.
mlir::FailureOr<llvm::SmallVector<std::optional<Schedule>, 0>>
choosePayloadSchedules(llvm::ArrayRef<mlir::Operation *> ops,
                       llvm::StringRef target);

/// Writes what Search chooses for `ops`, groups among it, on them as schedules;
/// other ops stay as they are. Returns the functions that they are in. Fails,
/// with an error, where a function cannot be read.
mlir::FailureOr<mlir::SmallVector<mlir::Operation *>>
schedulePayload(llvm::ArrayRef<mlir::Operation *> ops, llvm::StringRef target);

} // namespace memwall

#endif // MEMWALL_LIB_TRANSFORMOPS_PAYLOADTRAFFIC_H
