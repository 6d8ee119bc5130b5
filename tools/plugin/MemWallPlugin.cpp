//===- MemWallPlugin.cpp - memwall inside the stock mlir-opt --------------===//
//
//   mlir-opt-22 --load-pass-plugin=MemWallPlugin.so
//       --load-dialect-plugin=MemWallPlugin.so
//       --pass-pipeline='builtin.module(memwall-report)' layer.mlir
//
//===----------------------------------------------------------------------===//

#include "memwall/IR/MemWallDialect.h"
#include "memwall/Passes/Passes.h"
#include "memwall/TransformOps/MemWallTransformOps.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"
#include "llvm/Support/WithColor.h"

/// A tool that has memwall built in (memwall-opt) would die of everything
/// being registered twice.
static void warnThatMemWallIsThere() {
  llvm::WithColor::warning()
      << "MemWallPlugin.so is not needed here: this program has memwall built "
         "in; the plugin is ignored\n";
}

static void registerPasses() {
  if (mlir::PassInfo::lookup("memwall-report"))
    return warnThatMemWallIsThere();
  memwall::registerMemWallPasses();
}

static void registerDialect(mlir::DialectRegistry *registry) {
  if (registry->getDialectAllocator("memwall"))
    return warnThatMemWallIsThere();
  memwall::registerMemWallDialect(*registry);
  memwall::registerMemWallTransformOps(*registry);
}

extern "C" LLVM_ATTRIBUTE_VISIBILITY_DEFAULT ::mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "MemWall", MEMWALL_VERSION, registerPasses};
}

extern "C" LLVM_ATTRIBUTE_VISIBILITY_DEFAULT ::mlir::DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "MemWall", MEMWALL_VERSION, registerDialect};
}
