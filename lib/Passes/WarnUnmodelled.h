//===- WarnUnmodelled.h - Says what is in no figure -------------*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_WARNUNMODELLED_H
#define MEMWALL_LIB_PASSES_WARNUNMODELLED_H

#include "ModuleTrees.h"

namespace memwall {

/// Warns, at each function, of ops that are in no figure or in some only, of
/// accumulations onto content that nothing has written, and of what has a name
/// and a body and is not looked into. With `strict` these are errors, and the
/// result is failure.
mlir::LogicalResult warnOfUnmodelled(mlir::ModuleOp module,
                                     const ModuleTrees &trees,
                                     bool strict = false);

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_WARNUNMODELLED_H
