//===- LowerToLLVM.cpp - From loops over memrefs to the llvm dialect ------===//

#include "memwall/Simulator/LowerProgram.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace memwall;

/// Whether arithmetic is done on floats that LLVM does not know.
static bool usesSmallFloats(ModuleOp module) {
  WalkResult result = module.walk([](Operation *op) {
    for (Type type : op->getResultTypes())
      if (auto floating = dyn_cast<FloatType>(getElementTypeOrSelf(type));
          floating && floating.getWidth() <= 8)
        return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return result.wasInterrupted();
}

LogicalResult memwall::lowerToLLVM(ModuleOp module) {
  std::string pipeline = "func.func(scf-forall-to-for,convert-vector-to-scf,"
                         "arith-expand{include-bf16=true}),";
  if (usesSmallFloats(module))
    pipeline += "convert-arith-to-apfloat,";
  pipeline += "expand-strided-metadata,lower-affine,convert-scf-to-cf,"
              "convert-complex-to-standard,"
              "convert-vector-to-llvm,convert-math-to-llvm,"
              "convert-math-to-libm,func.func(arith-expand{"
              "include-bf16=true}),"
              "finalize-memref-to-llvm,convert-arith-to-llvm,"
              "convert-index-to-llvm,convert-ub-to-llvm,"
              "convert-complex-to-llvm,convert-func-to-llvm,"
              "convert-cf-to-llvm,reconcile-unrealized-casts";
  PassManager manager(module.getContext());
  if (failed(parsePassPipeline(pipeline, manager)))
    return failure();
  if (failed(manager.run(module)))
    return failure();
  // What is left in another dialect would fail later, without a place.
  WalkResult result = module.walk([&](Operation *op) {
    StringRef dialect = op->getName().getDialectNamespace();
    if (op == module || dialect == "llvm")
      return WalkResult::advance();
    op->emitError("'") << op->getName() << "' has no lowering to LLVM";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}
