//===- CompareReports.cpp - What changed since a baseline -----------------===//

#include "Rows.h"
#include "memwall/Report/Baseline.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include <cmath>
#include <deque>

using namespace memwall;

//===----------------------------------------------------------------------===//
// Which op was which
//===----------------------------------------------------------------------===//

namespace {
/// What ops are matched by.
struct OpIdentity {
  std::string step, place, name, work, kind;
};
} // namespace

/// Line and column of "path/file.mlir:12:8"; empty where they are unknown.
static std::string getPlace(llvm::StringRef location) {
  auto [rest, column] = location.rsplit(':');
  auto [file, line] = rest.rsplit(':');
  return file.empty() || line.empty() ? "" : (line + ":" + column).str();
}

static std::string describeWork(int64_t flops, Bytes compulsory) {
  return std::to_string(flops) + "|" + std::to_string(compulsory.read) + "|" +
         std::to_string(compulsory.written);
}

static OpIdentity identify(const OpOfBaseline &op) {
  return {op.step, getPlace(op.location), op.name,
          describeWork(op.flops, op.compulsory), op.kind};
}

/// The key of one way to match; empty where an op has none.
using GetKey = std::string (*)(const OpIdentity &);

static std::string join(std::initializer_list<llvm::StringRef> parts) {
  return llvm::join(parts, "\n");
}

/// From the surest on; see `matchOps`.
static constexpr GetKey kKeys[] = {
    [](const OpIdentity &op) {
      return op.place.empty() ? ""
                              : join({op.step, op.place, op.name, op.work});
    },
    [](const OpIdentity &op) {
      return op.step.empty() ? "" : join({op.step, op.name, op.work});
    },
    [](const OpIdentity &op) {
      return op.step.empty() ? "" : join({op.step, op.name});
    },
    [](const OpIdentity &op) {
      return op.step.empty() ? "" : join({op.step, op.work});
    },
    // A product that was tiled or split has another name and other work.
    [](const OpIdentity &op) {
      return op.step.empty() ? "" : join({op.step, op.kind});
    },
    [](const OpIdentity &op) {
      return op.place.empty() ? "" : join({op.place, op.name});
    },
    [](const OpIdentity &op) { return op.place; },
    [](const OpIdentity &op) { return join({op.name, op.work}); },
    [](const OpIdentity &op) { return op.name; }};

llvm::SmallVector<std::optional<size_t>, 0>
memwall::matchOps(llvm::ArrayRef<OpOfBaseline> ops,
                  llvm::ArrayRef<OpOfBaseline> before) {
  auto now = llvm::map_to_vector(
      ops, [](const OpOfBaseline &op) { return identify(op); });
  auto then = llvm::map_to_vector(
      before, [](const OpOfBaseline &op) { return identify(op); });
  llvm::SmallVector<std::optional<size_t>, 0> matches(ops.size());
  llvm::SmallVector<bool, 0> isTaken(before.size(), false);
  for (GetKey getKey : kKeys) {
    llvm::StringMap<std::deque<size_t>> free;
    for (auto [position, op] : llvm::enumerate(then))
      if (std::string key = getKey(op); !isTaken[position] && !key.empty())
        free[key].push_back(position);
    for (auto [match, op] : llvm::zip_equal(matches, now)) {
      std::string key = getKey(op);
      auto found = free.find(key);
      if (match || key.empty() || found == free.end() || found->second.empty())
        continue;
      match = found->second.front();
      isTaken[*match] = true;
      found->second.pop_front();
    }
  }
  return matches;
}

//===----------------------------------------------------------------------===//
// What changed
//===----------------------------------------------------------------------===//

bool TargetChange::isChanged() const {
  return !ops.empty() || secondsBefore != secondsAfter ||
         llvm::any_of(levels, [](const LevelChange &level) {
           return level.isChanged();
         });
}

static double computeGrowth(double before, double after) {
  if (after <= before)
    return 0;
  return before > 0 ? after / before - 1 : INFINITY;
}

double TargetChange::growth() const {
  const LevelChange &dram = levels.back();
  return std::max(
      computeGrowth((double)dram.before.total(), (double)dram.after.total()),
      secondsBefore && secondsAfter
          ? computeGrowth(*secondsBefore, *secondsAfter)
          : 0);
}

bool Comparison::isChanged() const {
  return llvm::any_of(functions, [](const FunctionChange &function) {
    return function.kind != FunctionChange::Kind::Compared ||
           llvm::any_of(function.targets, [](const TargetChange &target) {
             return target.isChanged();
           });
  });
}

static const TargetOfBaseline *
findTarget(llvm::ArrayRef<TargetOfBaseline> targets, llvm::StringRef name) {
  const TargetOfBaseline *found =
      llvm::find_if(targets, [&](const TargetOfBaseline &target) {
        return target.name == name;
      });
  return found == targets.end() ? nullptr : found;
}

/// The levels of `after` beside those of `before`; either may be null, which is
/// as if nothing moved.
static llvm::SmallVector<LevelChange, 4>
compareLevels(const TargetOfBaseline *before, const TargetOfBaseline *after) {
  llvm::SmallVector<LevelChange, 4> changes;
  size_t count = after ? after->levels.size() : before->levels.size();
  for (size_t level = 0; level != count; ++level) {
    LevelChange &change = changes.emplace_back();
    if (before) {
      change.name = before->levels[level].name;
      change.before = before->levels[level].scheduled;
    }
    if (after) {
      change.name = after->levels[level].name;
      change.after = after->levels[level].scheduled;
    }
  }
  return changes;
}

/// Whether both have the same levels, so that they can be compared.
static bool haveSameLevels(const TargetOfBaseline &before,
                           const TargetOfBaseline &after) {
  return llvm::equal(before.levels, after.levels,
                     [](const LevelOfBaseline &a, const LevelOfBaseline &b) {
                       return a.name == b.name;
                     });
}

/// What an op is called in a row.
static std::string labelOp(const OpOfBaseline &op) {
  OpFigures figures;
  figures.name = op.name;
  figures.shape = op.shape;
  for (OpKind kind :
       {OpKind::Contraction, OpKind::Convolution, OpKind::Elementwise,
        OpKind::Reduction, OpKind::Softmax, OpKind::Fill, OpKind::Copy,
        OpKind::Gather, OpKind::Unmodelled})
    if (getKindName(kind) == op.kind)
      figures.kind = kind;
  return (op.step.empty() ? "" : op.step + ": ") +
         llvm::StringRef(formatLabel(figures)).rtrim().str();
}

static bool movesMore(const OpChange &a, const OpChange &b) {
  auto getDifference = [](const LevelChange &level) {
    return std::abs((double)level.after.total() - (double)level.before.total());
  };
  for (auto [x, y] :
       llvm::zip(llvm::reverse(a.levels), llvm::reverse(b.levels)))
    if (getDifference(x) != getDifference(y))
      return getDifference(x) > getDifference(y);
  return false;
}

/// The operand of which DRAM moves most more than it did, or less where the op
/// moves less. Operands have the same names, or else the same positions.
static std::string findOperand(const OpOfBaseline &op,
                               const TargetOfBaseline &after,
                               const OpOfBaseline &then,
                               const TargetOfBaseline &before) {
  const LevelOfBaseline &now = after.levels.back();
  const LevelOfBaseline &was = before.levels.back();
  if (now.operands.size() != op.operands.size() ||
      was.operands.size() != then.operands.size() || then.operands.empty())
    return "";
  double sign = now.scheduled.total() < was.scheduled.total() ? -1 : 1;
  double most = 0;
  std::string found;
  for (auto [number, name] : llvm::enumerate(op.operands)) {
    size_t other = llvm::find(then.operands, name) - then.operands.begin();
    if (other == then.operands.size())
      other = std::min(number, then.operands.size() - 1);
    double difference = sign * ((double)now.operands[number].total() -
                                (double)was.operands[other].total());
    if (difference <= most)
      continue;
    most = difference;
    found = name;
  }
  return found;
}

/// The ops of one function on the target at `position` that do not move what
/// they did.
static llvm::SmallVector<OpChange, 0>
compareOps(const FunctionOfBaseline &function, const FunctionOfBaseline &before,
           llvm::ArrayRef<std::optional<size_t>> matches, unsigned position) {
  llvm::SmallVector<OpChange, 0> changes;
  auto add = [&](OpChange change) {
    if (llvm::any_of(change.levels, [](const LevelChange &level) {
          return level.isChanged();
        }))
      changes.push_back(std::move(change));
  };
  llvm::SmallVector<bool, 0> isFound(before.ops.size(), false);
  for (auto [op, match] : llvm::zip_equal(function.ops, matches)) {
    const TargetOfBaseline &after = op.targets[position];
    const OpOfBaseline *then = match ? &before.ops[*match] : nullptr;
    const TargetOfBaseline *thenOn =
        then ? findTarget(then->targets, after.name) : nullptr;
    if (thenOn && !haveSameLevels(*thenOn, after))
      thenOn = nullptr;
    if (match)
      isFound[*match] = true;
    add({then ? OpChange::Kind::Changed : OpChange::Kind::Added, labelOp(op),
         op.location, compareLevels(thenOn, &after),
         thenOn ? findOperand(op, after, *then, *thenOn) : ""});
  }
  for (auto [op, found] : llvm::zip_equal(before.ops, isFound))
    if (const TargetOfBaseline *then =
            findTarget(op.targets, function.targets[position].name);
        then && !found)
      add({OpChange::Kind::Removed, labelOp(op), op.location,
           compareLevels(then, nullptr), ""});
  llvm::stable_sort(changes, movesMore);
  return changes;
}

static llvm::Error compareTargets(FunctionChange &change,
                                  const FunctionOfBaseline &function,
                                  const FunctionOfBaseline &before,
                                  llvm::StringRef name) {
  auto matches = matchOps(function.ops, before.ops);
  change.matched = llvm::count_if(
      matches, [](const std::optional<size_t> &match) { return !!match; });
  for (auto [position, after] : llvm::enumerate(function.targets)) {
    const TargetOfBaseline *then = findTarget(before.targets, after.name);
    if (!then) {
      auto names = llvm::map_to_vector(
          before.targets, [](const TargetOfBaseline &t) { return t.name; });
      return llvm::createStringError("'" + name + "' has no target '" +
                                     after.name + "', only " +
                                     llvm::join(names, ", "));
    }
    if (!haveSameLevels(*then, after) || after.levels.empty())
      return llvm::createStringError("'" + name + "' has other levels of '" +
                                     after.name + "' than this report");
    change.targets.push_back({after.name, compareLevels(then, &after),
                              then->secondsAsScheduled,
                              after.secondsAsScheduled,
                              compareOps(function, before, matches, position)});
  }
  return llvm::Error::success();
}

llvm::Expected<Comparison>
memwall::compareReports(const Baseline &after, const Baseline &before,
                        llvm::StringRef baselineName) {
  Comparison comparison;
  comparison.baseline = baselineName.str();
  bool areAlone = after.functions.size() == 1 && before.functions.size() == 1;
  auto isSame = [&](const FunctionOfBaseline &now,
                    const FunctionOfBaseline &then) {
    return areAlone || now.name == then.name;
  };
  for (const FunctionOfBaseline &function : after.functions) {
    FunctionChange &change = comparison.functions.emplace_back();
    change.name = function.name;
    const FunctionOfBaseline *then =
        llvm::find_if(before.functions, [&](const FunctionOfBaseline &each) {
          return isSame(function, each);
        });
    if (then == before.functions.end()) {
      change.kind = FunctionChange::Kind::Added;
      continue;
    }
    change.nameBefore = then->name;
    if (llvm::Error error =
            compareTargets(change, function, *then, baselineName))
      return error;
  }
  for (const FunctionOfBaseline &then : before.functions)
    if (llvm::none_of(after.functions, [&](const FunctionOfBaseline &function) {
          return isSame(function, then);
        }))
      comparison.functions.push_back(
          {FunctionChange::Kind::Removed, then.name, then.name, 0, {}});
  return comparison;
}
