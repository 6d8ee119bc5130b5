//===- SetWalk.h - One set of a cache, from start to end --------*- C++ -*-===//
//
// Walks the accesses of a program that fall into one set of a cache, in order,
// and counts what they fetch and write back. In a set-associative LRU cache the
// sets are independent, so the walk of a set is exact whatever other sets do.
// docs/Model.md, "Walking sets".
//
//  - Only iterations that can touch the set are visited (SetFilter).
//  - A stretch of a loop is skipped once the set recurs: when it holds the same
//    lines as some iterations before, moved as far as the accesses of each
//    buffer have moved since, what follows repeats what followed then, because
//    LRU depends on the equality of lines only (Morelli and Reineke, "Warping
//    Cache Simulation of Polyhedral Programs", PLDI 2022).
//  - A loop that spends its budget is sampled in time: a few of its iterations
//    stand for the others. Before each of them the walk goes back until the set
//    has been filled with lines touched since, which makes its content exact.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRAFFIC_SETWALK_H
#define MEMWALL_LIB_TRAFFIC_SETWALK_H

#include "SetProgram.h"
#include "SetState.h"
#include <limits>
#include <memory>
#include <optional>
#include <random>

namespace memwall {

/// Sectors that an access moves. Fractions come from sampling in time.
struct MovedSectors {
  double read = 0, written = 0;
};

/// See the head of this file.
class SetWalk {
public:
  static constexpr double unlimited = std::numeric_limits<double>::infinity();

  /// What a walk may take: about `work` steps, of which every part of the
  /// function has a share. A loop nest is sampled in time when it takes more
  /// than its share; where the walk `givesUp`, it ends there instead, and its
  /// figures are of no use.
  struct Effort {
    double work = unlimited;
    bool givesUp = false;
  };

  /// The walk of set `set` of the cache of instance `instance`; of all sets
  /// where the geometry of `program` says so.
  SetWalk(const SetProgram &program, int64_t set, int64_t instance,
          Effort effort);

  void run();

  /// By access, after `run`.
  const std::vector<MovedSectors> &moved() const { return counts; }
  /// Steps taken: touches and looks for the next one.
  double work() const { return steps; }
  /// Some loop was sampled in time, or would have been.
  bool isSampledInTime() const { return sampled; }

private:
  bool isGivenUp() const { return sampled && effort.givesUp; }

  using Active = llvm::ArrayRef<unsigned>; ///< Accesses, in order.
  using NextTouches = llvm::SmallVector<int64_t, 8>;

  /// Iterations that come as equal chunks of `period`, up to `end`, between
  /// which every access that touches the set moves by whole rounds of the sets,
  /// or stays within its sectors.
  struct Stretch {
    int64_t period = 1, end = 0;
    llvm::SmallVector<std::pair<BufferId, int64_t>, 4> moves; ///< In lines.
    /// Buffers whose sectors are stored to at another place in every iteration.
    llvm::SmallVector<BufferId, 4> filled;
    bool isMoving() const {
      return llvm::any_of(moves, [](auto move) { return move.second != 0; });
    }
  };
  /// The set at the beginning of a chunk.
  struct Snapshot {
    uint64_t hash;
    int64_t chunk;
  };
  struct History {
    std::vector<Snapshot> snapshots;
    std::vector<MovedSectors> counts; ///< Of the active accesses, by snapshot.
    double lastWork = 0;
  };
  /// Neighbouring iterations with the same accesses in the set, which stand for
  /// `weight` times as many.
  struct Segment {
    int64_t begin, end;
    double weight;
  };
  struct Group {
    std::vector<Segment> segments;
    double total = 0; ///< Iterations that they stand for.
  };
  /// Iterations [begin, end) that stand for `weight` times as many.
  struct Block {
    int64_t begin, end;
    double weight;
  };

  /// The end of an iteration, see walkTail.
  struct Tail {
    unsigned depth;
    int64_t iterations;
  };

  void walkRoot();
  double shareOf(const SetNode &part) const;
  void countParts();
  void skipRepeats(const RepeatedBlock &block);
  void walkRange(unsigned loop, Active active, int64_t begin, int64_t end,
                 int64_t longestPeriod, double budget, bool maySample = true);
  int64_t walkStretch(unsigned loop, Active active, const NextTouches &next,
                      int64_t v, int64_t end, double budget);
  int64_t repeat(unsigned loop, Active active, int64_t v,
                 const Stretch &stretch, int64_t longestPeriod, double budget);
  void walkAllSets(const SetNode &loop, Active active, int64_t v, int64_t end);
  void iterate(unsigned loop, int64_t v, Active active, double budget,
               const Tail *tail = nullptr);
  void walkChildren(const SetNode &node, Active active, double budget);
  void die(const SetNode &child);

  int64_t findNext(const SetNode &loop, unsigned access, int64_t v);
  int64_t settle(const SetNode &loop, Active active, NextTouches &next,
                 int64_t from, int64_t end);
  bool findStretch(const SetNode &loop, Active active, const NextTouches &next,
                   int64_t v, int64_t end, int64_t longestPeriod,
                   Stretch &stretch) const;
  bool limitToUnits(const SetNode &loop, int64_t v, int64_t longestPeriod,
                    Stretch &stretch) const;
  bool addMove(Stretch &stretch, BufferId buffer, int64_t lines) const;
  int64_t countConstant(const SetNode &loop, unsigned access, int64_t v) const;
  /// Steps that a look for a recurrence is worth: hashing eight lines takes
  /// about as long as touching one.
  double countLookSteps() const { return double(state.size()) / 8; }
  History &beginHistory();
  int64_t recur(History &history, const Stretch &stretch, Active active,
                int64_t chunk, int64_t chunks);

  int64_t numberOf(const SetNode &loop, int64_t v) const;
  int64_t nextOwn(const SetNode &loop, int64_t v) const;
  int64_t addRows(const SetNode &loop, unsigned access) const;

  /// Iterations [v, end) of a loop that was walked from `begin` on.
  struct Rest {
    int64_t begin, v, end;
  };
  void sampleRest(unsigned loop, Active active, Rest rest, double each,
                  double budget);
  /// Blocks that stand for a loop: enough for the groups that usually occur.
  static constexpr int64_t kBlocks = 16;
  int64_t countLineIterations(const SetNode &loop, Active active) const;
  std::vector<Group> groupIterations(const SetNode &loop, Active active,
                                     Rest rest, int64_t mostGroups,
                                     double budget);
  int64_t findPatternEnd(const SetNode &loop, Active active,
                         const NextTouches &next, int64_t v, int64_t end,
                         uint64_t &signature);
  std::vector<Block> chooseBlocks(const SetNode &loop, Active active,
                                  llvm::ArrayRef<Group> groups, int64_t length,
                                  int64_t wanted);
  std::pair<unsigned, Active> findLastLoop(const SetNode &node,
                                           Active active) const;
  void walkTail(const SetNode &node, Active active, Tail tail, double budget);
  bool isFilledSince(uint64_t since);
  void warmUp(unsigned loop, Active active, int64_t begin, int64_t v,
              double budget);

  void touch(unsigned access, int64_t address, int64_t strideBits,
             int64_t count);
  void touchLine(unsigned access, int64_t line, int64_t first, int64_t last,
                 int64_t strideBits, int64_t count);
  void evict(uint32_t slot);
  void storeSectors(uint32_t slot, unsigned access, uint64_t sectors,
                    int64_t first, int64_t strideBits, int64_t count);
  void storeBytes(uint32_t slot, unsigned access, uint64_t sectors,
                  int64_t first, int64_t strideBits, int64_t count);
  void storeAround(unsigned access, int64_t line, uint64_t sectors);

  const SetProgram &program;
  const SetGeometry &geometry;
  int64_t set, instance;
  Effort effort;
  unsigned lineShift, sectorShift;
  SetState state;
  std::vector<int64_t> address;      ///< By access, at the current iterations.
  std::vector<MovedSectors> counts;  ///< By access.
  std::vector<int64_t> iteration;    ///< By loop that chooses rows.
  std::vector<int64_t> moveOf;       ///< By buffer; zero but within `recur`.
  std::vector<uint32_t> slotOf;      ///< By access: the slot touched last.
  std::vector<int64_t> openSector;   ///< By buffer: of stores around the cache.
  int64_t numberBase = 0;            ///< Of the parallel loops around.
  double bodies = 0, wholeSteps = 0; ///< Of all parts that are walked.
  double weight = 1;                 ///< What counts are multiplied with.
  /// Set up where it is first asked, which takes as long as a hundred steps.
  std::optional<std::mt19937> random;
  double steps = 0;
  unsigned repeatsAround = 0;
  /// By repeats around, kept for their memory.
  std::vector<std::unique_ptr<History>> histories;
  unsigned samplingDepth = 0; ///< Loops around that are sampled in time.
  int64_t samplings = 0;      ///< Loops that were sampled in time so far.
  bool sampled = false;
};

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_SETWALK_H
