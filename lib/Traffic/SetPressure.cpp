//===- SetPressure.cpp - Lines that fall into one set ---------------------===//

#include "SetPressure.h"
#include <numeric>

using namespace memwall;

namespace {

/// Runs of neighbouring lines that start at the multiples of a number of sets.
struct SetRuns {
  int64_t lattice, lines; ///< Distance of the starts, lines of each.
  double runs = 1;
};

} // namespace

static SetRuns findRuns(const StridedBox &box, int64_t lineBits, int64_t sets) {
  Runs runs = splitRuns(box.getWidth(), box.getSteps(), lineBits);
  SetRuns found{sets, (runs.length + lineBits - 1) / lineBits, runs.count()};
  for (Progression step : runs.steps)
    found.lattice = std::gcd(found.lattice, step.stride / lineBits);
  return found;
}

double memwall::countLinesInSet(const StridedBox &box, int64_t startLine,
                                int64_t line, int64_t lineBits, int64_t sets) {
  auto [lattice, runLines, runs] = findRuns(box, lineBits, sets);
  int64_t distance = ((line - startLine) % lattice + lattice) % lattice;
  double perRun =
      distance < runLines ? double((runLines - 1 - distance) / lattice + 1) : 0;
  return runs * perRun * double(lattice) / double(sets);
}

SetShare memwall::computeSetShare(const StridedBox &box, int64_t lineBits,
                                  int64_t sets) {
  auto [lattice, runLines, runs] = findRuns(box, lineBits, sets);
  double perRun = double((runLines - 1) / lattice + 1);
  return {lattice, runs * perRun * double(lattice) / double(sets)};
}
