//===- ParseOptions.cpp - Options of passes that are names ----------------===//

#include "ParseOptions.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace memwall;

FailureOr<Accuracy> memwall::parseAccuracy(ModuleOp module, StringRef name) {
  if (std::optional<Accuracy> accuracy = findAccuracy(name))
    return *accuracy;
  return emitError(module.getLoc(),
                   "expected accuracy=fast, accuracy=default or "
                   "accuracy=exact, found '")
         << name << "'";
}

FailureOr<ObjectiveKind>
memwall::parseObjective(ModuleOp module, StringRef name, const Target &target) {
  auto kind = llvm::StringSwitch<std::optional<ObjectiveKind>>(name)
                  .Case("auto", ObjectiveKind::Auto)
                  .Case("bytes", ObjectiveKind::Bytes)
                  .Case("time", ObjectiveKind::Time)
                  .Default(std::nullopt);
  if (!kind)
    return emitError(module.getLoc(),
                     "expected objective=auto, objective=bytes or "
                     "objective=time, found '")
           << name << "'";
  const Level *unknown = findLevelWithoutBandwidth(target);
  if (*kind == ObjectiveKind::Time && unknown)
    return emitError(module.getLoc(),
                     "objective=time takes the bandwidth of every level: '")
           << target.name << "' states none of '" << unknown->name << "'";
  return *kind;
}
