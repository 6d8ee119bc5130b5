//===- SpellBodies.cpp - One order of operands and bodies -----------------===//
//
//   linalg.generic ins(%b, %a) {^bb0(%0, %1, %2): %3 = exp %0; %4 = %1 - %3}
//   // becomes
//   linalg.generic ins(%a, %b) {^bb0(%0, %1, %2): %3 = exp %1; %4 = %0 - %3}
//
//===----------------------------------------------------------------------===//

#include "GenericOperands.h"
#include "NormalForm.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/Hashing.h"

using namespace mlir;
using namespace memwall;

//===----------------------------------------------------------------------===//
// Bodies
//===----------------------------------------------------------------------===//

namespace {
/// Puts the ops of a body in the order in which its results need them.
class BodyOrder {
public:
  BodyOrder(RewriterBase &rewriter, linalg::GenericOp op)
      : rewriter(rewriter), op(op), body(op.getBody()) {}

  /// Visits everything that the results need, each op after its operands.
  void visitAll() {
    for (Value value : body->getTerminator()->getOperands())
      visit(value);
  }

  /// Ops in their new order, and numbers of inputs in the order of their first
  /// use.
  SmallVector<Operation *> ops;
  SmallVector<unsigned> inputs;

private:
  void visit(Value value) {
    // Bodies can be deep: a stack of values with the operand that comes next.
    SmallVector<std::pair<Value, unsigned>> stack = {{value, 0}};
    while (!stack.empty()) {
      auto &[top, next] = stack.back();
      Operation *producer = top.getDefiningOp();
      if (!producer || producer->getBlock() != body) {
        addInput(top);
        stack.pop_back();
      } else if (next == 0 && !started.insert(producer).second) {
        stack.pop_back();
      } else if (next < producer->getNumOperands()) {
        Value operand = producer->getOperand(next++);
        stack.push_back({operand, 0});
      } else {
        finish(producer);
        stack.pop_back();
      }
    }
  }

  /// All operands of `producer` have their places. It gets one too, unless an
  /// equal op has one.
  void finish(Operation *producer) {
    llvm::hash_code hash = OperationEquivalence::computeHash(
        producer, OperationEquivalence::directHashValue,
        OperationEquivalence::ignoreHashValue,
        OperationEquivalence::IgnoreLocations);
    SmallVector<Operation *, 1> &same = byHash[hash];
    for (Operation *earlier : same)
      if (OperationEquivalence::isEquivalentTo(
              producer, earlier, OperationEquivalence::IgnoreLocations))
        return rewriter.replaceAllUsesWith(producer->getResults(),
                                           earlier->getResults());
    same.push_back(producer);
    ops.push_back(producer);
  }

  void addInput(Value value) {
    auto argument = dyn_cast<BlockArgument>(value);
    if (argument && argument.getOwner() == body &&
        argument.getArgNumber() < op.getNumDpsInputs() &&
        seen.insert(argument.getArgNumber()).second)
      inputs.push_back(argument.getArgNumber());
  }

  RewriterBase &rewriter;
  linalg::GenericOp op;
  Block *body;
  llvm::DenseMap<size_t, SmallVector<Operation *, 1>> byHash;
  llvm::DenseSet<Operation *> started;
  llvm::DenseSet<unsigned> seen;
};
} // namespace

/// a + acc, not acc + a.
static void putAccumulatorsLast(RewriterBase &rewriter, linalg::GenericOp op) {
  for (Operation &inner : *op.getBody()) {
    if (!inner.hasTrait<OpTrait::IsCommutative>() ||
        inner.getNumOperands() != 2)
      continue;
    auto isAccumulator = [&](Value value) {
      return llvm::is_contained(op.getRegionOutputArgs(), value);
    };
    if (isAccumulator(inner.getOperand(0)) &&
        !isAccumulator(inner.getOperand(1)))
      rewriter.modifyOpInPlace(&inner, [&] {
        Value first = inner.getOperand(0);
        inner.setOperand(0, inner.getOperand(1));
        inner.setOperand(1, first);
      });
  }
}

/// Whether the order of the ops in a body does not matter.
static bool isPureBody(linalg::GenericOp op) {
  return llvm::all_of(op.getBody()->without_terminator(), [](Operation &inner) {
    return inner.getNumRegions() == 0 && isPure(&inner);
  });
}

/// Puts inputs in the order of `numbers`; those that are not in it come last.
static void orderInputs(RewriterBase &rewriter, linalg::GenericOp op,
                        SmallVector<unsigned> numbers) {
  unsigned count = op.getNumDpsInputs();
  for (unsigned number = 0; number < count; ++number)
    if (!llvm::is_contained(numbers, number))
      numbers.push_back(number);
  if (llvm::is_sorted(numbers))
    return;
  SmallVector<Value> values;
  SmallVector<AffineMap> maps;
  for (unsigned number : numbers) {
    values.push_back(op.getInputs()[number]);
    maps.push_back(op.getIndexingMapsArray()[number]);
  }
  insertInputs(rewriter, op, count, values, maps);
  Block *body = op.getBody();
  for (auto [position, number] : llvm::enumerate(numbers))
    rewriter.replaceAllUsesWith(body->getArgument(number),
                                body->getArgument(count + position));
  while (count-- > 0)
    eraseInput(rewriter, op, 0);
}

/// Arithmetic on values from outside of the op is done in front of it, once.
static void hoistInvariants(RewriterBase &rewriter, linalg::GenericOp op) {
  Block *body = op.getBody();
  for (Operation &inner :
       llvm::make_early_inc_range(body->without_terminator())) {
    auto isOutside = [&](Value value) {
      return value.getParentBlock() != body;
    };
    if (!isa<linalg::IndexOp>(inner) &&
        llvm::all_of(inner.getOperands(), isOutside))
      rewriter.moveOpBefore(&inner, op);
  }
}

static void orderBody(RewriterBase &rewriter, linalg::GenericOp op) {
  if (!isPureBody(op))
    return;
  hoistInvariants(rewriter, op);
  putAccumulatorsLast(rewriter, op);
  BodyOrder order(rewriter, op);
  order.visitAll();
  Operation *terminator = op.getBody()->getTerminator();
  for (Operation *inner : order.ops)
    rewriter.moveOpBefore(inner, terminator);
  // What nothing needs is in front now.
  size_t kept = order.ops.size();
  size_t all = llvm::range_size(op.getBody()->without_terminator());
  for (size_t dead = kept; dead < all; ++dead) {
    Operation *last = &*std::next(op.getBody()->begin(), all - dead - 1);
    rewriter.eraseOp(last);
  }
  orderInputs(rewriter, op, std::move(order.inputs));
  simplifyInputs(rewriter, op);
}

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

/// Whether an op of a body has the flags that named ops have: none.
static bool hasNoFlags(Operation *op) {
  if (auto fast = dyn_cast<arith::ArithFastMathInterface>(op)) {
    arith::FastMathFlagsAttr flags = fast.getFastMathFlagsAttr();
    return !flags || flags.getValue() == arith::FastMathFlags::none;
  }
  if (auto overflow = dyn_cast<arith::ArithIntegerOverflowFlagsInterface>(op)) {
    arith::IntegerOverflowFlagsAttr flags = overflow.getOverflowAttr();
    return !flags || flags.getValue() == arith::IntegerOverflowFlags::none;
  }
  return true;
}

/// The input that `value` is, as it is or widened as linalg.contract does;
/// nullopt when it is something else.
static std::optional<unsigned> findFactor(linalg::GenericOp op, Value value) {
  if (Operation *cast = value.getDefiningOp()) {
    if (!isa<arith::ExtFOp, arith::ExtSIOp>(cast) || !hasNoFlags(cast))
      return std::nullopt;
    value = cast->getOperand(0);
  }
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument || argument.getOwner() != op.getBody() ||
      argument.getArgNumber() >= op.getNumDpsInputs())
    return std::nullopt;
  return argument.getArgNumber();
}

/// The numbers of the two inputs that are multiplied and added up, if that is
/// all that the op does.
static std::optional<std::pair<unsigned, unsigned>>
findFactors(linalg::GenericOp op) {
  if (op.getNumDpsInputs() != 2 || op->getNumResults() != 1 ||
      !linalg::isaContractionOpInterface(op) || !op.hasPureTensorSemantics())
    return std::nullopt;
  Operation *sum = op.getBody()->getTerminator()->getOperand(0).getDefiningOp();
  if (!isa_and_nonnull<arith::AddFOp, arith::AddIOp>(sum) || !hasNoFlags(sum) ||
      sum->getOperand(1) != op.getRegionOutputArgs().front())
    return std::nullopt;
  Operation *product = sum->getOperand(0).getDefiningOp();
  if (!isa_and_nonnull<arith::MulFOp, arith::MulIOp>(product) ||
      !hasNoFlags(product))
    return std::nullopt;
  std::optional<unsigned> left = findFactor(op, product->getOperand(0));
  std::optional<unsigned> right = findFactor(op, product->getOperand(1));
  if (!left || !right || *left == *right)
    return std::nullopt;
  return std::pair(*left, *right);
}

static void spellContraction(RewriterBase &rewriter, linalg::GenericOp op) {
  std::optional<std::pair<unsigned, unsigned>> factors = findFactors(op);
  if (!factors)
    return;
  auto [left, right] = *factors;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  maps = {maps[left], maps[right], maps.back()};
  rewriter.setInsertionPoint(op);
  auto contract = linalg::ContractOp::create(
      rewriter, op.getLoc(), op.getResultTypes(),
      ValueRange{op.getInputs()[left], op.getInputs()[right]}, op.getOutputs(),
      rewriter.getAffineMapArrayAttr(maps));
  contract->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  rewriter.replaceOp(op, contract);
}

void memwall::spellBodies(RewriterBase &rewriter, Operation *root) {
  for (linalg::GenericOp op : collectTensorGenerics(root)) {
    orderBody(rewriter, op);
    spellContraction(rewriter, op);
  }
}
