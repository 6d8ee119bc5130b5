//===- memwall-lsp-server.cpp - mlir-lsp-server that knows memwall --------===//

#include "CheckAttributes.h"
#include "memwall/IR/MemWallDialect.h"
#include "memwall/Passes/ForeignDialects.h"
#include "memwall/TransformOps/MemWallTransformOps.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  memwall::registerMemWallDialect(registry);
  memwall::registerForeignDialects(registry);
  memwall::registerRenamedOps(registry);
  memwall::registerMemWallTransformOps(registry);
  memwall::registerAttributeChecks(registry);
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, registry));
}
