//===- ChainModule.h - Modules of any number of operations ------*- C++ -*-===//

#ifndef MEMWALL_BENCH_CHAINMODULE_H
#define MEMWALL_BENCH_CHAINMODULE_H

#include "memwall/Work/LoopTree.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace memwall {

/// A function of `ops` structured ops on 64x64 f32 tensors, each of which reads
/// the result of the one before: a fill, a product with one of eight weights,
/// an elementwise op, and again.
mlir::OwningOpRef<mlir::ModuleOp> buildChainModule(mlir::MLIRContext &context,
                                                   int64_t ops);

/// The trees of all functions that nothing calls; aborts where there is none.
llvm::SmallVector<LoopTree, 1> buildTrees(mlir::ModuleOp module);

} // namespace memwall

#endif // MEMWALL_BENCH_CHAINMODULE_H
