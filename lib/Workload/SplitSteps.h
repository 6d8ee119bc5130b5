//===- SplitSteps.h - Every step of a layer on its own ----------*- C++ -*-===//

#ifndef MEMWALL_LIB_WORKLOAD_SPLITSTEPS_H
#define MEMWALL_LIB_WORKLOAD_SPLITSTEPS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace memwall {

/// Replaces a layer function by one function per step (memwall.step), which is
/// called as the step. What a step needs from earlier ones are arguments; what
/// later ones need, or the layer returns, are results. A name that comes back
/// gets a number, "scores_2".
void splitSteps(mlir::func::FuncOp layer);

} // namespace memwall

#endif // MEMWALL_LIB_WORKLOAD_SPLITSTEPS_H
