//===- DescribeMove.cpp - Ops that move whole tensors ---------------------===//

#include "Describe.h"
#include "memwall/Work/CountArithmetic.h"
#include "memwall/Work/ElementType.h"
#include "memwall/Work/IndexAnalysis.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/CheckedArithmetic.h"

using namespace mlir;

namespace memwall {

static NestAccess makeAccess(unsigned operand, bool isWrite,
                             SmallVector<NestIndex, 4> indices) {
  NestAccess access;
  access.operand = operand;
  access.isWrite = isWrite;
  access.indices = std::move(indices);
  return access;
}

static StructuredOp makeMove(OpKind kind, Type type) {
  StructuredOp described;
  described.kind = kind;
  described.computeType = getElementTypeName(getElementTypeOrSelf(type));
  return described;
}

/// Reads all of operand `from`, writes it at `offsets` of operand `to`.
static WorkNest makeCopy(const WorkNest &operands, unsigned from, unsigned to,
                         ArrayRef<int64_t> offsets) {
  WorkNest nest = operands;
  addDimsOf(nest, from);
  SmallVector<NestIndex, 4> target = makeIdentity(nest.dims.size());
  for (auto [index, offset] : llvm::zip_equal(target, offsets))
    index.constant = offset;
  nest.accesses = {makeAccess(from, false, makeIdentity(nest.dims.size())),
                   makeAccess(to, true, std::move(target))};
  return nest;
}

/// Writes all of operand `to`.
static WorkNest makeFill(const WorkNest &operands, unsigned to) {
  WorkNest nest = operands;
  addDimsOf(nest, to);
  nest.accesses = {makeAccess(to, true, makeIdentity(nest.dims.size()))};
  return nest;
}

/// One-Shot Bufferize fills the whole result and copies the source into it.
static std::optional<StructuredOp> describePad(tensor::PadOp op) {
  std::optional<Arithmetic> arithmetic = countBody(*op.getBody());
  std::optional<BodySlice> slice = sliceBody(*op.getBody());
  if (!arithmetic || !slice || !slice->loads.empty())
    return std::nullopt;
  WorkNest operands;
  unsigned source = addOperand(operands, op.getSource());
  unsigned result = addOperand(operands, op.getResult());
  StructuredOp described = makeMove(OpKind::Copy, op.getType());
  described.nests.push_back(makeFill(operands, result));
  described.nests.back().perIteration = *arithmetic;
  // Offsets that are values are added by name.
  SmallVector<int64_t> offsets;
  for (int64_t low : op.getStaticLow())
    offsets.push_back(ShapedType::isDynamic(low) ? 0 : low);
  described.nests.push_back(makeCopy(operands, source, result, offsets));
  NestAccess &store = described.nests.back().accesses.back();
  for (auto [index, low] : llvm::zip_equal(store.indices, op.getMixedLowPad()))
    if (auto value = dyn_cast<Value>(low))
      index.outerTerms.push_back({value, 1});
  return described;
}

static std::optional<StructuredOp> describeConcat(tensor::ConcatOp op) {
  WorkNest operands;
  for (Value input : op.getInputs())
    addOperand(operands, input);
  unsigned result = addOperand(operands, op.getResult());
  if (operands.operands[result].type.isDynamicDim(op.getDim()))
    return std::nullopt;
  StructuredOp described = makeMove(OpKind::Copy, op.getType());
  SmallVector<int64_t> offsets(op.getRank(), 0);
  for (unsigned input = 0; input < result; ++input) {
    int64_t &offset = offsets[op.getDim()];
    if (ShapedType::isDynamic(offset))
      return std::nullopt;
    described.nests.push_back(makeCopy(operands, input, result, offsets));
    int64_t extent = operands.operands[input].type.getDimSize(op.getDim());
    offset = ShapedType::isDynamic(extent) ? extent : offset + extent;
  }
  return described;
}

/// The indexed side of gather and scatter: the dimensions `indexed` depend on
/// all batch dims [0, batchRank), the others are dims of the box, in order.
static SmallVector<NestIndex, 4> makeIndexed(unsigned rank, unsigned batchRank,
                                             ArrayRef<int64_t> indexed) {
  SmallVector<unsigned, 4> batch;
  for (unsigned d = 0; d < batchRank; ++d)
    batch.push_back(d);
  SmallVector<NestIndex, 4> indices;
  unsigned next = batchRank;
  for (unsigned d = 0; d < rank; ++d)
    indices.push_back(llvm::is_contained(indexed, d) ? makeGatherIndex(batch)
                                                     : makeDimIndex(next++));
  return indices;
}

/// A gather from `whole` (operand 0) to `slices`, or with `scatters` back. The
/// slices have the batch dims of the coordinates first, then those of `whole`,
/// with the indexed ones 1 or left out.
static std::optional<StructuredOp>
describeIndexed(WorkNest nest, unsigned whole, unsigned coordinates,
                unsigned slices, ArrayRef<int64_t> indexed, bool scatters) {
  unsigned wholeRank = nest.operands[whole].type.getRank();
  ShapedType slicesType = nest.operands[slices].type;
  unsigned batchRank = nest.operands[coordinates].type.getRank() - 1;
  bool isReduced =
      slicesType.getRank() != static_cast<int64_t>(batchRank + wholeRank);
  SmallVector<NestIndex, 4> sliceIndices;
  auto addDim = [&] {
    unsigned sliceDim = sliceIndices.size();
    sliceIndices.push_back(makeDimIndex(nest.dims.size()));
    nest.dims.push_back(
        {slicesType.getDimSize(sliceDim), slices, sliceDim, false});
  };
  for (unsigned d = 0; d < batchRank; ++d)
    addDim();
  for (unsigned d = 0; d < wholeRank; ++d) {
    if (!llvm::is_contained(indexed, d))
      addDim();
    else if (!isReduced)
      sliceIndices.push_back(makeConstantIndex(0));
  }
  if (sliceIndices.size() != static_cast<size_t>(slicesType.getRank()))
    return std::nullopt;
  if (scatters)
    nest.accesses.push_back(makeAccess(slices, false, sliceIndices));
  for (unsigned i = 0; i < indexed.size(); ++i) {
    SmallVector<NestIndex, 4> position = makeIdentity(batchRank);
    position.push_back(makeConstantIndex(i));
    nest.accesses.push_back(makeAccess(coordinates, false, position));
  }
  nest.accesses.push_back(
      makeAccess(whole, scatters, makeIndexed(wholeRank, batchRank, indexed)));
  if (!scatters)
    nest.accesses.push_back(makeAccess(slices, true, sliceIndices));
  StructuredOp described = makeMove(OpKind::Gather, slicesType);
  described.nests.push_back(std::move(nest));
  return described;
}

/// No two of the rows that a gather or scatter names are the same.
static void markUnique(StructuredOp &described, unsigned table) {
  WorkNest &nest = described.nests.front();
  for (NestAccess &access : nest.accesses)
    for (NestIndex &index : access.indices)
      if (access.operand == table && index.gatherDims) {
        // With several coordinates only all of them together are unique.
        bool isAlone = llvm::count_if(access.indices, [](auto &other) {
                         return other.gatherDims.has_value();
                       }) == 1;
        int64_t rows = 1;
        for (unsigned dim : *index.gatherDims)
          if (int64_t size = nest.dims[dim].size; !ShapedType::isDynamic(size))
            rows = llvm::checkedMul(rows, size).value_or(rows);
        index.distinct = isAlone ? std::max<int64_t>(rows, 1) : 1;
      }
}

static std::optional<StructuredOp> describeGather(tensor::GatherOp op) {
  WorkNest nest;
  unsigned source = addOperand(nest, op.getSource());
  unsigned coordinates = addOperand(nest, op.getIndices());
  unsigned result = addOperand(nest, op.getResult());
  auto described =
      describeIndexed(nest, source, coordinates, result, op.getGatherDims(),
                      /*scatters=*/false);
  if (described)
    for (NestAccess &access : described->nests.front().accesses)
      if (access.operand == source)
        access.distinctRows = getDistinctRows(op);
  if (described && op.getUnique())
    markUnique(*described, source);
  return described;
}

static std::optional<StructuredOp> describeScatter(tensor::ScatterOp op) {
  WorkNest nest;
  unsigned source = addOperand(nest, op.getSource());
  addOperand(nest, op.getDest());
  unsigned coordinates = addOperand(nest, op.getIndices());
  unsigned result = addOperand(nest, op.getResult());
  std::optional<StructuredOp> described =
      describeIndexed(nest, result, coordinates, source, op.getScatterDims(),
                      /*scatters=*/true);
  if (described && op.getUnique())
    markUnique(*described, result);
  if (described)
    described->partialResults.push_back({0, 1});
  return described;
}

static StructuredOp describeCopy(Value source, Value target) {
  WorkNest operands;
  unsigned from = addOperand(operands, source);
  unsigned to = addOperand(operands, target);
  SmallVector<int64_t> offsets(operands.operands[from].type.getRank(), 0);
  StructuredOp described = makeMove(OpKind::Copy, source.getType());
  described.nests.push_back(makeCopy(operands, from, to, offsets));
  return described;
}

std::optional<StructuredOp> describeMove(Operation *op) {
  auto isTensorOrBuffer = [](Type type) { return isa<ShapedType>(type); };
  for (TypeRange types :
       {TypeRange(op->getOperandTypes()), TypeRange(op->getResultTypes())})
    for (Type type : llvm::make_filter_range(types, isTensorOrBuffer))
      if (!isCountable(type))
        return std::nullopt;
  if (auto pad = dyn_cast<tensor::PadOp>(op))
    return describePad(pad);
  if (auto concat = dyn_cast<tensor::ConcatOp>(op))
    return describeConcat(concat);
  if (auto gather = dyn_cast<tensor::GatherOp>(op))
    return describeGather(gather);
  if (auto scatter = dyn_cast<tensor::ScatterOp>(op))
    return describeScatter(scatter);
  if (auto copy = dyn_cast<memref::CopyOp>(op))
    return describeCopy(copy.getSource(), copy.getTarget());
  if (auto clone = dyn_cast<bufferization::CloneOp>(op))
    return describeCopy(clone.getInput(), clone.getOutput());
  if (auto splat = dyn_cast<tensor::SplatOp>(op)) {
    WorkNest operands;
    unsigned result = addOperand(operands, splat.getResult());
    StructuredOp described = makeMove(OpKind::Fill, splat.getType());
    described.nests.push_back(makeFill(operands, result));
    return described;
  }
  return std::nullopt;
}

} // namespace memwall
