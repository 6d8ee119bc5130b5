//===- Search.h - The schedule that moves the fewest bytes ------*- C++ -*-===//
//
// Chooses a schedule per op of a function, for all levels of a target together:
// by an objective (Objective.h); ties by fewer and fuller tiles. Closed forms
// rank the candidates, the Traffic model as it is decides. Pure and
// deterministic. docs/Search.md.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_SEARCH_SEARCH_H
#define MEMWALL_SEARCH_SEARCH_H

#include "memwall/Schedule/ScheduleTree.h"
#include "memwall/Search/Objective.h"
#include "memwall/Target/Target.h"
#include "memwall/Traffic/Traffic.h"
#include <functional>
#include <optional>

namespace memwall {

struct SearchOptions {
  /// Weights (arguments and constants that the function only reads) may be
  /// packed ahead of the program, which then costs no traffic in it.
  bool packWeightsAhead = false;
  /// Propose linalg.pack where the packing pays for itself.
  bool pack = true;
  /// Distribute the outermost parallel loops over the units of the target.
  bool parallel = true;
  /// Let ops share loops where that moves less.
  bool fuse = true;
  /// Let groups stream what they reduce, where that moves less still.
  bool stream = true;
  /// Split reductions over units that have no work otherwise. Sums are then
  /// added in another order.
  bool split = true;
  /// Store results past the caches that would fetch them and not keep them.
  bool nontemporal = true;
  ObjectiveKind objective = ObjectiveKind::Auto;
  /// Ops that stay as they are; none when it is empty.
  std::function<bool(const OpRecord &)> isFixed = nullptr;
  /// Ops that may be members of groups; all when it is empty.
  std::function<bool(const OpRecord &)> isFusable = nullptr;
  /// Products will be run in register tiles (docs/Lowering.md), not in loops of
  /// one element: tiles of caches leave these room, and count what they move,
  /// on targets that state their registers.
  bool forVectorCode = false;
  /// What is spent on counting the whole function, before and after. Operands
  /// have to be recorded.
  TrafficOptions inContext = {};
};

/// Something that was tried and not taken.
struct RejectedSchedule {
  Schedule schedule;
  int64_t dramBytes = 0; ///< Read plus written, predicted.
  std::string reason;    ///< "reads the weights 4 times", "rows of 12 bytes".
};

/// A reduction that is split over units.
struct SplitChoice {
  /// What the op does without the split: its schedule, or why it has none.
  std::optional<Schedule> without;
  std::string reason;
  /// Units that have work without and with the split.
  int64_t busyBefore = 1, busyAfter = 1;
};

/// The outcome for one op. Bytes are those of the op in its function, per
/// level, innermost first.
struct ScheduleChoice {
  OpId op = 0;
  /// Its dimensions are the loops of the op's nest (SplitDims.h). None: the op
  /// stays as it is.
  std::optional<Schedule> schedule;
  llvm::SmallVector<Bytes, 4> before;
  llvm::SmallVector<Bytes, 4> after; ///< As `before` when nothing is chosen.
  int64_t dramBound = 0;             ///< Proven minimum (Bounds).
  /// The fusion group that it is a member of, by number; none for most.
  std::optional<unsigned> group;
  std::optional<RejectedSchedule> bestRejected;
  std::string reason; ///< Why nothing is chosen; empty otherwise.
  /// Where its own schedule has a split.
  std::optional<SplitChoice> split;

  bool isSplit() const { return split && schedule && schedule->split; }
};

/// A stream that several units pass over parts of.
struct StreamSplitChoice {
  int64_t parts = 1;
  /// Units that have work without and with the parts.
  int64_t busyBefore = 1, busyAfter = 1;
  /// What the parts move more at DRAM and one level further in, of the group
  /// alone and from cold; negative where they move less.
  double moreAtDram = 0, moreInside = 0;
};

/// Ops that share loops.
struct GroupChoice {
  std::string name;                   ///< In the schedules of its members.
  llvm::SmallVector<OpId, 8> members; ///< Program order, root last.
  /// What each would do on its own.
  llvm::SmallVector<std::optional<Schedule>, 8> alone;
  llvm::SmallVector<Bytes, 4> before; ///< By level, of the members in the
  llvm::SmallVector<Bytes, 4> after;  ///< function, each on its own; and now.
  std::string reason; ///< Why it was taken back; empty when it stands.
  /// "rows of 512 instead of 256: moves %k 2.0 times at ddr5".
  std::string bestRejected;
  /// "in tiles of 64 along dimension 4 of linalg.contract"; or why what the
  /// group reduces cannot be streamed. Empty where there is nothing to.
  std::string streamed, streamRefusal;
  /// Where it is streamed in parts.
  std::optional<StreamSplitChoice> split;
};

/// What is chosen for a function.
struct FunctionChoice {
  llvm::SmallVector<ScheduleChoice, 0> ops; ///< One per op, program order.
  llvm::SmallVector<GroupChoice, 0> groups;
};

/// What it costs of a score that only `busy` of `units` units have work: 0.02
/// for every factor of e, like 2 % more bytes at DRAM.
double computeIdleCost(int64_t busy, int64_t units);

/// What is rewritten may move that part more at DRAM than before if its score
/// is better: a few bytes more there are within what counts are off by, and no
/// reason to move a hundred times as much one level in.
inline constexpr double kMostMoreAtDram = 0.01;

/// One choice per op of `tree`, in program order. Ops that are equal but for
/// their place are searched once. The function as a whole never moves more
/// at DRAM by more than counts are off: schedules that do not help in context
/// are dropped, with a reason. `before` is the traffic of the tree with
/// the options `inContext`, where that is known already.
FunctionChoice searchSchedules(const LoopTree &tree, const Target &target,
                               SearchOptions options = {},
                               const Traffic *before = nullptr);

} // namespace memwall

#endif // MEMWALL_SEARCH_SEARCH_H
