//===- Overflow.cpp - Figures that do not fit 64 bits ---------------------===//

#include "memwall/Report/Report.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace memwall;

static bool isTooMany(int64_t count) { return count == kTooManyBytes; }

static bool isTooMany(const Arithmetic &arithmetic) {
  return isTooMany(arithmetic.flops) || isTooMany(arithmetic.transcendentals) ||
         isTooMany(arithmetic.intOps);
}

std::string memwall::describeOverflow(const FunctionFigures &function) {
  auto hasTooMany = [](const LevelFigures &level) {
    return level.hasTooManyScheduled() || level.hasTooManyAtBound();
  };
  llvm::SmallVector<std::string> places, parts;
  for (auto [t, target] : llvm::enumerate(function.targets)) {
    llvm::SmallVector<llvm::StringRef> levels;
    for (auto [l, level] : llvm::enumerate(target.levels))
      if (hasTooMany(level) ||
          llvm::any_of(function.ops, [&, t = t, l = l](const OpFigures &op) {
            return hasTooMany(op.targets[t].levels[l]);
          }))
        levels.push_back(level.name);
    if (!levels.empty())
      places.push_back(llvm::join(levels, ", ") + " of " + target.name);
  }
  if (isTooMany(function.arithmetic))
    parts.push_back("more operations than fit 64 bits");
  if (!places.empty())
    parts.push_back("more bytes than fit 64 bits at " +
                    llvm::join(places, "; "));
  return llvm::join(parts, "; ");
}

llvm::SmallVector<ReportWarning, 1>
memwall::listWarnings(const FunctionFigures &function) {
  llvm::SmallVector<ReportWarning, 1> warnings =
      listWarnings(function.unmodelled, function.undefinedReads);
  if (std::string overflow = describeOverflow(function); !overflow.empty())
    warnings.push_back({std::move(overflow), ""});
  return warnings;
}
