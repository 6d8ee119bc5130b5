//===- CheckAttributes.h - Mistakes an editor should show -------*- C++ -*-===//

#ifndef MEMWALL_TOOLS_CHECKATTRIBUTES_H
#define MEMWALL_TOOLS_CHECKATTRIBUTES_H

#include "mlir/IR/DialectRegistry.h"

namespace memwall {

/// Makes the verifier find what only the passes find elsewhere: schedules that
/// do not fit their op, and budgets of levels that no target has; and makes it
/// explain ops that ask for it (ExplainInEditor.h).
void registerAttributeChecks(mlir::DialectRegistry &registry);

} // namespace memwall

#endif // MEMWALL_TOOLS_CHECKATTRIBUTES_H
