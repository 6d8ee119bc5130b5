//===- LowerToLLVM.cpp - Vector code of a scheduled program ---------------===//

#include "memwall/Lowering/LowerToLLVM.h"
#include "SelectTargets.h"
#include "memwall/Passes/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"
#include "mlir/Pass/PassRegistry.h"

namespace memwall {
#define GEN_PASS_DEF_VECTORIZE
#define GEN_PASS_DEF_LOWERVECTORS
#define GEN_PASS_DEF_CHECKISLLVM
#include "memwall/Passes/Passes.h.inc"
} // namespace memwall

using namespace mlir;
using namespace memwall;

namespace {

struct VectorizePass : public memwall::impl::VectorizeBase<VectorizePass> {
  using VectorizeBase::VectorizeBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    VectorOptions options;
    options.tileRows = tileRows;
    options.tileVectors = tileVectors;
    options.threads = threads;
    SmallVector<std::string> names = joinTargetNames(target, targets);
    if (!names.empty() || module->hasAttr("dlti.target_system_spec")) {
      FailureOr<Target> machine = selectTarget(module, names, targetFile);
      if (failed(machine))
        return signalPassFailure();
      options.registers = getVectorRegisters(*machine);
    }
    if (vectorBits)
      options.registers.bits = vectorBits;
    if (vectorRegisters)
      options.registers.count = vectorRegisters;
    if (!dotInstructions.empty()) {
      std::optional<DotInstructions> dots =
          DotInstructions::parse(dotInstructions);
      if (!dots) {
        module.emitError("expected dot instructions to be ")
            << DotInstructions::getSyntax() << ", found '" << dotInstructions
            << "'";
        return signalPassFailure();
      }
      options.registers.dots = *dots;
    }
    if (options.registers.bits < 64 || options.registers.count < 4) {
      module.emitError("expected at least 4 vector registers of at least 64 "
                       "bits, found ")
          << options.registers.count << " of " << options.registers.bits;
      return signalPassFailure();
    }
    if (failed(lowerToVectors(module, options)))
      signalPassFailure();
  }
};

struct LowerVectorsPass
    : public memwall::impl::LowerVectorsBase<LowerVectorsPass> {
  void getDependentDialects(DialectRegistry &registry) const override {
    LowerVectorsBase::getDependentDialects(registry);
    registerIntrinsicEffects(registry);
  }
  void runOnOperation() override {
    if (failed(lowerVectors(getOperation())))
      signalPassFailure();
  }
};

struct CheckIsLLVMPass
    : public memwall::impl::CheckIsLLVMBase<CheckIsLLVMPass> {
  void runOnOperation() override {
    if (failed(checkIsLLVM(getOperation())))
      signalPassFailure();
  }
};

struct PipelineOptions : public PassPipelineOptions<PipelineOptions> {
  Option<std::string> target{*this, "target",
                             llvm::cl::desc("As of memwall-vectorize")};
  Option<std::string> targetFile{*this, "target-file",
                                 llvm::cl::desc("As of memwall-vectorize")};
  Option<int64_t> vectorBits{*this, "vector-bits",
                             llvm::cl::desc("As of memwall-vectorize"),
                             llvm::cl::init(0)};
  Option<int64_t> vectorRegisters{*this, "vector-registers",
                                  llvm::cl::desc("As of memwall-vectorize"),
                                  llvm::cl::init(0)};
  Option<std::string> dotInstructions{
      *this, "dot-instructions", llvm::cl::desc("As of memwall-vectorize")};
  Option<int64_t> tileRows{*this, "tile-rows",
                           llvm::cl::desc("As of memwall-vectorize"),
                           llvm::cl::init(0)};
  Option<int64_t> tileVectors{*this, "tile-vectors",
                              llvm::cl::desc("As of memwall-vectorize"),
                              llvm::cl::init(0)};
  Option<int64_t> threads{
      *this, "threads",
      llvm::cl::desc("Run scf.forall on so many threads, with OpenMP; link "
                     "with -lomp"),
      llvm::cl::init(1)};
};

} // namespace

LogicalResult
memwall::buildLowerToLLVMPipeline(OpPassManager &manager,
                                  const LowerToLLVMOptions &options) {
  VectorizeOptions vectorize;
  vectorize.target = options.target;
  vectorize.targetFile = options.targetFile;
  vectorize.vectorBits = options.vectorBits;
  vectorize.vectorRegisters = options.vectorRegisters;
  vectorize.dotInstructions = options.dotInstructions;
  vectorize.tileRows = options.tileRows;
  vectorize.tileVectors = options.tileVectors;
  vectorize.threads = options.threads;
  manager.addPass(createVectorize(vectorize));
  if (failed(addBufferization(manager)))
    return failure();
  manager.addPass(createLowerVectors());
  if (failed(addConversionToLLVM(manager, options.threads)))
    return failure();
  manager.addPass(createCheckIsLLVM());
  return success();
}

void memwall::registerLowerToLLVMPipeline() {
  PassPipelineRegistration<PipelineOptions>(
      "memwall-lower-to-llvm",
      "Vector code of a program, with its schedules, in the llvm dialect",
      [](OpPassManager &manager, const PipelineOptions &options) {
        // Fails only where upstream's passes have other names: then it stops
        // early, and what is left is not LLVM.
        (void)buildLowerToLLVMPipeline(
            manager, {options.target, options.targetFile, options.vectorBits,
                      options.vectorRegisters, options.dotInstructions,
                      options.tileRows, options.tileVectors, options.threads});
      });
}
