//===- TouchOrder.cpp - When touches are met
//-------------------------------===//

#include "Touch.h"
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

/// The first and the last iteration that meets the line of `iteration`.
int64_t TouchOrder::firstSharing(const Touch &touch, int64_t iteration) {
  if (touch.lineGroup == 0)
    return iteration;
  double line =
      std::floor((double(iteration) + touch.linePhase) / touch.lineGroup);
  return std::max<int64_t>(
      0, std::ceil(line * touch.lineGroup - touch.linePhase - 1e-9));
}

int64_t TouchOrder::lastSharing(const Touch &touch, int64_t iteration) {
  if (touch.lineGroup == 0)
    return iteration;
  double line =
      std::floor((double(iteration) + touch.linePhase) / touch.lineGroup);
  return std::ceil((line + 1) * touch.lineGroup - touch.linePhase - 1e-9) - 1;
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
    path.push_back({std::min(lastSharing(touch, iteration), trips - 1),
                    touch.lastChild});
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

/// Lines after `full` whole iterations and `partial` lines of one more.
static double accumulate(const Touch &touch, int64_t full, double partial) {
  if (full == 0)
    return partial;
  if (!touch.varies)
    return touch.bodyLines;
  return touch.bodyLines + touch.growth * double(full - 1) +
         partial * (touch.growth / touch.bodyLines);
}

double TouchOrder::head(unsigned n, unsigned t, const Path &path,
                        unsigned level) const {
  const Touch &touch = nodes[n].touches[t];
  int64_t full = path[level].iteration;
  if (full > 0 && !touch.varies)
    return touch.bodyLines;
  return accumulate(touch, full, bodyHead(n, t, path, level));
}

double TouchOrder::tail(unsigned n, unsigned t, const Path &path,
                        unsigned level) const {
  const Touch &touch = nodes[n].touches[t];
  int64_t full = nodes[n].tripCount - 1 - path[level].iteration;
  if (full > 0 && !touch.varies)
    return touch.bodyLines;
  return accumulate(touch, full, bodyTail(n, t, path, level));
}
