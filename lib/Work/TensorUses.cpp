//===- TensorUses.cpp - What ops do to the storage of a tensor ------------===//

#include "TensorUses.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"

using namespace mlir;
using namespace memwall;

bool memwall::isRepeated(Operation *op) {
  return isa<scf::ForOp, scf::ForallOp, scf::WhileOp, scf::ParallelOp,
             affine::AffineForOp, affine::AffineParallelOp>(op);
}

bool memwall::isConcurrent(Operation *op) {
  return isa<scf::ForallOp, scf::ParallelOp, affine::AffineParallelOp>(op);
}

OpOperand *memwall::findReusedOperand(Operation *op) {
  if (op->getNumResults() != 1 || !OpTrait::hasElementwiseMappableTraits(op) ||
      !llvm::all_of(op->getOperandTypes(),
                    [](Type type) { return isa<RankedTensorType>(type); }))
    return nullptr;
  for (OpOperand &operand : op->getOpOperands())
    if (operand.get().getType() == op->getResult(0).getType())
      return &operand;
  return nullptr;
}

const InPlaceAnalysis::Summary *TensorUses::getCallee(Operation *op) {
  auto call = dyn_cast<CallOpInterface>(op);
  if (!call)
    return nullptr;
  auto symbol = dyn_cast<SymbolRefAttr>(call.getCallableForCallee());
  return symbol ? getSummary(SymbolTable::lookupNearestSymbolFrom(op, symbol))
                : nullptr;
}

/// bufferization.access of an external function's argument: none, read, write,
/// read-write (the default).
static bool hasAccess(OpOperand &use, StringRef access) {
  auto call = cast<CallOpInterface>(use.getOwner());
  auto symbol = dyn_cast<SymbolRefAttr>(call.getCallableForCallee());
  auto callee = dyn_cast_or_null<FunctionOpInterface>(
      symbol ? SymbolTable::lookupNearestSymbolFrom(call, symbol) : nullptr);
  if (!callee || use.getOperandNumber() >= callee.getNumArguments())
    return true;
  auto attribute = callee.getArgAttrOfType<StringAttr>(use.getOperandNumber(),
                                                       "bufferization.access");
  return !attribute || attribute.getValue() == access ||
         attribute.getValue() == "read-write";
}

/// Whether an insertion leaves nothing of its destination.
static bool overwritesAll(tensor::InsertSliceOp op) {
  auto isConstant = [](ArrayRef<OpFoldResult> values, int64_t expected) {
    return llvm::all_of(values, [&](OpFoldResult value) {
      return isConstantIntValue(value, expected);
    });
  };
  if (!isConstant(op.getMixedOffsets(), 0) ||
      !isConstant(op.getMixedStrides(), 1) ||
      !op.getDestType().hasStaticShape())
    return false;
  return ArrayRef(op.getStaticSizes()) == op.getDestType().getShape();
}

/// Whether the loop's body surely runs.
static bool surelyRuns(Operation *op) {
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    std::optional<int64_t> lower = getConstantIntValue(loop.getLowerBound());
    std::optional<int64_t> upper = getConstantIntValue(loop.getUpperBound());
    return lower && upper && *lower < *upper;
  }
  if (auto loop = dyn_cast<scf::ForallOp>(op))
    return llvm::all_of(
        llvm::zip(loop.getMixedLowerBound(), loop.getMixedUpperBound()),
        [](auto bounds) {
          std::optional<int64_t> lower =
              getConstantIntValue(std::get<0>(bounds));
          std::optional<int64_t> upper =
              getConstantIntValue(std::get<1>(bounds));
          return lower && upper && *lower < *upper;
        });
  return false;
}

/// The init operand that a result is tied to, without the op's own lookup,
/// which is slow for linalg ops: inits come last, in the order of results.
static std::optional<unsigned> getTiedResult(OpOperand &use) {
  Operation *op = use.getOwner();
  if (isa<linalg::LinalgOp>(op)) {
    unsigned inputs = op->getNumOperands() - op->getNumResults();
    if (use.getOperandNumber() < inputs || op->getNumResults() == 0)
      return std::nullopt;
    return use.getOperandNumber() - inputs;
  }
  auto destination = dyn_cast<DestinationStyleOpInterface>(op);
  if (!destination || !destination.isDpsInit(&use) || op->getNumResults() == 0)
    return std::nullopt;
  return destination.getTiedOpResult(&use).getResultNumber();
}

bool TensorUses::reads(OpOperand &use) {
  Operation *op = use.getOwner();
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return linalgOp.payloadUsesValueFromOperand(&use);
  if (auto softmax = dyn_cast<linalg::SoftmaxOp>(op))
    return !softmax.isDpsInit(&use);
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
    return use.getOperandNumber() == 0 || !overwritesAll(insert);
  if (isa<tensor::ParallelInsertSliceOp>(op))
    return use.getOperandNumber() == 0;
  if (isa<tensor::ExtractSliceOp, tensor::ExpandShapeOp, tensor::CastOp,
          tensor::BitcastOp, tensor::DimOp, tensor::EmptyOp, tensor::RankOp,
          bufferization::DeallocTensorOp>(op))
    return false;
  if (auto materialize =
          dyn_cast<bufferization::MaterializeInDestinationOp>(op))
    return use.getOperandNumber() == 0;
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return !surelyRuns(op) || isValueRead(loop.getTiedLoopRegionIterArg(&use));
  if (auto loop = dyn_cast<scf::ForallOp>(op))
    return !surelyRuns(op) || isValueRead(loop.getTiedBlockArgument(&use));
  // A choice between tensors, or elements of them.
  if (auto select = dyn_cast<arith::SelectOp>(op))
    return isa<TensorType>(select.getCondition().getType());
  if (isa<CallOpInterface>(op)) {
    if (const InPlaceAnalysis::Summary *callee = getCallee(op))
      return callee->arguments[use.getOperandNumber()].reads;
    return hasAccess(use, "read");
  }
  return true;
}

bool TensorUses::writes(OpOperand &use) {
  Operation *op = use.getOwner();
  if (isa<DestinationStyleOpInterface>(op))
    return getTiedResult(use).has_value();
  if (isa<tensor::ParallelInsertSliceOp, tensor::ScatterOp,
          bufferization::MaterializeInDestinationOp>(op))
    return use.getOperandNumber() == 1;
  if (auto toBuffer = dyn_cast<bufferization::ToBufferOp>(op))
    return !toBuffer.getReadOnly();
  if (isa<scf::ForOp, scf::ForallOp, scf::WhileOp>(op))
    return true;
  if (isa<CallOpInterface>(op)) {
    if (const InPlaceAnalysis::Summary *callee = getCallee(op))
      return callee->arguments[use.getOperandNumber()].writes;
    return hasAccess(use, "write");
  }
  return findReusedOperand(op) == &use;
}

SmallVector<TensorAlias, 2> TensorUses::getAliases(OpOperand &use) {
  Operation *op = use.getOwner();
  if (isa<DestinationStyleOpInterface>(op)) {
    std::optional<unsigned> result = getTiedResult(use);
    if (!result)
      return {};
    return {{op->getResult(*result), true}};
  }
  if (isa<tensor::ScatterOp>(op) && use.getOperandNumber() == 1)
    return {{op->getResult(0), true}};
  if (isa<tensor::ExtractSliceOp>(op))
    return {{op->getResult(0), false}};
  if (isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::CastOp,
          tensor::BitcastOp>(op) ||
      (isa<tensor::ReshapeOp>(op) && use.getOperandNumber() == 0))
    return {{op->getResult(0), true}};
  if (isa<bufferization::MaterializeInDestinationOp>(op) &&
      op->getNumResults() && use.getOperandNumber() == 1)
    return {{op->getResult(0), true}};
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return {{loop.getTiedLoopResult(&use), false}};
  if (auto loop = dyn_cast<scf::ForallOp>(op))
    return {{loop.getTiedOpResult(&use), true}};
  if (auto loop = dyn_cast<scf::WhileOp>(op)) {
    unsigned number = use.getOperandNumber();
    if (number < op->getNumResults() &&
        op->getResult(number).getType() == use.get().getType())
      return {{op->getResult(number), false}};
    return {};
  }
  if (auto select = dyn_cast<arith::SelectOp>(op);
      select && !isa<TensorType>(select.getCondition().getType()))
    return {{op->getResult(0), false}};
  if (isa<scf::YieldOp>(op) &&
      isa<scf::IfOp, scf::ExecuteRegionOp, scf::IndexSwitchOp>(
          op->getParentOp()))
    return {{op->getParentOp()->getResult(use.getOperandNumber()), false}};
  if (auto branch = dyn_cast<cf::BranchOp>(op))
    return {{branch.getDest()->getArgument(use.getOperandNumber()), true}};
  if (findReusedOperand(op) == &use)
    return {{op->getResult(0), true}};
  if (const InPlaceAnalysis::Summary *callee = getCallee(op)) {
    SmallVector<TensorAlias, 2> aliases;
    for (auto [result, arguments] :
         llvm::zip(op->getResults(), callee->aliasingArguments))
      if (llvm::is_contained(arguments, use.getOperandNumber()))
        aliases.push_back(
            {result, callee->equivalentArgument[result.getResultNumber()] ==
                         use.getOperandNumber()});
    return aliases;
  }
  return {};
}

SmallVector<OpOperand *, 2> TensorUses::getSources(OpResult result) {
  Operation *op = result.getOwner();
  SmallVector<OpOperand *, 2> sources;
  // Branches: what their regions yield.
  if (isa<scf::IfOp, scf::ExecuteRegionOp, scf::IndexSwitchOp>(op)) {
    for (Region &region : op->getRegions())
      if (!region.empty() && region.hasOneBlock())
        sources.push_back(&region.front().getTerminator()->getOpOperand(
            result.getResultNumber()));
    return sources;
  }
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<TensorType>(operand.get().getType()))
      continue;
    for (const TensorAlias &alias : getAliases(operand))
      if (alias.value == result)
        sources.push_back(&operand);
  }
  return sources;
}

bool TensorUses::hasDefinitionInside(Value value, Operation *op) {
  auto result = dyn_cast<OpResult>(value);
  if (!result || !op->isProperAncestor(result.getOwner()))
    return false;
  return isDefinition(value) ||
         llvm::any_of(getSources(result), [&](OpOperand *source) {
           return hasDefinitionInside(source->get(), op);
         });
}

bool TensorUses::isDefinition(Value value) {
  auto result = dyn_cast<OpResult>(value);
  if (!result)
    return true;
  Operation *op = result.getOwner();
  if (isa<tensor::EmptyOp>(op))
    return false;
  if (auto alloc = dyn_cast<bufferization::AllocTensorOp>(op))
    return static_cast<bool>(alloc.getCopy());
  SmallVector<OpOperand *, 2> sources = getSources(result);
  // What a region yields is a new content if it is made inside.
  if (isa<scf::IfOp, scf::ExecuteRegionOp, scf::IndexSwitchOp>(op))
    return llvm::any_of(sources, [&](OpOperand *source) {
      return hasDefinitionInside(source->get(), op);
    });
  return sources.empty() || llvm::any_of(sources, [&](OpOperand *source) {
           return writes(*source);
         });
}

bool TensorUses::isWritable(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto function =
        dyn_cast<FunctionOpInterface>(argument.getOwner()->getParentOp());
    if (!function)
      return true;
    auto attribute = function.getArgAttrOfType<BoolAttr>(
        argument.getArgNumber(), "bufferization.writable");
    return !attribute || attribute.getValue();
  }
  Operation *op = value.getDefiningOp();
  if (auto toTensor = dyn_cast<bufferization::ToTensorOp>(op))
    return toTensor.getWritable();
  // Constants, and what the analysis does not know (globals, tosa).
  return !op->hasTrait<OpTrait::ConstantLike>() &&
         op->getName().getDialectNamespace() != "ml_program";
}

bool TensorUses::isValueRead(Value value) {
  auto [it, isNew] = readCache.try_emplace(value, false);
  if (!isNew)
    return it->second;
  bool read = llvm::any_of(value.getUses(), [&](OpOperand &use) {
    if (reads(use))
      return true;
    // What an op writes without reading it has a new content.
    return !writes(use) &&
           llvm::any_of(getAliases(use), [&](TensorAlias alias) {
             return isValueRead(alias.value);
           });
  });
  readCache[value] = read;
  return read;
}

bool TensorUses::isAlwaysShared(OpOperand &use) {
  return use.getOwner()->hasTrait<OpTrait::IsTerminator>() ||
         isa<tensor::ParallelInsertSliceOp>(use.getOwner());
}
