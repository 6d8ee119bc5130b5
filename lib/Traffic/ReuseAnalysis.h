//===- ReuseAnalysis.h - Reuse distances of a constant tree -----*- C++ -*-===//
//
// For every sector that a function touches: how many distinct lines were
// touched since it was touched last? A least-recently-used cache of C lines
// hits exactly when that distance is at most C, so one analysis serves every
// capacity, and traffic never rises with capacity.
//
// The analysis walks the tree once, innermost first. Each node has a few
// touches (what one execution touches of a buffer); each loop and each sequence
// resolves the reuse that it carries and hands the rest, its first touches, to
// the node around it. Distances vary with the position in a sweep; they are
// sampled at kSamples positions and taken as piecewise linear in between.
// docs/Model.md, "Scheduled traffic".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRAFFIC_REUSEANALYSIS_H
#define MEMWALL_LIB_TRAFFIC_REUSEANALYSIS_H

#include "ConstantTree.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <array>
#include <cmath>

namespace memwall {

constexpr unsigned kSamples = 5;

/// Positions of a sweep at which distances are sampled: spread over it, and no
/// simple fractions, which would meet every inner loop at its first iteration.
constexpr std::array<double, kSamples> kPositions = {0.107, 0.293, 0.513, 0.711,
                                                     0.913};

/// A distance in lines at those positions.
using Samples = std::array<double, kSamples>;

/// Share of a sweep whose distance exceeds `lines`.
double computeMissShare(const Samples &distances, double lines);

/// What the caches of an analysis have in common: they differ in capacity only.
struct ReuseConfig {
  int64_t lineBits = 512;
  int64_t sectorBits = 512;
  /// Iterations of parallel loops are dealt out to `units`, and this many
  /// units share one cache.
  int64_t units = 1;
  int64_t unitsPerInstance = 1;
  /// Stores that miss go around the cache: what is written first is not in it.
  bool storesBypass = false;
  /// Find what a program-filled memory needs, which are the gaps between
  /// touches (ReuseClass::gap and what follows it), and no distances: those of
  /// first touches and flushes are infinite, all others 0.
  bool findsGaps = false;
};

/// What happens to sectors at a reuse distance.
enum class ReuseKind {
  Read,      ///< Read again; missing fetches the sector.
  Write,     ///< Written again (a store opens the residency).
  WriteBack, ///< Dirty at the beginning of the gap, not rewritten within it.
  Flush,     ///< Dirty at the end, and visible: written back in any case.
};

/// Numbers the gaps of an analysis. A gap is the time between two touches of
/// the same data that follow one another.
using GapId = unsigned;
constexpr GapId kNoGap = ~0u;

/// A gap that dirty data passes, and the share of the data that passes it.
struct PassedGap {
  GapId gap = kNoGap;
  double share = 1;
};

/// Sectors of one buffer that one op touches again (or, for write-backs, has
/// dirtied) at a distance; infinite for the first touch.
struct ReuseClass {
  ReuseKind kind = ReuseKind::Read;
  OpId op = 0;
  BufferId buffer = 0;
  double sectors = 0;
  Samples distances{};
  /// Writes that fill up sectors begun before (neighbouring elements): a miss
  /// finds the sector gone half-written, so both parts must be merged with
  /// memory. `begun` sectors were begun, by stores `coverDistances` apart.
  double begun = 0;
  Samples coverDistances{};
  /// WriteBack: the sector is dead at the end of the gap; a machine that drops
  /// dead lines writes it only when it was evicted before.
  bool dead = false;
  /// The sectors came to be by stores: where stores bypass the cache they never
  /// were in it.
  bool streamed = false;
  /// Writes: the store before it to the same buffer went to the same sector, so
  /// stores that go around the cache are combined.
  bool combined = false;
  /// The loop around both touches that is the innermost: they are in two of its
  /// iterations, or at two places of its body. Not set for flushes.
  LoopId carrier = 0;
  bool isAcrossIterations = false;
  /// Reads and writes that are not the first: the op that touched last.
  OpId previous = 0;
  /// The gap between the two touches; kNoGap for first touches, write-backs and
  /// flushes. All other fields of this struct about gaps need
  /// ReuseConfig::findsGaps.
  GapId gap = kNoGap;
  /// Reads and writes: bits that a memory must hold during the gap, and from
  /// when to when, in scalar accesses of the program text (leaves of the
  /// constant tree). Infinite where another memory has the data.
  double heldBits = 0;
  unsigned firstLeaf = 0, endLeaf = 0;
  /// How deep in the tree the gap is: larger for the gaps of inner loops, and
  /// larger between two children of a loop than between two iterations of it.
  unsigned depth = 0;
  /// Reads: the program stored to the buffer before, so a read that goes to the
  /// level below needs a write to it.
  bool readsBack = false;
  /// Reads: at least this many of the sectors are different ones.
  double distinct = 0;
  /// Write-backs: all gaps between the store and the next store, the flush or
  /// the death of the data. A memory need not write the data back if it holds
  /// it in all of them. In the order of their numbers.
  llvm::SmallVector<PassedGap, 1> passed;

  /// Nothing met the sectors before, or nothing will after.
  bool isCold() const { return std::isinf(distances[0]); }
};

using ReuseConsumer = llvm::function_ref<void(const ReuseClass &)>;

/// Calls `consume` for every class of `tree`; `tree` is the constant tree of
/// `source`.
void analyzeReuse(const LoopTree &source, const ConstantTree &tree,
                  const ReuseConfig &config, ReuseConsumer consume);

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_REUSEANALYSIS_H
