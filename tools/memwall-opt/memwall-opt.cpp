//===- memwall-opt.cpp - mlir-opt with memwall's passes -------------------===//

#include "TargetFlags.h"
#include "memwall/IR/MemWallDialect.h"
#ifdef MEMWALL_HAS_PASSES
#include "memwall/Passes/Passes.h"
#endif
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/WithColor.h"

using namespace mlir;

#ifdef MEMWALL_HAS_PASSES
namespace {
/// Standard output, unless a report went there.
class OutputUnlessReported : public llvm::raw_ostream {
public:
  OutputUnlessReported() : raw_ostream(/*unbuffered=*/true) {}

private:
  void write_impl(const char *text, size_t length) override {
    if (!memwall::wroteReportToStandardOutput())
      llvm::outs().write(text, length);
  }
  uint64_t current_pos() const override { return llvm::outs().tell(); }
};
} // namespace
#endif

int main(int argc, char **argv) {
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerAllPasses();
  memwall::registerMemWallDialect(registry);
#ifdef MEMWALL_HAS_PASSES
  memwall::registerMemWallPasses();
#endif
  auto [input, output] = registerAndParseCLIOptions(
      argc, argv, "memwall: the bytes that a program moves\n", registry);
  if (std::optional<int> exitCode = memwall::handleTargetFlags())
    return *exitCode;
#ifdef MEMWALL_HAS_PASSES
  bool isOutputGiven =
      llvm::cl::getRegisteredOptions().lookup("o")->getNumOccurrences() > 0;
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  if (!isOutputGiven && !config.shouldShowDialects() &&
      !config.shouldListPasses()) {
    std::string message;
    std::unique_ptr<llvm::MemoryBuffer> file = openInputFile(input, &message);
    if (!file) {
      llvm::WithColor::error() << message << '\n';
      return EXIT_FAILURE;
    }
    OutputUnlessReported stream;
    return asMainReturnCode(
        MlirOptMain(stream, std::move(file), registry, config));
  }
#endif
  return asMainReturnCode(MlirOptMain(argc, argv, input, output, registry));
}
