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
    auto count = [&](double start, double jump) {
      return jump + (jump - start) * share;
    };
    for (unsigned a = inside.begin; a < inside.end; ++a) {
      const MovedSectors &start = atStart.cells[a], &jump = atJump.cells[a];
      moved.cells[a] = {count(start.read, jump.read),
                        count(start.written, jump.written)};
    }
    moved.lines = count(atStart.lines, atJump.lines);
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
  skipped = double(next - done) / double(done - windowStart);
  atJump = moved;
  return next;
}
