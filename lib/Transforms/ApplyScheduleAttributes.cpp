//===- ApplyScheduleAttributes.cpp - Every schedule in a module -----------===//

#include "memwall/Transforms/ApplyScheduleAttributes.h"
#include "memwall/IR/ScheduleAttr.h"
#include "memwall/Schedule/ConvertSchedule.h"
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

LogicalResult memwall::applyScheduleAttributes(Operation *root) {
  SmallVector<Operation *> scheduled;
  root->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (op->hasAttr(kScheduleAttrName))
      scheduled.push_back(op);
  });
  IRRewriter rewriter(root->getContext());
  SmallVector<Operation *> outermostLoops;
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
    if (!loops->loops.empty())
      outermostLoops.push_back(loops->loops.front());
  }
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
