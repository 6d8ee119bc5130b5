//===- ExplainInEditor.h - Why an op moves what it moves --------*- C++ -*-===//

#ifndef MEMWALL_TOOLS_EXPLAININEDITOR_H
#define MEMWALL_TOOLS_EXPLAININEDITOR_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"

namespace memwall {

/// Emits a remark at `op` that says what memwall-explain says of it on
/// `target`, a shipped target or one of its module; schedules are planned, not
/// applied. The upstream server has no place to add to what it shows on hover,
/// but editors show a remark there. Emits an error where there is no such
/// target, and nothing while the module around `op` is not well formed.
mlir::LogicalResult explainInEditor(mlir::Operation *op,
                                    mlir::StringAttr target);

} // namespace memwall

#endif // MEMWALL_TOOLS_EXPLAININEDITOR_H
