//===- CheckExpansion.h - Programs of a size that can be read ---*- C++ -*-===//

#ifndef MEMWALL_LIB_WORK_CHECKEXPANSION_H
#define MEMWALL_LIB_WORK_CHECKEXPANSION_H

#include "mlir/Interfaces/FunctionInterfaces.h"

namespace memwall {

/// In a loop tree, bodies stand in the place of calls: 31 functions of two
/// calls each are 2^30 operations. Fails, with an error at the call or the loop
/// that is too much, when loops and calls of `function` are nested deeper than
/// 1024, or calls bring in more than 2^18 operations. Programs stay far below
/// both: a model of 100 layers, each a call of 1000 operations, has 10^5. Takes
/// time linear in what is written.
mlir::LogicalResult checkExpansion(mlir::FunctionOpInterface function);

} // namespace memwall

#endif // MEMWALL_LIB_WORK_CHECKEXPANSION_H
