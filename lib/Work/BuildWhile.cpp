//===- BuildWhile.cpp - Integers that loops carry, and scf.while ----------===//
//
// A counter is an integer that a loop carries and advances by a constant in
// every iteration: an affine form of the iteration number. An scf.while whose
// condition compares a counter with what the loop does not change is counted.
//
//===----------------------------------------------------------------------===//

#include "IntegerOps.h"
#include "LoopTreeBuilder.h"
#include "RankZero.h"
#include "memwall/Work/EmitError.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace memwall;

/// What `next` adds to `current`, if that is a constant.
static std::optional<int64_t> getAdvance(Value current, Value next) {
  ScalarSource source = findScalarSource(next);
  if (source.value == current)
    return 0;
  auto isCurrent = [&](Value value) {
    return findScalarSource(value).value == current;
  };
  if (isa_and_nonnull<arith::AddIOp>(source.op)) {
    if (isCurrent(source.operands[0]))
      return findScalarConstant(source.operands[1]);
    if (isCurrent(source.operands[1]))
      return findScalarConstant(source.operands[0]);
  }
  if (isa_and_nonnull<arith::SubIOp>(source.op))
    if (std::optional<int64_t> down = findScalarConstant(source.operands[1]);
        down && *down != INT64_MIN && isCurrent(source.operands[0]))
      return -*down;
  return std::nullopt;
}

/// The value of an integer or of a tensor of rank 0.
IndexValue LoopTreeBuilder::getScalar(Value value) {
  std::optional<int64_t> constant = findScalarConstant(value);
  return constant ? IndexValue::constant(*constant) : getIndex(value);
}

/// Says what the integers among the region arguments of a loop are: counters in
/// terms of `iteration`, the number of the iteration, or data.
void LoopTreeBuilder::followCounters(MutableArrayRef<OpOperand> inits,
                                     ValueRange arguments, ValueRange yielded,
                                     const IndexValue &iteration) {
  for (auto [init, argument, next] :
       llvm::zip_equal(inits, arguments, yielded)) {
    if (!isScalarInteger(argument.getType()))
      continue;
    IndexValue value = IndexValue::data(enclosing);
    IndexValue start = getScalar(init.get());
    if (std::optional<int64_t> advance = getAdvance(argument, next);
        advance && start.forms.size() <= 1 && iteration.isAffine())
      value = arithmetic.add(
          start,
          arithmetic.multiply(iteration, IndexValue::constant(*advance)));
    setIndex(argument, std::move(value));
  }
}

/// How often a loop runs that goes on from `start` by `advance` as long as the
/// counter is below `bound` (`predicate`: lt or le), above it (gt or ge), or
/// different (ne); one form per bound of the smallest.
static std::optional<IndexValue>
countSteps(IndexArithmetic &arithmetic, arith::CmpIPredicate predicate,
           const IndexValue &start, const IndexValue &bound, int64_t advance) {
  using P = arith::CmpIPredicate;
  bool isUp = advance > 0;
  IndexValue distance = isUp ? arithmetic.subtract(bound, start)
                             : arithmetic.subtract(start, bound);
  if (!distance.isKnown() || advance == 0 || advance == INT64_MIN)
    return std::nullopt;
  auto isNegative = [&](const AffineForm &form) {
    return arithmetic.getLowerBound(form) < 0;
  };
  if (llvm::is_contained({P::ult, P::ule, P::ugt, P::uge}, predicate) &&
      (llvm::any_of(start.forms, isNegative) ||
       llvm::any_of(bound.forms, isNegative)))
    return std::nullopt;
  int64_t step = std::abs(advance);
  if (predicate == P::ne) {
    // Other steps may miss the bound.
    std::optional<int64_t> constant = distance.getConstant();
    if (!constant || *constant < 0 || *constant % step != 0)
      return std::nullopt;
    return IndexValue::constant(*constant / step);
  }
  bool includes = false;
  if (llvm::is_contained(isUp ? ArrayRef{P::sle, P::ule}
                              : ArrayRef{P::sge, P::uge},
                         predicate))
    includes = true;
  else if (!llvm::is_contained(isUp ? ArrayRef{P::slt, P::ult}
                                    : ArrayRef{P::sgt, P::ugt},
                               predicate))
    return std::nullopt;
  return ceilDivide(arithmetic,
                    includes ? arithmetic.add(distance, IndexValue::constant(1))
                             : distance,
                    IndexValue::constant(step));
}

/// `lhs predicate rhs` is `rhs swapped lhs`.
static arith::CmpIPredicate swapOperands(arith::CmpIPredicate predicate) {
  using P = arith::CmpIPredicate;
  switch (predicate) {
  case P::slt:
    return P::sgt;
  case P::sle:
    return P::sge;
  case P::sgt:
    return P::slt;
  case P::sge:
    return P::sle;
  case P::ult:
    return P::ugt;
  case P::ule:
    return P::uge;
  case P::ugt:
    return P::ult;
  case P::uge:
    return P::ule;
  default:
    return predicate;
  }
}

/// Iterations of an scf.while: what its attribute says, else what its condition
/// says about a counter.
std::optional<IndexValue> LoopTreeBuilder::countWhile(Operation *op) {
  if (auto stated = op->getAttrOfType<IntegerAttr>(kTripCountName))
    return IndexValue::constant(stated.getInt());
  auto loop = cast<scf::WhileOp>(op);
  ScalarSource condition =
      findScalarSource(loop.getConditionOp().getCondition());
  auto compare = dyn_cast_or_null<arith::CmpIOp>(condition.op);
  if (!compare)
    return std::nullopt;
  arith::CmpIPredicate predicate = compare.getPredicate();
  Value counter = findScalarSource(condition.operands[0]).value;
  Value bound = findScalarSource(condition.operands[1]).value;
  if (!llvm::is_contained(loop.getBeforeArguments(), counter)) {
    std::swap(counter, bound);
    predicate = swapOperands(predicate);
  }
  auto argument = dyn_cast<BlockArgument>(counter);
  if (!argument || argument.getOwner() != loop.getBeforeBody() ||
      !(findScalarConstant(bound) ||
        bound.getParentRegion()->isProperAncestor(&loop.getBefore())))
    return std::nullopt;
  unsigned position = argument.getArgNumber();
  std::optional<int64_t> advance = getAdvance(
      loop.getAfterArguments()[position], loop.getYieldedValues()[position]);
  if (!advance)
    return std::nullopt;
  return countSteps(arithmetic, predicate, getScalar(loop.getInits()[position]),
                    getScalar(bound), *advance);
}

/// scf.while runs as often as its trip count attribute or its counter says (the
/// condition once more, which is not counted).
LoopTreeBuilder::Handled LoopTreeBuilder::visitWhile(Operation *op) {
  auto loop = dyn_cast<scf::WhileOp>(op);
  if (!loop)
    return false;
  Block *before = loop.getBeforeBody(), *after = loop.getAfterBody();
  // Values that change their position between the regions are not followed.
  std::optional<IndexValue> trips;
  if (llvm::equal(loop.getConditionOp().getArgs(), before->getArguments()))
    trips = countWhile(op);
  if (!trips || !trips->isKnown() ||
      (trips->getConstant() && *trips->getConstant() < 0 &&
       op->hasAttr(kTripCountName))) {
    if (failed(makeUnmodelled(op)))
      return failure();
    return true;
  }
  SmallVector<CarriedTensor, 0> carried;
  if (failed(
          bindCarried(loop.getInitsMutable(), before->getArguments(), carried)))
    return failure();
  NodeId firstNode = tree.nodes.size();
  bool runs = arithmetic.getUpperBound(trips->forms) > 0;
  if (runs) {
    beginLoop(addLoop(LoopKind::Serial, trips->forms, 1));
    if (countEnclosing() < 0) {
      emitErrorAt(op, "runs more often than fits 64 bits, or over bounds too "
                      "irregular to count");
      return failure();
    }
    followCounters(loop.getInitsMutable(), after->getArguments(),
                   loop.getYieldedValues(), IndexValue::loop(enclosing.back()));
    for (auto [argument, passed] :
         llvm::zip(after->getArguments(), before->getArguments())) {
      if (const View *view = getView(passed))
        setView(argument, *view);
      setIndex(passed, getIndex(argument));
    }
    if (failed(visitBlock(*before)) || failed(visitBlock(*after)) ||
        failed(storeYielded(after->getTerminator(),
                            after->getTerminator()->getOperands(), carried)))
      return failure();
    endLoop();
  }
  checkCarriedFills(firstNode, carried);
  bindLoopResults(op, before->getArguments(), carried, runs);
  return true;
}
