//===- NormalizeModule.h - The normal form of a module ----------*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_NORMALIZEMODULE_H
#define MEMWALL_LIB_PASSES_NORMALIZEMODULE_H

#include "memwall/Target/Target.h"
#include "mlir/IR/BuiltinOps.h"

namespace memwall {

/// Brings `module` into normal form, with a remark for each change.
void normalizeModule(mlir::ModuleOp module);

/// The same, if no function then moves more than 1 % more at DRAM on `target`,
/// by reuse distances, nor has more that is not counted. Whether it was done.
bool normalizeIfNoWorse(mlir::ModuleOp module, const Target &target);

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_NORMALIZEMODULE_H
