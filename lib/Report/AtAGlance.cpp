//===- AtAGlance.cpp - The first sentence of a page -----------------------===//

#include "Rows.h"
#include "memwall/Report/Format.h"
#include "memwall/Report/Page.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

/// From such a part of the floor on, what moves beyond it is worth a word.
static constexpr double kWorthAWord = 0.1;

/// "97 % of 811 GB at hbm3 are weights, read 49.0 times on average": of a
/// model, the role that has most of the bytes.
static std::string describeRoles(const ModelFigures &model, size_t target,
                                 const LevelFigures &dram) {
  const auto &scheduled = model.targets[target].scheduled;
  const RoleBytes *most =
      llvm::max_element(scheduled, [](const RoleBytes &a, const RoleBytes &b) {
        return a.bytes.total() < b.bytes.total();
      });
  size_t role = most - std::begin(scheduled);
  std::string text = formatShare(most->share) + " of " +
                     formatBytes(dram.scheduled.total()) + " at " + dram.name +
                     " are " + getRoleName(Role(role)).str();
  if (int64_t once = model.floor[role].bytes.read; once > 0)
    text += ", read " + formatRatio(double(most->bytes.read) / double(once)) +
            " times on average";
  return text;
}

/// "98 % of 2.17 TB at hbm3 are transposed arguments beyond the program's
/// minimum of 26.4 GB".
static std::string describeExcess(const FunctionFigures &function,
                                  const TargetFigures &target) {
  const LevelFigures &dram = target.dram();
  const ExcessBytes &most = target.aboveFloor.front();
  double total = double(dram.scheduled.total());
  return formatShare(double(most.bytes.total()) / total) + " of " +
         formatBytes(dram.scheduled.total()) + " at " + dram.name + " are " +
         most.what + ", beyond the program's minimum of " +
         formatBytes(function.floor.total());
}

/// "; memwall-optimize makes it 34.0 GB".
static std::string describeRemedy(const TargetFigures &target) {
  const LevelFigures &dram = target.dram();
  if (target.optimized) {
    // What is less by one part in a thousand looks the same.
    std::string now = formatBytes(target.optimized->dram.total());
    bool isLess = target.optimized->dram.total() < dram.scheduled.total() &&
                  now != formatBytes(dram.scheduled.total());
    return isLess ? "; memwall-optimize makes it " + now
                  : "; memwall-optimize finds nothing that moves less";
  }
  if (isFarFromBound(target) && !doBoundsExceedScheduled(dram))
    return "; its operations' minima add up to " + formatBytes(dram.boundBytes);
  return "";
}

std::string memwall::describeAtAGlance(const FunctionFigures &function,
                                       size_t position) {
  const TargetFigures &target = function.targets[position];
  const LevelFigures &dram = target.dram();
  if (dram.hasTooManyScheduled())
    return "More moves at " + dram.name + " than fits 64 bits.";
  double floor = double(function.floor.total());
  bool isFar = double(sumAboveFloor(target).total()) > kWorthAWord * floor;
  std::string text;
  if (function.model && dram.scheduled.total() > 0)
    text = describeRoles(*function.model, position, dram);
  else if (isFar)
    text = describeExcess(function, target);
  else
    text = formatBytes(dram.scheduled.total()) + " move at " + dram.name +
           ", within " + formatShare(kWorthAWord) +
           " of the program's minimum of " +
           formatBytes(function.floor.total());
  return text + describeRemedy(target) + ".";
}
