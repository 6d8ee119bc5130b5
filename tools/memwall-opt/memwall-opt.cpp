//===- memwall-opt.cpp - mlir-opt with memwall's passes -------------------===//

#include "memwall/IR/MemWallDialect.h"
#ifdef MEMWALL_HAS_PASSES
#include "memwall/Passes/Passes.h"
#endif
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllPasses();
  memwall::registerMemWallDialect(registry);
#ifdef MEMWALL_HAS_PASSES
  memwall::registerMemWallPasses();
#endif
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "memwall: the bytes that a program moves\n", registry));
}
