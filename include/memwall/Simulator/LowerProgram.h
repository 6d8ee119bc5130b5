//===- LowerProgram.h - From tensors to loops over memory -------*- C++ -*-===//
//
// Lowers an entry function of a module with upstream passes only, in two steps
// with a place in between for observing every load and store:
//
//   tensors, linalg --lowerToLoops--> loops, memref.load/store
//                   --lowerToLLVM---> the llvm dialect
//
// Upstream's passes are run by name: the tool must have registered them.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_SIMULATOR_LOWERPROGRAM_H
#define MEMWALL_SIMULATOR_LOWERPROGRAM_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinAttributes.h"

namespace mlir {
class ModuleOp;
} // namespace mlir

namespace memwall {

/// An entry function in loops over memrefs. Its arguments are those of the
/// source, followed by one for every constant tensor.
struct LoweredEntry {
  mlir::func::FuncOp function;
  unsigned sourceArguments = 0;
  /// The values of the constants, in program order; for a `dense_resource`
  /// without data, that attribute.
  llvm::SmallVector<mlir::ElementsAttr> constants;
};

/// Makes the entry the only function of `module`: callees are inlined, all
/// other functions dropped, and constant tensors become read-only arguments.
/// Fails with a diagnostic when there is no such entry, or when it has dynamic
/// sizes.
mlir::FailureOr<LoweredEntry> isolateEntry(mlir::ModuleOp module,
                                           llvm::StringRef entry);

/// Brings `module` down to loops over memrefs: callees are inlined and all
/// other functions dropped, constant tensors become read-only arguments,
/// composite ops (softmax, pack, concat) are decomposed, then One-Shot
/// Bufferize and one loop per dimension. Fails with a diagnostic when there is
/// no such entry, when it has dynamic sizes, or when an op has no lowering.
mlir::FailureOr<LoweredEntry> lowerToLoops(mlir::ModuleOp module,
                                           llvm::StringRef entry);

/// Brings a module of loops down to the llvm dialect.
mlir::LogicalResult lowerToLLVM(mlir::ModuleOp module);

} // namespace memwall

#endif // MEMWALL_SIMULATOR_LOWERPROGRAM_H
