//===- SpellAsGeneric.cpp - Elementwise ops as linalg.generic -------------===//
//
//   %y = math.exp %x : tensor<8x64xf32>
//   // becomes
//   %y = linalg.generic {(i, j) -> (i, j), (i, j) -> (i, j)}
//            ins(%x) outs(%empty) { linalg.yield (math.exp %in) }
//
//===----------------------------------------------------------------------===//

#include "NormalForm.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace memwall;

/// Whether `op` is arithmetic that works on tensors element by element.
static bool isTensorArithmetic(Operation *op) {
  auto isPlainTensor = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && !tensor.getEncoding();
  };
  return OpTrait::hasElementwiseMappableTraits(op) &&
         op->getNumResults() == 1 &&
         isPlainTensor(op->getResultTypes().front()) &&
         llvm::all_of(op->getOperandTypes(), [&](Type type) {
           return isPlainTensor(type) || !isa<ShapedType>(type);
         });
}

/// `op` on elements instead of tensors; operands that are no tensors are the
/// same for all elements.
static void spellArithmetic(RewriterBase &rewriter, Operation *op) {
  rewriter.setInsertionPoint(op);
  Location location = op->getLoc();
  auto isTensor = [](Value value) {
    return isa<RankedTensorType>(value.getType());
  };
  auto inputs =
      llvm::to_vector(llvm::make_filter_range(op->getOperands(), isTensor));
  auto type = cast<RankedTensorType>(op->getResultTypes().front());
  Value empty = tensor::EmptyOp::create(
      rewriter, location, tensor::getMixedSizes(rewriter, location, inputs[0]),
      type.getElementType());
  int64_t rank = type.getRank();
  SmallVector<AffineMap> maps(inputs.size() + 1,
                              rewriter.getMultiDimIdentityMap(rank));
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  auto body = [&](OpBuilder &builder, Location location, ValueRange arguments) {
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(isTensor(operand) ? arguments[operands.size()]
                                           : operand);
    OperationState state(location, op->getName(), operands,
                         type.getElementType(), op->getAttrs());
    Operation *scalar = builder.create(state);
    for (NamedAttribute attribute : op->getDiscardableAttrs())
      scalar->removeDiscardableAttr(attribute.getName());
    linalg::YieldOp::create(builder, location, scalar->getResults());
  };
  auto generic = linalg::GenericOp::create(rewriter, location, type, inputs,
                                           empty, maps, iterators, body);
  generic->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  rewriter.replaceOp(op, generic);
}

/// Named ops that have no more to say than their maps and bodies.
static bool isElementwiseByName(linalg::LinalgOp op) {
  Operation *operation = op.getOperation();
  if (isa<linalg::GenericOp, linalg::FillOp, linalg::FillRng2DOp>(operation))
    return false;
  return op.hasPureTensorSemantics() &&
         (isa<linalg::MapOp, linalg::ReduceOp, linalg::TransposeOp,
              linalg::BroadcastOp, linalg::CopyOp, linalg::ElementwiseOp>(
              operation) ||
          linalg::isElementwise(op));
}

void memwall::spellAsGeneric(RewriterBase &rewriter, Operation *root,
                             SpellingLog &log) {
  SmallVector<Operation *> arithmetic;
  SmallVector<linalg::LinalgOp> named;
  root->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isPinned(op))
      return;
    if (isTensorArithmetic(op))
      arithmetic.push_back(op);
    else if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
             linalgOp && isElementwiseByName(linalgOp))
      named.push_back(linalgOp);
  });
  for (Operation *op : arithmetic) {
    memwall::log(log, op, "on tensors is written as linalg.generic");
    spellArithmetic(rewriter, op);
  }
  for (linalg::LinalgOp op : named) {
    rewriter.setInsertionPoint(op);
    DictionaryAttr attributes = op->getDiscardableAttrDictionary();
    NormalizedSpelling entry = {
        op.getLoc(),
        (op->getName().getStringRef() + " is written as linalg.generic").str()};
    FailureOr<linalg::GenericOp> generic =
        linalg::generalizeNamedOp(rewriter, op);
    if (failed(generic))
      continue;
    (*generic)->setDiscardableAttrs(attributes);
    log.push_back(std::move(entry));
  }
}
