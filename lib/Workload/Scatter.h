//===- Scatter.h - Sums into rows that data names ---------------*- C++ -*-===//

#ifndef MEMWALL_LIB_WORKLOAD_SCATTER_H
#define MEMWALL_LIB_WORKLOAD_SCATTER_H

#include "Emitter.h"

namespace memwall {

/// Adds row t of `rows`, [t, d], to row ids[t] of `table`, one after the other:
/// ids may come back.
mlir::Value scatterAdd(Emitter &emitter, mlir::Value table, mlir::Value ids,
                       mlir::Value rows);

/// table[ids[t, r], o, k] += left[t, o] right[t, k], for all t and r. `left`
/// and `right` may have r as well, [t, r, o].
mlir::Value scatterProducts(Emitter &emitter, mlir::Value table,
                            mlir::Value ids, mlir::Value left,
                            mlir::Value right);

} // namespace memwall

#endif // MEMWALL_LIB_WORKLOAD_SCATTER_H
