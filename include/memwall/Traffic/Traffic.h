//===- Traffic.h - Bytes a function moves, as it is scheduled ---*- C++ -*-===//
//
// The scheduled traffic of a LoopTree on a Target: for every level the sectors
// that it serves to the memory above it, reads and writes apart, per op. Pure:
// nothing is created or changed. docs/Model.md, "Scheduled traffic".
//
// Usage:
//   Traffic traffic = computeTraffic(tree, target);
//   Bytes dram = traffic.levels.back().total;
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TRAFFIC_TRAFFIC_H
#define MEMWALL_TRAFFIC_TRAFFIC_H

#include "memwall/Target/Target.h"
#include "memwall/Work/LoopTree.h"
#include "llvm/ADT/ArrayRef.h"
#include <algorithm>
#include <string>

namespace memwall {

/// How the traffic of a level was computed. docs/Model.md, "Scheduled traffic".
enum class TrafficMethod {
  Accesses,  ///< The innermost level serves every access; exact.
  Sets,      ///< Sets of the cache were walked, all of them or some.
  Distances, ///< Reuse distances, without sets.
  Retention, ///< A memory that the program fills: best retention.
};

/// "accesses", "sets", "distances", "retention": the word for a method.
llvm::StringRef getMethodName(TrafficMethod method);

/// Where the figures of a level come from, and how far off they may be.
struct Provenance {
  TrafficMethod method = TrafficMethod::Distances;
  /// Sets whose counts are known, and sets that there are, over all instances
  /// of the cache; both 0 where nothing is said of sets. Sets are known that
  /// were walked, and all are, without a walk, where everything fits: each
  /// counts what it does in an endless cache, which reuse distances count
  /// exactly.
  int64_t setsWalked = 0, sets = 0;
  /// Some long loop was walked in part only.
  bool sampledInTime = false;
  /// Standard error of the total in bytes, reads and writes apart. 0 where
  /// everything was counted; nullopt where no statement can be made (reuse
  /// distances).
  std::optional<double> errorOfRead = 0.0, errorOfWritten = 0.0;
  /// Why a method that says less was used ("data-dependent rows"); empty
  /// otherwise.
  std::string reason;
};

/// What one op moves of one buffer at a level. This is the cell in which counts
/// are rounded to whole sectors; all other figures are sums of cells.
struct OperandTraffic {
  OpId op = 0;
  BufferId buffer = 0;
  Bytes bytes;
  /// Of `bytes.read`: what stores fetched that missed, be it the whole sector
  /// (StorePolicy::Fetch) or what was left incomplete (StorePolicy::Allocate).
  int64_t readByStores = 0;
};

/// Traffic at one level: bytes it serves to the memory above it. The sums over
/// `operands`, `ops` and `buffers` all equal `total`; a count that does not fit
/// 64 bits is `kTooManyBytes`.
struct LevelTraffic {
  Bytes total;
  /// By op, then by buffer. Operands that an op never accesses at this level
  /// have no entry.
  llvm::SmallVector<OperandTraffic, 0> operands;
  llvm::SmallVector<Bytes, 0> ops;     ///< By OpId.
  llvm::SmallVector<Bytes, 0> buffers; ///< By BufferId.
  Provenance provenance;

  /// The entries of `operands` of one op.
  llvm::ArrayRef<OperandTraffic> operandsOf(OpId op) const;
};

/// Traffic at every level of a target, innermost first.
struct Traffic {
  llvm::SmallVector<LevelTraffic, 4> levels;
};

/// What is spent on a figure.
enum class Accuracy {
  Fast,    ///< Reuse distances, without sets.
  Default, ///< Sets of every cached level, all or some, within a budget.
  Exact,   ///< All sets, nothing sampled, as far as a large budget goes.
};

/// What the walks of one cached level may cost. A step is one access to a set,
/// or one look for the next one. Budgets count steps, never seconds, so the
/// same program, target and budget give the same bytes everywhere.
struct WalkBudget {
  /// All sets are walked at once when that takes at most so many steps, and
  /// when sets on their own would have to be sampled in time at most
  /// `insteadOfSampling` times as many.
  int64_t wholeSteps = int64_t(1) << 24;
  static constexpr double insteadOfSampling = 4;
  /// Sets that are walked first. Where they take less than `work`, more follow,
  /// and all where that is affordable.
  int64_t sets = 6;
  /// Steps of these sets together, shared by the innermost bodies. A loop that
  /// would take more than its share is sampled in time.
  double work = 1 << 24;
  /// Large fully associative caches are walked by residues. A few residues of a
  /// loop that is sampled in time say less than reuse distances do.
  bool walksResidues = true;
  /// Of a run of equal layers, two are walked.
  bool skipsLayers = true;
};

/// The budget that an accuracy stands for; none for `Fast`.
std::optional<WalkBudget> getBudget(Accuracy accuracy);

/// "fast", "default", "exact": the word for an accuracy.
llvm::StringRef getAccuracyName(Accuracy accuracy);
/// The accuracy with this name, if there is one.
std::optional<Accuracy> findAccuracy(llvm::StringRef name);

/// How much to spend on being exact.
struct TrafficOptions {
  Accuracy accuracy = Accuracy::Default;
  /// In the place of the budget of `accuracy`; no effect on `Fast`.
  std::optional<WalkBudget> budget = std::nullopt;
  /// Whether LevelTraffic::operands are filled in.
  bool recordsOperands = true;
};

/// `target` as `tree` finds it, with plain caches in the place of those that
/// take victims: a program without parallel loops uses one inner cache of them.
/// docs/Model.md, "Victim caches".
Target mergeVictimCaches(const LoopTree &tree, const Target &target);

/// Computes the traffic of `tree` at every level of `target`; both must have
/// passed their `check`.
Traffic computeTraffic(const LoopTree &tree, const Target &target,
                       TrafficOptions options = {});

} // namespace memwall

#endif // MEMWALL_TRAFFIC_TRAFFIC_H
