//===- CheckAttributes.cpp - Mistakes an editor should show ---------------===//

#include "CheckAttributes.h"
#include "ExplainInEditor.h"
#include "memwall/IR/MemWallDialect.h"
#include "memwall/IR/ScheduleAttr.h"
#include "memwall/Schedule/ConvertSchedule.h"
#include "memwall/Target/Registry.h"
#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace memwall;

/// Whether `op` itself is well formed. Its attributes are verified before it
/// is, and what describes an op for a schedule relies on that.
static bool isWellFormed(Operation *op) {
  ScopedDiagnosticHandler handler(op->getContext(),
                                  [](Diagnostic &) { return success(); });
  return op->getName().isRegistered() &&
         succeeded(op->getName().verifyInvariants(op));
}

static LogicalResult checkSchedule(Operation *op, Attribute attribute) {
  auto schedule = dyn_cast<ScheduleAttr>(attribute);
  if (!schedule || !isWellFormed(op))
    return success();
  FailureOr<ScheduledOp> described = describeScheduledOp(op);
  if (failed(described))
    return emitError(op->getLoc())
           << "'" << op->getName()
           << "' op has a schedule, but no loops to tile";
  if (llvm::Error error = check(toSchedule(schedule), *described))
    return emitError(op->getLoc())
           << "'" << op->getName()
           << "' op schedule: " << llvm::toString(std::move(error));
  return success();
}

/// Levels of the shipped targets; a module that describes its own machines may
/// mean those.
static LogicalResult checkLevels(Operation *op, Attribute attribute) {
  auto budgets = dyn_cast<DictionaryAttr>(attribute);
  static llvm::Expected<Registry> registry = createRegistry();
  if (!budgets || !registry)
    return success();
  for (Operation *at = op; at; at = at->getParentOp())
    if (at->hasAttr(DLTIDialect::kTargetSystemDescAttrName))
      return success();
  for (NamedAttribute budget : budgets)
    if (llvm::Error error = registry->checkLevelName(budget.getName()))
      return emitError(op->getLoc())
             << "'" << op->getName()
             << "' op has a budget that is never checked: "
             << llvm::toString(std::move(error));
  return success();
}

static LogicalResult checkAttribute(Operation *op, NamedAttribute attribute) {
  if (attribute.getName() == kScheduleAttrName)
    return checkSchedule(op, attribute.getValue());
  if (attribute.getName() == kMaxBytesAttrName)
    return checkLevels(op, attribute.getValue());
  if (attribute.getName() == kExplainAttrName)
    return explainInEditor(op, cast<StringAttr>(attribute.getValue()));
  return success();
}

void memwall::registerAttributeChecks(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *, MemWallDialect *dialect) {
    dialect->addAttributeCheck(checkAttribute);
  });
}
