//===- OptimizeModule.h - Schedules that are seen to help -------*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_OPTIMIZEMODULE_H
#define MEMWALL_LIB_PASSES_OPTIMIZEMODULE_H

#include "memwall/Search/Search.h"
#include "mlir/IR/BuiltinOps.h"

namespace memwall {

/// Starts from the normal form where `options.fuse` says that ops may share
/// loops, unless it moves more. Chooses and applies schedules, and keeps what
/// is predicted to help: after every rewrite the loop trees are built again,
/// and no function may move more bytes at DRAM than before, nor the same at all
/// levels. What does not help is taken out and tried without. Ends when nothing
/// is left to do, so that a second call does nothing. Weights that are packed
/// ahead cost no traffic. A remark at every op that is tiled, or that stays as
/// it is, says why. Warns of what is in no figure; with `strict` that is an
/// error.
mlir::LogicalResult optimizeModule(mlir::ModuleOp module, const Target &target,
                                   SearchOptions options, bool strict);

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_OPTIMIZEMODULE_H
