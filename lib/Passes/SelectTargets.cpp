//===- SelectTargets.cpp - From options to targets ------------------------===//

#include "SelectTargets.h"
#include "memwall/Target/TargetError.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace memwall;

FailureOr<Registry>
memwall::createModuleRegistry(ModuleOp module, StringRef file,
                              SmallVectorImpl<std::string> &moduleNames) {
  SmallVector<std::string> files;
  if (!file.empty())
    files.push_back(file.str());
  llvm::Expected<Registry> registry = createRegistry(files);
  if (!registry)
    return emitTargetError(module.getLoc(), registry.takeError());
  if (failed(registry->addModule(module, moduleNames)))
    return failure();
  return std::move(*registry);
}

FailureOr<SmallVector<Target, 2>>
memwall::selectTargets(ModuleOp module, ArrayRef<std::string> names,
                       StringRef file, ArrayRef<StringRef> defaults) {
  SmallVector<std::string> chosen;
  FailureOr<Registry> registry = createModuleRegistry(module, file, chosen);
  if (failed(registry))
    return failure();
  if (!names.empty())
    chosen.assign(names.begin(), names.end());
  if (chosen.empty())
    for (StringRef name : defaults)
      chosen.push_back(name.str());
  SmallVector<Target, 2> targets;
  for (StringRef name : chosen) {
    llvm::Expected<const Target *> target = registry->find(name.trim());
    if (!target)
      return emitTargetError(module.getLoc(), target.takeError());
    targets.push_back(**target);
  }
  return targets;
}

SmallVector<std::string>
memwall::joinTargetNames(StringRef target, ArrayRef<std::string> targets) {
  SmallVector<std::string> names;
  for (StringRef name : llvm::split(target, ','))
    if (!name.trim().empty())
      names.push_back(name.trim().str());
  llvm::append_range(names, targets);
  return names;
}

FailureOr<Target> memwall::selectTarget(ModuleOp module,
                                        ArrayRef<std::string> names,
                                        StringRef file) {
  if (names.size() > 1)
    return emitError(module.getLoc(), "expected one target, found ")
           << llvm::join(names, ", ");
  FailureOr<SmallVector<Target, 2>> targets =
      selectTargets(module, names, file, {"h100-sxm"});
  if (failed(targets))
    return failure();
  return targets->front();
}
