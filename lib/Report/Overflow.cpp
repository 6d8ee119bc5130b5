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

static std::optional<std::string> findFigure(const Arithmetic &arithmetic,
                                             Bytes distinct) {
  if (isTooMany(arithmetic))
    return "operations";
  if (isTooMany(distinct.read) || isTooMany(distinct.written))
    return "distinct bytes";
  return std::nullopt;
}

std::optional<Overflow> memwall::findOverflow(const Report &report) {
  for (const FunctionFigures &function : report.functions) {
    for (const OpFigures &op : function.ops)
      if (auto what = findFigure(op.arithmetic, op.compulsory))
        return Overflow{&function, op.operation, *what};
    if (auto what = findFigure(function.arithmetic, function.floor))
      return Overflow{&function, nullptr, *what};
  }
  return std::nullopt;
}

std::string memwall::describeOverflow(const FunctionFigures &function) {
  auto hasTooMany = [](const LevelFigures &level) {
    return level.hasTooManyScheduled() || level.hasTooManyAtBound();
  };
  llvm::SmallVector<std::string> places;
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
  return places.empty()
             ? ""
             : "more bytes than fit 64 bits at " + llvm::join(places, "; ");
}
