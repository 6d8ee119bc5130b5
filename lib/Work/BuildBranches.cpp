//===- BuildBranches.cpp - Branches and regions that run once -------------===//

#include "IntegerOps.h"
#include "LoopTreeBuilder.h"
#include "memwall/Work/EmitError.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IntegerSet.h"

using namespace mlir;
using namespace memwall;

void LoopTreeBuilder::bindResults(Operation *op, ValueRange values) {
  for (auto [result, value] : llvm::zip(op->getResults(), values)) {
    if (const View *view = getView(value))
      setView(result, *view);
    else
      viewOf.erase(result);
    if (result.getType().isIntOrIndex())
      setIndex(result, getIndex(value));
  }
}

LogicalResult LoopTreeBuilder::visitInline(Operation *op, Region &region) {
  if (region.empty()) {
    bindResults(op, {});
    return success();
  }
  if (!region.hasOneBlock())
    return makeUnmodelled(op);
  if (failed(visitBlock(region.front())))
    return failure();
  bindResults(op, region.front().getTerminator()->getOperands());
  return success();
}

/// A condition on induction variables: true where all of the forms are >= 1.
/// Absent when it is anything else.
std::optional<SmallVector<AffineForm, 2>>
LoopTreeBuilder::getCondition(Value value) {
  Operation *op = value.getDefiningOp();
  if (isa_and_nonnull<arith::AndIOp>(op)) {
    auto lhs = getCondition(op->getOperand(0));
    auto rhs = getCondition(op->getOperand(1));
    if (lhs && rhs)
      lhs->append(*rhs);
    return rhs ? lhs : std::nullopt;
  }
  auto compare = dyn_cast_or_null<arith::CmpIOp>(op);
  if (!compare)
    return std::nullopt;
  IndexValue lhs = getIndex(compare.getLhs()), rhs = getIndex(compare.getRhs());
  IndexValue difference = arithmetic.subtract(rhs, lhs);
  bool isUnsigned = compare.getPredicate() > arith::CmpIPredicate::sge;
  if (!difference.isAffine() ||
      (isUnsigned &&
       !(arithmetic.isNonNegative(lhs) && arithmetic.isNonNegative(rhs))))
    return std::nullopt;
  AffineForm one = IndexValue::constant(1).forms.front();
  AffineForm less = difference.forms.front();
  AffineForm greater = arithmetic.scale(less, -1);
  switch (compare.getPredicate()) {
  case arith::CmpIPredicate::slt:
  case arith::CmpIPredicate::ult:
    return SmallVector<AffineForm, 2>{less};
  case arith::CmpIPredicate::sle:
  case arith::CmpIPredicate::ule:
    return SmallVector<AffineForm, 2>{arithmetic.add(less, one)};
  case arith::CmpIPredicate::sgt:
  case arith::CmpIPredicate::ugt:
    return SmallVector<AffineForm, 2>{greater};
  case arith::CmpIPredicate::sge:
  case arith::CmpIPredicate::uge:
    return SmallVector<AffineForm, 2>{arithmetic.add(greater, one)};
  case arith::CmpIPredicate::eq:
    return SmallVector<AffineForm, 2>{arithmetic.add(less, one),
                                      arithmetic.add(greater, one)};
  default:
    return std::nullopt;
  }
}

/// affine.if: every constraint is `expression >= 0` or `expression == 0`.
std::optional<SmallVector<AffineForm, 2>>
LoopTreeBuilder::getCondition(affine::AffineIfOp op) {
  IntegerSet set = op.getIntegerSet();
  SmallVector<IndexValue> operands;
  for (Value operand : op.getOperands())
    operands.push_back(getIndex(operand));
  AffineForm one = IndexValue::constant(1).forms.front();
  SmallVector<AffineForm, 2> forms;
  for (unsigned i = 0, e = set.getNumConstraints(); i < e; ++i) {
    IndexValue value =
        evaluateExpr(arithmetic, set.getConstraint(i),
                     ArrayRef(operands).take_front(set.getNumDims()),
                     ArrayRef(operands).drop_front(set.getNumDims()));
    if (!value.isAffine())
      return std::nullopt;
    forms.push_back(arithmetic.add(value.forms.front(), one));
    if (set.isEq(i))
      forms.push_back(
          arithmetic.add(arithmetic.scale(value.forms.front(), -1), one));
  }
  return forms;
}

/// A region that runs where `condition` holds is a loop of min(1, ...) trips.
LogicalResult LoopTreeBuilder::visitGuarded(Operation *op, Region &region,
                                            ArrayRef<AffineForm> condition) {
  if (region.empty())
    return success();
  IndexValue extent = IndexValue::constant(1);
  for (const AffineForm &form : condition) {
    IndexValue bound;
    bound.forms.push_back(form);
    extent = arithmetic.minimum(extent, bound);
  }
  if (failed(checkOverflow(op)))
    return failure();
  if (arithmetic.getUpperBound(extent.forms) <= 0)
    return success();
  beginLoop(addLoop(LoopKind::Serial, extent.forms, 1));
  if (countEnclosing() < 0) {
    emitErrorAt(op, "is under conditions too irregular to count");
    return failure();
  }
  if (failed(visitBlock(region.front())))
    return failure();
  endLoop();
  return success();
}

/// A branch on induction variables: both sides, where they run.
LogicalResult
LoopTreeBuilder::visitConditional(Operation *op,
                                  ArrayRef<AffineForm> condition) {
  Region &thenRegion = op->getRegion(0), &elseRegion = op->getRegion(1);
  // Where one of several conditions fails is not a box.
  if (!elseRegion.empty() && condition.size() != 1)
    return makeUnmodelled(op);
  if (failed(visitGuarded(op, thenRegion, condition)))
    return failure();
  if (elseRegion.empty())
    return success();
  AffineForm otherwise =
      arithmetic.add(IndexValue::constant(1).forms.front(),
                     arithmetic.scale(condition.front(), -1));
  if (failed(visitGuarded(op, elseRegion, otherwise)))
    return failure();
  ValueRange thenValues = thenRegion.front().getTerminator()->getOperands();
  ValueRange elseValues = elseRegion.front().getTerminator()->getOperands();
  for (auto [result, thenValue, elseValue] :
       llvm::zip_equal(op->getResults(), thenValues, elseValues)) {
    setIndex(result, IndexValue::data(enclosing));
    if (!isa<TensorType, BaseMemRefType>(result.getType()))
      continue;
    // Which storage a result is may not depend on the condition.
    const View *a = getView(thenValue), *b = getView(elseValue);
    if (!a || !b || !isSameStorage(*a, *b))
      return makeUnmodelled(op);
    View view = *a;
    view.isFill &= b->isFill;
    view.isDefined |= b->isDefined;
    setView(result, std::move(view));
  }
  return success();
}

static FailureOr<bool> toHandled(LogicalResult result) {
  if (failed(result))
    return failure();
  return true;
}

/// Branches, and regions that run once.
LoopTreeBuilder::Handled LoopTreeBuilder::visitBranch(Operation *op) {
  Region *taken = nullptr;
  if (auto branch = dyn_cast<scf::IfOp>(op)) {
    if (std::optional<int64_t> condition =
            getIndex(branch.getCondition()).getConstant())
      taken = *condition ? &branch.getThenRegion() : &branch.getElseRegion();
    else if (auto forms = getCondition(branch.getCondition()))
      return toHandled(visitConditional(op, *forms));
  } else if (auto branch = dyn_cast<scf::IndexSwitchOp>(op)) {
    if (std::optional<int64_t> value =
            getIndex(branch.getArg()).getConstant()) {
      auto it = llvm::find(branch.getCases(), *value);
      taken = it == branch.getCases().end()
                  ? &branch.getDefaultRegion()
                  : &branch.getCaseRegions()[it - branch.getCases().begin()];
    }
  } else if (isa<scf::ExecuteRegionOp, memref::AllocaScopeOp>(op)) {
    taken = &op->getRegion(0);
  } else if (isa<scf::InParallelOp>(op)) {
    if (failed(visitBlock(op->getRegion(0).front())))
      return failure();
    return true;
  } else if (isa<scf::ReduceOp>(op)) {
    for (Region &region : op->getRegions())
      if (failed(visitBlock(region.front())))
        return failure();
    return true;
  } else if (auto branch = dyn_cast<affine::AffineIfOp>(op)) {
    if (auto forms = getCondition(branch))
      return toHandled(visitConditional(op, *forms));
  } else {
    return false;
  }
  if (failed(taken ? visitInline(op, *taken) : makeUnmodelled(op)))
    return failure();
  return true;
}

LoopTreeBuilder::Handled LoopTreeBuilder::visitControlFlow(Operation *op) {
  for (auto visitSome :
       {&LoopTreeBuilder::visitLoop, &LoopTreeBuilder::visitWhile,
        &LoopTreeBuilder::visitBranch}) {
    Handled handled = (this->*visitSome)(op);
    if (failed(handled) || *handled)
      return handled;
  }
  return false;
}
