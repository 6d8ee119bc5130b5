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

/// A cause is known where it is for all parts.
static void addCauses(std::optional<Causes> &sum,
                      const std::optional<Causes> &causes) {
  if (!sum || !causes)
    return sum.reset();
  addSaturating(sum->cold, causes->cold);
  addSaturating(sum->capacity, causes->capacity);
  if (sum->conflict && causes->conflict)
    addSaturating(*sum->conflict, *causes->conflict);
  else
    sum->conflict.reset();
  addSaturating(sum->unused, causes->unused);
  addSaturating(sum->fetchOnStore, causes->fetchOnStore);
  addSaturating(sum->partialRead, causes->partialRead);
  addSaturating(sum->writtenOnce, causes->writtenOnce);
  addSaturating(sum->writtenAgain, causes->writtenAgain);
}

/// Adds operand by operand; a sum of ops with unlike operands has none.
static void addOperands(LevelFigures &sum, const LevelFigures &level) {
  if (sum.operands.size() != level.operands.size())
    return sum.operands.clear();
  for (auto [into, from] : llvm::zip(sum.operands, level.operands)) {
    into.scheduled.add(from.scheduled);
    addSaturating(into.readByStores, from.readByStores);
    addCauses(into.causes, from.causes);
  }
}

/// Adds the figures of `from` to `into`, level by level.
static void addTarget(TargetFigures &into, const TargetFigures &from) {
  for (auto [sum, level] : llvm::zip_equal(into.levels, from.levels)) {
    sum.scheduled.add(level.scheduled);
    addSaturating(sum.boundBytes, level.boundBytes);
    addSeconds(sum.seconds, level.seconds);
    addOperands(sum, level);
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

std::optional<RepeatedRun>
memwall::findRepeatedRun(llvm::ArrayRef<size_t> groups) {
  std::optional<RepeatedRun> best;
  size_t longest = std::min(kLongestRun, groups.size() / 2);
  for (size_t length = 2; length <= longest; ++length) {
    // How many ops in a row are what stands `length` ops behind them.
    size_t same = 0;
    for (size_t i = groups.size() - length; i-- > 0;) {
      same = groups[i] == groups[i + length] ? same + 1 : 0;
      size_t times = same / length + 1;
      if (times > 1 && (!best || times * length > best->times * best->length))
        best = {i, length, times};
    }
  }
  return best;
}
