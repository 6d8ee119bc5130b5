//===- HoldOffers.h - Offers of an explanation, as applied ------*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_HOLDOFFERS_H
#define MEMWALL_LIB_PASSES_HOLDOFFERS_H

#include "memwall/Report/Explain.h"
#include "mlir/IR/BuiltinOps.h"

namespace memwall {

/// Applies every schedule that `why` offers to a clone of `module`, which
/// `tree` was built from, and takes over what the result moves: a rewritten
/// program may share fewer buffers than the tree of the plan says. Offers that
/// cannot be applied, or that do not help after all, go. Weights that are
/// packed ahead are not looked at.
void holdOffers(mlir::ModuleOp module, const LoopTree &tree,
                const Target &target, Accuracy accuracy, Explanation &why);

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_HOLDOFFERS_H
