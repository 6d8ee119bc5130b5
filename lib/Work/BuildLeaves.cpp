//===- BuildLeaves.cpp - Structured ops as nests --------------------------===//

#include "Describe.h"
#include "Leaf.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace memwall;

//===----------------------------------------------------------------------===//
// Fills that only start accumulators
//===----------------------------------------------------------------------===//

/// Whether every reader of `value` takes it as the start of an accumulation,
/// through views and loops. `depth` bounds the search.
static bool isOnlyInit(Value value, unsigned depth = 0) {
  bool isCarried = isa<BlockArgument>(value);
  if (depth > 8 || value.use_empty())
    return depth > 0 && depth <= 8;
  return llvm::all_of(value.getUses(), [&](OpOperand &use) {
    Operation *user = use.getOwner();
    if (isa<tensor::DimOp>(user))
      return true;
    // Writing a tile back into the tensor that it was taken from.
    if (auto insert = dyn_cast<tensor::InsertSliceOp>(user))
      return isCarried && use.getOperandNumber() == 1;
    if (isa<tensor::ParallelInsertSliceOp>(user))
      return use.getOperandNumber() == 1;
    if (isa<tensor::ExtractSliceOp, tensor::ExpandShapeOp,
            tensor::CollapseShapeOp, tensor::CastOp>(user))
      return isOnlyInit(user->getResult(0), depth + 1);
    if (auto loop = dyn_cast<scf::ForOp>(user))
      return use.getOperandNumber() >= loop.getNumControlOperands() &&
             isOnlyInit(loop.getTiedLoopRegionIterArg(&use), depth + 1);
    if (auto loop = dyn_cast<scf::ForallOp>(user))
      return isOnlyInit(loop.getTiedBlockArgument(&use), depth + 1);
    auto destination = dyn_cast<DestinationStyleOpInterface>(user);
    return destination && !isa<tensor::InsertOp>(user) &&
           destination.isDpsInit(&use);
  });
}

bool LoopTreeBuilder::isInitFill(Operation *op) {
  return op->getNumResults() > 0 &&
         llvm::all_of(op->getResults(), [](Value v) { return isOnlyInit(v); });
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

/// For every operand of the nests the operand of the op that it is, or none.
static SmallVector<OpOperand *> matchOperands(Operation *op,
                                              const WorkNest &work) {
  SmallVector<OpOperand *> matched;
  unsigned next = 0;
  for (const NestOperand &operand : work.operands) {
    OpOperand *found = nullptr;
    // The same value can be input and init: positions decide.
    for (unsigned i = next; i < op->getNumOperands() && !found; ++i)
      if (operand.value && op->getOperand(i) == operand.value)
        found = &op->getOpOperand(i);
    if (found)
      next = found->getOperandNumber() + 1;
    matched.push_back(found);
  }
  return matched;
}

static void collectLoops(const View &view, SmallVectorImpl<LoopId> &loops) {
  for (const Term &term : view.offset.terms)
    loops.push_back(term.loop);
  for (const GatherTerm &gather : view.gathers)
    loops.append(gather.loops.begin(), gather.loops.end());
}

LogicalResult LoopTreeBuilder::bindLeafOperands(Leaf &leaf) {
  const WorkNest &work = leaf.described.nests.front();
  SmallVector<OpOperand *> matched = matchOperands(leaf.op, work);
  auto destination = dyn_cast<DestinationStyleOpInterface>(leaf.op);
  for (auto [operand, match] : llvm::zip_equal(work.operands, matched)) {
    bool isInit = match && destination && destination.isDpsInit(match);
    View view;
    bool isFill = false, isUndefined = false;
    if (!operand.value) {
      SmallVector<IndexValue> dynamic;
      for (auto [dim, source] : llvm::enumerate(operand.sizeSources))
        if (operand.type.isDynamicDim(dim)) {
          dynamic.emplace_back();
          dynamic.back().forms =
              leaf.operands[source.first].dims[source.second].extent;
        }
      FailureOr<std::optional<View>> fresh =
          makeStorage(leaf.op, operand.type, dynamic, BufferKind::Intermediate);
      if (failed(fresh) || !*fresh)
        return failure();
      view = **fresh;
    } else if (operand.value.getDefiningOp() == leaf.op) {
      view = leaf.results[cast<OpResult>(operand.value).getResultNumber()];
    } else {
      view = *getView(operand.value);
      if (isInit && isa<TensorType>(operand.type)) {
        isFill = view.isFill;
        isUndefined = !view.isDefined;
        view =
            leaf.results[destination.getTiedOpResult(match).getResultNumber()];
      } else if (isInit) {
        isFill = holdsFill(view);
        isUndefined = isNeverWritten(view);
      }
    }
    collectLoops(view, leaf.loops);
    leaf.operands.push_back(std::move(view));
    leaf.isInit.push_back(isInit);
    leaf.isFill.push_back(isFill);
    leaf.isUndefined.push_back(isUndefined);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Nests
//===----------------------------------------------------------------------===//

IndexValue LoopTreeBuilder::evaluate(const Leaf &leaf, const NestIndex &index,
                                     ArrayRef<LoopId> dims) {
  if (index.gatherDims) {
    SmallVector<LoopId> loops(leaf.loops);
    for (unsigned dim : *index.gatherDims)
      loops.push_back(dims[dim]);
    IndexValue data = IndexValue::data(loops);
    data.distinct = index.distinct;
    data.extent = index.extent;
    data.moved.constant = index.constant;
    return data;
  }
  IndexValue value = IndexValue::constant(index.constant);
  for (auto [dim, coefficient] : index.terms)
    value = arithmetic.add(
        value, arithmetic.multiply(IndexValue::loop(dims[dim]),
                                   IndexValue::constant(coefficient)));
  for (auto [outer, coefficient] : index.outerTerms)
    value = arithmetic.add(
        value, arithmetic.multiply(getIndex(outer),
                                   IndexValue::constant(coefficient)));
  return value;
}

/// Adds one nest of an op. `around` are the loops that it shares with the one
/// before; on return those that it shares with the next, `joined` of them.
LogicalResult LoopTreeBuilder::addLeafNest(Leaf &leaf, const WorkNest &work,
                                           SmallVectorImpl<LoopId> &around,
                                           unsigned joined) {
  while (around.size() > work.joined) {
    around.pop_back();
    endLoop();
  }
  Nest nest;
  nest.op = leaf.record;
  nest.perIteration = work.perIteration;
  SmallVector<LoopId> dims(around.begin(), around.end());
  for (const NestDim &dim : ArrayRef(work.dims).drop_front(around.size())) {
    SmallVector<AffineForm, 1> extent =
        ShapedType::isDynamic(dim.size)
            ? leaf.operands[dim.sourceOperand].dims[dim.sourceDim].extent
            : IndexValue::constant(dim.size).forms;
    bool isShared = dims.size() < joined;
    dims.push_back(addLoop(isShared ? LoopKind::Serial : LoopKind::Dimension,
                           extent, 1, dim.isReduction));
    tree.loops[dims.back()].isInnerTile = dim.isInnerTile;
    if (isShared) {
      beginLoop(dims.back());
      around.push_back(dims.back());
    } else {
      nest.loops.push_back(dims.back());
    }
  }
  for (const NestAccess &access : work.accesses) {
    SmallVector<IndexValue, 4> position;
    for (const NestIndex &index : access.indices)
      position.push_back(evaluate(leaf, index, dims));
    const View &view = leaf.operands[access.operand];
    nest.accesses.push_back(makeAccess(view, position, access.isWrite));
    if (failed(setDistinctRows(leaf.op, access.distinctRows, view,
                               nest.accesses.back())))
      return failure();
    nest.accesses.back().results = access.results;
    nest.accesses.back().isNontemporal =
        access.isWrite && storesAround(leaf.op);
    nest.accesses.back().readsFill = !access.isWrite &&
                                     leaf.isInit[access.operand] &&
                                     leaf.isFill[access.operand];
    if (!access.isWrite && leaf.isUndefined[access.operand])
      noteUndefinedRead(leaf.record);
  }
  if (failed(checkOverflow(leaf.op)))
    return failure();
  return addNest(leaf.op, std::move(nest));
}

LoopTreeBuilder::Handled LoopTreeBuilder::visitStructured(Operation *op) {
  std::optional<StructuredOp> described = describeStructuredOp(op);
  if (!described || described->nests.empty())
    return false;
  if (failed(flushScalars()))
    return failure();
  Leaf leaf{op, std::move(*described), 0, {}, {}, {}, {}, {}, {}};
  // 1. What is not understood about an operand is not understood about the op.
  const WorkNest &first = leaf.described.nests.front();
  for (const NestOperand &operand : first.operands)
    if (operand.value && operand.value.getDefiningOp() != op &&
        !getView(operand.value))
      return false;
  // 2. Where the results live.
  leaf.record = addOp(op, leaf.described.kind, leaf.described.computeType);
  size_t nodesBefore = tree.nodes.size();
  Handled placed = placeResults(leaf);
  if (failed(placed))
    return failure();
  if (!*placed) {
    tree.ops.pop_back();
    return false;
  }
  // A copy of a destination would be a second nest of the op.
  if (tree.nodes.size() == nodesBefore)
    tree.ops[leaf.record].body = leaf.described.body;
  // 3. The nests.
  if (failed(bindLeafOperands(leaf)))
    return failure();
  ArrayRef<WorkNest> nests = leaf.described.nests;
  SmallVector<LoopId> around;
  for (auto [i, work] : llvm::enumerate(nests))
    if (failed(addLeafNest(leaf, work, around,
                           i + 1 < nests.size() ? nests[i + 1].joined : 0)))
      return failure();
  for (; !around.empty(); around.pop_back())
    endLoop();
  if (leaf.described.kind == OpKind::Fill && op->getNumResults())
    tree.ops[leaf.record].isInitFill = isInitFill(op);
  for (auto [result, view] : llvm::zip_equal(op->getResults(), leaf.results))
    if (isa<ShapedType>(result.getType()) && !isa<VectorType>(result.getType()))
      setView(result, std::move(view));
    else
      setIndex(result, IndexValue::data(enclosing));
  return true;
}
