//===- Retention.h - What a program-filled memory holds ---------*- C++ -*-===//
//
// Internal to ExplicitLevel. Gaps between two touches of the same data, in
// which it may be held, and write-backs, which need not happen when the data is
// held in all gaps that it passes. What is held takes room at every access of
// the program (leaf of the constant tree) from one touch to the next.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRAFFIC_RETENTION_H
#define MEMWALL_LIB_TRAFFIC_RETENTION_H

#include "ReuseAnalysis.h"
#include "llvm/ADT/DenseMap.h"
#include <vector>

namespace memwall {

/// Whether a class moves only when its data is not held.
bool isChoice(const ReuseClass &reuse);

/// A gap between two touches of the same data, during which it may be held.
struct Gap {
  GapId id;
  BufferId buffer;
  OpId op;
  double read = 0;    ///< Sectors to read again when it is not held.
  double written = 0; ///< Of the write-backs that pass it, its part.
  double heldBits = 0;
  unsigned first = 0, end = 0; ///< Leaves during which it is held.
  unsigned depth = 0;
  double distinct = 0; ///< Of `read`, where it reads back; else 0.
  bool isHeld = false;
  unsigned rank = 0; ///< Among the gaps of its buffer.

  /// Whether `other` is a gap of the same data in a loop further in: holding
  /// the data in this gap means holding it in the other one, too.
  bool contains(const Gap &other) const {
    return buffer == other.buffer && other.first >= first && other.end <= end &&
           other.depth > depth;
  }
};

/// Dirty sectors, which are written unless they are held in all gaps that they
/// pass.
struct WriteBack {
  BufferId buffer;
  OpId op;
  double sectors;
  /// Share of the sectors that pass a gap in which nothing can be held.
  double neverHeld = 0;
  struct Passed {
    unsigned gap; ///< Into Retention::gaps.
    double share;
  };
  llvm::SmallVector<Passed, 2> passed = {};
};

/// Gaps and what is held where. The order of the classes does not matter.
class Retention {
public:
  Retention(const ConstantTree &tree, double capacityBits,
            llvm::ArrayRef<ReuseClass> classes);

  /// What is settled before the rest is taken greedily.
  enum class Order {
    NestsFirst, ///< Every single nest, exhaustively.
    InnerToo,   ///< Gaps together with those of the loops further in.
    Greedy,     ///< Nothing.
  };
  /// Chooses what is held. Returns the sectors that move.
  double solve(Order order);

  /// Sectors of a write-back that move: those that pass some gap in which they
  /// are not held. Where shares of the data pass different gaps, they are taken
  /// to be different parts of it.
  double countWritten(const WriteBack &writeBack) const;

  std::vector<Gap> gaps;
  std::vector<WriteBack> writeBacks;

private:
  void holdElements();
  void addGaps(llvm::ArrayRef<ReuseClass> classes);
  void addWriteBacks(llvm::ArrayRef<ReuseClass> classes);
  void dropImplied(WriteBack &writeBack) const;
  bool fits(const Gap &gap) const;
  void hold(Gap &gap);
  bool isReady(const Gap &gap) const;
  llvm::SmallVector<unsigned, 8> findInner(const Gap &gap) const;
  void solveNests();
  void solveNest(llvm::ArrayRef<llvm::SmallVector<unsigned, 8>> chains);
  void solveGreedily();
  void holdWithInner();

  double held(BufferId buffer, unsigned leaf) const {
    return heldBits.lookup({buffer, leaf});
  }

  double capacityBits;
  std::vector<double> usage; ///< Bits held, per leaf.
  std::vector<double> elementBits;
  /// Buffer and innermost body of every leaf.
  std::vector<std::pair<BufferId, unsigned>> leafBuffers;
  llvm::DenseMap<std::pair<BufferId, unsigned>, double> heldBits;
  /// Gaps of each buffer; those that a gap contains stand before it.
  llvm::DenseMap<BufferId, llvm::SmallVector<unsigned, 8>> gapsOf;
};

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_RETENTION_H
