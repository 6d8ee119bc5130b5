//===- Explain.cpp - Why an op moves what it moves ------------------------===//

#include "memwall/Report/Explain.h"
#include "Causes.h"
#include "ExplainLoops.h"
#include "Rows.h"
#include "Suggestions.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

/// What counts as no more than the least.
static constexpr double kNearlyAll = 1.01;

bool Explanation::isAtMinimum() const {
  return scheduled.total() != kTooManyBytes &&
         double(scheduled.total()) <= kNearlyAll * double(boundBytes);
}

/// Whether an operand is fetched at most once, but for what stores fetch, and
/// written back at most once.
static bool isOperandAtMinimum(const OperandExplanation &operand) {
  double once = kNearlyAll * double(operand.operand.footprintBytes);
  double loaded =
      double(operand.bytes.scheduled.read) - double(operand.bytes.readByStores);
  return loaded <= once && double(operand.bytes.scheduled.written) <= once &&
         operand.bytes.readByStores == 0;
}

/// Whether all that `op` does with `buffer` is to read what a fill left there.
static bool readsOnlyFills(const LoopTree &tree, OpId op, BufferId buffer) {
  return llvm::all_of(tree.nodes, [&](const Node &node) {
    return node.nest.op != op ||
           llvm::all_of(node.nest.accesses, [&](const Access &access) {
             return access.buffer != buffer ||
                    (!access.isWrite && access.readsFill);
           });
  });
}

/// The loop that brings an operand back: what is lost for lack of room, or
/// where that is not the cause, what is touched again.
static std::optional<CarryingLoop>
findCarrier(const OpLoops &loops, const OperandExplanation &operand,
            llvm::ArrayRef<Reuse> reuses, const Level &cache) {
  int64_t read = operand.bytes.scheduled.read;
  BufferId buffer = operand.operand.buffer;
  bool hasConflicts = operand.causes.conflict.value_or(0) > read / 2;
  auto carrier = loops.findCarrier(buffer, reuses, hasConflicts, cache);
  // Conflicts of stores are in what they fetch.
  if (!carrier && operand.causes.fetchOnStore > read / 2)
    carrier = loops.findCarrier(buffer, reuses, /*hasConflicts=*/true, cache);
  return carrier;
}

/// The units that the op is in and that need less than both ops on their own.
static llvm::SmallVector<UnitExplanation, 1>
findUnitsOf(const FunctionFigures &figures, OpId op, unsigned depth) {
  llvm::SmallVector<UnitExplanation, 1> units;
  auto getBound = [&](OpId each) {
    return figures.ops[each].targets[0].levels[depth].boundBytes;
  };
  for (const UnitFigures &unit : figures.units) {
    if (op != unit.first && op != unit.second)
      continue;
    OpId other = op == unit.first ? unit.second : unit.first;
    const Bound &bound = unit.bounds[0][depth];
    UnitExplanation found{other, figures.ops[other].fullName(), bound.bytes,
                          addCounts(getBound(op), getBound(other)),
                          bound.theorem};
    if (isUnitWorthSaying(found.boundBytes, found.apartBytes))
      units.push_back(std::move(found));
  }
  return units;
}

unsigned memwall::chooseLevel(const OpFigures &op, unsigned target) {
  const auto &levels = op.targets[target].levels;
  for (unsigned depth = levels.size(); depth-- > 1;)
    if (double(levels[depth].scheduled.total()) >
        kNearlyAll * double(levels[depth].boundBytes))
      return depth;
  return levels.size() - 1;
}

/// The causes of every operand of `op`: those of the report, where it has them.
static llvm::SmallVector<std::optional<Causes>, 0>
findCauses(const LoopTree &tree, const Target &target, unsigned depth,
           ReportOptions options, const OpFigures &op,
           const LevelFigures &ofFunction) {
  const LevelFigures &level = op.targets[0].levels[depth];
  if (options.recordsCauses)
    return llvm::SmallVector<std::optional<Causes>, 0>(llvm::map_range(
        level.operands, [](const OperandBytes &each) { return each.causes; }));
  CountedLevel counted{target, depth, *ofFunction.provenance};
  return CauseCounts::count(tree, counted, options.accuracy)
      .front()
      .split(op, level);
}

Explanation memwall::explainOp(const LoopTree &tree, const Target &described,
                               ReportOptions options,
                               const FunctionFigures &figures, OpId op,
                               unsigned depth, ApplyAndCount applyAndCount,
                               FoldAndCount foldAndCount) {
  Target target = mergeVictimCaches(tree, described);
  Explanation why;
  why.function = figures.name;
  why.op = figures.ops[op];
  const LevelFigures &level = why.op.targets[0].levels[depth];
  const LevelFigures &ofFunction = figures.targets[0].levels[depth];
  const Level &cache = target.levels[depth - 1];
  why.target = target.name;
  why.depth = depth;
  why.level = level.name;
  why.cache = cache.name;
  why.capacityBytes = cache.capacityBytes;
  why.lineBytes = cache.lineBytes;
  why.scheduled = level.scheduled;
  why.functionScheduled = ofFunction.scheduled;
  why.boundBytes = level.boundBytes;
  why.theorem = level.theorem;
  why.provenance = *ofFunction.provenance;
  OpLoops loops(tree, op);
  auto reuses = findReuse(tree, target, cache, op);
  auto causes = findCauses(tree, target, depth, options, why.op, ofFunction);
  for (auto [operand, bytes, cause] :
       llvm::zip_equal(why.op.operands, level.operands, causes)) {
    OperandExplanation &out = why.operands.emplace_back();
    out.operand = operand;
    out.bytes = bytes;
    out.causes = cause.value_or(Causes());
    out.isFillToReadFrom = readsOnlyFills(tree, op, operand.buffer);
    out.isAtMinimum = !out.isFillToReadFrom && isOperandAtMinimum(out);
    if (!out.isAtMinimum)
      out.carrier = findCarrier(loops, out, reuses, cache);
    out.neighbours = findNeighbours(figures.ops, op, operand.buffer, reuses);
  }
  why.units = findUnitsOf(figures, op, depth);
  if (options.findsSuggestions && why.scheduled.total() != kTooManyBytes)
    why.suggestions =
        findSuggestions({tree, target, options, figures, why, loops}, reuses,
                        applyAndCount, foldAndCount);
  return why;
}
