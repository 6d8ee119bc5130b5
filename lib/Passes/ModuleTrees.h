//===- ModuleTrees.h - A module as loop trees -------------------*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_MODULETREES_H
#define MEMWALL_LIB_PASSES_MODULETREES_H

#include "memwall/Passes/BindDims.h"
#include "memwall/Work/LoopTree.h"
// Binding dimensions builds ops of these: every pass that binds depends on
// them.
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace memwall {

/// The functions that nothing calls, as loop trees, in order.
struct ModuleTrees {
  /// What the trees refer to when dimensions were bound in a copy.
  mlir::OwningOpRef<mlir::ModuleOp> copy;
  llvm::SmallVector<LoopTree, 1> trees;
};

/// The function called `name`, which may lie in a module inside of `module`
/// (gpu.func in gpu.module); null when there is none.
mlir::FunctionOpInterface findFunction(mlir::ModuleOp module,
                                       llvm::StringRef name);

/// Binds the elements of a `dims` option in `module`; emits what is wrong.
mlir::LogicalResult bindDims(mlir::ModuleOp module,
                             llvm::ArrayRef<std::string> dims);

/// Builds the trees of `module` as it is. Fails, with a diagnostic, on dynamic
/// dimensions of arguments, on recursion, and where buildLoopTree does.
mlir::FailureOr<ModuleTrees> buildModuleTrees(mlir::ModuleOp module);

/// The same after binding `dims` in a copy; `module` stays as it is.
mlir::FailureOr<ModuleTrees> buildModuleTrees(mlir::ModuleOp module,
                                              llvm::ArrayRef<std::string> dims);

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_MODULETREES_H
