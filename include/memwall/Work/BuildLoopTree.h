//===- BuildLoopTree.h - From IR to LoopTree --------------------*- C++ -*-===//
//
// Reads a function of structured ops, loops, views and calls and says what it
// executes. Nothing in the IR is changed.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_WORK_BUILDLOOPTREE_H
#define MEMWALL_WORK_BUILDLOOPTREE_H

#include "memwall/Work/LoopTree.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Support/LLVM.h"

namespace mlir {
class ModuleOp;
} // namespace mlir

namespace memwall {

/// Builds the tree of `function`, with the bodies of the functions it calls in
/// place of the calls. Fails, with one diagnostic at the op, on dynamic
/// dimensions (bind them first, BindDims.h), recursive calls, and counts that
/// do not fit 64 bits. What is not understood is in `LoopTree::unmodelled`.
mlir::FailureOr<LoopTree> buildLoopTree(mlir::FunctionOpInterface function);

/// The functions with a body that nothing in the module calls, in order.
llvm::SmallVector<mlir::FunctionOpInterface>
getEntryFunctions(mlir::ModuleOp module);

} // namespace memwall

#endif // MEMWALL_WORK_BUILDLOOPTREE_H
