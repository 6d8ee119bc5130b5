//===- AddPasses.cpp - Upstream's part of the way to LLVM -----------------===//

#include "memwall/Lowering/LowerToLLVM.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace memwall;

/// Upstream's passes by their names, which mlir-opt and memwall-opt know.
static LogicalResult add(OpPassManager &manager, StringRef pipeline) {
  return parsePassPipeline(pipeline, manager);
}

LogicalResult memwall::addBufferization(OpPassManager &manager) {
  return add(manager, "one-shot-bufferize{bufferize-function-boundaries "
                      "function-boundary-type-conversion=identity-layout-map "
                      "allow-return-allocs-from-loops},"
                      "canonicalize,cse,canonicalize,"
                      "func.func(buffer-hoisting,buffer-loop-hoisting)");
}

LogicalResult memwall::addConversionToLLVM(OpPassManager &manager,
                                           int64_t threads) {
  // Loops on several units: one iteration after another, or OpenMP's.
  std::string units =
      threads > 1 ? "func.func(scf-forall-to-parallel),convert-scf-to-openmp{"
                    "num-threads=" +
                        std::to_string(threads) + "},canonicalize,"
                  : "func.func(scf-forall-to-for),";
  // bf16 is converted by LLVM, which has instructions for it.
  return add(
      manager,
      "buffer-deallocation-pipeline,"
      "func.func(optimize-allocation-liveness),"
      "convert-bufferization-to-memref,"
      "fold-memref-alias-ops,canonicalize,cse,"
      "loop-invariant-code-motion," +
          units +
          "func.func(convert-linalg-to-loops,"
          "convert-vector-to-scf{full-unroll=true},"
          "math-expand-ops{ops=fpowi},"
          "math-extend-to-supported-types{target-type=f32},arith-expand),"
          "expand-strided-metadata,lower-affine,convert-scf-to-cf,"
          "convert-complex-to-standard,"
          "convert-vector-to-llvm{reassociate-fp-reductions=1},"
          "convert-math-to-llvm,convert-math-to-libm,"
          "func.func(arith-expand),finalize-memref-to-llvm,"
          "convert-arith-to-llvm,convert-index-to-llvm,convert-ub-to-llvm,"
          "convert-complex-to-llvm,convert-func-to-llvm,convert-cf-to-llvm," +
          std::string(threads > 1 ? "convert-openmp-to-llvm," : "") +
          "canonicalize,cse,reconcile-unrealized-casts");
}

LogicalResult memwall::checkIsLLVM(ModuleOp module) {
  WalkResult result = module.walk([&](Operation *op) {
    StringRef dialect = op->getName().getDialectNamespace();
    if (op == module || dialect == "llvm" || dialect == "omp")
      return WalkResult::advance();
    op->emitError("'") << op->getName() << "' has no lowering to LLVM";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}
