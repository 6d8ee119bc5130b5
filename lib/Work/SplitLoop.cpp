//===- SplitLoop.cpp - Where positions in a loop stop being affine --------===//

#include "SplitLoop.h"
#include "IndexValue.h"
#include "IntegerOps.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace memwall;

/// Parts of a loop: each is a copy of the body in everything that follows.
static constexpr size_t kMostParts = 8;
/// Ranges that are looked at: 8 parts of 2^60 iterations are found among some
/// 1,000.
static constexpr int kMostRanges = 1 << 12;

namespace {

/// A position: a value, or a result of a map.
struct Position {
  Value value;
  AffineExpr expression;
  unsigned dims = 0;
  ValueRange operands;
};

/// A part of the loop, and the values of all positions in it.
struct Part {
  int64_t first, count;
  SmallVector<IndexValue> values;
};

class Splitter {
public:
  Splitter(Block &body, Value inductionVariable, LoopRange range,
           llvm::function_ref<std::optional<int64_t>(Value)> getConstant)
      : body(body), inductionVariable(inductionVariable), range(range),
        getConstant(getConstant) {}

  SmallVector<int64_t> findBreaks();

private:
  void collect(Operation *op);
  IndexValue evaluate(Value value);
  IndexValue evaluate(const Position &position);
  /// Over a part of the iterations.
  SmallVector<IndexValue> evaluateAll(int64_t first, int64_t count);
  void split(int64_t first, int64_t count);
  void append(Part part);

  Block &body;
  Value inductionVariable;
  LoopRange range;
  llvm::function_ref<std::optional<int64_t>(Value)> getConstant;
  SmallVector<Position> positions;
  SmallVector<Part> parts;
  int looked = 0;
  // Of the range that is looked at.
  SmallVector<Loop, 1> loops;
  llvm::DenseMap<Value, IndexValue> known;
};

} // namespace

void Splitter::collect(Operation *op) {
  auto add = [&](ValueRange values) {
    for (Value value : values)
      positions.push_back({value, {}, 0, {}});
  };
  auto addMap = [&](AffineMap map, ValueRange operands) {
    for (AffineExpr result : map.getResults())
      positions.push_back({{}, result, map.getNumDims(), operands});
  };
  if (isa<memref::LoadOp, tensor::ExtractOp>(op))
    add(op->getOperands().drop_front());
  else if (isa<memref::StoreOp, tensor::InsertOp>(op))
    add(op->getOperands().drop_front(2));
  else if (auto load = dyn_cast<affine::AffineReadOpInterface>(op))
    addMap(load.getAffineMap(), load.getMapOperands());
  else if (auto store = dyn_cast<affine::AffineWriteOpInterface>(op))
    addMap(store.getAffineMap(), store.getMapOperands());
  else if (auto slice = dyn_cast<OffsetSizeAndStrideOpInterface>(op))
    add(slice.getOffsets());
}

IndexValue Splitter::evaluate(Value value) {
  if (auto it = known.find(value); it != known.end())
    return it->second;
  IndexValue result = IndexValue::data({});
  APInt constant;
  Operation *op = value.getDefiningOp();
  if (matchPattern(value, m_ConstantInt(&constant))) {
    if (std::optional<int64_t> integer = getInteger(constant))
      result = IndexValue::constant(*integer);
  } else if (!op || !body.getParentOp()->isProperAncestor(op)) {
    result.identity = value.getAsOpaquePointer();
    result.firstInner = 0;
    if (std::optional<int64_t> integer = getConstant(value))
      result = IndexValue::constant(*integer);
  } else if (op->getNumResults() == 1 && value.getType().isIntOrIndex() &&
             llvm::all_of(op->getOperandTypes(),
                          [](Type type) { return type.isIntOrIndex(); })) {
    IndexArithmetic arithmetic(loops);
    SmallVector<IndexValue> operands;
    for (Value operand : op->getOperands())
      operands.push_back(evaluate(operand));
    auto computed = evaluateIntegerOp(arithmetic, op, ArrayRef(operands));
    if (computed && !arithmetic.overflowed)
      result = *computed;
  }
  return known[value] = result;
}

IndexValue Splitter::evaluate(const Position &position) {
  if (position.value)
    return evaluate(position.value);
  SmallVector<IndexValue> operands;
  for (Value operand : position.operands)
    operands.push_back(evaluate(operand));
  IndexArithmetic arithmetic(loops);
  IndexValue value = evaluateExpr(arithmetic, position.expression,
                                  ArrayRef(operands).take_front(position.dims),
                                  ArrayRef(operands).drop_front(position.dims));
  return arithmetic.overflowed ? IndexValue::data({}) : value;
}

SmallVector<IndexValue> Splitter::evaluateAll(int64_t first, int64_t count) {
  ++looked;
  known.clear();
  loops.assign(1, Loop());
  loops[0].extent.emplace_back();
  loops[0].extent[0].constant = loops[0].maxTripCount = count;
  IndexArithmetic arithmetic(loops);
  IndexValue variable =
      count == 1 ? IndexValue::constant(0) : IndexValue::loop(0);
  known[inductionVariable] = arithmetic.add(
      IndexValue::constant(range.first + first * range.step),
      arithmetic.multiply(variable, IndexValue::constant(range.step)));
  SmallVector<IndexValue> values;
  for (const Position &position : positions)
    values.push_back(evaluate(position));
  return values;
}

/// The form of the iteration number that a value is, or that is added to a
/// value from outside of the loop; null for anything else.
static AffineForm *getForm(IndexValue &value) {
  if (value.isAffine())
    return &value.forms.front();
  return !value.isKnown() && value.identity ? &value.moved : nullptr;
}

static bool isResolved(IndexValue &value) { return getForm(value); }

static int64_t getStep(const AffineForm &form) {
  return form.terms.empty() ? 0 : form.terms.front().stride;
}

/// Makes `part` one with the part before it, if all positions go on as there.
void Splitter::append(Part part) {
  if (!parts.empty()) {
    Part &last = parts.back();
    SmallVector<int64_t> steps;
    for (auto [before, after] : llvm::zip_equal(last.values, part.values)) {
      const AffineForm &a = *getForm(before), &b = *getForm(after);
      __int128 gap = (__int128)b.constant - a.constant;
      __int128 step = last.count > 1   ? getStep(a)
                      : part.count > 1 ? getStep(b)
                                       : gap;
      if (gap != step * last.count || (part.count > 1 && getStep(b) != step) ||
          step != (int64_t)step || before.identity != after.identity ||
          before.scale != after.scale)
        break;
      steps.push_back(step);
    }
    if (steps.size() == last.values.size()) {
      SmallVector<IndexValue> both =
          evaluateAll(last.first, last.count + part.count);
      // Their ranges may hide from the builder that they are affine.
      if (llvm::all_of(both, isResolved)) {
        last.values = std::move(both);
        last.count += part.count;
        return;
      }
    }
  }
  parts.push_back(std::move(part));
}

void Splitter::split(int64_t first, int64_t count) {
  if (looked > kMostRanges || parts.size() > kMostParts)
    return;
  SmallVector<IndexValue> values = evaluateAll(first, count);
  if (!llvm::all_of(values, isResolved)) {
    if (count == 1) {
      looked = kMostRanges + 1;
      return;
    }
    split(first, count / 2);
    split(first + count / 2, count - count / 2);
    return;
  }
  append({first, count, std::move(values)});
}

SmallVector<int64_t> Splitter::findBreaks() {
  body.walk([&](Operation *op) { collect(op); });
  // 1. Positions that are affine somewhere, and not everywhere.
  SmallVector<IndexValue> one = evaluateAll(0, 1);
  SmallVector<IndexValue> all = evaluateAll(0, range.trips);
  SmallVector<Position> open;
  for (auto [i, position] : llvm::enumerate(positions))
    if (isResolved(one[i]) && !isResolved(all[i]))
      open.push_back(position);
  positions = std::move(open);
  if (positions.empty())
    return {};
  // 2. The parts.
  split(0, range.trips);
  SmallVector<int64_t> breaks;
  if (looked > kMostRanges || parts.size() > kMostParts)
    return breaks;
  for (const Part &part : ArrayRef(parts).drop_front())
    breaks.push_back(part.first);
  return breaks;
}

SmallVector<int64_t> memwall::findBreaks(
    Block &body, Value inductionVariable, LoopRange range,
    llvm::function_ref<std::optional<int64_t>(Value)> getConstant) {
  return Splitter(body, inductionVariable, range, getConstant).findBreaks();
}

//===----------------------------------------------------------------------===//
// Loops over positions that are divided
//===----------------------------------------------------------------------===//

/// A divisor of a sum in which the induction variable stands: quotient and
/// remainder are affine in a loop that is split by it, if what else is added is
/// a multiple of it.
static void collectDivisors(AffineMap map, ValueRange operands,
                            Value inductionVariable,
                            llvm::SmallSetVector<int64_t, 4> &divisors) {
  map.walkExprs([&](AffineExpr expression) {
    auto binary = dyn_cast<AffineBinaryOpExpr>(expression);
    if (!binary ||
        !llvm::is_contained({AffineExprKind::FloorDiv, AffineExprKind::Mod},
                            binary.getKind()))
      return;
    auto divisor = dyn_cast<AffineConstantExpr>(binary.getRHS());
    if (!divisor || divisor.getValue() <= 1)
      return;
    bool isIn = false, isShifted = false;
    binary.getLHS().walk([&](AffineExpr part) {
      if (auto dim = dyn_cast<AffineDimExpr>(part))
        isIn |= operands[dim.getPosition()] == inductionVariable;
      else if (auto sum = dyn_cast<AffineBinaryOpExpr>(part);
               sum && sum.getKind() == AffineExprKind::Add)
        if (auto constant = dyn_cast<AffineConstantExpr>(sum.getRHS()))
          isShifted |= constant.getValue() % divisor.getValue() != 0;
    });
    if (isIn && !isShifted)
      divisors.insert(divisor.getValue());
  });
}

/// What the body divides the induction variable by, or a sum of it and other
/// variables: the heads that share a KV head, `%h floordiv 4`.
static llvm::SmallSetVector<int64_t, 4> findDivisors(Value inductionVariable) {
  llvm::SmallSetVector<int64_t, 4> divisors;
  llvm::SmallSetVector<Value, 4> sums;
  sums.insert(inductionVariable);
  for (size_t i = 0; i < sums.size(); ++i) {
    Value value = sums[i];
    for (OpOperand &use : value.getUses()) {
      Operation *user = use.getOwner();
      APInt constant;
      bool hasConstant =
          user->getNumOperands() == 2 &&
          matchPattern(user->getOperand(1), m_ConstantInt(&constant));
      if (isa<arith::DivSIOp, arith::DivUIOp, arith::FloorDivSIOp,
              arith::RemSIOp, arith::RemUIOp>(user)) {
        if (hasConstant && use.getOperandNumber() == 0 && constant.sgt(1) &&
            constant.getSignificantBits() <= 64)
          divisors.insert(constant.getSExtValue());
      } else if (isa<arith::AddIOp>(user) && !hasConstant && sums.size() < 16) {
        sums.insert(user->getResult(0));
      } else if (auto apply = dyn_cast<affine::AffineApplyOp>(user)) {
        collectDivisors(apply.getAffineMap(), apply.getMapOperands(), value,
                        divisors);
      } else if (auto load = dyn_cast<affine::AffineReadOpInterface>(user)) {
        collectDivisors(load.getAffineMap(), load.getMapOperands(), value,
                        divisors);
      } else if (auto store = dyn_cast<affine::AffineWriteOpInterface>(user)) {
        collectDivisors(store.getAffineMap(), store.getMapOperands(), value,
                        divisors);
      }
    }
  }
  return divisors;
}

SmallVector<int64_t, 2> memwall::findInnerTrips(Value inductionVariable,
                                                const IndexValue &lower,
                                                const IndexValue &extent,
                                                int64_t step) {
  constexpr size_t kMostInner = 3;
  SmallVector<int64_t, 2> inner;
  std::optional<int64_t> constant = extent.getConstant();
  if (!constant || lower.getConstant() != 0 || *constant % step != 0)
    return inner;
  int64_t trips = *constant / step, size = 1;
  SmallVector<int64_t> divisors = findDivisors(inductionVariable).takeVector();
  llvm::sort(divisors);
  for (int64_t divisor : divisors) {
    int64_t next = divisor / step;
    if (divisor % step != 0 || next <= size || next % size != 0 ||
        next >= trips || trips % next != 0 || inner.size() == kMostInner)
      continue;
    inner.push_back(next / size);
    size = next;
  }
  return inner;
}
