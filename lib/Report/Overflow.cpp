//===- Overflow.cpp - Figures that do not fit 64 bits ---------------------===//

#include "memwall/Report/Report.h"

using namespace memwall;

static bool isTooMany(int64_t count) { return count == kTooManyBytes; }

static bool isTooMany(Bytes bytes) {
  return isTooMany(bytes.read) || isTooMany(bytes.written);
}

static bool isTooMany(const Arithmetic &arithmetic) {
  return isTooMany(arithmetic.flops) || isTooMany(arithmetic.transcendentals) ||
         isTooMany(arithmetic.intOps);
}

/// The level of one target whose bytes are too many: "l1 of ddr5-2ch".
static std::optional<std::string>
findLevel(llvm::ArrayRef<TargetFigures> targets) {
  for (const TargetFigures &target : targets)
    for (const LevelFigures &level : target.levels)
      if (isTooMany(level.scheduled) || isTooMany(level.boundBytes))
        return "bytes at " + level.name + " of " + target.name;
  return std::nullopt;
}

template <typename Figures>
static std::optional<std::string> findFigure(const Figures &figures,
                                             Bytes distinct) {
  if (isTooMany(figures.arithmetic))
    return "operations";
  if (isTooMany(distinct))
    return "distinct bytes";
  return findLevel(figures.targets);
}

std::optional<Overflow> memwall::findOverflow(const Report &report) {
  for (const FunctionFigures &function : report.functions) {
    for (const OpFigures &op : function.ops)
      if (auto what = findFigure(op, op.compulsory))
        return Overflow{&function, op.operation, *what};
    if (auto what = findFigure(function, function.floor))
      return Overflow{&function, nullptr, *what};
  }
  return std::nullopt;
}
