//===- ParseAccuracy.cpp - The option `accuracy` of passes ----------------===//

#include "ParseAccuracy.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;

FailureOr<memwall::Accuracy> memwall::parseAccuracy(ModuleOp module,
                                                    StringRef name) {
  if (std::optional<Accuracy> accuracy = findAccuracy(name))
    return *accuracy;
  return emitError(module.getLoc(),
                   "expected accuracy=fast, accuracy=default or "
                   "accuracy=exact, found '")
         << name << "'";
}
