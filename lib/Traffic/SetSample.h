//===- SetSample.h - Which sets stand for all of them -----------*- C++ -*-===//
//
// Sets of a cache do not hold equally many lines of every buffer: the first and
// the last line of a buffer, modulo the sets, part those that hold one line
// more from those that hold one less, and at a capacity one line decides. So
// the sets are cut there into strata, and some of each stratum are walked.
// docs/Model.md, "Walking sets".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRAFFIC_SETSAMPLE_H
#define MEMWALL_LIB_TRAFFIC_SETSAMPLE_H

#include "SetProgram.h"

namespace memwall {

/// A set of the cache of one instance, and how many sets it stands for.
struct SampledSet {
  int64_t set = 0, instance = 0;
  unsigned stratum = 0;
  double weight = 1;
};

/// Sets that are much alike: `size` of them, over all instances they are from.
struct Stratum {
  double size = 0;
  unsigned sampled = 0;
};

/// See the head of this file.
struct SetSample {
  std::vector<Stratum> strata;
  std::vector<SampledSet> sets; ///< In order of instance and set.

  /// Whether every set of every instance is in it.
  bool isWhole() const;
};

/// About `wanted` sets, more where there are many strata; all where `wanted` is
/// at least as many. `importance` of a buffer decides where cuts matter most
/// when there are too many. Strata get sets by size, and where `weights` are
/// given, one for each stratum of a smaller sample, by size times weight: what
/// varies most is looked at most (Neyman's allocation). The same every time.
SetSample chooseSets(const SetProgram &program,
                     llvm::ArrayRef<double> importance, int64_t wanted,
                     llvm::ArrayRef<double> weights = {});

/// Lines of a buffer that fall into a set.
int64_t countLinesInSet(const SetProgram &program, BufferId buffer,
                        int64_t set);

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_SETSAMPLE_H
