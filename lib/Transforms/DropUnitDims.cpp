//===- DropUnitDims.cpp - Dimensions of extent 1 are not written ----------===//
//
//   %m = linalg.generic {(i, j, k) -> (i, j, 0)} ... : tensor<1x8x64xf32>
//   // becomes
//   %c = tensor.collapse_shape %x : tensor<1x8x64xf32> into tensor<8x64xf32>
//   %m = linalg.generic {(j, k) -> (j)} ... : tensor<8x64xf32>
//   %e = tensor.expand_shape %m ...
//
// and the reshapes of ops that follow one another cancel.
//
//===----------------------------------------------------------------------===//

#include "NormalForm.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace memwall;

/// The dimensions of extent 1. One reduction stays where all of them have
/// extent 1: a contraction stays one.
static SmallVector<unsigned> findUnitDims(linalg::LinalgOp op,
                                          bool keepsReduction) {
  SmallVector<unsigned> dims;
  std::optional<unsigned> kept;
  bool hasLongReduction = false;
  for (auto [dim, extent] : llvm::enumerate(op.getStaticLoopRanges())) {
    bool isReduction =
        op.getIteratorTypesArray()[dim] == utils::IteratorType::reduction;
    if (extent == 1)
      dims.push_back(dim);
    if (isReduction && extent == 1)
      kept = dim;
    hasLongReduction |= isReduction && extent != 1;
  }
  if (keepsReduction && kept && !hasLongReduction)
    llvm::erase(dims, *kept);
  return dims;
}

/// A contraction without some dimensions, as linalg.contract.
static IndexingMapOpInterface
buildContraction(linalg::LinalgOp op, Location location, OpBuilder &builder,
                 ArrayRef<Value> operands, ArrayRef<AffineMap> maps) {
  SmallVector<NamedAttribute> attributes;
  if (Attribute cast = op->getAttr("cast"))
    attributes.push_back(builder.getNamedAttr("cast", cast));
  auto made = linalg::ContractOp::create(
      builder, location, operands.back().getType(), operands.drop_back(),
      operands.back(), builder.getAffineMapArrayAttr(maps), attributes);
  return cast<IndexingMapOpInterface>(made.getOperation());
}

/// Drops unit dimensions of one op, which is another one then; whether there
/// were any.
static bool dropFrom(RewriterBase &rewriter, linalg::LinalgOp &op) {
  bool isContraction = !isa<linalg::GenericOp>(op.getOperation());
  SmallVector<unsigned> dims = findUnitDims(op, isContraction);
  if (dims.empty())
    return false;
  linalg::ControlDropUnitDims control;
  control.controlFn = [&](Operation *) { return dims; };
  auto buildContract = [&](Location location, OpBuilder &builder,
                           IndexingMapOpInterface, ArrayRef<Value> operands,
                           ArrayRef<AffineMap> maps,
                           const llvm::SmallDenseSet<unsigned> &) {
    return buildContraction(op, location, builder, operands, maps);
  };
  rewriter.setInsertionPoint(op);
  FailureOr<linalg::DropUnitDimsResult> dropped =
      isContraction
          ? linalg::dropUnitDims(
                rewriter, cast<IndexingMapOpInterface>(op.getOperation()),
                buildContract, control)
          : linalg::dropUnitDims(
                rewriter, cast<linalg::GenericOp>(op.getOperation()), control);
  if (failed(dropped))
    return false;
  dropped->resultOp->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  rewriter.replaceOp(op, dropped->replacements);
  op = cast<linalg::LinalgOp>(dropped->resultOp.getOperation());
  return true;
}

/// The groups of dimensions that become the dimensions in `kept`.
static SmallVector<ReassociationIndices> groupAround(ArrayRef<int64_t> kept,
                                                     int64_t rank) {
  SmallVector<ReassociationIndices> groups(kept.size());
  for (int64_t dim = 0, group = 0; dim < rank && !kept.empty(); ++dim) {
    if (group + 1 < static_cast<int64_t>(kept.size()) && dim == kept[group + 1])
      ++group;
    groups[group].push_back(dim);
  }
  return groups;
}

namespace {
/// An operand without the dimensions in which the op only uses element 0,
/// because there is one.
struct NarrowOperand {
  Value value;
  AffineMap map;
  /// Of the dimensions of the operand; empty where nothing was dropped.
  std::optional<SmallVector<ReassociationIndices>> groups;
};
} // namespace

static NarrowOperand narrow(RewriterBase &rewriter, linalg::GenericOp op,
                            OpOperand &operand) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  NarrowOperand narrow = {operand.get(), map, std::nullopt};
  auto type = dyn_cast<RankedTensorType>(operand.get().getType());
  if (!type || type.getEncoding())
    return narrow;
  SmallVector<int64_t> kept, shape;
  SmallVector<AffineExpr> results;
  for (auto [dim, index] : llvm::enumerate(map.getResults())) {
    if (isa<AffineConstantExpr>(index) && type.getDimSize(dim) == 1)
      continue;
    kept.push_back(dim);
    shape.push_back(type.getDimSize(dim));
    results.push_back(index);
  }
  if (results.size() == map.getNumResults())
    return narrow;
  narrow.groups = groupAround(kept, type.getRank());
  narrow.value = tensor::CollapseShapeOp::create(
      rewriter, op.getLoc(),
      RankedTensorType::get(shape, type.getElementType()), operand.get(),
      *narrow.groups);
  narrow.map =
      AffineMap::get(map.getNumDims(), 0, results, rewriter.getContext());
  return narrow;
}

/// The op with operands that have no dimensions in which it only uses element
/// 0; itself when they have none.
static linalg::GenericOp dropConstantIndices(RewriterBase &rewriter,
                                             linalg::GenericOp op) {
  rewriter.setInsertionPoint(op);
  SmallVector<NarrowOperand> operands;
  for (OpOperand &operand : op->getOpOperands())
    operands.push_back(narrow(rewriter, op, operand));
  if (llvm::none_of(operands, [](const NarrowOperand &each) {
        return each.groups.has_value();
      }))
    return op;
  SmallVector<AffineMap> maps = llvm::map_to_vector(
      operands, [](const NarrowOperand &each) { return each.map; });
  SmallVector<Value> values = llvm::map_to_vector(
      operands, [](const NarrowOperand &each) { return each.value; });
  ValueRange inits = ValueRange(values).drop_front(op.getNumDpsInputs());
  auto made = linalg::GenericOp::create(
      rewriter, op.getLoc(), inits.getTypes(),
      ValueRange(values).take_front(op.getNumDpsInputs()), inits, maps,
      op.getIteratorTypesArray());
  made->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  rewriter.inlineRegionBefore(op.getRegion(), made.getRegion(),
                              made.getRegion().begin());
  SmallVector<Value> results;
  for (auto [number, result] : llvm::enumerate(made->getResults())) {
    const auto &groups = operands[op.getNumDpsInputs() + number].groups;
    results.push_back(groups ? tensor::ExpandShapeOp::create(
                                   rewriter, op.getLoc(),
                                   op.getResultTypes()[number], result, *groups)
                                   .getResult()
                             : Value(result));
  }
  rewriter.replaceOp(op, results);
  return made;
}

/// Contractions of two tensors by multiplication and addition, which
/// linalg.contract can say.
static bool isNamedContraction(linalg::LinalgOp op) {
  return !isa<linalg::GenericOp>(op.getOperation()) &&
         op->getNumOperands() == 3 && linalg::isaContractionOpInterface(op);
}

void memwall::dropUnitDims(RewriterBase &rewriter, Operation *root,
                           SpellingLog &log) {
  for (linalg::LinalgOp op : collectFree<linalg::LinalgOp>(root)) {
    if (!op.hasPureTensorSemantics() ||
        (!isa<linalg::GenericOp>(op.getOperation()) && !isNamedContraction(op)))
      continue;
    NormalizedSpelling entry = {op.getLoc(),
                                (op->getName().getStringRef() +
                                 " is written without dimensions of extent 1")
                                    .str()};
    bool isChanged = dropFrom(rewriter, op);
    if (auto generic = dyn_cast<linalg::GenericOp>(op.getOperation())) {
      linalg::GenericOp narrow = dropConstantIndices(rewriter, generic);
      isChanged |= narrow != generic;
    }
    if (isChanged)
      log.push_back(std::move(entry));
  }
}
