//===- SplitIntoScalarOps.cpp - One op per scalar operation ---------------===//
//
// %r = linalg.generic { %a = mulf %x, %y; %b = addf %a, %z; yield %b }
//   ==>
// %a = linalg.generic { mulf %x, %y }
// %r = linalg.generic { addf %a, %z }
//
// Casts, constants and index arithmetic are repeated in every op that needs
// them: they are no FLOP, and a front end would not store them.
//
//===----------------------------------------------------------------------===//

#include "Emitter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/CastInterfaces.h"

using namespace mlir;
using namespace memwall;

namespace {

/// Splits one op; see the head of this file.
class Splitter {
public:
  Splitter(RewriterBase &rewriter, linalg::GenericOp op)
      : rewriter(rewriter), op(op), loops(op.getNumLoops()) {
    for (OpOperand *input : op.getDpsInputOperands())
      tensors[op.getMatchingBlockArgument(input)] = {
          input->get(), op.getMatchingIndexingMap(input)};
  }

  SmallVector<Value> run() {
    Block &body = *op.getBody();
    for (Operation &scalar : body.without_terminator())
      if (!isFree(&scalar) && !isYieldedSoon(scalar.getResult(0)))
        tensors[scalar.getResult(0)] = {emit(scalar.getResult(0), Value()),
                                        rewriter.getMultiDimIdentityMap(loops)};
    SmallVector<Value> results;
    for (auto [yielded, output] :
         llvm::zip_equal(body.getTerminator()->getOperands(), op.getDpsInits()))
      results.push_back(emit(yielded, output));
    rewriter.replaceOp(op, results);
    return results;
  }

private:
  struct Source {
    Value tensor;
    AffineMap map;
  };

  /// Repeated wherever its value is needed.
  static bool isFree(Operation *scalar) {
    return isa<CastOpInterface, arith::ConstantOp, linalg::IndexOp>(scalar) ||
           scalar->getResult(0).getType().isIndex() ||
           isa<arith::CmpIOp>(scalar);
  }
  /// The yielded value, or what only a cast to it uses.
  static bool isYieldedSoon(Value value) {
    while (value.hasOneUse()) {
      Operation *user = *value.user_begin();
      if (isa<linalg::YieldOp>(user))
        return true;
      if (!isa<CastOpInterface>(user))
        return false;
      value = user->getResult(0);
    }
    return false;
  }
  /// An op before wrote the whole result, to storage as good as the output.
  bool isStored(Value yielded, Value output) {
    return !isa<BlockArgument>(yielded) && tensors.contains(yielded) &&
           output.getDefiningOp<tensor::EmptyOp>();
  }
  /// Block arguments and results of earlier ops that `value` is computed from,
  /// and the scalar ops on the way, in order. `value` itself is computed.
  void collect(Value value, bool isRoot, SetVector<Value> &leaves,
               SetVector<Operation *> &scalars) {
    if (!isRoot && tensors.contains(value)) {
      leaves.insert(value);
      return;
    }
    Operation *scalar = value.getDefiningOp();
    if (!scalar || scalar->getBlock() != op.getBody())
      return;
    for (Value operand : scalar->getOperands())
      collect(operand, false, leaves, scalars);
    scalars.insert(scalar);
  }
  /// One op that computes `value`, into `output` if there is one.
  Value emit(Value value, Value output) {
    SetVector<Value> leaves;
    SetVector<Operation *> scalars;
    collect(value, /*isRoot=*/!tensors.contains(value), leaves, scalars);
    rewriter.setInsertionPoint(op);
    if (!output)
      output = tensor::EmptyOp::create(
          rewriter, op.getLoc(),
          cast<RankedTensorType>(op.getResult(0).getType()).getShape(),
          value.getType());
    SmallVector<Value> inputs;
    SmallVector<AffineMap> maps;
    for (Value leaf : leaves) {
      inputs.push_back(tensors[leaf].tensor);
      maps.push_back(tensors[leaf].map);
    }
    maps.push_back(rewriter.getMultiDimIdentityMap(loops));
    SmallVector<utils::IteratorType> iterators(loops,
                                               utils::IteratorType::parallel);
    auto result = linalg::GenericOp::create(
        rewriter, op.getLoc(), TypeRange{output.getType()}, inputs, output,
        maps, iterators,
        [&](OpBuilder &builder, Location loc, ValueRange arguments) {
          IRMapping mapping;
          mapping.map(leaves.getArrayRef(), arguments.drop_back());
          for (Operation *scalar : scalars)
            builder.clone(*scalar, mapping);
          linalg::YieldOp::create(builder, loc, mapping.lookupOrDefault(value));
        });
    result->setDiscardableAttrs(op->getDiscardableAttrDictionary());
    return result.getResult(0);
  }

  RewriterBase &rewriter;
  linalg::GenericOp op;
  unsigned loops;
  llvm::DenseMap<Value, Source> tensors;
};

} // namespace

SmallVector<Value> memwall::splitIntoScalarOps(RewriterBase &rewriter,
                                               linalg::GenericOp op) {
  return Splitter(rewriter, op).run();
}
