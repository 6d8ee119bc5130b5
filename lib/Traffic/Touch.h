//===- Touch.h - What one execution of a node touches -----------*- C++ -*-===//
//
// Internal to the reuse analysis. A touch is the part of one buffer that one
// execution of a node touches, with the order in time in which it does so: a
// path from the node down to a scalar access says when a position of the touch
// is met first and last, and `head` and `tail` say how much of another touch
// has been met before and will be met after such a moment.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRAFFIC_TOUCH_H
#define MEMWALL_LIB_TRAFFIC_TOUCH_H

#include "ReuseAnalysis.h"
#include "memwall/Work/StridedBox.h"
#include <algorithm>
#include <limits>

namespace memwall {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

/// The same distance everywhere.
inline Samples makeSamples(double lines) {
  Samples samples;
  samples.fill(lines);
  return samples;
}

/// The larger distance everywhere.
inline Samples maximum(const Samples &a, const Samples &b) {
  Samples result;
  for (unsigned i = 0; i < kSamples; ++i)
    result[i] = std::max(a[i], b[i]);
  return result;
}

/// What has happened to data since it was stored: the gaps between touches that
/// it has passed, and the largest reuse distance among them. A cache writes the
/// data back once if its capacity is below that distance.
struct Residence {
  Samples longest{};
  /// In the order of their numbers. Only where the analysis finds gaps.
  llvm::SmallVector<PassedGap, 1> passed;

  /// `share` of the data passes one more gap.
  void pass(GapId gap, double share);
  /// `share` of the data passes all that `other` has passed.
  void follow(const Residence &other, double share = 1);
  /// Takes the average of the gaps of two pieces of data, of which this one is
  /// `share` of the whole.
  void average(const Residence &other, double share);
};

/// Positions up to `end` (0..1) of a touch, and the touch of a child that meets
/// them.
struct Part {
  double end = 1;
  unsigned child = 0, touch = 0;
};

/// How one iteration of a node takes part in a touch of all of them. Valid once
/// the loop is closed: while its body is being put together, the touch is that
/// of one iteration.
struct Iteration {
  bool varies = false;    ///< Moves with the iterations.
  int64_t strideBits = 0; ///< By how much.
  StridedBox region;      ///< Of the first one.
  double lines = 1, sectors = 1;
  double growth = 0;      ///< New lines of the second iteration.
  double laterGrowth = 0; ///< New lines of each further one, on average.
  /// One iteration stays within its line (almost always), so new lines come in
  /// groups; otherwise they grow evenly.
  bool isGrouped = false;
};

/// In which order the loops from the access up to the node meet the region.
struct Sweep {
  llvm::SmallVector<Progression, 6> steps; ///< Of the loops, innermost first.
  bool ascending = true;                   ///< Met in the order of addresses.
  int64_t largestStride = 0;
  int64_t narrowBits = 0; ///< Extent of the steps shorter than a line.
};

/// Footprint of an access in one execution of a loop around it.
struct OuterFootprint {
  double lines, sectors;
  double twoLines; ///< Of the first two iterations of the loop.
};

/// See the head of this file. Counts are of one execution of the node in one
/// cache.
struct Touch {
  BufferId buffer = 0;
  unsigned access = 0; ///< A representative, for its terms.
  OpId firstOp = 0, writeOp = 0;
  bool firstIsWrite = false; ///< The first access of a line is a store.
  bool hasWrite = false;
  bool dirty = false; ///< Written, and alive at the end of the node.
  double copies = 1;  ///< Caches that meet their own part of it like this.

  StridedBox region; ///< Normalised.
  double lines = 1, sectors = 1;
  double fresh = 1;   ///< Share that no other touch of the node met before.
  double present = 1; ///< 0 where stores go around the cache.
  Iteration one;
  Sweep sweep;
  /// Of the loops around the node, outermost first. Void for a touch that was
  /// put together from the regions of several children.
  llvm::SmallVector<OuterFootprint, 8> outer;
  bool isUnion = false;

  Residence beforeStore; ///< From the first touch up to the first store.
  /// Since the last store, or since the first load where there is none.
  Residence sinceStore;
  Samples cover{}; ///< Largest distance between neighbouring stores.

  /// Who meets this first and last, in the order of positions.
  llvm::SmallVector<Part, 1> firsts, lasts;
};

/// A moment within one execution of a node: per level the iteration and the
/// child, down to a scalar access.
struct Moment {
  int64_t iteration = 0;
  unsigned child = 0;
};
using Path = llvm::SmallVector<Moment, 10>;

/// An analysed node: its shape and touches. Children hang below by number.
struct Summary {
  int64_t tripCount = 1;
  unsigned firstLeaf = 0, endLeaf = 0; ///< Accesses below, in order.
  bool isAccess = false;
  llvm::SmallVector<unsigned, 4> children; ///< Node numbers.
  llvm::SmallVector<Touch, 0> touches;
};

/// Fixes the iteration of one loop in a moment: windows meet the same storage
/// in an earlier iteration of an inner loop when the loop around advances.
struct DigitOverride {
  unsigned node = ~0u;
  double position = 0; ///< 0..1 over the iterations of `node`.
};

/// Granules of a region, on average over the places where `outer` puts it;
/// infinite where positions in bits do not fit 64 bits.
inline double countBoxGranules(const StridedBox &region, int64_t granuleBits,
                               llvm::ArrayRef<Progression> outer = {}) {
  return averageGranules(region, granuleBits, outer).value_or(kInfinite);
}

/// Distinct bits of a region.
double countBits(const StridedBox &region);

/// Queries about order in time, for one sample: loops around the nodes that are
/// asked about stand at some iteration that depends on the sample, so that the
/// samples meet different alignments.
class TouchOrder {
public:
  TouchOrder(llvm::ArrayRef<Summary> nodes, const ConstantTree &tree,
             int64_t lineBits, unsigned sample)
      : nodes(nodes), tree(tree), lineBits(lineBits), sample(sample) {}

  enum Which { First, Last };

  /// The moment at which the line at position `p` (0..1) of touch `t` of node
  /// `n` is met first or last.
  Path moment(Which which, unsigned n, unsigned t, double p,
              DigitOverride digit = {}) const;
  /// The same for position `p` of one iteration of node `n`.
  Path bodyMoment(Which which, unsigned n, const Touch &touch, double p,
                  DigitOverride digit = {}) const;

  /// Lines of touch `t` of node `n` met strictly before / after a moment of
  /// that node.
  double head(unsigned n, unsigned t, const Path &path) const {
    return head(n, t, path, 0, getOffset(n, nodes[n].touches[t]));
  }
  double tail(unsigned n, unsigned t, const Path &path) const {
    return tail(n, t, path, 0, getOffset(n, nodes[n].touches[t]));
  }
  /// The same within one iteration of the node; `offset` is that of the touch.
  double bodyHead(unsigned n, unsigned t, const Path &path,
                  int64_t offset) const {
    return partLines(First, n, t, path, 0, offset);
  }
  double bodyTail(unsigned n, unsigned t, const Path &path,
                  int64_t offset) const {
    return partLines(Last, n, t, path, 0, offset);
  }
  /// Where the touch begins, in bits, when the loops around node `n` stand at
  /// the iteration of this sample.
  int64_t getOffset(unsigned n, const Touch &touch) const;

private:
  void appendMoment(Which which, unsigned n, unsigned t, double p,
                    DigitOverride digit, Path &path) const;
  double head(unsigned n, unsigned t, const Path &path, unsigned level,
              int64_t offset) const;
  double tail(unsigned n, unsigned t, const Path &path, unsigned level,
              int64_t offset) const;
  double partLines(Which which, unsigned n, unsigned t, const Path &path,
                   unsigned level, int64_t offset) const;
  double iterationLines(const Touch &touch, int64_t offset, int64_t first,
                        int64_t last, int64_t next, double partial) const;

  llvm::ArrayRef<Summary> nodes;
  const ConstantTree &tree;
  int64_t lineBits;
  unsigned sample;
};

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_TOUCH_H
