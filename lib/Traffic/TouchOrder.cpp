//===- TouchOrder.cpp - When touches are met ------------------------------===//

#include "Touch.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>

using namespace memwall;

/// Splits a position in a sweep of `trips` iterations: the iteration, and the
/// position within it.
static int64_t splitPosition(double &p, int64_t trips) {
  double scaled = p * double(trips);
  int64_t iteration = std::min<int64_t>(trips - 1, (int64_t)std::floor(scaled));
  p = std::clamp(scaled - double(iteration), 0.0, 1.0);
  return iteration;
}

int64_t TouchOrder::getOffset(unsigned n, const Touch &touch) const {
  const ConstantAccess &access = tree.accesses[touch.access];
  int64_t offset = access.offsetBits;
  for (unsigned i = 0; i < access.terms.size() && access.terms[i].node < n;
       ++i) {
    double place = kPositions[(sample * (i % 4 + 1) + i) % kSamples];
    int64_t trips = tree.nodes[access.terms[i].node].tripCount;
    offset += access.terms[i].strideBits * int64_t(place * double(trips));
  }
  return offset;
}

namespace {
/// A loop on the way down to an access.
struct Step {
  int64_t trips, iteration, strideBits;
  unsigned child;
};
} // namespace

/// Moves the iterations of loops with steps shorter than a line to the first
/// (or last) ones that still meet the line of `address`. Outer loops move as
/// far as the inner ones can make up for.
static void moveWithinLine(llvm::MutableArrayRef<Step> steps, int64_t address,
                           int64_t elementBits, int64_t lineBits,
                           bool toFirst) {
  int64_t lineStart = llvm::divideFloorSigned(address, lineBits) * lineBits;
  auto isNarrow = [&](const Step &step) {
    return step.strideBits > 0 && step.strideBits < lineBits;
  };
  int64_t inner = 0, reach = 0; // Offset and extent of the narrow loops below.
  for (const Step &step : steps)
    if (isNarrow(step)) {
      inner += step.strideBits * step.iteration;
      reach += step.strideBits * (step.trips - 1);
    }
  for (Step &step : steps) {
    if (!isNarrow(step))
      continue;
    inner -= step.strideBits * step.iteration;
    reach -= step.strideBits * (step.trips - 1);
    int64_t begin = address - inner; // With the loops below at their first.
    int64_t move = toFirst ? -llvm::divideFloorSigned(begin + reach - lineStart,
                                                      step.strideBits)
                           : llvm::divideFloorSigned(lineStart + lineBits -
                                                         elementBits - begin,
                                                     step.strideBits);
    int64_t moved =
        std::clamp<int64_t>(step.iteration + move, 0, step.trips - 1);
    address += (moved - step.iteration) * step.strideBits;
    step.iteration = moved;
  }
}

/// The part of a touch that position `p` falls in; makes `p` the position in
/// it.
static const Part &findPart(llvm::ArrayRef<Part> parts, double &p) {
  double begin = 0;
  for (const Part &part : parts) {
    if (p <= part.end || &part == &parts.back()) {
      p = part.end > begin
              ? std::clamp((p - begin) / (part.end - begin), 0.0, 1.0)
              : 0;
      return part;
    }
    begin = part.end;
  }
  return parts.back();
}

Path TouchOrder::moment(Which which, unsigned n, unsigned t, double p,
                        DigitOverride digit) const {
  Path path;
  appendMoment(which, n, t, p, digit, path);
  return path;
}

void TouchOrder::appendMoment(Which which, unsigned n, unsigned t, double p,
                              DigitOverride digit, Path &path) const {
  llvm::SmallVector<Step, 10> steps;
  const ConstantAccess &access = tree.accesses[nodes[n].touches[t].access];
  int64_t address = nodes[n].isAccess ? 0 : getOffset(n, nodes[n].touches[t]);
  while (!nodes[n].isAccess) {
    const Touch &touch = nodes[n].touches[t];
    int64_t trips = nodes[n].tripCount;
    int64_t iteration = which == First ? 0 : trips - 1;
    if (touch.one.varies)
      iteration = splitPosition(p, trips);
    if (n == digit.node)
      iteration = std::llround(digit.position * double(trips - 1));
    const Part &part = findPart(which == First ? touch.firsts : touch.lasts, p);
    steps.push_back({trips, iteration, touch.one.strideBits, part.child});
    address += touch.one.strideBits * iteration;
    t = part.touch;
    n = nodes[n].children[part.child];
  }
  moveWithinLine(steps, address, access.elementBits, lineBits, which == First);
  for (const Step &step : steps)
    path.push_back({step.iteration, step.child});
}

Path TouchOrder::bodyMoment(Which which, unsigned n, const Touch &touch,
                            double p, DigitOverride digit) const {
  const Part &part = findPart(which == First ? touch.firsts : touch.lasts, p);
  Path path = {{0, part.child}};
  appendMoment(which, nodes[n].children[part.child], part.touch, p, digit,
               path);
  return path;
}

/// Lines of one iteration that are met before (First) or after (Last) the
/// moment path[level...]: whole parts, and some of the part of the child that
/// is there.
double TouchOrder::partLines(Which which, unsigned n, unsigned t,
                             const Path &path, unsigned level,
                             int64_t offset) const {
  const Touch &touch = nodes[n].touches[t];
  unsigned child = path[level].child;
  double lines = 0, begin = 0;
  for (const Part &part : which == First ? touch.firsts : touch.lasts) {
    double share = part.end - begin;
    begin = part.end;
    unsigned below = nodes[n].children[part.child];
    bool isOutside = which == First ? part.child < child : part.child > child;
    if (isOutside) {
      lines += share * touch.one.lines;
    } else if (part.child == child && !nodes[below].isAccess) {
      int64_t at = offset + touch.one.strideBits * path[level].iteration;
      double some = which == First
                        ? head(below, part.touch, path, level + 1, at)
                        : tail(below, part.touch, path, level + 1, at);
      lines += std::min(some, share * touch.one.lines);
    }
  }
  return lines;
}

/// Lines of the whole iterations [first, last], and of `partial` lines of the
/// iteration `next` to them.
double TouchOrder::iterationLines(const Touch &touch, int64_t offset,
                                  int64_t first, int64_t last, int64_t next,
                                  double partial) const {
  if (first > last)
    return partial;
  if (!touch.one.varies)
    return touch.one.lines;
  if (touch.one.isGrouped) {
    auto line = [&](int64_t iteration) {
      return llvm::divideFloorSigned(offset + iteration * touch.one.strideBits,
                                     lineBits);
    };
    int64_t groups = std::abs(line(last) - line(first)) + 1;
    bool isNew = line(next) != line(next < first ? first : last);
    return std::min(touch.lines,
                    double(groups) * touch.one.lines + (isNew ? partial : 0));
  }
  double whole = touch.one.lines;
  if (last > first)
    whole +=
        touch.one.growth + touch.one.laterGrowth * double(last - first - 1);
  double growth = last > first ? touch.one.laterGrowth : touch.one.growth;
  return whole + partial * (growth / touch.one.lines);
}

double TouchOrder::head(unsigned n, unsigned t, const Path &path,
                        unsigned level, int64_t offset) const {
  const Touch &touch = nodes[n].touches[t];
  int64_t at = path[level].iteration;
  if (at > 0 && !touch.one.varies)
    return touch.one.lines;
  return iterationLines(touch, offset, 0, at - 1, at,
                        partLines(First, n, t, path, level, offset));
}

double TouchOrder::tail(unsigned n, unsigned t, const Path &path,
                        unsigned level, int64_t offset) const {
  const Touch &touch = nodes[n].touches[t];
  int64_t at = path[level].iteration, last = nodes[n].tripCount - 1;
  if (at < last && !touch.one.varies)
    return touch.one.lines;
  return iterationLines(touch, offset, at + 1, last, at,
                        partLines(Last, n, t, path, level, offset));
}

double memwall::countBits(const StridedBox &region) {
  return countBoxGranules(region, region.getWidth()) *
         double(region.getWidth());
}
