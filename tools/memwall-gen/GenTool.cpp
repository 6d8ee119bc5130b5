//===- GenTool.cpp - memwall-gen behind its command line ------------------===//

#include "GenTool.h"
#include "WorkloadFlags.h"
#include "WriteOrKeep.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
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

/// What the bytes between devices are computed from.
static void describe(const Architecture &model, raw_ostream &os) {
  llvm::json::Array layers;
  for (int64_t index = 0; index < model.layers; ++index) {
    LayerKind kind = model.getLayer(index);
    // Tokens that the layer attends to; 0: all.
    int64_t window = kind.mixer == Mixer::Window ? model.window : 0;
    layers.push_back(llvm::json::Object{{"attends", kind.attends()},
                                        {"window", window},
                                        {"experts", kind.hasExperts}});
  }
  llvm::json::Object dimensions{
      {"hidden", model.hidden},
      {"heads", model.heads},
      {"kv_heads", model.kvHeads},
      {"value_dim", model.isLatent() ? model.latent.valueDim : model.headDim},
      {"vocabulary", model.vocabulary},
      {"experts", model.moe.experts},
      {"top_k", model.moe.topK},
      {"layers", std::move(layers)}};
  os << llvm::formatv("{0:2}", llvm::json::Value(std::move(dimensions)))
     << '\n';
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
  if (isDescriptionAskedFor()) {
    describe(options->architecture, llvm::outs());
    return EXIT_SUCCESS;
  }
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
