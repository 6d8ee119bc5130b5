//===- ShareValues.cpp - What costs nothing is made once ------------------===//
//
//   %c0 = tensor.collapse_shape %x ...
//   %c1 = tensor.collapse_shape %x ...
//   %y = linalg.generic ins(%c0, %c1)
//   // becomes
//   %c0 = tensor.collapse_shape %x ...
//   %y = linalg.generic ins(%c0, %c0)
//
// Ops that compute are not shared: what is computed twice may be cheaper than
// what is kept.
//
//===----------------------------------------------------------------------===//

#include "NormalForm.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace memwall;

/// Views of a tensor, and tensors without content.
static bool isFree(Operation *op) {
  return isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp,
             tensor::ExtractSliceOp, tensor::CastOp, tensor::EmptyOp>(op);
}

/// Whether an op packs into what `op` makes: bufferization takes a pack for one
/// that reads its destination, and copies it where two share one.
static bool isPackedInto(Operation *op) {
  return llvm::any_of(op->getUsers(), [](Operation *user) {
    return isa<linalg::PackOp, linalg::UnPackOp>(user);
  });
}

void memwall::shareViews(RewriterBase &rewriter, Operation *root) {
  llvm::DenseMap<std::pair<Block *, size_t>, SmallVector<Operation *, 1>> made;
  SmallVector<Operation *> ops;
  root->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isFree(op) && !isPackedInto(op))
      ops.push_back(op);
  });
  for (Operation *op : ops) {
    llvm::hash_code hash = OperationEquivalence::computeHash(
        op, OperationEquivalence::directHashValue,
        OperationEquivalence::ignoreHashValue,
        OperationEquivalence::IgnoreLocations);
    SmallVector<Operation *, 1> &same =
        made[{op->getBlock(), static_cast<size_t>(hash)}];
    auto *equal = llvm::find_if(same, [&](Operation *earlier) {
      return OperationEquivalence::isEquivalentTo(
          op, earlier, OperationEquivalence::IgnoreLocations);
    });
    if (equal == same.end())
      same.push_back(op);
    else
      rewriter.replaceOp(op, (*equal)->getResults());
  }
}

/// Whether `op` only starts a result of one other op.
static bool isOwnFill(Operation *op) {
  return isa<linalg::FillOp>(op) && !isPinned(op) && op->getNumResults() == 1 &&
         op->getResult(0).hasOneUse();
}

namespace {
/// Moves what costs nothing, and fills, to the first op of their block that
/// needs them, in the order of its operands.
class FreeOpPlacer {
public:
  FreeOpPlacer(RewriterBase &rewriter, Block &block)
      : rewriter(rewriter), block(block) {}

  void placeAll() {
    SmallVector<Operation *> ops;
    for (Operation &op : block)
      if (!isMovable(&op))
        ops.push_back(&op);
    for (Operation *op : ops)
      op->walk<WalkOrder::PreOrder>([&](Operation *inner) {
        for (Value operand : inner->getOperands())
          place(operand, op);
      });
  }

private:
  bool isMovable(Operation *op) const { return isFree(op) || isOwnFill(op); }

  /// Puts what `value` comes from before `user`. Every op that can move has at
  /// most one operand that can: a chain, not a graph.
  void place(Value value, Operation *user) {
    SmallVector<Operation *> chain;
    SmallVector<Value> pending = {value};
    while (!pending.empty()) {
      Operation *op = pending.pop_back_val().getDefiningOp();
      if (!op || op->getBlock() != &block || !isMovable(op) ||
          !placed.insert(op).second)
        continue;
      chain.push_back(op);
      llvm::append_range(pending, op->getOperands());
    }
    for (Operation *op : llvm::reverse(chain))
      rewriter.moveOpBefore(op, user);
  }

  RewriterBase &rewriter;
  Block &block;
  llvm::DenseSet<Operation *> placed;
};
} // namespace

void memwall::placeFreeOps(RewriterBase &rewriter, Operation *root) {
  // Blocks inside of others first: what is outside goes by their order.
  root->walk<WalkOrder::PostOrder>([&](Operation *op) {
    if (!isa<linalg::LinalgOp>(op))
      for (Region &region : op->getRegions())
        for (Block &block : region)
          FreeOpPlacer(rewriter, block).placeAll();
  });
}

/// What makes two constants the same: op, value, type.
using ConstantKey = std::tuple<OperationName, Attribute, Type>;

/// The key of a constant number; nullopt for anything else. Constant tensors
/// are data with a place of its own: two weights that a front end left out
/// have the same attribute.
static std::optional<ConstantKey> findKey(Operation *op) {
  Attribute value;
  if (!op || op->getNumOperands() != 0 || op->getNumResults() != 1 ||
      isa<ShapedType>(op->getResult(0).getType()) ||
      !matchPattern(op, m_Constant(&value)))
    return std::nullopt;
  return ConstantKey(op->getName(), value, op->getResult(0).getType());
}

/// Moves the constant numbers of `function` to its front, in the order in which
/// they are needed, each once.
static void placeConstants(RewriterBase &rewriter,
                           FunctionOpInterface function) {
  llvm::MapVector<ConstantKey, Operation *> first;
  llvm::SetVector<Operation *> others;
  function->walk<WalkOrder::PreOrder>([&](Operation *op) {
    for (Value operand : op->getOperands()) {
      Operation *constant = operand.getDefiningOp();
      std::optional<ConstantKey> key = findKey(constant);
      if (key && first.try_emplace(*key, constant).first->second != constant)
        others.insert(constant);
    }
    return op != function && op->hasTrait<OpTrait::IsIsolatedFromAbove>()
               ? WalkResult::skip()
               : WalkResult::advance();
  });
  for (Operation *constant : others)
    rewriter.replaceOp(constant,
                       first.lookup(*findKey(constant))->getResults());
  Block &entry = function.getFunctionBody().front();
  for (auto &[key, constant] : llvm::reverse(first))
    rewriter.moveOpBefore(constant, &entry, entry.begin());
}

void memwall::placeConstants(RewriterBase &rewriter, Operation *root) {
  root->walk([&](FunctionOpInterface function) {
    if (!function.isExternal() &&
        function->hasTrait<OpTrait::IsIsolatedFromAbove>())
      ::placeConstants(rewriter, function);
  });
}
