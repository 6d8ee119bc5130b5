//===- memwall-test-opt.cpp - mlir-opt with memwall's test passes ---------===//
//
// The passes that tests need and users do not; the library MemWallTestPasses.
//
//===----------------------------------------------------------------------===//

#include "TestPasses.h"
#include "memwall/IR/MemWallDialect.h"
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
  memwall::test::registerTestPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "memwall's data structures, printed\n", registry));
}
