//===- LowerToLLVM.h - From scheduled programs to vector code ---*- C++ -*-===//
//
// A program of linalg on tensors, with the loops that schedules left in it,
// becomes vector code in two steps of our own, with upstream's passes between
// and behind them:
//
//   linalg on tensors  --lowerToVectors-->     loops over vectors, on tensors
//                      --upstream-->           the same on memrefs
//                      --lowerVectors-->          what the llvm dialect has
//                      --upstream-->           the llvm dialect
//
// docs/Lowering.md shows what becomes of an op.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LOWERING_LOWERTOLLVM_H
#define MEMWALL_LOWERING_LOWERTOLLVM_H

#include "memwall/Target/RegisterTile.h"
#include "mlir/Support/LLVM.h"

namespace mlir {
class DialectRegistry;
class ModuleOp;
class OpPassManager;
} // namespace mlir

namespace memwall {

/// What vector code is made for.
struct VectorOptions {
  VectorRegisters registers;
  /// Overrides `chooseRegisterTile`; 0: it decides.
  int64_t tileRows = 0, tileVectors = 0;
  /// Threads that the program runs on; with more than one, ops that no schedule
  /// parts are parted.
  int64_t threads = 1;
};

/// Replaces the linalg ops of `module`, on tensors, by loops over vectors where
/// that is possible; what is left is for `convert-linalg-to-loops`. Fails, with
/// an error at the op, where an op that stands for several (softmax, pack, ...)
/// cannot be taken apart, and where upstream cannot put one into memory.
mlir::LogicalResult lowerToVectors(mlir::ModuleOp module,
                                   const VectorOptions &options);

/// Lowers, on memrefs, what vectors do that no register of one dimension does,
/// and math functions to polynomials; copies that are no memcpy to loops.
mlir::LogicalResult lowerVectors(mlir::ModuleOp module);

/// Lets upstream's passes know that the intrinsics of `lowerVectors` touch no
/// memory.
void registerIntrinsicEffects(mlir::DialectRegistry &registry);

/// Adds upstream's passes from the result of `lowerToVectors` to memrefs. The
/// tool must have registered them.
mlir::LogicalResult addBufferization(mlir::OpPassManager &manager);

/// Adds upstream's passes from the result of `lowerVectors` to the llvm
/// dialect, and to OpenMP's for what runs on several `threads`.
mlir::LogicalResult addConversionToLLVM(mlir::OpPassManager &manager,
                                        int64_t threads = 1);

/// Fails, with an error at the first op that is of another dialect than llvm
/// and omp, which translates to LLVM as well.
mlir::LogicalResult checkIsLLVM(mlir::ModuleOp module);

} // namespace memwall

#endif // MEMWALL_LOWERING_LOWERTOLLVM_H
