//===- LoopReuse.h - Reuse between the iterations of one loop ---*- C++ -*-===//
//
// Internal to the reuse analysis. Reports what the iterations of a loop meet
// again, one touch at a time, and what two touches of one buffer share once all
// iterations are taken together.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TRAFFIC_LOOPREUSE_H
#define MEMWALL_LIB_TRAFFIC_LOOPREUSE_H

#include "ReuseContext.h"

namespace memwall {

/// See the head of this file.
class LoopReuse {
public:
  /// Loop `n`, whose touches are those of all its iterations, and which runs
  /// `executions` times in all.
  LoopReuse(ReuseContext &context, unsigned n, double executions);

  void run();

private:
  void emitOwn(Touch &touch);
  void emitWriteBack(const Touch &touch, ReuseClass reuse);
  ReuseClass makeReuse(const Touch &touch);

  int64_t findLag(const Touch &touch) const;
  std::pair<DigitOverride, DigitOverride> findWindow(const Touch &touch,
                                                     double p) const;
  Samples computeDistances(const Touch &touch) const;

  std::optional<double> findLag(const Touch &earlier, const Touch &later) const;
  llvm::SmallVector<unsigned, 4>
  findTimeOrder(llvm::ArrayRef<unsigned> list) const;
  void emitShared();
  void emitShared(llvm::ArrayRef<unsigned> earlier, Touch &later);
  void emitShared(Touch &earlier, const Touch &later, double share);

  ReuseContext &context;
  const ReuseConfig &config;
  unsigned n;
  const ConstantNode &loop;
  Summary &summary;
  double executions;
  /// Lines of one iteration, and of all, each counted once.
  double oneLines = 0, allLines = 0;
};

} // namespace memwall

#endif // MEMWALL_LIB_TRAFFIC_LOOPREUSE_H
