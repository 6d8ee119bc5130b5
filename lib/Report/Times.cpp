//===- Times.cpp - What takes the time of an op or a function -------------===//

#include "Times.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

/// FLOP per byte read at which the arithmetic and `level` take equally long.
/// For one op this is `computeRidge`; for a function, of its mix of ops.
static std::optional<double> computeMixedRidge(const WorkOnTarget &work,
                                               const Roofline &roofline,
                                               const Level &level,
                                               BandwidthChoice bandwidth) {
  constexpr int64_t gigabyte = 1000000000;
  std::optional<double> secondsPerGigabyte =
      computeLevelSeconds({gigabyte, 0}, level, bandwidth);
  if (!secondsPerGigabyte || work.flops == kTooManyBytes ||
      !roofline.computeSeconds || *roofline.computeSeconds <= 0)
    return std::nullopt;
  double flopsPerSecond = (double)work.flops / *roofline.computeSeconds;
  return flopsPerSecond * *secondsPerGigabyte / (double)gigabyte;
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
  Roofline asScheduled =
      computeRoofline(work.work, scheduled, target, bandwidth);
  forgetUncounted(atBound, figures.levels, &LevelFigures::hasTooManyAtBound);
  forgetUncounted(asScheduled, figures.levels,
                  &LevelFigures::hasTooManyScheduled);
  figures.boundBy = atBound.boundBy;
  figures.secondsAtBound = atBound.seconds;
  figures.boundByAsScheduled = asScheduled.boundBy;
  figures.secondsAsScheduled = asScheduled.seconds;
  for (auto [out, level] : llvm::zip_equal(figures.levels, target.levels)) {
    out.flopsPerByte = computeIntensity(work.flops, out.scheduled.total());
    out.flopsPerByteAtBound = computeIntensity(work.flops, out.boundBytes);
    out.ridge = computeMixedRidge(work, atBound, level, bandwidth);
  }
}
