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
/// dimensions of arguments (bind them first, BindDims.h), recursive calls, and
/// sizes, positions or counts that do not fit 64 bits.
///
/// What is not understood is in `LoopTree::unmodelled`, with its location:
///  - loops whose bounds depend on data, and an scf.while whose condition does
///    not compare a counter with what the loop leaves alone, unless an integer
///    attribute `memwall.trip_count` on the loop says how often it runs;
///  - scf.if and the like, unless the condition is a constant or compares
///    affine forms of induction variables (what is under it is then a loop that
///    runs once or not at all); a branch between blocks;
///  - calls of functions without a body that a tensor or memref goes through
///    (other such calls, clocks and prints, are nothing);
///  - sparse tensors, sizes that depend on data, and every op that touches data
///    and that nobody describes.
/// Control flow of that kind is not looked into. Other such ops are, where what
/// is inside is understood; else they read their operands and write their
/// results, once, under a record of kind Unmodelled. Memory that they hand out,
/// and what comes from no operand, is storage of kind Argument, named
/// "<op>#result" (docs/Model.md, "Unknown ops").
///
/// Not work, and not listed: sizes, constants, index arithmetic, allocations,
/// and scalar arithmetic outside of loops that is on no loaded value.
mlir::FailureOr<LoopTree> buildLoopTree(mlir::FunctionOpInterface function);

/// The first file location that `location` has, "file.mlir:12:8", or "unknown".
std::string printLocation(mlir::Location location);

/// The functions with a body that nothing in the module calls, in order.
llvm::SmallVector<mlir::FunctionOpInterface>
getEntryFunctions(mlir::ModuleOp module);

} // namespace memwall

#endif // MEMWALL_WORK_BUILDLOOPTREE_H
