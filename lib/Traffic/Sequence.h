//===- Sequence.h - Reuse between the children of one node ------*- C++ -*-===//
//
// Internal to the reuse analysis. Runs the children of a node in order over a
// record of what was touched last by whom (an LRU stack whose elements are
// regions, not lines), reports the reuse between them and the death of buffers,
// and leaves the touches of one iteration of the node.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRAFFIC_SEQUENCE_H
#define MEMWALL_LIB_TRAFFIC_SEQUENCE_H

#include "ReuseContext.h"
#include "llvm/ADT/DenseMap.h"

namespace memwall {

/// The lines of a touch that nobody has touched since.
struct Entry {
  BufferId buffer = 0;
  unsigned child = 0, touch = 0; ///< Who met them last.
  unsigned bodyTouch = 0;        ///< The touch of the node that they belong to.
  double lines = 0;              ///< Still unmatched.
  double sectors = 0;
  double dirtySectors = 0;
  /// Dirty sectors of all caches whose part another op has not loaded since,
  /// because it runs on fewer caches.
  double dirtyElsewhere = 0;
  double present = 1; ///< 0 where stores went around the cache.
  OpId writeOp = 0;
  Residence sinceStore; ///< Of the dirty sectors.
};

/// See the head of this file.
class Sequence {
public:
  /// Body of node `n`, which runs `iterations` times in all.
  Sequence(ReuseContext &context, unsigned n, double iterations);

  /// Fills the touches of node `n` with those of one iteration.
  void run();

private:
  /// `lines` of touch `touch` of the current child that entry `entry` holds.
  struct Match {
    unsigned touch, entry;
    double lines, sectors;
    Samples distances{};
    /// The gap between the two touches, and the same for the caches that have
    /// not met the data yet.
    GapId gap = kNoGap, gapElsewhere = kNoGap;
  };

  const Summary &childSummary(unsigned k) const {
    return nodes[nodes[n].children[k]];
  }
  const Touch &touchOf(const Entry &entry) const {
    return childSummary(entry.child).touches[entry.touch];
  }

  /// Whether nothing comes after the first child: nothing to record.
  bool isAlone() const {
    return n != 0 && nodes[n].children.size() == 1 && deathOf.empty();
  }

  void findDeaths();
  void runChild(unsigned k);
  void findMatches(unsigned k);
  bool isComparable(const Touch &a, const Touch &b) const;
  Samples computeDistances(const Match &match, unsigned k) const;
  double computeDistance(const Match &match, unsigned k, double early,
                         double late, unsigned sample) const;
  double computeTail(unsigned j, const Path &path, unsigned sample) const;
  Samples computeTails(const Entry &entry, unsigned k) const;
  void emitReuse(Match &match, unsigned k);
  static double claimDirty(const Entry &entry, const Match &match);
  void emitElsewhere(ReuseClass reuse, double copies);
  void passGap(Residence &residence, const Match &match, double share) const;
  void moveDirty(Entry &old, Entry &now, const Match &match, double dirty);
  void updateBodyTouch(const Match &match, unsigned k, const Entry &now,
                       bool isExtension);
  void updateEntries(unsigned k);
  unsigned addBodyTouch(unsigned k, unsigned t, bool &isExtension);
  bool extendBodyTouch(Touch &whole, const Touch &touch, Part part) const;
  void emitDeaths(unsigned k);
  void emitDeath(const Entry &entry, double sectors, unsigned k);
  void emitFlushes();

  /// Prefix sums over children: lines whose last touch was there.
  void addRecent(unsigned child, double lines);
  double recentUpTo(unsigned child) const;

  ReuseContext &context;
  const LoopTree &source;
  const ConstantTree &tree;
  const ReuseConfig &config;
  llvm::MutableArrayRef<Summary> nodes;
  unsigned n;
  double iterations;

  llvm::SmallVector<Touch, 0> body;
  std::vector<Entry> entries;
  llvm::SmallVector<llvm::SmallVector<unsigned, 4>, 0> entriesOfChild;
  llvm::DenseMap<BufferId, llvm::SmallVector<unsigned, 4>> entriesOfBuffer;
  llvm::SmallVector<unsigned, 0> entriesElsewhere; ///< With dirtyElsewhere.
  llvm::DenseMap<BufferId, unsigned> deathOf;      ///< Last child that uses it.
  llvm::SmallVector<Match, 8> matches;
  llvm::SmallVector<double, 0> recent;
};

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_SEQUENCE_H
