//===- RefineShapes.cpp - Static sizes spread through a body --------------===//

#include "RefineShapes.h"
#include "memwall/Work/EmitError.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

Value memwall::buildShapeCast(OpBuilder &builder, Value value, Type type) {
  if (value.getType() == type)
    return value;
  if (isa<BaseMemRefType>(type))
    return memref::CastOp::create(builder, value.getLoc(), type, value);
  return tensor::CastOp::create(builder, value.getLoc(), type, value);
}

/// Whether `from` says at least the sizes that `to` says, and more.
static bool isMoreStatic(Type from, Type to) {
  auto fromShape = dyn_cast<ShapedType>(from);
  auto toShape = dyn_cast<ShapedType>(to);
  if (!fromShape || !toShape || !fromShape.hasRank() || !toShape.hasRank() ||
      fromShape.getRank() != toShape.getRank() || from == to)
    return false;
  for (auto [a, b] : llvm::zip(fromShape.getShape(), toShape.getShape()))
    if (ShapedType::isDynamic(a) && !ShapedType::isDynamic(b))
      return false;
  return fromShape.getShape() != toShape.getShape();
}

Value memwall::lookThroughShapeCast(Value value) {
  Operation *cast = value.getDefiningOp();
  if (!isa_and_present<tensor::CastOp, memref::CastOp>(cast) ||
      !isMoreStatic(cast->getOperand(0).getType(), value.getType()))
    return value;
  return cast->getOperand(0);
}

namespace {
/// An elementwise op on whole tensors, one of whose operands forgets sizes.
///
///   %0 = tensor.cast %x : tensor<8xf32> to tensor<?xf32>
///   %1 = math.exp %0 : tensor<?xf32>
/// becomes
///   %0 = math.exp %x : tensor<8xf32>
///   %1 = tensor.cast %0 : tensor<8xf32> to tensor<?xf32>
struct RefineElementwise : public RewritePattern {
  RefineElementwise(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!op->hasTrait<OpTrait::Elementwise>() || op->getNumRegions() != 0)
      return rewriter.notifyMatchFailure(op, "not elementwise");
    auto shape = op->getNumResults() == 0
                     ? RankedTensorType()
                     : dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (!shape || shape.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "no dynamic tensor result");
    SmallVector<int64_t> sizes = computeSizes(op, shape);
    if (ArrayRef<int64_t>(sizes) == shape.getShape())
      return rewriter.notifyMatchFailure(op, "no operand knows more");
    rebuild(op, sizes, rewriter);
    return success();
  }

private:
  /// The sizes of the result as far as any operand knows them; those of the
  /// result itself when operands disagree (such a program has no meaning).
  static SmallVector<int64_t> computeSizes(Operation *op,
                                           RankedTensorType shape) {
    SmallVector<int64_t> sizes(shape.getShape());
    for (Value operand : op->getOperands()) {
      auto type = dyn_cast<RankedTensorType>(
          memwall::lookThroughShapeCast(operand).getType());
      if (!type || type.getRank() != (int64_t)sizes.size())
        continue;
      for (auto [size, known] : llvm::zip(sizes, type.getShape())) {
        if (ShapedType::isDynamic(size))
          size = known;
        else if (!ShapedType::isDynamic(known) && known != size)
          return SmallVector<int64_t>(shape.getShape());
      }
    }
    return sizes;
  }

  static void rebuild(Operation *op, ArrayRef<int64_t> sizes,
                      PatternRewriter &rewriter) {
    auto refine = [&](Type type) -> Type {
      auto tensor = dyn_cast<RankedTensorType>(type);
      return tensor ? Type(tensor.clone(sizes)) : type;
    };
    IRMapping mapping;
    for (Value operand : op->getOperands())
      mapping.map(operand, memwall::buildShapeCast(
                               rewriter, memwall::lookThroughShapeCast(operand),
                               refine(operand.getType())));
    Operation *refined = rewriter.clone(*op, mapping);
    SmallVector<Value> results;
    for (OpResult result : refined->getResults()) {
      result.setType(refine(result.getType()));
      results.push_back(memwall::buildShapeCast(
          rewriter, result, op->getResult(result.getResultNumber()).getType()));
    }
    rewriter.replaceOp(op, results);
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Loops that never end
//===----------------------------------------------------------------------===//

namespace {
/// Reports loops whose step turns out to be no step, before upstream's patterns
/// take them for loops that never run.
struct RejectSteps : OpInterfaceRewritePattern<LoopLikeOpInterface> {
  RejectSteps(MLIRContext *context, bool &isRejected)
      : OpInterfaceRewritePattern(context, /*benefit=*/100),
        isRejected(isRejected) {}

  LogicalResult matchAndRewrite(LoopLikeOpInterface loop,
                                PatternRewriter &rewriter) const override {
    for (OpFoldResult step :
         loop.getLoopSteps().value_or(SmallVector<OpFoldResult>()))
      if (int64_t value = getConstantIntValue(step).value_or(1);
          value <= 0 && !isRejected) {
        isRejected = true;
        memwall::emitErrorAt(loop, "has a step of ")
            << value << ", expected a positive one";
      }
    return failure();
  }

  bool &isRejected;
};
} // namespace

//===----------------------------------------------------------------------===//
// Results that nobody uses
//===----------------------------------------------------------------------===//

/// Whether an op is one of the program, rather than of the body of an op.
static bool isInProgram(Operation *op) {
  Operation *parent = op->getParentOp();
  return isa_and_present<FunctionOpInterface>(parent) ||
         isa_and_present<LoopLikeOpInterface, RegionBranchOpInterface>(parent);
}

/// Gives every unused result that may be counted a user, so that the patterns
/// leave what computes it; the program executes it, whoever reads it. Returns
/// the users.
static SmallVector<Operation *> useUnusedResults(Operation *function) {
  SmallVector<Operation *> users;
  function->walk([&](Operation *op) {
    if (op == function || !isInProgram(op) ||
        op->hasTrait<OpTrait::ConstantLike>())
      return;
    SmallVector<Value> unused;
    for (Value result : op->getResults())
      if (result.use_empty() && !result.getType().isIndex())
        unused.push_back(result);
    if (unused.empty())
      return;
    // Nothing is known of this op, so nothing removes it.
    OperationState state(op->getLoc(), "memwall_keep.unused");
    state.addOperands(unused);
    OpBuilder builder(op->getContext());
    builder.setInsertionPointAfter(op);
    users.push_back(builder.create(state));
  });
  return users;
}

/// Erases the users again, and the casts that were for them only.
static void eraseUsers(ArrayRef<Operation *> users) {
  for (Operation *user : users) {
    SmallVector<Value> operands(user->getOperands());
    user->erase();
    for (Value operand : operands)
      if (Operation *cast = operand.getDefiningOp();
          isa_and_present<tensor::CastOp, memref::CastOp>(cast) &&
          cast->use_empty())
        cast->erase();
  }
}

static bool isDynamic(Type type) {
  auto shaped = dyn_cast<ShapedType>(type);
  return shaped && shaped.hasRank() && !shaped.hasStaticShape();
}

/// Whether any size of a function is not known, or was not before it was bound.
static bool hasDynamicShapes(Operation *function) {
  WalkResult result = function->walk([](Operation *op) {
    return llvm::any_of(op->getResultTypes(), isDynamic) ||
                   llvm::any_of(op->getOperandTypes(), isDynamic)
               ? WalkResult::interrupt()
               : WalkResult::advance();
  });
  return result.wasInterrupted();
}

LogicalResult memwall::refineShapes(ModuleOp module) {
  MLIRContext *context = module.getContext();
  RewritePatternSet patterns(context);
  patterns.add<RefineElementwise>(context);
  bool isRejected = false;
  patterns.add<RejectSteps>(context, isRejected);
  memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
  static constexpr StringLiteral namespaces[] = {"affine", "linalg", "memref",
                                                 "scf", "tensor"};
  for (StringRef name : namespaces)
    if (Dialect *dialect = context->getLoadedDialect(name))
      dialect->getCanonicalizationPatterns(patterns);
  for (RegisteredOperationName name : context->getRegisteredOperations())
    if (llvm::is_contained(namespaces, name.getDialectNamespace()))
      name.getCanonicalizationPatterns(patterns, context);
  FrozenRewritePatternSet frozen(std::move(patterns));
  GreedyRewriteConfig config;
  config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
  // A function with nothing to bind stays as it is.
  module.walk([&](FunctionOpInterface function) {
    if (function.isExternal() || !hasDynamicShapes(function))
      return;
    SmallVector<Operation *> users = useUnusedResults(function);
    // Not converging only leaves sizes dynamic, which is found later.
    (void)applyPatternsGreedily(function, frozen, config);
    eraseUsers(users);
  });
  return failure(isRejected);
}
