//===- Schedule.h - How one op is tiled, ordered and packed -----*- C++ -*-===//
//
// A Schedule is a decision about one structured op, as plain data: Search
// writes it, Transforms reads it, and `#memwall.schedule` (ScheduleAttr in
// room IR) is its text form, so that either side can be replaced by a person
// or by another tool. docs/Schedule.md describes it with examples.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_SCHEDULE_SCHEDULE_H
#define MEMWALL_SCHEDULE_SCHEDULE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <optional>
#include <string>

namespace memwall {

struct Target;

/// One band of tile loops around the op. Bands nest, outermost first; a band
/// cuts the tile of the band outside it (or the whole op) into tiles that are
/// meant to stay in `level` while they are worked on.
struct TileBand {
  /// The level of the target that holds a tile, the memory above the boundary
  /// whose traffic the band cuts: "l2", "smem".
  std::string level;
  /// Tile size per dimension of the op, in iterations; 0: no loop over the
  /// dimension in this band. Sizes need not divide.
  llvm::SmallVector<int64_t, 6> sizes;
  /// Every dimension of non-zero size once, outermost loop first.
  llvm::SmallVector<unsigned, 6> order;
  /// Leading dimensions of `order` whose loops run on several units
  /// (scf.forall). Only the outermost band may have any, and none of them may
  /// be a reduction.
  llvm::SmallVector<unsigned, 2> parallel;
};

/// An operand that is laid out in tiles first (linalg.pack), so that a tile's
/// rows fill whole lines. Names follow linalg.pack.
struct PackedOperand {
  unsigned operand = 0;                    ///< Number among inputs, then inits.
  llvm::SmallVector<int64_t, 2> innerDims; ///< Dimensions of the tensor.
  llvm::SmallVector<int64_t, 2> innerTiles;
  llvm::SmallVector<int64_t, 4> outerPermutation; ///< Empty: identity.
  /// The operand is a weight that is packed once, ahead of the program: its
  /// packing costs nothing here.
  bool ahead = false;
};

/// One loop over tiles of what the ops of a fusion group reduce: the group
/// passes over the dimension once, and what was summed so far is corrected
/// when what the terms refer to (the maximum of a softmax) changes. Inside all
/// loops of the group's root.
struct StreamBand {
  std::string level; ///< That holds what one tile needs.
  unsigned dim = 0;  ///< A reduction dimension of the op.
  int64_t size = 1;  ///< Iterations per tile; need not divide.
  /// Several units pass over so many contiguous parts, each with sums of its
  /// own, which are combined behind them. None: one pass over everything.
  std::optional<int64_t> parts;

  /// Iterations of every part but the last, of `extent` iterations: whole
  /// tiles.
  int64_t getPartSize(int64_t extent) const {
    int64_t tiles = (extent - 1) / size + 1;
    return ((tiles - 1) / parts.value_or(1) + 1) * size;
  }
};

/// A reduction whose iterations are dealt out in `parts` contiguous parts of
/// ceil(extent / parts) iterations, the last of which may have fewer. Each part
/// has accumulators of its own, which start from the identity of the reduction;
/// the parts are the outermost parallel loop, and one op behind them combines
/// what they made with what the op starts from.
struct SplitReduction {
  unsigned dim = 0;
  int64_t parts = 2;
  /// Iterations of every part but the last, of `extent` iterations.
  int64_t getPartSize(int64_t extent) const {
    return (extent + parts - 1) / parts;
  }
};

/// The schedule of one op. An empty schedule leaves the op as it is.
struct Schedule {
  llvm::SmallVector<TileBand, 3> bands;
  /// Order of the op's own loops inside all bands, outermost first; empty: as
  /// they are.
  llvm::SmallVector<unsigned, 6> leafOrder;
  llvm::SmallVector<PackedOperand, 2> packs;
  /// A reduction in parts that run on several units. Bands cut what is inside
  /// of a part.
  std::optional<SplitReduction> split;
  /// How many units share the iterations of parallel loops; 1: no parallel
  /// loops.
  int64_t units = 1;
  /// The name of the fusion group that the op is a member of; empty: of none.
  /// The last member in program order, the root, has the bands whose loops go
  /// around all members (Groups.h).
  std::string group;
  /// How many loops of the group are around the op; of the root: how many of
  /// its loops are the group's. None: as many as its result moves with.
  std::optional<unsigned> at;
  /// The op may be computed again by loops of the group that its result does
  /// not move with.
  bool recompute = false;
  /// At most one, of one member of the group.
  llvm::SmallVector<StreamBand, 1> stream;

  bool empty() const {
    return bands.empty() && leafOrder.empty() && packs.empty() && !split &&
           group.empty();
  }
};

/// What a schedule is checked against: the op as far as it matters here.
struct ScheduledOp {
  llvm::SmallVector<int64_t, 6> extents; ///< Iterations per dimension.
  llvm::SmallVector<bool, 6> isReduction;
  llvm::SmallVector<unsigned, 4> operandRanks;
  /// Why its reductions cannot be split ("arith.subf has no identity"); empty
  /// where they can.
  std::string whyNotSplit;
};

/// Explains the first violation, for `op` alone: ranks, sizes that are
/// negative or grow inwards, orders that are no permutation, parallel
/// reductions or inner parallel bands, packs that name no operand or dimension,
/// splits and streams of what is no reduction, or into parts without
/// iterations.
llvm::Error check(const Schedule &schedule, const ScheduledOp &op);

/// As above, and against the machine: levels that do not exist, are memory, or
/// do not go inwards from band to band, more units than there are.
llvm::Error check(const Schedule &schedule, const ScheduledOp &op,
                  const Target &target);

/// The text form without the `#memwall.schedule` in front, for remarks and
/// reports: docs/Schedule.md.
std::string toString(const Schedule &schedule);

} // namespace memwall

#endif // MEMWALL_SCHEDULE_SCHEDULE_H
