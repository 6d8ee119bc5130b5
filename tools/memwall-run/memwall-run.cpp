//===- memwall-run.cpp - Execute a program and watch its memory -----------===//

#include "RunTool.h"
#include "Supervise.h"
#include "TargetFlags.h"
#include "memwall/IR/MemWallDialect.h"
#include "memwall/Passes/ForeignDialects.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"

int main(int argc, char **argv) {
  llvm::InitLLVM initialize(argc, argv);
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllPasses();
  memwall::registerMemWallDialect(registry);
  memwall::registerForeignDialects(registry);
  memwall::registerRenamedOps(registry);
  memwall::hideOtherFlags();
  llvm::cl::ParseCommandLineOptions(
      argc, argv, "memwall: runs a program and counts the bytes it moves\n");
  if (std::optional<int> exitCode = memwall::handleTargetFlags())
    return *exitCode;
  return memwall::supervise([&] {
    mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
    context.printOpOnDiagnostic(false);
    return memwall::runTool(context);
  });
}
