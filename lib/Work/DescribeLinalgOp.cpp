//===- DescribeLinalgOp.cpp - LinalgOps as WorkNests ----------------------===//

#include "Describe.h"
#include "EnumerateIndices.h"
#include "FindMasks.h"
#include "memwall/Work/CountArithmetic.h"
#include "memwall/Work/IndexAnalysis.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace memwall {

namespace {

/// Describes one op over one box. The box is that of the op, or that with some
/// dimensions split, so that floordiv and mod by constants become affine.
class LinalgDescriber {
public:
  LinalgDescriber(linalg::LinalgOp op, const BodySlice &slice)
      : op(op), slice(slice), body(*op.getBlock()) {}

  SmallVector<WorkNest, 1> describe();
  /// What `described`, the one nest that the op is, computes.
  BodyExpression describeBody(const WorkNest &described) const;

private:
  bool addOperands();
  bool addDims();
  bool split(const llvm::MapVector<unsigned, int64_t> &splits);
  void setArguments(IndexAnalysis &analysis) const;
  bool addAccesses(IndexAnalysis &analysis);
  bool addLoad(Operation *load, IndexAnalysis &analysis);
  void addMapped(OpOperand &operand, unsigned position, bool isWrite,
                 IndexAnalysis &analysis);

  linalg::LinalgOp op;
  const BodySlice &slice;
  Block &body;
  WorkNest nest;
  /// Position in nest.operands of every shaped op operand.
  llvm::DenseMap<unsigned, unsigned> positions;
  /// Every dimension of the op over the box.
  SmallVector<NestIndex> opDims;
  /// No data decides on a position, so that the nest is over this box.
  bool isAffine = false;
  /// Of every index of every access.
  SmallVector<SmallVector<IndexSource, 4>> sources;
  /// The access of each scalar that the body gets from one, and of each init
  /// the one that writes it.
  llvm::DenseMap<Value, unsigned> reads;
  SmallVector<unsigned> writes;
};

} // namespace

bool LinalgDescriber::addOperands() {
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<ShapedType>(operand.get().getType()))
      continue;
    if (!isCountable(operand.get().getType()))
      return false;
    positions[operand.getOperandNumber()] = addOperand(nest, operand.get());
  }
  return true;
}

/// A dimension is as large as any operand dimension that it indexes alone; a
/// static one is preferred.
bool LinalgDescriber::addDims() {
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  SmallVector<bool> found(iterators.size(), false);
  nest.dims.resize(iterators.size());
  for (OpOperand &operand : op->getOpOperands()) {
    auto position = positions.find(operand.getOperandNumber());
    if (position == positions.end())
      continue;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    ArrayRef<int64_t> shape = nest.operands[position->second].type.getShape();
    for (auto [sourceDim, result] : llvm::enumerate(map.getResults())) {
      auto dim = dyn_cast<AffineDimExpr>(result);
      if (!dim)
        continue;
      NestDim &nestDim = nest.dims[dim.getPosition()];
      bool known = found[dim.getPosition()];
      if (known && (!ShapedType::isDynamic(nestDim.size) ||
                    ShapedType::isDynamic(shape[sourceDim])))
        continue;
      found[dim.getPosition()] = true;
      nestDim.size = shape[sourceDim];
      nestDim.sourceOperand = position->second;
      nestDim.sourceDim = sourceDim;
    }
  }
  for (auto [i, iterator] : llvm::enumerate(iterators)) {
    nest.dims[i].isReduction = iterator != utils::IteratorType::parallel;
    opDims.push_back(makeDimIndex(i));
  }
  return llvm::all_of(found, [](bool isFound) { return isFound; });
}

/// Replaces dimension d of size n by two, d = inner * outer' + inner'.
bool LinalgDescriber::split(const llvm::MapVector<unsigned, int64_t> &splits) {
  SmallVector<NestDim, 6> dims;
  SmallVector<NestIndex> images;
  for (auto [d, dim] : llvm::enumerate(nest.dims)) {
    images.push_back(makeDimIndex(dims.size()));
    dims.push_back(dim);
    auto it = splits.find(d);
    if (it == splits.end() || it->second <= 1 || dim.size % it->second != 0)
      continue;
    images.back().terms = {{dims.size() - 1, it->second}, {dims.size(), 1}};
    dims.back().size = dim.size / it->second;
    dims.push_back(dim);
    dims.back().size = it->second;
  }
  if (dims.size() == nest.dims.size())
    return false;
  for (NestIndex &opDim : opDims) {
    NestIndex image = makeConstantIndex(opDim.constant);
    for (auto [d, coefficient] : opDim.terms)
      for (auto [newDim, factor] : images[d].terms)
        image.terms.push_back({newDim, coefficient * factor});
    opDim = image;
  }
  nest.dims = dims;
  return true;
}

void LinalgDescriber::addMapped(OpOperand &operand, unsigned position,
                                bool isWrite, IndexAnalysis &analysis) {
  NestAccess access;
  access.operand = position;
  access.isWrite = isWrite;
  AffineMap map = op.getMatchingIndexingMap(&operand);
  access.indices = analysis.evaluate(map);
  nest.accesses.push_back(std::move(access));
  sources.emplace_back(map.getResults().begin(), map.getResults().end());
}

/// tensor.extract or memref.load of a whole tensor from inside of the body.
bool LinalgDescriber::addLoad(Operation *load, IndexAnalysis &analysis) {
  Value source = load->getOperand(0);
  if (!isCountable(source.getType()) || source.getParentBlock() == &body)
    return false;
  NestAccess access;
  access.operand = addOperand(nest, source);
  sources.emplace_back();
  for (Value index : load->getOperands().drop_front()) {
    access.indices.push_back(analysis.evaluate(index, body));
    sources.back().push_back(index);
  }
  access.distinctRows = getDistinctRows(load);
  reads[load->getResult(0)] = nest.accesses.size();
  nest.accesses.push_back(std::move(access));
  return true;
}

/// Block arguments are data: what position they give depends on the dims they
/// are indexed by.
void LinalgDescriber::setArguments(IndexAnalysis &analysis) const {
  linalg::LinalgOp linalgOp = op;
  for (OpOperand &operand : linalgOp->getOpOperands()) {
    SmallVector<NestIndex, 4> indices =
        analysis.evaluate(linalgOp.getMatchingIndexingMap(&operand));
    SmallVector<unsigned, 4> dims;
    for (const NestIndex &index : indices)
      llvm::append_range(dims, getDimsOf(index));
    analysis.setValue(linalgOp.getMatchingBlockArgument(&operand),
                      makeGatherIndex(dims));
  }
}

bool LinalgDescriber::addAccesses(IndexAnalysis &analysis) {
  // 1. What the body works on.
  setArguments(analysis);
  // 2. Inputs, then inits, that the body uses.
  SmallVector<uint32_t> results;
  if (op.getNumDpsInits() > 1)
    results = findResults(op);
  for (OpOperand &operand : op->getOpOperands()) {
    BlockArgument argument = op.getMatchingBlockArgument(&operand);
    auto position = positions.find(operand.getOperandNumber());
    if (position == positions.end() ||
        !slice.usesArgument[argument.getArgNumber()])
      continue;
    reads[argument] = nest.accesses.size();
    addMapped(operand, position->second, /*isWrite=*/false, analysis);
    if (!results.empty())
      nest.accesses.back().results = results[argument.getArgNumber()];
  }
  // 3. Loads in the body.
  for (Operation *load : slice.loads)
    if (!addLoad(load, analysis))
      return false;
  // 4. Stores.
  for (OpOperand &init : op.getDpsInitsMutable()) {
    auto position = positions.find(init.getOperandNumber());
    if (position == positions.end())
      return false;
    unsigned target = isa<TensorType>(init.get().getType())
                          ? addOperand(nest, op.getTiedOpResult(&init))
                          : position->second;
    writes.push_back(nest.accesses.size());
    addMapped(init, target, /*isWrite=*/true, analysis);
  }
  return true;
}

/// Empty when the op is not understood.
SmallVector<WorkNest, 1> LinalgDescriber::describe() {
  std::optional<Arithmetic> arithmetic = countBody(body);
  if (!arithmetic || !addOperands() || !addDims())
    return {};
  nest.perIteration = *arithmetic;
  unsigned operandCount = nest.operands.size();
  // Every round that continues has split a dimension; nested divisions need
  // more than one round, real ones never many.
  for (int round = 0; round < 8; ++round) {
    nest.operands.resize(operandCount);
    nest.accesses.clear();
    writes.clear();
    sources.clear();
    SmallVector<int64_t> sizes;
    for (const NestDim &dim : nest.dims)
      sizes.push_back(dim.size);
    IndexAnalysis analysis(sizes, opDims);
    if (!addAccesses(analysis))
      return {};
    if (!split(analysis.getSplits()))
      break;
  }
  isAffine = !hasGather(nest);
  PointEvaluator evaluator(body, /*arguments=*/{});
  return enumerateIndices(std::move(nest), sources, opDims, evaluator);
}

BodyExpression LinalgDescriber::describeBody(const WorkNest &described) const {
  BodyExpression expression = memwall::describeBody(op, reads, writes);
  if (!isAffine)
    return expression;
  SmallVector<int64_t> sizes;
  for (const NestDim &dim : described.dims)
    sizes.push_back(dim.size);
  IndexAnalysis analysis(sizes, opDims);
  setArguments(analysis);
  expression.masks = findMasks(expression, body, analysis);
  // A division would be affine over another box.
  if (!analysis.getSplits().empty())
    expression.masks.clear();
  return expression;
}

std::optional<StructuredOp> describeLinalgOp(linalg::LinalgOp op) {
  std::optional<BodySlice> slice = sliceBody(*op.getBlock());
  if (!slice || op.getNumDpsInits() == 0)
    return std::nullopt;
  StructuredOp described;
  LinalgDescriber describer(op, *slice);
  described.nests = describer.describe();
  if (described.nests.empty())
    return std::nullopt;
  if (described.nests.size() == 1)
    described.body = std::make_shared<const BodyExpression>(
        describer.describeBody(described.nests.front()));
  described.kind = classifyLinalgOp(op, *slice, described.nests.front());
  described.computeType = getComputeType(op, *slice, described.kind);
  return described;
}

} // namespace memwall
