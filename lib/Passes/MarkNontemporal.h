//===- MarkNontemporal.h - Stores past the caches ---------------*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_MARKNONTEMPORAL_H
#define MEMWALL_LIB_PASSES_MARKNONTEMPORAL_H

#include "memwall/Target/Target.h"
#include "mlir/IR/BuiltinOps.h"

namespace memwall {

/// Puts `memwall.nontemporal` on the linalg ops of `module` that make nothing
/// but results which had better go past the caches of `target`, in every call
/// (memwall/Search/NontemporalResults.h), with a remark each. An op that reads
/// what it stores is left alone.
mlir::LogicalResult markNontemporal(mlir::ModuleOp module,
                                    const Target &target);

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_MARKNONTEMPORAL_H
