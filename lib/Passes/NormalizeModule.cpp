//===- NormalizeModule.cpp - The normal form of a module ------------------===//

#include "NormalizeModule.h"
#include "ModuleBytes.h"
#include "Remarks.h"
#include "memwall/Transforms/Normalize.h"

using namespace mlir;
using namespace memwall;

static void emitChangeRemarks(ArrayRef<NormalizedSpelling> changes) {
  for (const NormalizedSpelling &change : changes)
    emitRemark(RemarkKind::Analysis, change.location, "normalized", "",
               change.text);
}

void memwall::normalizeModule(ModuleOp module) {
  emitChangeRemarks(normalize(module));
}

/// Bytes by reuse distances: estimates from a few sets of a cache differ by
/// more than the normal form may cost. What cannot be read has none.
static FailureOr<ModuleBytes> computeFast(ModuleOp module,
                                          const Target &target) {
  ScopedDiagnosticHandler handler(module.getContext(),
                                  [](Diagnostic &) { return success(); });
  FailureOr<ModuleTrees> trees = buildModuleTrees(module);
  if (failed(trees))
    return failure();
  TrafficOptions options;
  options.accuracy = Accuracy::Fast;
  return computeBytes(module, *trees, target, options);
}

static bool isNoWorse(const ModuleBytes &after, const ModuleBytes &before) {
  return llvm::all_of(llvm::zip(after.functions, before.functions),
                      [](const auto &pair) {
                        const auto &[now, then] = pair;
                        return now.unmodelled <= then.unmodelled &&
                               now.levels.front() - then.levels.front() <=
                                   then.levels.front() / 100;
                      });
}

bool memwall::normalizeIfNoWorse(ModuleOp module, const Target &target) {
  OwningOpRef<ModuleOp> copy(module.clone());
  SmallVector<NormalizedSpelling> changes = normalize(*copy);
  FailureOr<ModuleBytes> before = computeFast(module, target);
  FailureOr<ModuleBytes> after = computeFast(*copy, target);
  if (failed(before) || failed(after) || !isNoWorse(*after, *before))
    return false;
  emitChangeRemarks(changes);
  module.getBodyRegion().takeBody(copy->getBodyRegion());
  return true;
}
