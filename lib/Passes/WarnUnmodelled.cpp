//===- WarnUnmodelled.cpp - Says what is in no figure ---------------------===//

#include "WarnUnmodelled.h"
#include "memwall/Report/Report.h"
#include "memwall/Work/Advice.h"
#include "memwall/Work/EmitError.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace memwall;

/// Whether `op` contains a function: it is looked into that far.
static bool containsFunctions(Operation *op) {
  return op->walk([](FunctionOpInterface) { return WalkResult::interrupt(); })
      .wasInterrupted();
}

/// Warns of what is in `module` and in no function: ops with a body, and ops on
/// values, which no report has.
static void
warnOfModule(ModuleOp module,
             llvm::function_ref<InFlightDiagnostic(Operation *)> warn) {
  auto advise = [](InFlightDiagnostic &diagnostic, Operation *op) {
    if (auto advice = findDialectAdvice(op->getName().getDialectNamespace()))
      diagnostic << "; " << *advice;
  };
  Operation *firstLoose = nullptr;
  int64_t loose = 0;
  module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isa<ModuleOp>(op) ||
        (!isa<FunctionOpInterface>(op) && containsFunctions(op)))
      return WalkResult::advance();
    bool hasBody = llvm::any_of(op->getRegions(),
                                [](Region &region) { return !region.empty(); });
    if (!op->isRegistered() && hasBody) {
      auto name =
          op->getAttrOfType<StringAttr>(SymbolTable::getSymbolAttrName());
      InFlightDiagnostic diagnostic = warn(op);
      if (name)
        diagnostic << "@" << name.getValue() << ": ";
      diagnostic << "'" << op->getName() << "' is not looked into";
      advise(diagnostic, op);
    } else if (isa_and_present<ModuleOp>(op->getParentOp()) &&
               (op->getNumOperands() || op->getNumResults())) {
      firstLoose = firstLoose ? firstLoose : op;
      ++loose;
    }
    return WalkResult::skip();
  });
  if (!firstLoose)
    return;
  InFlightDiagnostic diagnostic = warn(firstLoose);
  diagnostic << "'" << firstLoose->getName() << "'";
  if (loose > 1)
    diagnostic << " and " << loose - 1 << (loose == 2 ? " other" : " others");
  diagnostic << " in no function: " << (loose > 1 ? "they are" : "it is")
             << " in no figure";
  advise(diagnostic, firstLoose);
}

LogicalResult memwall::warnOfUnmodelled(ModuleOp module,
                                        const ModuleTrees &trees, bool strict) {
  bool isComplete = true;
  auto warn = [&](Operation *at) {
    isComplete = false;
    Location location = getReportLocation(at);
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
  warnOfModule(module, warn);
  return success(isComplete || !strict);
}
