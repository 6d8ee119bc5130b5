//===- BuildBranches.cpp - Branches and regions that run once
//--------------===//

#include "LoopTreeBuilder.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

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
  } else if (!isa<affine::AffineIfOp>(op)) {
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
