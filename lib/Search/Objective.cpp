//===- Objective.cpp - What schedules are compared by ---------------------===//

#include "memwall/Search/Objective.h"
#include "memwall/Bounds/Roofline.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace memwall;

/// Seconds per byte that is read, or written where reads have no bandwidth.
static std::optional<double> getSecondsPerByte(const Level &level) {
  for (Bytes one : {Bytes{1, 0}, Bytes{0, 1}})
    if (std::optional<double> seconds =
            computeLevelSeconds(one, level, BandwidthChoice::Achievable))
      return seconds;
  return std::nullopt;
}

const Level *memwall::findLevelWithoutBandwidth(const Target &target) {
  for (const Level &level :
       llvm::reverse(llvm::drop_begin(llvm::ArrayRef(target.levels))))
    if (!getSecondsPerByte(level))
      return &level;
  return nullptr;
}

Objective::Objective(ObjectiveKind kind, const Target &target,
                     llvm::ArrayRef<OpRecord> ops) {
  if (kind == ObjectiveKind::Bytes || findLevelWithoutBandwidth(target)) {
    assert(kind != ObjectiveKind::Time && "times need every bandwidth");
    return;
  }
  for (const Level &level : llvm::drop_begin(target.levels))
    secondsPerByte.push_back(*getSecondsPerByte(level));
  llvm::SmallVector<ComputeWork, 8> work;
  for (const OpRecord &op : ops)
    work.push_back(getComputeWork(op));
  Roofline roofline =
      computeRoofline(work, llvm::SmallVector<Bytes, 4>(target.levels.size()),
                      target, BandwidthChoice::Achievable);
  arithmeticSeconds = roofline.computeSeconds.value_or(0);
}

double Objective::computeScore(llvm::ArrayRef<double> bytes) const {
  // So that a hundredth of the time outweighs a tenth of the bytes at DRAM:
  // what differs less is within what both are predicted to.
  constexpr double kOfTime = 10, kOfNextLevel = 0.1, kShortest = 1e-12;
  double score = 0, weight = 1;
  for (double level : llvm::reverse(bytes)) {
    score += weight * std::log(std::max(level, 1.0));
    weight *= kOfNextLevel;
  }
  if (!isTime())
    return score;
  double seconds = std::max(arithmeticSeconds, kShortest);
  for (auto [level, perByte] : llvm::zip_equal(bytes, secondsPerByte))
    seconds = std::max(seconds, level * perByte);
  return score + kOfTime * std::log(seconds);
}
