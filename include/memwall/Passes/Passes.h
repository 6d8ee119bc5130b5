//===- Passes.h - The passes of memwall -------------------------*- C++ -*-===//
//
// What a tool or a plugin needs to offer memwall's passes. docs/Passes.md,
// generated from Passes.td, describes every pass and option.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_PASSES_PASSES_H
#define MEMWALL_PASSES_PASSES_H

#include "memwall/Report/Report.h"
#include "mlir/Pass/Pass.h"

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace memwall {

#define GEN_PASS_DECL
#include "memwall/Passes/Passes.h.inc"

/// Adds the lowering of TOSA to linalg, tensor and arith that leaves no TOSA
/// op in what front ends export: upstream's passes without its validation,
/// which rejects real models. Operations that are not TOSA stay.
void buildImportTosaPipeline(mlir::OpPassManager &manager);

/// Options of the pipeline that makes vector code.
struct LowerToLLVMOptions {
  std::string target; ///< As those of memwall-vectorize.
  std::string targetFile;
  int64_t vectorBits = 0, vectorRegisters = 0;
  std::string dotInstructions;
  int64_t tileRows = 0, tileVectors = 0;
  int64_t threads = 1;
};

/// Adds the way from a scheduled program to vector code in the llvm dialect
/// (docs/Lowering.md). Upstream's passes have to be registered.
mlir::LogicalResult buildLowerToLLVMPipeline(mlir::OpPassManager &manager,
                                             const LowerToLLVMOptions &options);

/// The pipeline `memwall-lower-to-llvm`.
void registerLowerToLLVMPipeline();

/// Registers all passes and the pipelines `memwall-import-tosa` and
/// `memwall-lower-to-llvm`.
void registerMemWallPasses();

/// The passes and pipelines that are registered, those first that a new user
/// needs first.
llvm::ArrayRef<llvm::StringRef> getPassNames();

/// Whether a pass of this process has written a report. A tool then prints its
/// IR only if asked to (`-o`).
bool wroteReport();

} // namespace memwall

#endif // MEMWALL_PASSES_PASSES_H
