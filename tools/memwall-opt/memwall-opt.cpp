//===- memwall-opt.cpp - mlir-opt with memwall's passes -------------------===//

#include "memwall/IR/MemWallDialect.h"
#include "memwall/Target/DLTI.h"
#include "memwall/Target/Registry.h"
#ifdef MEMWALL_HAS_PASSES
#include "memwall/Passes/Passes.h"
#endif
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/WithColor.h"

namespace cl = llvm::cl;

static cl::opt<bool> listTargets("memwall-list-targets",
                                 cl::desc("Print a table of all targets"));
static cl::opt<std::string>
    printTarget("memwall-print-target", cl::value_desc("name"),
                cl::desc("Print a target, to copy and edit"));
static cl::list<std::string>
    targetFiles("memwall-target-file", cl::value_desc("file.mlir"),
                cl::desc("Add the targets of a file (may be repeated)"));

/// What `--memwall-list-targets` and `--memwall-print-target` ask for.
static llvm::Error printTargets() {
  auto registry = memwall::createRegistry();
  if (!registry)
    return registry.takeError();
  if (!printTarget.empty()) {
    auto target = registry->find(printTarget);
    if (!target)
      return target.takeError();
    memwall::printTargets(llvm::outs(), **target);
    return llvm::Error::success();
  }
  auto targets = registry->findAll();
  if (!targets)
    return targets.takeError();
  memwall::printTargetList(llvm::outs(), *targets);
  return llvm::Error::success();
}

int main(int argc, char **argv) {
  llvm::InitLLVM initialize(argc, argv);
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllPasses();
  memwall::registerMemWallDialect(registry);
#ifdef MEMWALL_HAS_PASSES
  memwall::registerMemWallPasses();
#endif
  auto [input, output] = mlir::registerAndParseCLIOptions(
      argc, argv, "memwall: the bytes that a program moves\n", registry);
  for (const std::string &file : targetFiles)
    memwall::addDefaultTargetFile(file);
  if (listTargets || !printTarget.empty()) {
    llvm::Error error = printTargets();
    if (!error)
      return EXIT_SUCCESS;
    llvm::WithColor::error(llvm::errs(), "memwall-opt")
        << llvm::toString(std::move(error)) << '\n';
    return EXIT_FAILURE;
  }
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, input, output, registry));
}
