//===- BodyExpression.cpp - Bodies of linalg ops as plain data ------------===//

#include "memwall/Work/BodyExpression.h"
#include "Describe.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace memwall {

/// The number that `attribute` is; none for vectors and complex numbers.
static std::optional<double> readNumber(Attribute attribute) {
  if (auto number = dyn_cast<FloatAttr>(attribute)) {
    APFloat value = number.getValue();
    bool isInexact;
    value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                  &isInexact);
    return value.convertToDouble();
  }
  // True is 1, and not -1.
  if (auto number = dyn_cast<IntegerAttr>(attribute))
    return number.getValue().roundToDouble(
        /*isSigned=*/number.getValue().getBitWidth() > 1);
  return std::nullopt;
}

static ScalarKind getKind(Operation *op) {
  using Kind = ScalarKind;
  return llvm::TypeSwitch<Operation *, Kind>(op)
      .Case<arith::AddFOp, arith::AddIOp>([](auto) { return Kind::Add; })
      .Case<arith::SubFOp, arith::SubIOp>([](auto) { return Kind::Subtract; })
      .Case<arith::MulFOp, arith::MulIOp>([](auto) { return Kind::Multiply; })
      .Case<arith::DivFOp>([](auto) { return Kind::Divide; })
      .Case<arith::NegFOp>([](auto) { return Kind::Negate; })
      .Case<math::ExpOp>([](auto) { return Kind::Exp; })
      .Case<math::Exp2Op>([](auto) { return Kind::Exp2; })
      .Case<math::LogOp>([](auto) { return Kind::Log; })
      .Case<arith::MaximumFOp, arith::MaxNumFOp, arith::MaxSIOp,
            arith::MaxUIOp>([](auto) { return Kind::Maximum; })
      .Case<arith::MinimumFOp, arith::MinNumFOp, arith::MinSIOp,
            arith::MinUIOp>([](auto) { return Kind::Minimum; })
      .Case<arith::SelectOp>([](auto) { return Kind::Select; })
      .Case<arith::ExtFOp, arith::TruncFOp>(
          [](auto) { return Kind::FloatCast; })
      // Of truth values.
      .Case<arith::AndIOp>([](arith::AndIOp op) {
        return op.getType().isInteger(1) ? Kind::Minimum : Kind::Other;
      })
      .Case<arith::OrIOp>([](arith::OrIOp op) {
        return op.getType().isInteger(1) ? Kind::Maximum : Kind::Other;
      })
      .Default([](auto) { return Kind::Other; });
}

/// `Combiner::None` for what is no combiner.
static Combiner getCombiner(ScalarKind kind) {
  switch (kind) {
  case ScalarKind::Add:
    return Combiner::Add;
  case ScalarKind::Maximum:
    return Combiner::Maximum;
  case ScalarKind::Minimum:
    return Combiner::Minimum;
  case ScalarKind::Multiply:
    return Combiner::Multiply;
  default:
    return Combiner::None;
  }
}

namespace {

/// Writes down one body.
class BodyWriter {
public:
  BodyWriter(linalg::LinalgOp op, const llvm::DenseMap<Value, unsigned> &reads)
      : op(op), body(*op.getBlock()), reads(reads) {}

  BodyExpression write(ArrayRef<unsigned> writes);

private:
  unsigned addNode(Value value, ScalarNode node);
  unsigned addComputed(Operation *scalar, Value value);
  unsigned addLoad(Operation *load);
  unsigned addInput(Value value);
  /// The node of a value; adds those of values from outside of the body.
  unsigned getNode(Value value);
  bool isIndex(unsigned node) const {
    ScalarKind kind = result.nodes[node].kind;
    return kind == ScalarKind::Index || kind == ScalarKind::Outside ||
           kind == ScalarKind::Constant;
  }
  BodyResult describeResult(unsigned number);
  void removeDeadNodes();

  linalg::LinalgOp op;
  Block &body;
  const llvm::DenseMap<Value, unsigned> &reads;
  BodyExpression result;
  llvm::DenseMap<Value, unsigned> numbers;
  /// Values that depend on what some init holds.
  llvm::DenseSet<Value> ofInits;
};

} // namespace

unsigned BodyWriter::addNode(Value value, ScalarNode node) {
  unsigned number = result.nodes.size();
  numbers[value] = number;
  result.nodes.push_back(std::move(node));
  return number;
}

static ScalarNode makeNode(ScalarKind kind, Operation *op) {
  ScalarNode node;
  node.kind = kind;
  node.operation = op;
  if (op)
    node.name = op->getName().getStringRef().str();
  return node;
}

unsigned BodyWriter::addInput(Value value) {
  auto read = reads.find(value);
  ScalarNode node;
  if (read != reads.end()) {
    node.kind = ScalarKind::Input;
    node.access = read->second;
  }
  return addNode(value, std::move(node));
}

unsigned BodyWriter::getNode(Value value) {
  auto known = numbers.find(value);
  if (known != numbers.end())
    return known->second;
  auto argument = dyn_cast<BlockArgument>(value);
  if (argument && argument.getOwner() == &body) {
    OpOperand *operand = op.getMatchingOpOperand(argument);
    if (!op.isScalar(operand))
      return addInput(value);
    unsigned number = getNode(operand->get());
    numbers[value] = number;
    return number;
  }
  // Values of the body are added in its order: this one is from outside.
  Operation *scalar = value.getDefiningOp();
  ScalarNode node = makeNode(ScalarKind::Outside, scalar);
  if (auto constant = dyn_cast_or_null<arith::ConstantOp>(scalar))
    if (std::optional<double> number = readNumber(constant.getValue())) {
      node.kind = ScalarKind::Constant;
      node.constant = *number;
    }
  return addNode(value, std::move(node));
}

/// What a load gives is what its access reads. Where data decides on which
/// element that is, the load is a function of this data too.
unsigned BodyWriter::addLoad(Operation *load) {
  Value value = load->getResult(0);
  SmallVector<unsigned, 3> operands;
  for (Value position : load->getOperands().drop_front())
    operands.push_back(getNode(position));
  unsigned input = addInput(value);
  if (llvm::all_of(operands, [&](unsigned node) { return isIndex(node); }))
    return input;
  ScalarNode node = makeNode(ScalarKind::Other, load);
  node.operands = {input};
  llvm::append_range(node.operands, operands);
  return addNode(value, std::move(node));
}

unsigned BodyWriter::addComputed(Operation *scalar, Value value) {
  ScalarNode node = makeNode(getKind(scalar), scalar);
  for (Value operand : scalar->getOperands())
    node.operands.push_back(getNode(operand));
  auto isInteger = [](Type type) { return type.isIntOrIndex(); };
  if (isInteger(value.getType()) && isMemoryEffectFree(scalar) &&
      llvm::all_of(scalar->getOperandTypes(),
                   [&](Type type) {
                     return isInteger(type) || isa<ShapedType>(type);
                   }) &&
      llvm::all_of(node.operands, [&](unsigned n) { return isIndex(n); }))
    node.kind = ScalarKind::Index;
  if (auto constant = dyn_cast<arith::ConstantOp>(scalar))
    if (std::optional<double> number = readNumber(constant.getValue())) {
      node.kind = ScalarKind::Constant;
      node.constant = *number;
    }
  return addNode(value, std::move(node));
}

/// combiner(init, value) or combiner(value, init) of an init that nothing else
/// depends on; else what is stored.
BodyResult BodyWriter::describeResult(unsigned number) {
  Value stored = body.getTerminator()->getOperand(number);
  Value init = op.getRegionOutputArgs()[number];
  BodyResult described;
  described.value = getNode(stored);
  if (!ofInits.contains(stored))
    return described;
  described.combiner = Combiner::Other;
  Operation *scalar = stored.getDefiningOp();
  Combiner combiner = scalar ? getCombiner(getKind(scalar)) : Combiner::None;
  if (combiner == Combiner::None)
    return described;
  Value lhs = scalar->getOperand(0), rhs = scalar->getOperand(1);
  Value value = lhs == init ? rhs : rhs == init ? lhs : Value();
  if (value && !ofInits.contains(value)) {
    described.combiner = combiner;
    described.value = getNode(value);
  }
  return described;
}

/// Keeps what results are computed from, in the same order.
void BodyWriter::removeDeadNodes() {
  SmallVector<bool> isLive(result.nodes.size(), false);
  for (const BodyResult &stored : result.results)
    isLive[stored.value] = true;
  for (size_t i = result.nodes.size(); i-- > 0;)
    if (isLive[i])
      for (unsigned operand : result.nodes[i].operands)
        isLive[operand] = true;
  SmallVector<unsigned> renumbered(result.nodes.size(), 0);
  unsigned next = 0;
  for (auto [i, node] : llvm::enumerate(result.nodes)) {
    renumbered[i] = next;
    if (!isLive[i])
      continue;
    for (unsigned &operand : node.operands)
      operand = renumbered[operand];
    if (next != i)
      result.nodes[next] = std::move(node);
    ++next;
  }
  result.nodes.resize(next);
  for (BodyResult &stored : result.results)
    stored.value = renumbered[stored.value];
}

BodyExpression BodyWriter::write(ArrayRef<unsigned> writes) {
  ofInits.insert_range(op.getRegionOutputArgs());
  for (Operation &scalar : body.without_terminator()) {
    bool isOfInit = llvm::any_of(scalar.getOperands(), [&](Value operand) {
      return ofInits.contains(operand);
    });
    bool isLoad = isa<tensor::ExtractOp, memref::LoadOp>(scalar);
    for (Value value : scalar.getResults()) {
      if (isOfInit)
        ofInits.insert(value);
      isLoad ? addLoad(&scalar) : addComputed(&scalar, value);
    }
  }
  for (auto [number, access] : llvm::enumerate(writes)) {
    result.results.push_back(describeResult(number));
    result.results.back().write = access;
  }
  removeDeadNodes();
  return std::move(result);
}

BodyExpression describeBody(linalg::LinalgOp op,
                            const llvm::DenseMap<Value, unsigned> &reads,
                            ArrayRef<unsigned> writes) {
  return BodyWriter(op, reads).write(writes);
}

} // namespace memwall
