//===- PredictVectorTime.h - The time of vector code ------------*- C++ -*-===//

#ifndef MEMWALL_PASSES_PREDICTVECTORTIME_H
#define MEMWALL_PASSES_PREDICTVECTORTIME_H

#include "memwall/Report/PredictTime.h"
#include "memwall/Target/RegisterTile.h"
#include "mlir/IR/BuiltinOps.h"

namespace memwall {

/// The vector code that a program is predicted in.
struct VectorCode {
  VectorRegisters registers;
  int64_t threads = 1;
};

/// What a report says of `entry` of `module` after memwall-vectorize, at the
/// bandwidths that `target` achieves. It walks less than a report, so that many
/// schedules can be compared. `module` stays as it is. Fails, with no message,
/// where code cannot be made, or where some of it is not understood: tiles of
/// tiles that divide neither.
mlir::FailureOr<PredictedTime> predictVectorTime(mlir::ModuleOp module,
                                                 llvm::StringRef entry,
                                                 const Target &target,
                                                 const VectorCode &code);

} // namespace memwall

#endif // MEMWALL_PASSES_PREDICTVECTORTIME_H
