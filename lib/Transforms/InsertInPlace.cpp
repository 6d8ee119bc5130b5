//===- InsertInPlace.cpp - Parts are made where they belong ---------------===//
//
//   %h = linalg.generic ... outs(%e : tensor<8x64xf32>)
//   %w = tensor.insert_slice %h into %d[0, 64] [8, 64] [1, 1]
//   // becomes
//   %s = tensor.extract_slice %d[0, 64] [8, 64] [1, 1]
//   %h = linalg.generic ... outs(%s : tensor<8x64xf32>)
//   %w = tensor.insert_slice %h into %d[0, 64] [8, 64] [1, 1]
//
// which bufferization makes in the storage of %d, without a copy: the halves of
// a rotated head, the inputs of a concatenation.
//
//===----------------------------------------------------------------------===//

#include "NormalForm.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace memwall;

/// Concatenations as tensors into which the inputs are inserted.
static void decomposeConcats(RewriterBase &rewriter, Operation *root) {
  for (auto concat : collectFree<tensor::ConcatOp>(root)) {
    if (!concat.getType().hasStaticShape())
      continue;
    rewriter.setInsertionPoint(concat);
    FailureOr<SmallVector<Value>> parts = concat.decomposeOperation(rewriter);
    if (succeeded(parts))
      rewriter.replaceOp(concat, *parts);
  }
}

namespace {
/// What makes the source of an insertion, through reshapes.
struct PartMaker {
  linalg::LinalgOp op;
  OpOperand *init = nullptr;
  SmallVector<Operation *> reshapes; ///< The last first.
};
} // namespace

/// An op that starts from nothing and makes `part` for nobody else. What
/// somebody decided about it (`isPinned`) stays true wherever its result is.
static std::optional<PartMaker> findMaker(Value part) {
  PartMaker maker;
  while (part.hasOneUse()) {
    Operation *producer = part.getDefiningOp();
    if (isa_and_nonnull<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(
            producer)) {
      auto type = cast<ShapedType>(part.getType());
      if (isa<tensor::CollapseShapeOp>(producer) && !type.hasStaticShape())
        return std::nullopt;
      maker.reshapes.push_back(producer);
      part = producer->getOperand(0);
      continue;
    }
    maker.op = dyn_cast_or_null<linalg::LinalgOp>(producer);
    if (!maker.op || !maker.op.hasPureTensorSemantics())
      return std::nullopt;
    maker.init =
        maker.op.getDpsInitOperand(cast<OpResult>(part).getResultNumber());
    if (maker.op.payloadUsesValueFromOperand(maker.init) ||
        !maker.init->get().getDefiningOp<tensor::EmptyOp>())
      return std::nullopt;
    return maker;
  }
  return std::nullopt;
}

/// Whether `whole` has no content but the parts that are inserted into it, each
/// version of it once, so that nobody sees a part too early.
static bool isMadeOfParts(Value whole) {
  while (auto insert = whole.getDefiningOp<tensor::InsertSliceOp>())
    whole = insert.getDest();
  return whole.getDefiningOp<tensor::EmptyOp>() != nullptr;
}

/// Moves `op`, and what it needs, in front of `before`; false where it needs
/// something that is behind it.
static bool moveInFront(RewriterBase &rewriter, Operation *op,
                        Operation *before) {
  if (op->getBlock() != before->getBlock() || op->isBeforeInBlock(before))
    return op->getBlock() == before->getBlock();
  if (!isa<tensor::EmptyOp, tensor::InsertSliceOp, tensor::ExpandShapeOp,
           tensor::CollapseShapeOp>(op))
    return false;
  for (Value operand : op->getOperands())
    if (Operation *needed = operand.getDefiningOp())
      if (needed->getBlock() == before->getBlock() &&
          !moveInFront(rewriter, needed, before))
        return false;
  rewriter.moveOpBefore(op, before);
  return true;
}

/// `value` in the shape that `reshape` was given.
static Value undo(RewriterBase &rewriter, Operation *reshape, Value value) {
  auto type = cast<RankedTensorType>(reshape->getOperand(0).getType());
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(reshape))
    return tensor::CollapseShapeOp::create(rewriter, reshape->getLoc(), type,
                                           value,
                                           expand.getReassociationIndices());
  auto collapse = cast<tensor::CollapseShapeOp>(reshape);
  return tensor::ExpandShapeOp::create(rewriter, reshape->getLoc(), type, value,
                                       collapse.getReassociationIndices());
}

void memwall::insertInPlace(RewriterBase &rewriter, Operation *root,
                            SpellingLog &log) {
  decomposeConcats(rewriter, root);
  for (auto insert : collectFree<tensor::InsertSliceOp>(root)) {
    std::optional<PartMaker> maker = findMaker(insert.getSource());
    // An empty tensor that is shared is as good as one that is not.
    Value whole = insert.getDest();
    bool isOwn =
        whole.hasOneUse() || whole.getDefiningOp<tensor::EmptyOp>() != nullptr;
    if (!maker || !isOwn || !isMadeOfParts(whole) ||
        !moveInFront(rewriter, whole.getDefiningOp(), maker->op))
      continue;
    rewriter.setInsertionPoint(maker->op);
    if (auto empty = whole.getDefiningOp<tensor::EmptyOp>();
        empty && !whole.hasOneUse()) {
      whole = rewriter.clone(*empty)->getResult(0);
      rewriter.modifyOpInPlace(insert,
                               [&] { insert.getDestMutable().assign(whole); });
    }
    Value part = tensor::ExtractSliceOp::create(
        rewriter, insert.getLoc(), insert.getSourceType(), whole,
        insert.getMixedOffsets(), insert.getMixedSizes(),
        insert.getMixedStrides());
    for (Operation *reshape : maker->reshapes)
      part = undo(rewriter, reshape, part);
    if (part.getType() != maker->init->get().getType())
      continue;
    rewriter.modifyOpInPlace(maker->op, [&] { maker->init->set(part); });
    memwall::log(log, maker->op, "is computed where it is inserted");
  }
}
