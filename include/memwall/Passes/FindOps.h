//===- FindOps.h - Ops as a user names them ---------------------*- C++ -*-===//

#ifndef MEMWALL_PASSES_FINDOPS_H
#define MEMWALL_PASSES_FINDOPS_H

#include "memwall/Report/Report.h"
#include "mlir/IR/BuiltinOps.h"

namespace memwall {

/// An op of one of several trees.
struct FoundOp {
  size_t tree = 0;
  FunctionFigures function; ///< On the one target.
  OpId op = 0;
  size_t matches = 1; ///< Ops with that name.

  const OpFigures &figures() const { return function.ops[op]; }
};

/// The ops that `name` stands for: those with that `memwall.name` or
/// `memwall.step`, that index, or that place ("f.mlir:12", "f.mlir:12:8", with
/// any folders in front left out); all where it is empty. Of several, the one
/// that takes longest on `target` as scheduled, or moves most bytes at DRAM.
/// Emits what is wrong, with the names that there are.
mlir::FailureOr<FoundOp> findCostliestOp(mlir::ModuleOp module,
                                         llvm::ArrayRef<LoopTree> trees,
                                         const Target &target,
                                         ReportOptions options,
                                         llvm::StringRef name);

/// The position of the level called `name`, which is not the innermost one;
/// where `name` is empty, the one that is worth explaining for `op`.
mlir::FailureOr<unsigned> findDepth(mlir::ModuleOp module, const Target &target,
                                    llvm::StringRef name, const OpFigures &op);

} // namespace memwall

#endif // MEMWALL_PASSES_FINDOPS_H
