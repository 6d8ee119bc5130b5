//===- DescribeElements.cpp - Ops given element by element ----------------===//

#include "Describe.h"
#include "EnumerateIndices.h"
#include "memwall/Work/CountArithmetic.h"
#include "memwall/Work/ElementType.h"
#include "memwall/Work/IndexAnalysis.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include "mlir/IR/TypeUtilities.h"
using namespace mlir;

namespace memwall {

static StructuredOp makeDescription(OpKind kind, Type type, WorkNest nest) {
  StructuredOp described;
  described.kind = kind;
  described.computeType = getElementTypeName(getElementTypeOrSelf(type));
  described.nests.push_back(std::move(nest));
  return described;
}

/// One access of operand `operand` at positions computed outside of the op.
static NestAccess makeElementAccess(unsigned operand, bool isWrite,
                                    ValueRange positions) {
  IndexAnalysis analysis({}, {});
  NestAccess access;
  access.operand = operand;
  access.isWrite = isWrite;
  // No value is defined in an op without regions: all are constant or outer.
  Block none;
  for (Value position : positions)
    access.indices.push_back(analysis.evaluate(position, none));
  return access;
}

static StructuredOp describeExtract(tensor::ExtractOp op) {
  WorkNest nest;
  unsigned source = addOperand(nest, op.getTensor());
  nest.accesses.push_back(
      makeElementAccess(source, /*isWrite=*/false, op.getIndices()));
  return makeDescription(OpKind::Copy, op.getType(), std::move(nest));
}

static StructuredOp describeInsert(tensor::InsertOp op) {
  WorkNest nest;
  addOperand(nest, op.getDest());
  unsigned result = addOperand(nest, op.getResult());
  nest.accesses.push_back(
      makeElementAccess(result, /*isWrite=*/true, op.getIndices()));
  StructuredOp described =
      makeDescription(OpKind::Copy, op.getType(), std::move(nest));
  described.partialResults.push_back({0, 1});
  return described;
}

/// One store per element, row-major.
static StructuredOp describeFromElements(tensor::FromElementsOp op) {
  WorkNest nest;
  unsigned result = addOperand(nest, op.getResult());
  ArrayRef<int64_t> shape = op.getType().getShape();
  SmallVector<int64_t> position(shape.size(), 0);
  for (size_t i = 0, e = op.getElements().size(); i < e; ++i) {
    NestAccess store;
    store.operand = result;
    store.isWrite = true;
    for (int64_t coordinate : position)
      store.indices.push_back(makeConstantIndex(coordinate));
    nest.accesses.push_back(std::move(store));
    for (size_t d = shape.size(); d-- > 0;) {
      if (++position[d] < shape[d])
        break;
      position[d] = 0;
    }
  }
  OpKind kind =
      llvm::all_equal(op.getElements()) ? OpKind::Fill : OpKind::Other;
  return makeDescription(kind, op.getType(), std::move(nest));
}

static std::optional<StructuredOp> describeGenerate(tensor::GenerateOp op) {
  Block &body = op.getBody().front();
  std::optional<BodySlice> slice = sliceBody(body);
  std::optional<Arithmetic> arithmetic = countBody(body);
  if (!slice || !arithmetic)
    return std::nullopt;
  WorkNest nest;
  unsigned result = addOperand(nest, op.getResult());
  addDimsOf(nest, result);
  nest.perIteration = *arithmetic;
  SmallVector<int64_t> sizes(op.getType().getShape());
  SmallVector<NestIndex, 4> dims = makeIdentity(sizes.size());
  IndexAnalysis analysis(sizes, dims);
  for (auto [argument, dim] : llvm::zip_equal(body.getArguments(), dims))
    analysis.setValue(argument, dim);
  SmallVector<SmallVector<IndexSource, 4>> sources;
  for (Operation *load : slice->loads) {
    Value source = load->getOperand(0);
    if (!isCountable(source.getType()) || source.getParentBlock() == &body)
      return std::nullopt;
    NestAccess access;
    access.operand = addOperand(nest, source);
    sources.emplace_back();
    for (Value index : load->getOperands().drop_front()) {
      access.indices.push_back(analysis.evaluate(index, body));
      sources.back().push_back(index);
    }
    access.distinctRows = getDistinctRows(load);
    nest.accesses.push_back(std::move(access));
  }
  NestAccess store;
  store.operand = result;
  store.isWrite = true;
  store.indices = dims;
  nest.accesses.push_back(std::move(store));
  PointEvaluator evaluator(body, body.getArguments());
  SmallVector<WorkNest, 1> nests =
      enumerateIndices(std::move(nest), sources, dims, evaluator);
  OpKind kind = hasGather(nests.front())    ? OpKind::Gather
                : slice->arithmetic.empty() ? OpKind::Copy
                                            : OpKind::Elementwise;
  if (slice->loads.empty() &&
      llvm::none_of(slice->usesArgument, [](bool used) { return used; }))
    kind = OpKind::Fill;
  StructuredOp described = makeDescription(kind, op.getType(), {});
  described.nests = std::move(nests);
  return described;
}

std::optional<StructuredOp> describeElementAccess(Operation *op) {
  if (auto extract = dyn_cast<tensor::ExtractOp>(op))
    return isCountable(extract.getTensor().getType())
               ? std::optional(describeExtract(extract))
               : std::nullopt;
  if (!isa<tensor::InsertOp, tensor::FromElementsOp, tensor::GenerateOp>(op) ||
      !isCountable(op->getResult(0).getType()))
    return std::nullopt;
  if (auto insert = dyn_cast<tensor::InsertOp>(op))
    return describeInsert(insert);
  if (auto elements = dyn_cast<tensor::FromElementsOp>(op))
    return describeFromElements(elements);
  return describeGenerate(cast<tensor::GenerateOp>(op));
}

/// arith and math ops are defined on tensors element by element.
std::optional<StructuredOp> describeElementwise(Operation *op) {
  std::optional<Arithmetic> arithmetic = countArithmetic(op);
  if (!OpTrait::hasElementwiseMappableTraits(op) || !arithmetic ||
      op->getNumResults() == 0 ||
      !isa<RankedTensorType>(op->getResult(0).getType()))
    return std::nullopt;
  WorkNest nest;
  nest.perIteration = *arithmetic;
  for (Value value : op->getOperands()) {
    if (!isa<ShapedType>(value.getType()))
      continue;
    if (!isCountable(value.getType()))
      return std::nullopt;
    NestAccess load;
    load.operand = addOperand(nest, value);
    nest.accesses.push_back(std::move(load));
  }
  for (Value value : op->getResults()) {
    if (!isCountable(value.getType()))
      return std::nullopt;
    NestAccess store;
    store.operand = addOperand(nest, value);
    store.isWrite = true;
    nest.accesses.push_back(std::move(store));
  }
  addDimsOf(nest, 0);
  for (NestAccess &access : nest.accesses)
    access.indices = makeIdentity(nest.dims.size());
  Type result = op->getResult(0).getType();
  // A compare computes on what it compares.
  Type computed = arithmetic->flops && !isa<FloatType, ComplexType>(
                                           getElementTypeOrSelf(result))
                      ? op->getOperand(0).getType()
                      : result;
  return makeDescription(OpKind::Elementwise, computed, std::move(nest));
}

} // namespace memwall
