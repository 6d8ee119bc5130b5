//===- GenTool.cpp - memwall-gen behind its command line ------------------===//

#include "GenTool.h"
#include "WorkloadFlags.h"
#include "WriteOrKeep.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/WithColor.h"

using namespace mlir;
using namespace memwall;

static void listModels() {
  llvm::outs() << llvm::format("%-16s %10s  %s\n", "model", "parameters",
                               "source");
  for (const Preset &preset : getPresets())
    llvm::outs() << llvm::format(
        "%-16s %9.4gB  %s\n", preset.name.str().c_str(),
        preset.parameters / 1e9, preset.source.str().c_str());
}

static int fail(const llvm::Twine &message) {
  llvm::WithColor::error(llvm::errs(), "memwall-gen") << message << '\n';
  return EXIT_FAILURE;
}

int memwall::runGenTool() {
  if (isModelListAskedFor()) {
    listModels();
    return EXIT_SUCCESS;
  }
  llvm::Expected<WorkloadOptions> options = readWorkloadFlags();
  if (!options)
    return fail(llvm::toString(options.takeError()));
  for (const std::string &note : options->architecture.notes)
    llvm::WithColor::warning(llvm::errs(), "memwall-gen") << note << '\n';
  MLIRContext context(MLIRContext::Threading::DISABLED);
  loadWorkloadDialects(context);
  OwningOpRef<ModuleOp> module = buildWorkload(context, *options);
  if (failed(verify(*module)))
    return EXIT_FAILURE;
  return writeOrKeep(getOutputPath(), [&](raw_ostream &os) {
    module->print(os);
    return success();
  });
}
