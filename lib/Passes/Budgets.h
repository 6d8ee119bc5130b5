//===- Budgets.h - What operations may move ---------------------*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_BUDGETS_H
#define MEMWALL_LIB_PASSES_BUDGETS_H

#include "memwall/Target/Registry.h"
#include "memwall/Traffic/Traffic.h"
#include "mlir/IR/BuiltinOps.h"

namespace memwall {

/// Checks every `memwall.max_bytes` and `memwall.max_over_bound` below `module`
/// against the traffic of `trees` on `target`, computed at `accuracy`. Emits an
/// error at each op that exceeds its budget, that names a level unknown to
/// `registry` or a step of no operation, or whose bytes are not all known; an
/// error of several operations names the one farthest from its bound, and each
/// the operand that moves most beyond once. Says on standard error how many
/// budgets were kept, or warns that there were none.
mlir::LogicalResult checkBudgets(mlir::ModuleOp module,
                                 llvm::ArrayRef<LoopTree> trees,
                                 const Target &target, Accuracy accuracy,
                                 Registry &registry);

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_BUDGETS_H
