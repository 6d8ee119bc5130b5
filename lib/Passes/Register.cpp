//===- Register.cpp - Registers passes and pipelines ----------------------===//

#include "memwall/Passes/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

namespace memwall {
#define GEN_PASS_REGISTRATION
#include "memwall/Passes/Passes.h.inc"
} // namespace memwall

void memwall::registerMemWallPasses() {
  registerMemWallTableGenPasses();
  mlir::PassPipelineRegistration<>(
      "memwall-import-tosa",
      "Lower TOSA to linalg, tensor and arith, without TOSA's validation",
      buildImportTosaPipeline);
  registerLowerToLLVMPipeline();
}

llvm::ArrayRef<llvm::StringRef> memwall::getPassNames() {
  static constexpr llvm::StringRef names[] = {
      "memwall-report",        "memwall-explain",        "memwall-optimize",
      "memwall-search",        "memwall-apply-schedule", "memwall-normalize",
      "memwall-check-budget",  "memwall-annotate",       "memwall-bind-dims",
      "memwall-import-tosa",   "memwall-lower-to-llvm",  "memwall-vectorize",
      "memwall-lower-vectors", "memwall-check-is-llvm"};
  return names;
}
