//===- TouchOrder.cpp - When touches are met
//-------------------------------===//

#include "Touch.h"
#include "llvm/ADT/STLExtras.h"
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

/// Which of the lines that iterations of a loop share one after the other.
static double sharedLine(const Touch &touch, int64_t iteration) {
  return std::floor((double(iteration) + touch.linePhase) / touch.lineGroup);
}

/// The first and the last iteration that meets the line of `iteration`.
static int64_t firstSharing(const Touch &touch, int64_t iteration) {
  if (touch.lineGroup == 0)
    return iteration;
  double begin = sharedLine(touch, iteration) * touch.lineGroup;
  return std::max<int64_t>(0, std::ceil(begin - touch.linePhase - 1e-9));
}

static int64_t lastSharing(const Touch &touch, int64_t iteration) {
  if (touch.lineGroup == 0)
    return iteration;
  double end = (sharedLine(touch, iteration) + 1) * touch.lineGroup;
  return std::ceil(end - touch.linePhase - 1e-9) - 1;
}

Path TouchOrder::firstMoment(unsigned n, unsigned t, double p,
                             DigitOverride digit) const {
  Path path;
  while (!nodes[n].isAccess) {
    const Touch &touch = nodes[n].touches[t];
    int64_t trips = nodes[n].tripCount;
    int64_t iteration = touch.varies ? splitPosition(p, trips) : 0;
    if (n == digit.node)
      iteration = std::llround(digit.position * double(trips - 1));
    path.push_back({firstSharing(touch, iteration), touch.firstChild});
    n = nodes[n].children[touch.firstChild];
    t = touch.firstTouch;
  }
  return path;
}

Path TouchOrder::lastMoment(unsigned n, unsigned t, double p,
                            DigitOverride digit) const {
  Path path;
  while (!nodes[n].isAccess) {
    const Touch &touch = nodes[n].touches[t];
    int64_t trips = nodes[n].tripCount;
    int64_t iteration = touch.varies ? splitPosition(p, trips) : trips - 1;
    if (n == digit.node)
      iteration = std::llround(digit.position * double(trips - 1));
    path.push_back(
        {std::min(lastSharing(touch, iteration), trips - 1), touch.lastChild});
    n = nodes[n].children[touch.lastChild];
    t = touch.lastTouch;
  }
  return path;
}

Path TouchOrder::bodyMoment(unsigned n, const Touch &touch, double p,
                            bool first, DigitOverride digit) const {
  unsigned child = first ? touch.firstChild : touch.lastChild;
  unsigned t = first ? touch.firstTouch : touch.lastTouch;
  unsigned below = nodes[n].children[child];
  Path path =
      first ? firstMoment(below, t, p, digit) : lastMoment(below, t, p, digit);
  path.insert(path.begin(), {0, child});
  return path;
}

double TouchOrder::bodyHead(unsigned n, unsigned t, const Path &path,
                            unsigned level) const {
  const Touch &touch = nodes[n].touches[t];
  unsigned child = path[level].child;
  if (touch.firstChild < child)
    return touch.bodyLines;
  if (touch.firstChild > child)
    return 0;
  unsigned below = nodes[n].children[child];
  return nodes[below].isAccess ? 0
                               : head(below, touch.firstTouch, path, level + 1);
}

double TouchOrder::bodyTail(unsigned n, unsigned t, const Path &path,
                            unsigned level) const {
  const Touch &touch = nodes[n].touches[t];
  unsigned child = path[level].child;
  if (touch.lastChild > child)
    return touch.bodyLines;
  if (touch.lastChild < child)
    return 0;
  unsigned below = nodes[n].children[child];
  return nodes[below].isAccess ? 0
                               : tail(below, touch.lastTouch, path, level + 1);
}

/// Lines of the whole iterations [first, last], and of `partial` lines of the
/// iteration `next` to them.
double TouchOrder::iterationLines(const Touch &touch, int64_t first,
                                  int64_t last, int64_t next,
                                  double partial) const {
  if (first > last)
    return partial;
  if (!touch.varies)
    return touch.bodyLines;
  if (touch.isGrouped) {
    double groups = sharedLine(touch, last) - sharedLine(touch, first) + 1;
    int64_t beside = next < first ? first : last;
    bool isNew = sharedLine(touch, next) != sharedLine(touch, beside);
    return std::min(touch.lines,
                    groups * touch.bodyLines + (isNew ? partial : 0));
  }
  double whole = touch.bodyLines;
  if (last > first)
    whole += touch.growth + touch.laterGrowth * double(last - first - 1);
  double growth = last > first ? touch.laterGrowth : touch.growth;
  return whole + partial * (growth / touch.bodyLines);
}

double TouchOrder::head(unsigned n, unsigned t, const Path &path,
                        unsigned level) const {
  const Touch &touch = nodes[n].touches[t];
  int64_t at = path[level].iteration;
  if (at > 0 && !touch.varies)
    return touch.bodyLines;
  return iterationLines(touch, 0, at - 1, at, bodyHead(n, t, path, level));
}

double TouchOrder::tail(unsigned n, unsigned t, const Path &path,
                        unsigned level) const {
  const Touch &touch = nodes[n].touches[t];
  int64_t at = path[level].iteration, last = nodes[n].tripCount - 1;
  if (at < last && !touch.varies)
    return touch.bodyLines;
  return iterationLines(touch, at + 1, last, at, bodyTail(n, t, path, level));
}

double memwall::countBits(const Box &region) {
  return countGranules(region, region.elementBits) * double(region.elementBits);
}

double memwall::countAllLines(const LoopTree &source, const ConstantTree &tree,
                              int64_t lineBits) {
  llvm::SmallVector<bool, 0> used(source.buffers.size(), false);
  for (const ConstantAccess &access : tree.accesses)
    used[access.buffer] = true;
  double lines = 0;
  for (auto [buffer, isUsed] : llvm::zip(source.buffers, used))
    if (isUsed)
      lines += std::ceil(double(buffer.elements) * double(buffer.elementBits) /
                         double(lineBits));
  return lines;
}
