//===- Groups.h - Ops that share the tile loops of one of them --*- C++ -*-===//
//
// A fusion group is a set of ops whose schedules name it. The bands of its
// root, the last member in program order, make loops around all members; what
// one member makes for the others is then as large as a tile, and stays where
// it is small enough to be read again before it is evicted.
//
//   %s = linalg.matmul ins(%q, %k)         {group = "a"}
//   %p = linalg.generic ins(%s) exp(s)     {group = "a"}
//   %o = linalg.matmul ins(%p, %v)         {group = "a", bands = [<"l3",
//                                            sizes = [128, 0, 0]>]}
//   // becomes
//   for rows of 128:  s = q[rows] * k;  p = exp(s);  o[rows] = p * v
//
// Loops cut parallel dimensions of the root only, so that every element is
// computed as before, to the last bit. Inside of them a group may stream what
// it reduces (ReductionAlgebra.h); sums are then rounded in another order.
// docs/Schedule.md, "Groups".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_SCHEDULE_GROUPS_H
#define MEMWALL_SCHEDULE_GROUPS_H

#include "memwall/Schedule/ScheduleTree.h"
#include "memwall/Work/ReductionAlgebra.h"
#include <optional>

namespace memwall {

/// A tile loop, of those of a schedule or a group, which are all in one row.
struct TileLoop {
  unsigned dim = 0; ///< Of the op; of the root in a group.
  int64_t size = 1; ///< Iterations of it per tile.
  bool isParallel = false;
};

/// A nest that takes part.
struct GroupMember {
  NodeId node = 0;
  OpId op = 0;
  /// What is left for the op inside the group's loops.
  Schedule inner;
  /// By dimension of the nest: the dimension of the root whose tile it walks;
  /// none where it runs whole.
  llvm::SmallVector<std::optional<unsigned>, 6> rootDims;
  /// By dimension: its iterations per iteration of that one. More than 1 where
  /// a reshape splits the dimension and the root has the outermost part.
  llvm::SmallVector<int64_t, 6> rootFactors;
  unsigned depth = 0; ///< Loops of the group around it.
  /// How many loops of the group are around each of its packs: up to the last
  /// that moves what is packed.
  llvm::SmallVector<unsigned, 2> packDepths;
  /// Its result is read by others as well, and is whole after the loops.
  bool isSink = false;
  /// By dimension: a number that dimensions of other members have as well where
  /// a tile of one needs the same tile of the other.
  llvm::SmallVector<unsigned, 6> dimClasses;
  /// Of a streamed group: its dimension that the stream cuts, and what the
  /// member does in the stream.
  std::optional<unsigned> streamDim;
  StreamRole role;
};

/// An end of what the rows of a tile see under a mask:
///   constant + sum of coefficient * (iteration of dimension)
/// for one row, and the least strict of all rows in the tile of the root that
/// the group's loops leave.
struct StreamLimit {
  int64_t constant = 0;
  /// (dimension of the root, coefficient), ascending.
  llvm::SmallVector<std::pair<unsigned, int64_t>, 2> terms;

  /// The largest value of what this returns is the smallest of this, negated.
  StreamLimit negate() const {
    StreamLimit negative{-constant, terms};
    for (auto &[dim, coefficient] : negative.terms)
      coefficient = -coefficient;
    return negative;
  }
};

/// The loop over tiles of what a group reduces, inside of all its other loops.
/// With parts there are two nests of the group's loops: in the first, which is
/// all parallel, one over parts is the innermost, and every part has rows and
/// sums of its own; in the second they are combined. Where members need final
/// rows and read tiles again, one nest of the group's loops has two loops over
/// parts in it, and every part of the second combines for itself.
struct StreamLoop {
  unsigned carrier = 0; ///< A member that has the dimension.
  int64_t size = 1;     ///< Iterations per tile.
  /// How many parts several units pass over, and iterations of all but the
  /// last; 1: one unit passes over everything.
  int64_t parts = 1, partSize = 0;
  /// Tiles of which masks hide all are left out of the first loop: iterations
  /// from the largest value of an end on change nothing.
  llvm::SmallVector<StreamLimit, 1> ends;
  /// Likewise, iterations before the smallest value of a begin.
  llvm::SmallVector<StreamLimit, 1> begins;
};

/// What a group does: checked, and the same for trees and for IR.
struct GroupPlan {
  std::string name;
  llvm::SmallVector<GroupMember, 8> members; ///< Program order, root last.
  llvm::SmallVector<TileLoop, 4> loops;      ///< Outermost first.
  int64_t units = 1;                         ///< That share parallel loops.
  /// Nodes between the members that need results of theirs and have to wait for
  /// the end of the loops; program order.
  llvm::SmallVector<NodeId, 4> deferred;
  std::optional<StreamLoop> stream;

  const GroupMember &root() const { return members.back(); }
};

/// Whether members of a streamed group need final rows, and run in a second
/// loop over tiles.
bool hasSecondLoop(const GroupPlan &plan);

/// By member and dimension the dimension of the last member, the root, whose
/// tiles it needs when the root is cut; none where there is no such dimension.
/// Both have the same range, in iterations of their own: a member may have
/// several for one of the root, when a reshape is between them.
struct RootDims {
  llvm::SmallVector<llvm::SmallVector<std::optional<unsigned>, 6>, 8> members;
  /// By dimension of the root a member that it is two dimensions of, so that no
  /// loop can cut it.
  llvm::SmallVector<std::optional<unsigned>, 6> twice;
};

/// Matches dimensions by the buffers that nests hand to each other; those of
/// nests that hand nothing on, by the buffers that they read with others.
RootDims matchRootDims(const LoopTree &tree, llvm::ArrayRef<NodeId> members);

/// Whether `member` reduces over the dimension that the stream of its group
/// cuts.
bool isReducedInStream(const LoopTree &tree, const GroupMember &member);

/// Whether the stream carries what `member` makes from tile to tile: a sum, a
/// maximum, or a row that exponentials refer to.
bool isCarriedByStream(const LoopTree &tree, const GroupMember &member);

/// Why what a group reduces is not streamed, apart from other errors of plans.
class StreamRefusal : public llvm::ErrorInfo<StreamRefusal> {
public:
  static char ID;

  StreamRefusal(std::string group, std::string reason, bool isOfParts = false)
      : group(std::move(group)), reason(std::move(reason)),
        isOfParts(isOfParts) {}
  /// "math.tanh in linalg.generic at f.mlir:3:5 mixes a row with what is
  /// reduced".
  llvm::StringRef getReason() const { return reason; }
  /// The reason behind the name of the group.
  void log(llvm::raw_ostream &os) const override;
  std::error_code convertToErrorCode() const override {
    return llvm::inconvertibleErrorCode();
  }

private:
  std::string group, reason;
  bool isOfParts; ///< One unit could stream it.
};

/// The groups that `schedules` name, in the order of their roots. An error for
/// the first that does not work: members of different blocks, no loops, a loop
/// over a reduction, dimensions that one loop would cut twice, results that a
/// loop would compute again without `recompute`, results used outside that are
/// not made once, ops in between that both need the group and are needed by it.
llvm::Expected<llvm::SmallVector<GroupPlan, 0>>
planGroups(const LoopTree &tree, llvm::ArrayRef<OpSchedule> schedules);

} // namespace memwall

#endif // MEMWALL_SCHEDULE_GROUPS_H
