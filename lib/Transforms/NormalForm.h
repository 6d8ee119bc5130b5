//===- NormalForm.h - The steps of the normal form --------------*- C++ -*-===//
//
// Each step walks all ops below a root once, in program order, leaves pinned
// ops alone and appends what it changed to a log.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRANSFORMS_NORMALFORM_H
#define MEMWALL_LIB_TRANSFORMS_NORMALFORM_H

#include "memwall/Transforms/Normalize.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"

namespace memwall {

using SpellingLog = llvm::SmallVectorImpl<NormalizedSpelling>;

/// Whether somebody decided what `op` is to look like (Normalize.h).
bool isPinned(mlir::Operation *op);

/// All ops of one kind below `root` that are not pinned, in program order.
template <typename OpT>
llvm::SmallVector<OpT> collectFree(mlir::Operation *root) {
  llvm::SmallVector<OpT> found;
  root->walk<mlir::WalkOrder::PreOrder>([&](OpT op) {
    if (!isPinned(op))
      found.push_back(op);
  });
  return found;
}

/// The same for ops on tensors only: `linalg.generic` on memrefs is left alone.
llvm::SmallVector<mlir::linalg::GenericOp>
collectTensorGenerics(mlir::Operation *root);

/// Adds "<op> <what>" at the op to the log.
void log(SpellingLog &log, mlir::Operation *op, const llvm::Twine &what);

/// "linalg.generic at f.mlir:7:10".
std::string describeWithPlace(mlir::Operation *op);

/// Softmax, Winograd transforms and other aggregates as the ops that they
/// stand for; a pack or unpack that moves nothing as a reshape.
void decomposeAggregates(mlir::RewriterBase &rewriter, mlir::Operation *root,
                         SpellingLog &log);

/// Arithmetic on whole tensors, and named ops that do one thing per element
/// or per element and reduction (exp, broadcast, transpose, reduce, map), as
/// linalg.generic. Contractions, convolutions, pooling and fills keep their
/// names.
void spellAsGeneric(mlir::RewriterBase &rewriter, mlir::Operation *root,
                    SpellingLog &log);

/// Drops dimensions of extent 1 from generics and contractions, and folds the
/// reshapes that only add or remove such dimensions.
void dropUnitDims(mlir::RewriterBase &rewriter, mlir::Operation *root,
                  SpellingLog &log);

/// Inputs that hold one value (scalars, splat constants, fills) become that
/// value in the body; generics without inputs become fills; initial content
/// that nothing reads is not made; results that nothing reads are dropped.
void inlineScalars(mlir::RewriterBase &rewriter, mlir::Operation *root,
                   SpellingLog &log);

/// Moves the bodies of elementwise producers into their consumers
/// (MergeElementwise.cpp).
void mergeElementwise(mlir::RewriterBase &rewriter, mlir::Operation *root,
                      SpellingLog &log);

/// A fill that starts several results is made once per result.
void separateFills(mlir::RewriterBase &rewriter, mlir::Operation *root,
                   SpellingLog &log);

/// What is inserted into a tensor that is made of such parts is computed there;
/// concatenations are such tensors.
void insertInPlace(mlir::RewriterBase &rewriter, mlir::Operation *root,
                   SpellingLog &log);

/// Views of one tensor that are equal become one, and so do empty tensors of
/// one size, within a block.
void shareViews(mlir::RewriterBase &rewriter, mlir::Operation *root);

/// Puts views, empty tensors and fills in front of the first op that needs
/// them.
void placeFreeOps(mlir::RewriterBase &rewriter, mlir::Operation *root);

/// Puts the constant numbers of functions to their fronts, in the order in
/// which they are needed, each once.
void placeConstants(mlir::RewriterBase &rewriter, mlir::Operation *root);

/// Inputs in the order in which the body uses them, bodies in the order in
/// which their result needs them, nothing twice; contractions that are spelled
/// as linalg.generic as linalg.contract.
void spellBodies(mlir::RewriterBase &rewriter, mlir::Operation *root);

} // namespace memwall

#endif // MEMWALL_LIB_TRANSFORMS_NORMALFORM_H
