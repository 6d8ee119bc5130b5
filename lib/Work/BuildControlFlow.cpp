//===- BuildControlFlow.cpp - Loops and branches
//---------------------------===//

#include "LoopTreeBuilder.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace memwall;

/// Binds the trip count of a loop whose bounds do not give it.
static constexpr StringLiteral tripCountName = "memwall.trip_count";

//===----------------------------------------------------------------------===//
// Entering a loop
//===----------------------------------------------------------------------===//

/// What the body divides the induction variable by, if it is one constant: the
/// loop is then split, so that quotient and remainder are affine (the heads
/// that share a KV head: `%h floordiv 4`).
static std::optional<int64_t> findDivisor(Value inductionVariable) {
  std::optional<int64_t> divisor;
  auto note = [&](int64_t found) {
    if (found > 1 && (!divisor || found < *divisor))
      divisor = found;
  };
  for (OpOperand &use : inductionVariable.getUses()) {
    Operation *user = use.getOwner();
    StringRef name = user->getName().getStringRef();
    bool divides =
        llvm::is_contained({"arith.divsi", "arith.divui", "arith.floordivsi",
                            "arith.remsi", "arith.remui"},
                           name);
    APInt constant;
    if (divides && use.getOperandNumber() == 0 &&
        matchPattern(user->getOperand(1), m_ConstantInt(&constant)))
      note(constant.getSExtValue());
    auto apply = dyn_cast<affine::AffineApplyOp>(user);
    if (!apply)
      continue;
    apply.getAffineMap().walkExprs([&](AffineExpr expression) {
      auto binary = dyn_cast<AffineBinaryOpExpr>(expression);
      if (!binary ||
          !llvm::is_contained({AffineExprKind::FloorDiv, AffineExprKind::Mod},
                              binary.getKind()))
        return;
      if (auto rhs = dyn_cast<AffineConstantExpr>(binary.getRHS()))
        note(rhs.getValue());
    });
  }
  return divisor;
}

/// Enters a loop from `lower` to `upper`; false when it never runs or is not
/// understood, which is then listed.
FailureOr<bool> LoopTreeBuilder::enterLoop(Operation *op, LoopKind kind,
                                           const IndexValue &lower,
                                           const IndexValue &upper,
                                           int64_t step,
                                           Value inductionVariable) {
  auto tripCount = op->getAttrOfType<IntegerAttr>(tripCountName);
  IndexValue extent = arithmetic.subtract(upper, lower);
  if (tripCount) {
    extent = arithmetic.multiply(IndexValue::constant(step),
                                 IndexValue::constant(tripCount.getInt()));
  } else if (!extent.isKnown()) {
    addUnmodelled(op);
    return false;
  }
  if (failed(checkOverflow(op)))
    return failure();
  if (arithmetic.getUpperBound(extent.forms) <= 0)
    return false;
  // 1. A loop over positions that are divided is two loops.
  std::optional<int64_t> divisor = findDivisor(inductionVariable);
  std::optional<int64_t> constant = extent.getConstant();
  IndexValue iteration;
  if (divisor && constant && lower.getConstant() == 0 &&
      *constant % step == 0 && *divisor % step == 0 && *divisor > step &&
      (*constant / step) % (*divisor / step) == 0 && *constant > *divisor) {
    int64_t inner = *divisor / step;
    LoopId outerLoop =
        addLoop(kind, IndexValue::constant(*constant / *divisor).forms, 1);
    beginLoop(outerLoop);
    LoopId innerLoop = addLoop(kind, IndexValue::constant(inner).forms, 1);
    beginLoop(innerLoop);
    iteration = arithmetic.add(arithmetic.multiply(IndexValue::loop(outerLoop),
                                                   IndexValue::constant(inner)),
                               IndexValue::loop(innerLoop));
  } else {
    LoopId loop = addLoop(kind, extent.forms, step);
    beginLoop(loop);
    iteration = IndexValue::loop(loop);
  }
  if (countEnclosing() < 0) {
    op->emitOpError("runs more often than fits 64 bits, or over bounds too "
                    "irregular to count");
    return failure();
  }
  // 2. Its value.
  setIndex(inductionVariable,
           lower.isAffine()
               ? arithmetic.add(
                     lower,
                     arithmetic.multiply(iteration, IndexValue::constant(step)))
               : arithmetic.merge({lower, iteration}));
  if (failed(checkOverflow(op)))
    return failure();
  return true;
}

//===----------------------------------------------------------------------===//
// Tensors that loops carry
//===----------------------------------------------------------------------===//

/// Gives the region arguments of a loop the storage of its inits.
LogicalResult
LoopTreeBuilder::bindCarried(Operation *op, MutableArrayRef<OpOperand> inits,
                             ValueRange arguments,
                             SmallVectorImpl<CarriedTensor> &carried) {
  for (auto [position, init] : llvm::enumerate(inits)) {
    Value argument = arguments[position];
    viewOf.erase(argument);
    const View *view = getView(init.get());
    if (!view)
      continue;
    if (!isa<TensorType>(argument.getType())) {
      setView(argument, *view);
      continue;
    }
    FailureOr<View> storage = getDestination(init, std::nullopt);
    if (failed(storage))
      return failure();
    setView(argument, *storage);
    carried.push_back({static_cast<unsigned>(position), std::move(*storage)});
  }
  return success();
}

/// What the body yields has to be in the carried storage for the next
/// iteration: it is copied there unless it was built there.
LogicalResult LoopTreeBuilder::storeYielded(Operation *yield,
                                            ValueRange yielded,
                                            ArrayRef<CarriedTensor> carried) {
  for (const CarriedTensor &tensor : carried) {
    const View *view = getView(yielded[tensor.position]);
    if (!view) {
      addUnmodelled(yield);
      continue;
    }
    if (view->isDefined && !isSameStorage(*view, tensor.storage) &&
        failed(addCopy(yield, std::nullopt, *view, tensor.storage)))
      return failure();
  }
  return success();
}

/// Offset without the dimension loops of its nest.
static AffineForm dropDimensions(const AffineForm &form,
                                 const SmallVectorImpl<Loop> &loops) {
  AffineForm result;
  result.constant = form.constant;
  for (const Term &term : form.terms)
    if (loops[term.loop].kind != LoopKind::Dimension)
      result.terms.push_back(term);
  return result;
}

static bool isSameOffset(const AffineForm &lhs, const AffineForm &rhs) {
  if (lhs.constant != rhs.constant || lhs.terms.size() != rhs.terms.size())
    return false;
  for (const Term &term : lhs.terms)
    if (llvm::none_of(rhs.terms, [&](const Term &other) {
          return other.loop == term.loop && other.stride == term.stride;
        }))
      return false;
  return true;
}

/// A carried fill is still what an op reads in later iterations only if no
/// other op of the body writes the same place.
void LoopTreeBuilder::checkCarriedFills(NodeId firstNode,
                                        ArrayRef<CarriedTensor> carried) {
  for (const CarriedTensor &tensor : carried) {
    if (!tensor.storage.isFill)
      continue;
    SmallVector<std::pair<OpId, AffineForm>> writers;
    auto forEachAccess = [&](llvm::function_ref<void(OpId, Access &)> visit) {
      for (NodeId id = firstNode; id < tree.nodes.size(); ++id)
        if (tree.nodes[id].kind == Node::Kind::Nest)
          for (Access &access : tree.nodes[id].nest.accesses)
            if (access.buffer == tensor.storage.buffer)
              visit(tree.nodes[id].nest.op, access);
    };
    forEachAccess([&](OpId op, Access &access) {
      if (access.isWrite)
        writers.push_back({op, dropDimensions(access.element, tree.loops)});
    });
    forEachAccess([&](OpId op, Access &access) {
      AffineForm offset = dropDimensions(access.element, tree.loops);
      for (auto &[writer, written] : writers)
        if (writer != op && isSameOffset(offset, written))
          access.readsFill = false;
    });
  }
}

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

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

namespace {
/// scf.for and affine.for alike.
struct ForParts {
  IndexValue lower, upper;
  std::optional<int64_t> step;
  Value inductionVariable;
  MutableArrayRef<OpOperand> inits;
  ValueRange arguments;
  Block *body;
};
} // namespace

LoopTreeBuilder::Handled LoopTreeBuilder::visitFor(Operation *op) {
  ForParts parts;
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    parts = {getIndex(loop.getLowerBound()),
             getIndex(loop.getUpperBound()),
             getIndex(loop.getStep()).getConstant(),
             loop.getInductionVar(),
             loop.getInitArgsMutable(),
             loop.getRegionIterArgs(),
             loop.getBody()};
  } else if (auto loop = dyn_cast<affine::AffineForOp>(op)) {
    auto evaluate = [&](AffineMap map, ValueRange operands, bool isMinimum) {
      SmallVector<IndexValue> values;
      for (Value operand : operands)
        values.push_back(getIndex(operand));
      SmallVector<IndexValue, 4> results = arithmetic.evaluate(map, values);
      IndexValue result = results.front();
      for (const IndexValue &other : ArrayRef(results).drop_front())
        result = isMinimum ? arithmetic.minimum(result, other)
                           : arithmetic.maximum(result, other);
      return result;
    };
    parts = {evaluate(loop.getLowerBoundMap(), loop.getLowerBoundOperands(),
                      /*isMinimum=*/false),
             evaluate(loop.getUpperBoundMap(), loop.getUpperBoundOperands(),
                      /*isMinimum=*/true),
             loop.getStepAsInt(),
             loop.getInductionVar(),
             loop.getInitsMutable(),
             loop.getRegionIterArgs(),
             loop.getBody()};
  } else {
    return false;
  }
  if (!parts.step || *parts.step <= 0) {
    if (failed(makeUnmodelled(op)))
      return failure();
    return true;
  }
  // 1. Carried tensors, before the loop.
  SmallVector<CarriedTensor, 0> carried;
  if (failed(bindCarried(op, parts.inits, parts.arguments, carried)))
    return failure();
  NodeId firstNode = tree.nodes.size();
  size_t depth = enclosing.size(), listed = tree.unmodelled.size();
  FailureOr<bool> entered =
      enterLoop(op, LoopKind::Serial, parts.lower, parts.upper, *parts.step,
                parts.inductionVariable);
  if (failed(entered))
    return failure();
  if (!*entered && tree.unmodelled.size() > listed) {
    tree.unmodelled.pop_back();
    if (failed(makeUnmodelled(op)))
      return failure();
    return true;
  }
  // 2. The body, and what it hands to the next iteration.
  if (*entered) {
    for (Value argument : parts.arguments)
      if (argument.getType().isIntOrIndex())
        setIndex(argument, IndexValue::data(enclosing));
    Operation *yield = parts.body->getTerminator();
    if (failed(visitBlock(*parts.body)) ||
        failed(storeYielded(yield, yield->getOperands(), carried)))
      return failure();
    while (enclosing.size() > depth)
      endLoop();
  }
  checkCarriedFills(firstNode, carried);
  // 3. Results.
  bindResults(op, parts.arguments);
  for (Value result : op->getResults())
    if (result.getType().isIntOrIndex())
      setIndex(result, IndexValue::data(enclosing));
  for (CarriedTensor &tensor : carried) {
    if (*entered) {
      tensor.storage.isFill = false;
      tensor.storage.isDefined = true;
    }
    setView(op->getResult(tensor.position), tensor.storage);
  }
  return true;
}

namespace {
/// scf.forall, scf.parallel and affine.parallel alike.
struct ParallelParts {
  SmallVector<IndexValue> lower, upper, step;
  SmallVector<Value> inductionVariables;
  MutableArrayRef<OpOperand> inits;
  ValueRange arguments;
  Block *body;
};
} // namespace

LoopTreeBuilder::Handled LoopTreeBuilder::visitParallel(Operation *op) {
  ParallelParts parts;
  auto append = [&](SmallVector<IndexValue> &to, auto &&values) {
    for (auto value : values)
      to.push_back(getIndex(value));
  };
  if (auto loop = dyn_cast<scf::ForallOp>(op)) {
    append(parts.lower, loop.getMixedLowerBound());
    append(parts.upper, loop.getMixedUpperBound());
    append(parts.step, loop.getMixedStep());
    llvm::append_range(parts.inductionVariables, loop.getInductionVars());
    parts.inits = loop.getOutputsMutable();
    parts.arguments = loop.getRegionIterArgs();
    parts.body = loop.getBody();
  } else if (auto loop = dyn_cast<scf::ParallelOp>(op)) {
    append(parts.lower, loop.getLowerBound());
    append(parts.upper, loop.getUpperBound());
    append(parts.step, loop.getStep());
    llvm::append_range(parts.inductionVariables, loop.getInductionVars());
    parts.body = loop.getBody();
  } else if (auto loop = dyn_cast<affine::AffineParallelOp>(op)) {
    auto evaluate = [&](AffineMap map, ValueRange operands, bool isMinimum) {
      SmallVector<IndexValue> values;
      append(values, operands);
      SmallVector<IndexValue, 4> results = arithmetic.evaluate(map, values);
      IndexValue result = results.front();
      for (const IndexValue &other : ArrayRef(results).drop_front())
        result = isMinimum ? arithmetic.minimum(result, other)
                           : arithmetic.maximum(result, other);
      return result;
    };
    for (unsigned i = 0, e = loop.getNumDims(); i < e; ++i) {
      parts.lower.push_back(evaluate(loop.getLowerBoundMap(i),
                                     loop.getLowerBoundsOperands(), false));
      parts.upper.push_back(evaluate(loop.getUpperBoundMap(i),
                                     loop.getUpperBoundsOperands(), true));
      parts.step.push_back(IndexValue::constant(loop.getSteps()[i]));
    }
    llvm::append_range(parts.inductionVariables, loop.getIVs());
    parts.body = loop.getBody();
  } else {
    return false;
  }
  SmallVector<CarriedTensor, 0> carried;
  if (failed(bindCarried(op, parts.inits, parts.arguments, carried)))
    return failure();
  NodeId firstNode = tree.nodes.size();
  size_t depth = enclosing.size(), listed = tree.unmodelled.size();
  bool runs = true;
  for (unsigned i = 0, e = parts.lower.size(); i < e && runs; ++i) {
    std::optional<int64_t> step = parts.step[i].getConstant();
    if (!step || *step <= 0) {
      addUnmodelled(op);
      runs = false;
      break;
    }
    FailureOr<bool> entered =
        enterLoop(op, LoopKind::Parallel, parts.lower[i], parts.upper[i], *step,
                  parts.inductionVariables[i]);
    if (failed(entered))
      return failure();
    runs = *entered;
  }
  if (runs && failed(visitBlock(*parts.body)))
    return failure();
  while (enclosing.size() > depth)
    endLoop();
  if (!runs && tree.unmodelled.size() > listed) {
    tree.unmodelled.pop_back();
    if (failed(makeUnmodelled(op)))
      return failure();
    return true;
  }
  checkCarriedFills(firstNode, carried);
  for (CarriedTensor &tensor : carried) {
    if (runs) {
      tensor.storage.isFill = false;
      tensor.storage.isDefined = true;
    }
    setView(op->getResult(tensor.position), tensor.storage);
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Branches and regions that run once
//===----------------------------------------------------------------------===//

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

/// Branches whose condition is known, and regions that run once.
LoopTreeBuilder::Handled LoopTreeBuilder::visitBranch(Operation *op) {
  Region *taken = nullptr;
  if (auto branch = dyn_cast<scf::IfOp>(op)) {
    if (std::optional<int64_t> condition =
            getIndex(branch.getCondition()).getConstant())
      taken = *condition ? &branch.getThenRegion() : &branch.getElseRegion();
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
  } else if (!isa<affine::AffineIfOp, scf::WhileOp>(op)) {
    return false;
  }
  if (failed(taken ? visitInline(op, *taken) : makeUnmodelled(op)))
    return failure();
  return true;
}

LoopTreeBuilder::Handled LoopTreeBuilder::visitControlFlow(Operation *op) {
  for (auto visitSome :
       {&LoopTreeBuilder::visitFor, &LoopTreeBuilder::visitParallel,
        &LoopTreeBuilder::visitBranch}) {
    Handled handled = (this->*visitSome)(op);
    if (failed(handled) || *handled)
      return handled;
  }
  return false;
}
