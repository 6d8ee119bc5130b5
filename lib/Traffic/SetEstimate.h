//===- SetEstimate.h - What walked sets say of all sets ---------*- C++ -*-===//
//
// Adds up what walked sets of a cache move, weighs them to stand for all sets,
// and says how far off the sum may be: a stratified ratio estimate and its
// standard error. docs/Model.md, "Walking sets".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRAFFIC_SETESTIMATE_H
#define MEMWALL_LIB_TRAFFIC_SETESTIMATE_H

#include "SetSample.h"
#include "SetWalk.h"

namespace memwall {

/// What the walk of one set came to.
struct WalkedSet {
  std::vector<MovedSectors> moved; ///< By access.
  double steps = 0;
  bool isSampledInTime = false;
};

/// Sets of a sample, walked; `walks` in the order of `sample.sets`.
struct WalkedSets {
  SetSample sample;
  std::vector<WalkedSet> walks;

  double countSteps() const;
  bool isSampledInTime() const;
  /// Sectors that these sets move together.
  MovedSectors countMoved() const;
};

/// Walks the sets of `sample`, in parallel.
WalkedSets walkSample(const SetProgram &program, SetSample sample,
                      SetWalk::Effort effort = {});

/// Walks all sets of every instance at once; `program` has to be whole.
WalkedSets walkAllAtOnce(const SetProgram &program);

/// Sectors of all sets over all instances.
struct SetEstimate {
  std::vector<MovedSectors> byAccess;
  MovedSectors all;
  /// Variances of what a set moves beyond its share, by stratum. Empty where
  /// every set was counted from start to end.
  std::vector<MovedSectors> variances;
  /// Standard errors of `all`.
  MovedSectors error;

  bool isExact() const { return variances.empty(); }
  /// The larger of the relative errors that come from differences between sets.
  double spread = 0;
  /// How much one more set of each stratum would say; reads and writes count
  /// alike.
  std::vector<double> weighStrata() const;
};

SetEstimate estimateAllSets(const SetProgram &program,
                            const WalkedSets &walked);

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_SETESTIMATE_H
