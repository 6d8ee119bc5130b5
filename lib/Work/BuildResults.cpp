//===- BuildResults.cpp - Where results of structured ops live ------------===//

#include "Leaf.h"
#include "TensorUses.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"

using namespace mlir;
using namespace memwall;

static bool isStorageType(Type type) {
  return isa<ShapedType>(type) && !isa<VectorType>(type);
}

/// Extent of dimension `dim` of the dims that the nests write `result` over;
/// data when it is not known that way.
static IndexValue
findWrittenExtent(const StructuredOp &described, OpResult result, unsigned dim,
                  llvm::function_ref<IndexValue(Value, unsigned)> getExtent) {
  for (const WorkNest &nest : described.nests)
    for (const NestAccess &access : nest.accesses) {
      if (!access.isWrite || nest.operands[access.operand].value != result ||
          access.indices[dim].terms.size() != 1)
        continue;
      const NestDim &over = nest.dims[access.indices[dim].terms.front().first];
      if (!ShapedType::isDynamic(over.size))
        return IndexValue::constant(over.size);
      Value source = nest.operands[over.sourceOperand].value;
      if (source != result)
        return getExtent(source, over.sourceDim);
    }
  return IndexValue::data({});
}

/// Extent of dimension `dim` of a result whose op says how it follows from
/// sizes and operands, or data.
IndexValue LoopTreeBuilder::getStatedExtent(Operation *op, unsigned dim) {
  auto getExtent = [&](Value value) {
    IndexValue extent;
    if (const View *view = getView(value))
      extent.forms = view->dims[dim].extent;
    return extent;
  };
  if (auto pad = dyn_cast<tensor::PadOp>(op))
    return arithmetic.add(getExtent(pad.getSource()),
                          arithmetic.add(getIndex(pad.getMixedLowPad()[dim]),
                                         getIndex(pad.getMixedHighPad()[dim])));
  if (auto concat = dyn_cast<tensor::ConcatOp>(op)) {
    if (concat.getDim() != dim)
      return getExtent(concat.getInputs().front());
    IndexValue sum = IndexValue::constant(0);
    for (Value input : concat.getInputs())
      sum = arithmetic.add(sum, getExtent(input));
    return sum;
  }
  if (isa<tensor::GenerateOp, tensor::SplatOp>(op)) {
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    unsigned position = type.getDynamicDimIndex(dim);
    return getIndex(isa<tensor::SplatOp>(op) ? op->getOperand(position + 1)
                                             : op->getOperand(position));
  }
  return IndexValue::data({});
}

/// Fresh storage for a result that no operand could give storage to.
FailureOr<std::optional<View>>
LoopTreeBuilder::makeResultStorage(const Leaf &leaf, OpResult result) {
  auto type = cast<ShapedType>(result.getType());
  auto getExtent = [&](Value value, unsigned dim) {
    IndexValue extent;
    if (const View *view = getView(value))
      extent.forms = view->dims[dim].extent;
    return extent;
  };
  SmallVector<IndexValue> dynamic;
  if (type.hasRank())
    for (int64_t dim = 0, rank = type.getRank(); dim < rank; ++dim)
      if (type.isDynamicDim(dim)) {
        dynamic.push_back(getStatedExtent(leaf.op, dim));
        if (!dynamic.back().isKnown())
          dynamic.back() =
              findWrittenExtent(leaf.described, result, dim, getExtent);
      }
  return makeStorage(leaf.op, type, dynamic, BufferKind::Intermediate);
}

/// The operand whose storage a result takes over where that is possible.
static OpOperand *getTiedOperand(Operation *op, OpResult result) {
  if (auto destination = dyn_cast<DestinationStyleOpInterface>(op))
    return destination.getTiedOpOperand(result);
  return isa<tensor::ScatterOp>(op) ? &op->getOpOperand(1)
                                    : findReusedOperand(op);
}

/// Decides on the storage of every result; false when it is not known how
/// large one is.
LoopTreeBuilder::Handled LoopTreeBuilder::placeResults(Leaf &leaf) {
  for (OpResult result : leaf.op->getResults()) {
    leaf.results.emplace_back();
    if (!isStorageType(result.getType()))
      continue;
    if (OpOperand *tied = getTiedOperand(leaf.op, result)) {
      FailureOr<View> view = getDestination(*tied, leaf.record);
      if (failed(view))
        return failure();
      leaf.results.back() = std::move(*view);
    } else {
      FailureOr<std::optional<View>> view = makeResultStorage(leaf, result);
      if (failed(view))
        return failure();
      if (!*view)
        return false;
      leaf.results.back() = std::move(**view);
    }
    leaf.results.back().isDefined = true;
    leaf.results.back().isFill = leaf.described.kind == OpKind::Fill;
  }
  // What the nests of an op without destinations leave as it was.
  for (auto [result, operand] : leaf.described.partialResults)
    if (!getTiedOperand(leaf.op, leaf.op->getResult(result)))
      if (failed(addCopy(leaf.op, leaf.record,
                         *getView(leaf.op->getOperand(operand)),
                         leaf.results[result])))
        return failure();
  return true;
}
