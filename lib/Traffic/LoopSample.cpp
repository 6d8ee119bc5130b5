//===- LoopSample.cpp - Long loops are walked in part ---------------------===//

#include "LoopSample.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace memwall;

double Moved::total() const {
  double sum = 0;
  for (const MovedSectors &cell : cells)
    sum += cell.read + cell.written;
  return sum;
}

void Moved::addDifference(const Moved &start, const Moved &end, double scale) {
  for (auto [cell, from, to] : llvm::zip_equal(cells, start.cells, end.cells)) {
    cell.read += (to.read - from.read) * scale;
    cell.written += (to.written - from.written) * scale;
  }
  lines += (end.lines - start.lines) * scale;
}

int64_t LoopSample::step(int64_t done, Moved &moved) {
  switch (phase) {
  case Phase::Settling:
    if (moved.lines - linesAtStart < turnover)
      return done;
    phase = Phase::Measuring;
    windowStart = done;
    atStart = moved;
    return done;
  case Phase::Measuring:
    ++steps;
    if (middle == 0 && done - windowStart >= half) {
      middle = done;
      atMiddle = moved;
    }
    return done - windowStart < 2 * half ? done : closeWindow(done, moved);
  case Phase::Landing: {
    // What the first step after a jump moves is not typical: it counts like
    // the iterations that were skipped.
    double share = double(done - jumpedFrom) / double(jumpedFrom - windowStart);
    moved = atJump;
    moved.addDifference(atStart, atJump, share);
    phase = Phase::Done;
    return done;
  }
  case Phase::Done:
    break;
  }
  return done;
}

int64_t LoopSample::closeWindow(int64_t done, Moved &moved) {
  double first = (atMiddle.total() - atStart.total()) / (middle - windowStart);
  double second = (moved.total() - atMiddle.total()) / (done - middle);
  constexpr unsigned kMostExtensions = 4;
  if (std::abs(first - second) > 0.005 * (first + second) &&
      extensions++ < kMostExtensions) {
    // Not even: twice as long a window, of which this is the first half.
    half = done - windowStart;
    middle = done;
    atMiddle = moved;
    return done;
  }
  double linesEach = (moved.lines - atStart.lines) / (done - windowStart);
  // The step that lands may be several iterations long.
  int64_t landing = llvm::divideCeil(done - windowStart, steps);
  double tail = std::ceil(turnover / linesEach) + double(landing + 1);
  phase = Phase::Done;
  if (!(tail + double(4 * landing) < double(tripCount - done)))
    return done;
  int64_t next = tripCount - int64_t(tail);
  phase = Phase::Landing;
  jumpedFrom = done;
  atJump = moved;
  return next;
}
