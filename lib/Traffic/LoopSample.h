//===- LoopSample.h - Long loops are walked in part -------------*- C++ -*-===//
//
// Internal to the walk. Once a loop has brought in as many lines as the cache
// holds, what was there before it is gone, and iterations cost alike but for
// small changes: some are measured, and stand for those that are skipped. The
// last ones are walked again, until the cache holds what it would have held.
// docs/Model.md, "Small programs".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRAFFIC_LOOPSAMPLE_H
#define MEMWALL_LIB_TRAFFIC_LOOPSAMPLE_H

#include "llvm/ADT/SmallVector.h"
#include <cstdint>

namespace memwall {

struct MovedSectors {
  double read = 0, written = 0;
};

/// What was moved so far.
struct Moved {
  llvm::SmallVector<MovedSectors, 0> cells; ///< By access.
  double lines = 0;                         ///< Brought into the cache.

  double total() const;
};

/// Accesses with consecutive numbers.
struct AccessRange {
  unsigned begin = 0, end = 0;
  bool contains(unsigned access) const {
    return access >= begin && access < end;
  }
};

/// One execution of one loop.
class LoopSample {
public:
  /// `turnover`: lines after which a cache holds nothing of what was there
  /// before; 0: every iteration is walked. `window`: iterations to measure.
  /// `inside`: the accesses that the loop makes.
  LoopSample(int64_t turnover, int64_t tripCount, int64_t window,
             AccessRange inside, const Moved &moved)
      : turnover(double(turnover)), tripCount(tripCount), half(window / 2),
        inside(inside), linesAtStart(moved.lines),
        phase(turnover == 0 || tripCount < 3 * window ? Phase::Done
                                                      : Phase::Settling) {}

  /// To be called when `done` iterations are done; returns the next one. Adds
  /// to `moved` what the accesses of the loop move in the iterations between
  /// them.
  int64_t advance(int64_t done, Moved &moved) {
    return phase == Phase::Done ? done : step(done, moved);
  }

  /// After a jump: sectors of an access that is not in the loop, and that the
  /// iterations which were skipped would write back if there were no end of
  /// them.
  double countLeaving(unsigned access) const {
    return (atJump.cells[access].written - atStart.cells[access].written) *
           skipped;
  }

private:
  enum class Phase { Settling, Measuring, Landing, Done };

  int64_t step(int64_t done, Moved &moved);
  int64_t closeWindow(int64_t done, Moved &moved);

  double turnover;
  int64_t tripCount, half;
  AccessRange inside;
  double linesAtStart;
  Phase phase;
  unsigned extensions = 0, steps = 0;
  int64_t windowStart = 0, middle = 0, jumpedFrom = 0;
  double skipped = 0; ///< Iterations, per iteration of the window.
  Moved atStart, atMiddle, atJump;
};

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_LOOPSAMPLE_H
