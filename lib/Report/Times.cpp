//===- Times.cpp - What takes the time of an op or a function -------------===//

#include "Times.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

/// FLOP per byte read at which the arithmetic and `level` take equally long.
/// For one op this is `computeRidge`; for a function, of its mix of ops. Types
/// without a peak take no part.
static std::optional<double> computeMixedRidge(const WorkOnTarget &work,
                                               const Roofline &roofline,
                                               const Level &level,
                                               const Target &target,
                                               BandwidthChoice bandwidth) {
  constexpr int64_t gigabyte = 1000000000;
  std::optional<double> secondsPerGigabyte =
      computeLevelSeconds({gigabyte, 0}, level, bandwidth);
  if (!secondsPerGigabyte || work.operations == kTooManyBytes ||
      !roofline.computeSeconds || *roofline.computeSeconds <= 0)
    return std::nullopt;
  double timed = (double)work.operations;
  for (const ComputeWork &part : work.work)
    if (!hasPeak(part, target))
      timed -= (double)part.operations;
  double perSecond = timed / *roofline.computeSeconds;
  return perSecond * *secondsPerGigabyte / (double)gigabyte;
}

/// Where a level takes time for more bytes than are counted, the time of the
/// whole is not known.
static void forgetUncounted(Roofline &roofline,
                            llvm::ArrayRef<LevelFigures> levels,
                            bool (LevelFigures::*isUncounted)() const) {
  for (auto [seconds, level] : llvm::zip(roofline.levelSeconds, levels))
    if (seconds && (level.*isUncounted)()) {
      roofline.seconds = std::nullopt;
      roofline.boundBy = "unknown";
    }
}

void memwall::setTimes(TargetFigures &figures, const WorkOnTarget &work,
                       const Target &target, BandwidthChoice bandwidth) {
  llvm::SmallVector<Bytes, 4> scheduled;
  for (const LevelFigures &level : figures.levels)
    scheduled.push_back(level.scheduled);
  Roofline atBound = computeRoofline(work.work, work.bounds, target, bandwidth);
  Roofline asScheduled = computeRooflineOnUnits(work.work, scheduled, work.idle,
                                                target, bandwidth);
  forgetUncounted(atBound, figures.levels, &LevelFigures::hasTooManyAtBound);
  forgetUncounted(asScheduled, figures.levels,
                  &LevelFigures::hasTooManyScheduled);
  figures.boundBy = atBound.boundBy;
  figures.secondsAtBound = atBound.seconds;
  figures.boundByAsScheduled = asScheduled.boundBy;
  figures.secondsAsScheduled = asScheduled.seconds;
  for (auto [out, level, seconds] : llvm::zip_equal(
           figures.levels, target.levels, asScheduled.levelSeconds)) {
    if (!out.hasTooManyScheduled())
      out.seconds = seconds;
    out.flopsPerByte = computeIntensity(work.operations, out.scheduled.total());
    out.flopsPerByteAtBound = computeIntensity(work.operations, out.boundBytes);
    out.ridge = computeMixedRidge(work, atBound, level, target, bandwidth);
  }
  for (const ComputeWork &part : work.work)
    if (!hasPeak(part, target) &&
        !llvm::is_contained(figures.typesWithoutPeak, part.elementType))
      figures.typesWithoutPeak.push_back(part.elementType);
}
