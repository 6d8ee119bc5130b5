//===- GroupOps.cpp - Ops that only differ in where they stand ------------===//

#include "GroupOps.h"
#include "Sums.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/raw_ostream.h"

using namespace memwall;

/// Everything that ops of one group have in common, as text.
static std::string computeKey(const OpFigures &op) {
  std::string key;
  llvm::raw_string_ostream os(key);
  os << op.name << '|' << getKindName(op.kind) << '|' << op.computeType << '|'
     << op.shape << '|' << op.executions << '|' << op.arithmetic.flops << '|'
     << op.arithmetic.transcendentals << '|' << op.arithmetic.intOps << '|'
     << op.compulsory.read << '|' << op.compulsory.written;
  return key;
}

llvm::SmallVector<OpGroup, 0> memwall::groupOps(llvm::ArrayRef<OpFigures> ops) {
  llvm::SmallVector<OpGroup, 0> groups;
  llvm::StringMap<size_t> groupOfKey;
  for (const OpFigures &op : ops) {
    auto [entry, isNew] = groupOfKey.try_emplace(computeKey(op), groups.size());
    if (isNew)
      groups.emplace_back();
    groups[entry->second].ops.push_back(op.index);
  }
  return groups;
}

/// A sum is known where all parts are.
static void addSeconds(std::optional<double> &sum,
                       std::optional<double> seconds) {
  sum = sum && seconds ? std::optional(*sum + *seconds) : std::nullopt;
}

/// Adds the figures of `from` to `into`, level by level; what operands move is
/// left to each op.
static void addTarget(TargetFigures &into, const TargetFigures &from) {
  for (auto [sum, level] : llvm::zip_equal(into.levels, from.levels)) {
    sum.scheduled.add(level.scheduled);
    addSaturating(sum.boundBytes, level.boundBytes);
    sum.operands.clear();
  }
  into.share += from.share;
  into.shareAsScheduled += from.shareAsScheduled;
  addSeconds(into.secondsAtBound, from.secondsAtBound);
  addSeconds(into.secondsAsScheduled, from.secondsAsScheduled);
}

OpFigures memwall::computeGroupFigures(const FunctionFigures &function,
                                       const OpGroup &group) {
  OpFigures sum = function.ops[group.ops.front()];
  for (OpId index : llvm::drop_begin(group.ops)) {
    const OpFigures &op = function.ops[index];
    addSaturating(sum.executions, op.executions);
    addArithmetic(sum.arithmetic, op.arithmetic);
    sum.compulsory.add(op.compulsory);
    for (auto [into, from] : llvm::zip_equal(sum.targets, op.targets))
      addTarget(into, from);
  }
  for (TargetFigures &target : sum.targets)
    for (LevelFigures &level : target.levels) {
      level.flopsPerByte =
          computeIntensity(countOperations(sum), level.scheduled.total());
      level.flopsPerByteAtBound =
          computeIntensity(countOperations(sum), level.boundBytes);
    }
  return sum;
}
