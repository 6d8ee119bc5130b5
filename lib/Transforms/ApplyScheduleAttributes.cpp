//===- ApplyScheduleAttributes.cpp - Every schedule in a module -----------===//

#include "memwall/Transforms/ApplyScheduleAttributes.h"
#include "memwall/IR/ScheduleAttr.h"
#include "memwall/Schedule/ConvertSchedule.h"
#include "memwall/Transforms/ApplyGroups.h"
#include "memwall/Transforms/ApplySchedule.h"
#include "memwall/Transforms/CleanUpLoops.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/TilingInterfaceImpl.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/IR/TensorTilingInterfaceImpl.h"

using namespace mlir;
using namespace memwall;

static bool isInside(Operation *op, ArrayRef<Operation *> loops) {
  return llvm::any_of(loops,
                      [&](Operation *loop) { return loop->isAncestor(op); });
}

/// Makes the loops of all groups below `root`; `outermostLoops` gets them.
static LogicalResult applyGroups(RewriterBase &rewriter, Operation *root,
                                 SmallVectorImpl<Operation *> &outermostLoops) {
  SmallVector<FunctionOpInterface> functions;
  root->walk([&](FunctionOpInterface each) { functions.push_back(each); });
  for (FunctionOpInterface function : functions) {
    FailureOr<SmallVector<GroupInIR, 0>> groups = findGroups(function);
    if (failed(groups))
      return failure();
    for (const GroupInIR &group : *groups)
      if (failed(applyGroup(rewriter, group, outermostLoops)))
        return failure();
  }
  return success();
}

LogicalResult memwall::applyScheduleAttributes(Operation *root) {
  IRRewriter rewriter(root->getContext());
  SmallVector<Operation *> outermostLoops;
  return applyScheduleAttributes(rewriter, root, outermostLoops);
}

LogicalResult
memwall::applyScheduleAttributes(RewriterBase &rewriter, Operation *root,
                                 SmallVectorImpl<Operation *> &outermostLoops) {
  SmallVector<Operation *> groupLoops;
  if (failed(applyGroups(rewriter, root, groupLoops)))
    return failure();
  SmallVector<Operation *> scheduled;
  root->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (op->hasAttr(kScheduleAttrName))
      scheduled.push_back(op);
  });
  for (Operation *op : scheduled) {
    auto tileable = dyn_cast<TilingInterface>(op);
    if (!tileable)
      return op->emitOpError("has a schedule, but cannot be tiled: it has no "
                             "TilingInterface");
    Schedule schedule =
        toSchedule(op->getAttrOfType<ScheduleAttr>(kScheduleAttrName));
    FailureOr<ScheduledLoops> loops =
        applySchedule(rewriter, tileable, schedule);
    if (failed(loops))
      return failure();
    if (!loops->loops.empty() && !isInside(loops->loops.front(), groupLoops))
      outermostLoops.push_back(loops->loops.front());
  }
  for (Operation *loop : groupLoops)
    hoistPacks(rewriter, loop);
  llvm::append_range(outermostLoops, groupLoops);
  cleanUpLoops(rewriter, outermostLoops);
  return success();
}

void memwall::registerTilingDialects(DialectRegistry &registry) {
  registry
      .insert<affine::AffineDialect, arith::ArithDialect, linalg::LinalgDialect,
              scf::SCFDialect, tensor::TensorDialect>();
  linalg::registerTilingInterfaceExternalModels(registry);
  tensor::registerTilingInterfaceExternalModels(registry);
}
