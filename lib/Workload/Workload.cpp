//===- Workload.cpp - Options to a module ---------------------------------===//

#include "memwall/Workload/Workload.h"
#include "ModelTrainer.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/MLIRContext.h"

using namespace mlir;
using namespace memwall;

void memwall::loadWorkloadDialects(MLIRContext &context) {
  context.loadDialect<arith::ArithDialect, func::FuncDialect,
                      linalg::LinalgDialect, math::MathDialect, scf::SCFDialect,
                      tensor::TensorDialect>();
}

OwningOpRef<ModuleOp> memwall::buildWorkload(MLIRContext &context,
                                             const WorkloadOptions &options) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context));
  if (options.phase == Phase::Train)
    ModelTrainer(*module, options).build();
  else
    ModelBuilder(*module, options).build();
  return module;
}
