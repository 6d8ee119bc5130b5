//===- OptimizeModule.cpp - Schedules that are seen to help ---------------===//

#include "OptimizeModule.h"
#include "ChooseSchedules.h"
#include "ModuleBytes.h"
#include "WarnUnmodelled.h"
#include "memwall/Transforms/ApplySchedule.h"
#include "memwall/Transforms/CleanUpLoops.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace memwall;

//===----------------------------------------------------------------------===//
// Candidates
//===----------------------------------------------------------------------===//

namespace {
/// A choice that may or may not stay.
struct Candidate {
  OperationChoice *choice = nullptr;
  bool isDropped = false;
};

/// The module with all candidates that are not dropped.
struct Attempt {
  OwningOpRef<ModuleOp> module;
  ModuleBytes bytes;
};
} // namespace

static void drop(Candidate &candidate, const llvm::Twine &reason) {
  candidate.isDropped = true;
  candidate.choice->choice.reason = reason.str();
}

/// Applies a schedule and returns what is wrong, "" when nothing is.
static std::string tryToApply(RewriterBase &rewriter, Operation *op,
                              const Schedule &schedule,
                              SmallVectorImpl<Operation *> &outermostLoops) {
  std::string message;
  ScopedDiagnosticHandler handler(op->getContext(), [&](Diagnostic &found) {
    if (message.empty())
      message = found.str();
    return success();
  });
  FailureOr<ScheduledLoops> loops =
      applySchedule(rewriter, cast<TilingInterface>(op), schedule);
  if (failed(loops))
    return message.empty() ? "it cannot be applied" : message;
  if (!loops->loops.empty())
    outermostLoops.push_back(loops->loops.front());
  return "";
}

/// A copy of `module` with the candidates applied; null when one could not be,
/// which is then dropped.
static OwningOpRef<ModuleOp>
applyToCopy(ModuleOp module, MutableArrayRef<Candidate> candidates) {
  IRMapping mapping;
  OwningOpRef<ModuleOp> copy(
      cast<ModuleOp>(module.getOperation()->clone(mapping)));
  IRRewriter rewriter(module.getContext());
  SmallVector<Operation *> outermostLoops;
  for (auto [number, candidate] : llvm::enumerate(candidates)) {
    if (candidate.isDropped)
      continue;
    Operation *op = mapping.lookup(candidate.choice->operation);
    op->setAttr(kCandidateAttrName, rewriter.getI64IntegerAttr(number));
    std::string message = tryToApply(
        rewriter, op, *candidate.choice->choice.schedule, outermostLoops);
    if (message.empty())
      continue;
    drop(candidate, message);
    return {};
  }
  cleanUpLoops(rewriter, outermostLoops);
  return copy;
}

//===----------------------------------------------------------------------===//
// Decisions
//===----------------------------------------------------------------------===//

/// Of the bytes at every level but that of the accesses, DRAM first.
static double computeScoreOf(const FunctionBytes &function) {
  SmallVector<double, 4> bytes;
  for (int64_t level : llvm::reverse(ArrayRef(function.levels).drop_back()))
    bytes.push_back(double(level));
  return computeScore(bytes);
}

/// How much better the score of a function has become; negative where it is
/// worse, and where it moves too much at DRAM.
static double computeGain(const FunctionBytes &now, const FunctionBytes &then) {
  if (double(now.levels.front()) >
      double(then.levels.front()) * (1 + kMostMoreAtDram))
    return -1;
  return computeScoreOf(then) - computeScoreOf(now);
}

/// The level, DRAM first, that makes a function worse than before; nullopt when
/// none is worse.
static std::optional<unsigned> findWorseLevel(const ModuleBytes &after,
                                              const ModuleBytes &before) {
  for (auto [now, then] : llvm::zip(after.functions, before.functions))
    if (computeGain(now, then) < 0)
      return std::mismatch(now.levels.begin(), now.levels.end(),
                           then.levels.begin(), std::less_equal<int64_t>())
                 .first -
             now.levels.begin();
  return std::nullopt;
}

/// Whether some function has a better score, and none has a worse one or parts
/// that can no longer be counted.
static bool isGain(const ModuleBytes &after, const ModuleBytes &before) {
  bool gains = false;
  for (auto [now, then] : llvm::zip(after.functions, before.functions)) {
    double gain = computeGain(now, then);
    if (now.unmodelled > then.unmodelled || gain < 0)
      return false;
    gains |= gain > 0;
  }
  return gains;
}

static void dropAll(MutableArrayRef<Candidate> candidates, StringRef reason) {
  for (Candidate &candidate : candidates)
    if (!candidate.isDropped)
      drop(candidate, reason);
}

/// Drops candidates that are nowhere in the trees. Returns whether there were
/// any.
static bool dropUncounted(MutableArrayRef<Candidate> candidates,
                          const ModuleBytes &after) {
  bool droppedAny = false;
  for (auto [number, candidate] : llvm::enumerate(candidates)) {
    if (candidate.isDropped || after.candidates.contains(number))
      continue;
    drop(candidate, "what it becomes cannot be counted");
    droppedAny = true;
  }
  return droppedAny;
}

/// Drops at least one candidate: those that move more at the level where a
/// function is worse; when there are none, the half that gains least there.
static void dropTheWorst(MutableArrayRef<Candidate> candidates,
                         const ModuleBytes &after, const ModuleBytes &before) {
  if (dropUncounted(candidates, after))
    return;
  std::optional<unsigned> level = findWorseLevel(after, before);
  if (!level)
    return dropAll(candidates, "the function would move no less");
  SmallVector<std::pair<int64_t, Candidate *>> increases;
  for (auto [number, candidate] : llvm::enumerate(candidates)) {
    if (candidate.isDropped)
      continue;
    ArrayRef<Bytes> then = candidate.choice->choice.before;
    increases.push_back({after.candidates.lookup(number)[*level] -
                             then[then.size() - 1 - *level].total(),
                         &candidate});
  }
  llvm::sort(increases, [](const auto &a, const auto &b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  size_t worse = llvm::count_if(
      increases, [](const auto &increase) { return increase.first > 0; });
  size_t count = worse > 0 ? worse : (increases.size() + 1) / 2;
  for (auto &[increase, candidate] : ArrayRef(increases).take_front(count))
    drop(*candidate, increase > 0 ? "tiled it would move more in its function"
                                  : "the function would move more with it");
}

/// The best copy of `module` that is found; nullopt when nothing is gained.
static std::optional<Attempt> attempt(ModuleOp module,
                                      const ModuleBytes &before,
                                      const Target &target,
                                      MutableArrayRef<Candidate> candidates) {
  while (!llvm::all_of(candidates,
                       [](const Candidate &each) { return each.isDropped; })) {
    Attempt result;
    result.module = applyToCopy(module, candidates);
    if (!result.module)
      continue;
    FailureOr<ModuleBytes> bytes = failure();
    {
      // What cannot be read again is not used; that is no error.
      ScopedDiagnosticHandler handler(module.getContext(),
                                      [](Diagnostic &) { return success(); });
      FailureOr<ModuleTrees> trees = buildModuleTrees(*result.module);
      if (succeeded(trees))
        bytes = computeBytes(*result.module, *trees, target);
    }
    if (failed(bytes)) {
      dropAll(candidates, "what it becomes cannot be counted");
      break;
    }
    result.bytes = std::move(*bytes);
    if (isGain(result.bytes, before))
      return result;
    dropTheWorst(candidates, result.bytes, before);
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Rounds
//===----------------------------------------------------------------------===//

/// Puts what `attempt` made in the place of what is in `module`.
static void accept(ModuleOp module, Attempt &attempt) {
  attempt.module->walk(
      [](Operation *op) { op->removeAttr(kCandidateAttrName); });
  module.getBodyRegion().takeBody(attempt.module->getBodyRegion());
}

/// One search and what came of it; whether the module changed.
static FailureOr<bool>
runRound(ModuleOp module, const Target &target, SearchOptions options,
         llvm::function_ref<LogicalResult(const ModuleTrees &)> warn) {
  FailureOr<ModuleTrees> trees = buildModuleTrees(module);
  if (failed(trees) || failed(warn(*trees)))
    return failure();
  FailureOr<ModuleBytes> before = computeBytes(module, *trees, target);
  if (failed(before))
    return failure();
  SmallVector<OperationChoice, 0> choices =
      chooseSchedules(trees->trees, target, options);
  SmallVector<Candidate> candidates;
  for (OperationChoice &choice : choices)
    if (choice.choice.schedule)
      candidates.push_back({&choice});
  std::optional<Attempt> found = attempt(module, *before, target, candidates);
  for (Candidate &candidate : candidates)
    if (candidate.isDropped)
      candidate.choice->choice.schedule.reset();
  // What is tiled has its remark now, what is left in the last round.
  bool isChanged = found.has_value();
  for (const OperationChoice &choice : choices)
    if (choice.choice.schedule.has_value() == isChanged)
      emitChoiceRemark(choice, target);
  if (isChanged)
    accept(module, *found);
  return isChanged;
}

LogicalResult memwall::optimizeModule(ModuleOp module, const Target &target,
                                      SearchOptions options, bool strict) {
  bool isFirst = true;
  auto warnOnce = [&](const ModuleTrees &trees) {
    return std::exchange(isFirst, false)
               ? warnOfUnmodelled(module, trees, strict)
               : success();
  };
  // Every round tiles an op that no later round touches.
  while (true) {
    FailureOr<bool> isChanged = runRound(module, target, options, warnOnce);
    if (failed(isChanged))
      return failure();
    if (!*isChanged)
      return success();
  }
}
