//===- DLTI.h - Targets in IR -----------------------------------*- C++ -*-===//
//
// A target is a device of `#dlti.target_system_spec` on a module, so that it
// travels with the program and other passes can query it:
//
//   "ddr5-2ch" = #dlti.target_device_spec<
//     "description" = "...", "units" = 16,
//     "levels" = #dlti.map<
//       "l2"   = #dlti.map<"capacity_bytes" = 1048576, "associativity" = 16>,
//       "ddr5" = #dlti.map<"kind" = "memory", "capacity_bytes" = 64.0e9,
//                          "peak_read_bytes_per_second" = 89.6e9>>,
//     "vector_ops_per_second" = #dlti.map<"f32" = 4.4e12>>
//
// docs/Targets.md lists every key with its unit and default. A device without
// "levels" that has upstream's keys "L1_cache_size_in_bytes", "L2_..." is
// understood as fully associative caches with lines of 64 bytes before a
// memory "dram" of unknown size and speed.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TARGET_DLTI_H
#define MEMWALL_TARGET_DLTI_H

#include "memwall/Target/Target.h"
#include "mlir/Support/LLVM.h"

namespace mlir {
class InFlightDiagnostic;
class MLIRContext;
class Operation;
class TargetDeviceSpecAttr;
class TargetDeviceSpecInterface;
} // namespace mlir

namespace memwall {

/// The capacity of the memory of a device that only has upstream's keys.
inline constexpr int64_t kUnknownCapacityBytes = INT64_C(1) << 62;

using EmitErrorFn = llvm::function_ref<mlir::InFlightDiagnostic()>;

/// Whether a device says anything about its memory hierarchy; one that does
/// not (a data layout's "GPU" = <"max_vector_op_width" = 4>) is no target.
bool describesTarget(mlir::TargetDeviceSpecInterface device);

/// Reads one device without clusters. Emits one error, at the first wrong
/// thing, when a key is unknown, given twice, missing or of the wrong kind, or
/// when the target does not pass `Target::check()`.
mlir::FailureOr<Target> readTarget(llvm::StringRef name,
                                   mlir::TargetDeviceSpecInterface device,
                                   EmitErrorFn emitError);

/// Reads a device that may consist of clusters of unlike units, and appends its
/// targets: one of the device's name, or, where it has clusters, one for each,
/// called <device>-<cluster>, after one of the device's name for the first.
/// Emits errors like `readTarget`.
mlir::LogicalResult readDevice(llvm::StringRef name,
                               mlir::TargetDeviceSpecInterface device,
                               EmitErrorFn emitError,
                               llvm::SmallVectorImpl<Target> &targets);

/// Reads every target on `op` (its `dlti.target_system_spec`), in order; none
/// when there is no such attribute. An error is emitted where its device stands
/// in `text`, from which `op` was parsed (by default in the file that the
/// location of `op` names), or at `op` where it is not found there.
mlir::FailureOr<llvm::SmallVector<Target, 0>>
readTargets(mlir::Operation *op, llvm::StringRef text = {});

/// The inverse of `readTarget`; needs the DLTI dialect to be loaded.
mlir::TargetDeviceSpecAttr buildTargetSpec(mlir::MLIRContext *context,
                                           const Target &target);

/// Prints the text of a target file: a module that holds the targets, one key
/// a line, for a person to edit.
void printTargets(llvm::raw_ostream &os, llvm::ArrayRef<Target> targets);

} // namespace memwall

#endif // MEMWALL_TARGET_DLTI_H
