//===- memwall-opt.cpp - mlir-opt with memwall's passes -------------------===//

#include "OutputUnlessReported.h"
#include "PrintHelp.h"
#include "TargetFlags.h"
#include "WriteOrKeep.h"
#include "memwall/IR/MemWallDialect.h"
#include "memwall/Passes/ForeignDialects.h"
#include "memwall/TransformOps/MemWallTransformOps.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/WithColor.h"

using namespace mlir;

int main(int argc, char **argv) {
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerAllPasses();
  memwall::registerMemWallDialect(registry);
  memwall::registerForeignDialects(registry);
  memwall::registerRenamedOps(registry);
  memwall::registerMemWallTransformOps(registry);
  memwall::registerMemWallPasses();
  if (memwall::isHelpAskedFor(argc, argv))
    memwall::printHelp();
  auto [input, output] = registerAndParseCLIOptions(
      argc, argv, "memwall: the bytes that a program moves\n", registry);
  if (std::optional<int> exitCode = memwall::handleTargetFlags())
    return *exitCode;

  bool isOutputGiven =
      llvm::cl::getRegisteredOptions().lookup("o")->getNumOccurrences() > 0;
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  if (config.shouldShowDialects() || config.shouldListPasses())
    return asMainReturnCode(MlirOptMain(argc, argv, input, output, registry));

  std::string message;
  std::unique_ptr<llvm::MemoryBuffer> file = openInputFile(input, &message);
  if (!file) {
    llvm::WithColor::error() << message << '\n';
    return EXIT_FAILURE;
  }
  return memwall::writeOrKeep(output, [&](raw_ostream &os) {
    if (isOutputGiven)
      return MlirOptMain(os, std::move(file), registry, config);
    // Who asks for a report, on standard output or in a file, wants no IR.
    memwall::OutputUnlessReported stream;
    return MlirOptMain(stream, std::move(file), registry, config);
  });
}
