//===- Model.h - Figures of a function that is a model ----------*- C++ -*-===//
//
// A program that says what its arguments are (weights, KV cache, activations)
// is reported as a model: tokens per second, bytes per token, devices, and the
// batch from which on decoding is bound by arithmetic. memwall-gen writes these
// attributes, other generators can:
//   of arguments  memwall.role = "weight", "kv", "optimizer", ...
//   of functions  memwall.tokens = 8 : i64              new tokens of one call
//                 memwall.sequences = 8 : i64           sequences they are of
//                 memwall.interconnect_bytes = 64 : i64 sent by one device
// docs/Report.md, "Models".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_REPORT_MODEL_H
#define MEMWALL_REPORT_MODEL_H

#include "memwall/Work/LoopTree.h"
#include <optional>

namespace memwall {

/// What bytes are for.
enum class Role {
  Weight,     ///< Parameters and their scales.
  KV,         ///< The KV cache with its scales: arguments, or what a prompt
              ///< returns.
  Optimizer,  ///< Moments and master weights.
  Activation, ///< All else: hidden states, tables, intermediates, gradients.
};
inline constexpr size_t kRoles = 4;

/// "weights", "KV cache", "optimizer", "activations".
llvm::StringRef getRoleName(Role role);

/// What the attributes of a function say.
struct ModelFacts {
  /// memwall.role by argument; empty where there is none.
  llvm::SmallVector<std::string, 0> roles;
  llvm::SmallVector<std::string, 0> resultRoles; ///< The same by result.
  int64_t tokens = 0;                            ///< 0: not said.
  int64_t sequences = 0;                         ///< 0: not said.
  int64_t interconnectBytes = 0;

  /// Of an argument, as `Buffer::name` ("%arg3") counts them; of other storage,
  /// that of the result that it is.
  llvm::StringRef getRole(const Buffer &buffer) const;
};

/// Reads them; nullopt when no argument has a role. Numbers that are negative
/// or no i64 count as not said.
std::optional<ModelFacts> readModelFacts(mlir::Operation *function);

/// Bytes of one role, and their part of the bytes of all.
struct RoleBytes {
  Bytes bytes;
  double share = 0; ///< 0 to 1.
};

/// From which batch on decoding is bound by arithmetic and not by DRAM.
struct RidgeBatch {
  bool crosses = false; ///< Whether there is such a batch.
  int64_t batch = 0;
};

/// Bytes of a decoding step, as seconds of DRAM time.
struct StepTime {
  /// Bytes that do not grow with the batch: weights.
  double constant = 0;
  /// Those that do, per sequence: KV cache and activations.
  double perSequence = 0;
  /// Weights that tokens pick (experts): each grows up to a limit.
  struct Picked {
    double perSequence = 0;
    double limit = 0;
  };
  llvm::SmallVector<Picked, 0> picked;
};

/// The smallest batch b >= 1 with
///   b * arithmetic >= constant + b * perSequence
///                     + sum of min(b * picked, limit);
/// it does not exist when the arithmetic of a sequence takes no longer than
/// its own bytes.
RidgeBatch computeRidgeBatch(double arithmeticPerSequence,
                             const StepTime &memory);

/// A model on one target.
struct ModelOnTarget {
  int64_t devices = 1; ///< That hold the resident bytes, by DRAM capacity.
  /// Tokens over the time at bound; at the floor: over the time that the
  /// function's arithmetic and its floor at DRAM take.
  std::optional<double> tokensPerSecondAtBound, tokensPerSecondAtFloor;
  std::string boundByAtFloor; ///< As `TargetFigures::boundBy`, for that time.
  std::optional<double> bytesPerToken;  ///< Bound at DRAM.
  std::optional<double> joulesPerToken; ///< To move these bytes.
  RoleBytes scheduled[kRoles];          ///< DRAM, as the IR stands.
  /// Of programs with a KV cache, where times are known: at the sum of the
  /// ops' bounds, and at the floor of the function.
  std::optional<RidgeBatch> ridgeAtBound, ridgeAtFloor;
};

/// A model, whatever the target.
struct ModelFigures {
  int64_t tokens = 0;
  int64_t sequences = 0;
  int64_t interconnectBytes = 0;
  int64_t residentBytes[kRoles] = {}; ///< Their sum: the function's.
  RoleBytes compulsory[kRoles];       ///< Summed over the ops.
  RoleBytes floor[kRoles];
  llvm::SmallVector<ModelOnTarget, 2> targets;
};

} // namespace memwall

#endif // MEMWALL_REPORT_MODEL_H
