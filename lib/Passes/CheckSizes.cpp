//===- CheckSizes.cpp - Sizes that contradict each other ------------------===//
//
// Binding leaves a cast wherever two sizes do not agree, since every op alone
// stays valid:
//
//   %0 = tensor.cast %x : tensor<1000xf32> to tensor<?xf32>
//   %1 = tensor.cast %0 : tensor<?xf32> to tensor<994xf32>
//
//===----------------------------------------------------------------------===//

#include "CheckSizes.h"
#include "memwall/Work/EmitError.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace memwall;

/// The shape of `value` where it was first known.
static ShapedType getOriginalShape(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<tensor::CastOp, memref::CastOp>(op))
      break;
    value = op->getOperand(0);
  }
  auto type = dyn_cast<ShapedType>(value.getType());
  return type && type.hasRank() ? type : ShapedType();
}

static bool disagree(int64_t a, int64_t b) {
  return !ShapedType::isDynamic(a) && !ShapedType::isDynamic(b) && a != b;
}

static LogicalResult reject(Operation *op, const Twine &place, int64_t found,
                            int64_t expected) {
  return emitErrorAt(op, "has sizes that contradict each other: ")
         << place << " is " << found << " and has to be " << expected;
}

/// A cast says what the size has to be further down.
static LogicalResult checkCast(Operation *op) {
  ShapedType from = getOriginalShape(op->getOperand(0));
  auto to = dyn_cast<ShapedType>(op->getResult(0).getType());
  if (!from || !to || !to.hasRank() || from.getRank() != to.getRank())
    return success();
  for (auto [dim, a, b] : llvm::enumerate(from.getShape(), to.getShape()))
    if (disagree(a, b)) {
      // Binding made the cast: the op behind it is the one of the program.
      Operation *reader = op;
      while (isa<tensor::CastOp, memref::CastOp>(reader) && reader->hasOneUse())
        reader = *reader->user_begin();
      return reject(reader, "dimension " + Twine(dim) + " of what it reads", a,
                    b);
    }
  return success();
}

/// All operands have the shape of the first.
static LogicalResult checkElementwise(Operation *op) {
  ShapedType first;
  for (OpOperand &operand : op->getOpOperands()) {
    ShapedType type = getOriginalShape(operand.get());
    if (!type || (first && first.getRank() != type.getRank()))
      continue;
    if (!first)
      first = type;
    for (auto [dim, a, b] : llvm::enumerate(type.getShape(), first.getShape()))
      if (disagree(a, b))
        return reject(op,
                      "dimension " + Twine(dim) + " of operand " +
                          Twine(operand.getOperandNumber()),
                      a, b);
  }
  return success();
}

/// A loop runs over as many elements of every operand.
static LogicalResult checkLinalg(linalg::LinalgOp op) {
  SmallVector<int64_t> extents(op.getNumLoops(), ShapedType::kDynamic);
  for (OpOperand &operand : op->getOpOperands()) {
    ShapedType type = getOriginalShape(operand.get());
    if (!type)
      continue;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (auto [dim, result] : llvm::enumerate(map.getResults())) {
      auto loop = dyn_cast<AffineDimExpr>(result);
      int64_t size = type.getDimSize(dim);
      if (!loop || ShapedType::isDynamic(size))
        continue;
      int64_t &extent = extents[loop.getPosition()];
      if (disagree(size, extent))
        return reject(op,
                      "dimension " + Twine(dim) + " of operand " +
                          Twine(operand.getOperandNumber()),
                      size, extent);
      extent = size;
    }
  }
  return success();
}

/// Only the joined dimension may differ.
static LogicalResult checkConcat(tensor::ConcatOp op) {
  ShapedType first = getOriginalShape(op->getOperand(0));
  for (OpOperand &operand : op->getOpOperands()) {
    ShapedType type = getOriginalShape(operand.get());
    for (auto [dim, a, b] : llvm::enumerate(type.getShape(), first.getShape()))
      if (dim != op.getDim() && disagree(a, b))
        return reject(op,
                      "dimension " + Twine(dim) + " of operand " +
                          Twine(operand.getOperandNumber()),
                      a, b);
  }
  return success();
}

static LogicalResult check(Operation *op) {
  if (isa<tensor::CastOp, memref::CastOp>(op))
    return checkCast(op);
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return checkLinalg(linalgOp);
  if (auto concat = dyn_cast<tensor::ConcatOp>(op))
    return checkConcat(concat);
  if (op->hasTrait<OpTrait::Elementwise>() && op->getNumRegions() == 0)
    return checkElementwise(op);
  return success();
}

LogicalResult memwall::checkSizes(ModuleOp module) {
  WalkResult result = module.walk([](Operation *op) {
    return failed(check(op)) ? WalkResult::interrupt() : WalkResult::advance();
  });
  // What is left are ops whose own verifier compares sizes.
  return failure(result.wasInterrupted() || failed(verify(module)));
}
