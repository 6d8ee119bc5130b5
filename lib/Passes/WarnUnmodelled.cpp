//===- WarnUnmodelled.cpp - Says what is in no figure ---------------------===//

#include "WarnUnmodelled.h"
#include "memwall/Report/Report.h"
#include "memwall/Work/Advice.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace memwall;

LogicalResult memwall::warnOfUnmodelled(ModuleOp module,
                                        const ModuleTrees &trees, bool strict) {
  bool isComplete = true;
  auto warn = [&](Operation *at) {
    isComplete = false;
    Location location = at->getLoc();
    return strict ? emitError(location) : emitWarning(location);
  };
  for (const LoopTree &tree : trees.trees) {
    Operation *function = findFunction(module, tree.function);
    for (const ReportWarning &warning :
         listWarnings(mergeUnmodelled(tree.unmodelled), tree.undefinedReads))
      warn(function ? function : module)
          << "@" << tree.function << ": " << warning.text << "; "
          << warning.advice;
  }
  module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isa<ModuleOp>(op))
      return WalkResult::advance();
    auto name = op->getAttrOfType<StringAttr>(SymbolTable::getSymbolAttrName());
    if (op->isRegistered() || !name || op->getNumRegions() == 0)
      return WalkResult::skip();
    InFlightDiagnostic diagnostic = warn(op);
    diagnostic << "@" << name.getValue() << ": '" << op->getName()
               << "' is not looked into";
    if (auto advice = findDialectAdvice(op->getName().getDialectNamespace()))
      diagnostic << "; " << *advice;
    return WalkResult::skip();
  });
  return success(isComplete || !strict);
}
