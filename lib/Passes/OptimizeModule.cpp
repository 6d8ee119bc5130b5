//===- OptimizeModule.cpp - Schedules that are seen to help ---------------===//

#include "OptimizeModule.h"
#include "ChooseSchedules.h"
#include "MarkNontemporal.h"
#include "ModuleBytes.h"
#include "NormalizeModule.h"
#include "WarnUnmodelled.h"
#include "memwall/IR/ScheduleAttr.h"
#include "memwall/Schedule/ConvertSchedule.h"
#include "memwall/Transforms/ApplyGroups.h"
#include "memwall/Transforms/ApplySchedule.h"
#include "memwall/Transforms/CleanUpLoops.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace memwall;

//===----------------------------------------------------------------------===//
// Candidates
//===----------------------------------------------------------------------===//

namespace {
/// A choice, or a group of them, that may or may not stay.
struct Candidate {
  SmallVector<size_t, 8> ops; ///< In ModuleChoices::ops.
  std::optional<size_t> group;
  bool isDropped = false;
};

/// The module with all candidates that are not dropped.
struct Attempt {
  OwningOpRef<ModuleOp> module;
  ModuleTrees trees;
  ModuleBytes bytes;
};

/// What was chosen, and what of it stays.
struct Candidates {
  ModuleChoices &choices;
  SmallVector<Candidate, 0> all;

  explicit Candidates(ModuleChoices &choices);
  void drop(size_t number, const llvm::Twine &reason);
  bool areAllDropped() const {
    return llvm::all_of(all, [](const Candidate &c) { return c.isDropped; });
  }
};
} // namespace

Candidates::Candidates(ModuleChoices &choices) : choices(choices) {
  for (auto [number, group] : llvm::enumerate(choices.groups))
    if (group.choice.reason.empty())
      all.push_back({group.members, number});
  for (auto [number, op] : llvm::enumerate(choices.ops))
    if (op.choice.schedule && !op.choice.group)
      all.push_back({{number}, std::nullopt});
}

/// Members of a group that is dropped are candidates on their own, and so is
/// what is split, without its split.
void Candidates::drop(size_t number, const llvm::Twine &reason) {
  all[number].isDropped = true;
  if (!all[number].group) {
    size_t op = all[number].ops.front();
    ScheduleChoice &choice = choices.ops[op].choice;
    choice.reason = reason.str();
    if (choice.isSplit() && choice.split->without) {
      choice.schedule = choice.split->without;
      choice.reason.clear();
      all.push_back({{op}, std::nullopt});
    }
    choice.split.reset();
    return;
  }
  dissolve(choices, *all[number].group, reason.str());
  for (size_t op : SmallVector<size_t, 8>(all[number].ops))
    if (choices.ops[op].choice.schedule)
      all.push_back({{op}, std::nullopt});
}

/// What `change` says is wrong, "" when it succeeds.
static std::string collectErrors(MLIRContext *context,
                                 llvm::function_ref<LogicalResult()> change) {
  std::string message;
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &found) {
    if (message.empty())
      message = found.str();
    return success();
  });
  if (succeeded(change()))
    return "";
  return message.empty() ? "it cannot be applied" : message;
}

/// Writes the candidates that are not dropped, and their numbers, on the ops of
/// a copy.
static void annotate(const Candidates &candidates, ModuleOp copy,
                     IRMapping &mapping) {
  SmallVector<std::pair<Operation *, Schedule>, 0> schedules;
  for (auto [number, candidate] : llvm::enumerate(candidates.all)) {
    if (candidate.isDropped)
      continue;
    for (size_t each : candidate.ops) {
      const OperationChoice &choice = candidates.choices.ops[each];
      Operation *op = mapping.lookup(choice.operation);
      Builder builder(op->getContext());
      op->setAttr(kCandidateAttrName, builder.getI64IntegerAttr(number));
      schedules.push_back({op, *choice.choice.schedule});
    }
  }
  writeSchedules(copy, schedules);
}

static std::optional<size_t> getNumber(Operation *op) {
  auto number = op->getAttrOfType<IntegerAttr>(kCandidateAttrName);
  return number ? std::optional<size_t>(number.getInt()) : std::nullopt;
}

/// Makes the loops of all groups among the candidates; false when one could not
/// be made, which is then dropped. Groups that are written in the program and
/// stay as they are need not fit.
static bool applyGroups(RewriterBase &rewriter, ModuleOp module,
                        Candidates &candidates,
                        SmallVectorImpl<Operation *> &groupLoops) {
  SmallVector<FunctionOpInterface> functions;
  module->walk([&](FunctionOpInterface each) { functions.push_back(each); });
  for (FunctionOpInterface function : functions) {
    SmallVector<GroupInIR, 0> groups;
    std::string message = collectErrors(module.getContext(), [&] {
      FailureOr<SmallVector<GroupInIR, 0>> found = findGroups(
          function, [](Operation *op) { return getNumber(op).has_value(); });
      if (succeeded(found))
        groups = std::move(*found);
      return failure(failed(found));
    });
    if (!message.empty()) {
      for (size_t i = 0, count = candidates.all.size(); i < count; ++i)
        if (candidates.all[i].group && !candidates.all[i].isDropped)
          candidates.drop(i, message);
      return false;
    }
    for (const GroupInIR &group : groups) {
      size_t number = *getNumber(group.members.back());
      message = collectErrors(module.getContext(), [&] {
        return applyGroup(rewriter, group, groupLoops);
      });
      if (message.empty())
        continue;
      candidates.drop(number, message);
      return false;
    }
  }
  return true;
}

/// Makes the loops of single ops; false when one could not be made, which is
/// then dropped.
static bool applySchedules(RewriterBase &rewriter, ModuleOp module,
                           Candidates &candidates,
                           SmallVectorImpl<Operation *> &outermostLoops) {
  SmallVector<Operation *> scheduled;
  module->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (op->hasAttr(kScheduleAttrName) && getNumber(op))
      scheduled.push_back(op);
  });
  for (Operation *op : scheduled) {
    size_t number = *getNumber(op);
    std::string message =
        collectErrors(module.getContext(), [&]() -> LogicalResult {
          FailureOr<ScheduledLoops> loops = applySchedule(
              rewriter, cast<TilingInterface>(op),
              toSchedule(op->getAttrOfType<ScheduleAttr>(kScheduleAttrName)));
          if (succeeded(loops) && !loops->loops.empty())
            outermostLoops.push_back(loops->loops.front());
          return failure(failed(loops));
        });
    if (message.empty())
      continue;
    candidates.drop(number, message);
    return false;
  }
  return true;
}

/// A copy of `module` with the candidates applied; null when one could not be,
/// which is then dropped.
static OwningOpRef<ModuleOp> applyToCopy(ModuleOp module,
                                         Candidates &candidates) {
  IRMapping mapping;
  OwningOpRef<ModuleOp> copy(
      cast<ModuleOp>(module.getOperation()->clone(mapping)));
  annotate(candidates, *copy, mapping);
  IRRewriter rewriter(module.getContext());
  SmallVector<Operation *> groupLoops, outermostLoops;
  if (!applyGroups(rewriter, *copy, candidates, groupLoops) ||
      !applySchedules(rewriter, *copy, candidates, outermostLoops))
    return {};
  for (Operation *loop : groupLoops)
    hoistPacks(rewriter, loop);
  llvm::erase_if(outermostLoops, [&](Operation *op) {
    return llvm::any_of(groupLoops,
                        [&](Operation *loop) { return loop->isAncestor(op); });
  });
  llvm::append_range(outermostLoops, groupLoops);
  cleanUpLoops(rewriter, outermostLoops);
  return copy;
}

//===----------------------------------------------------------------------===//
// Decisions
//===----------------------------------------------------------------------===//

namespace {
/// How a function is compared with what it was before.
struct FunctionRule {
  Objective objective;
  /// What busier units are worth in its score.
  double unitGain = 0;
};
} // namespace

static double computeScoreOf(const FunctionBytes &function,
                             const Objective &objective) {
  SmallVector<double, 4> bytes;
  for (int64_t level : llvm::reverse(ArrayRef(function.levels).drop_back()))
    bytes.push_back(double(level));
  return objective.computeScore(bytes);
}

/// The rule of every function. Of every split that is not dropped, busier units
/// are worth what the split gains in the score of its op, as far as that op
/// makes the score of the function: an op that moves a tenth of what its
/// function does has a tenth of the say.
static SmallVector<FunctionRule, 1> makeRules(const Candidates &candidates,
                                              const Attempt &before,
                                              const Target &target,
                                              ObjectiveKind kind) {
  SmallVector<FunctionRule, 1> rules;
  for (auto [function, tree] :
       llvm::zip_equal(before.bytes.functions, before.trees.trees)) {
    double &gain =
        rules.emplace_back(FunctionRule{Objective(kind, target, tree.ops)})
            .unitGain;
    for (const Candidate &candidate : candidates.all) {
      const OperationChoice &op = candidates.choices.ops[candidate.ops.front()];
      if (candidate.isDropped || candidate.group || !op.choice.isSplit() ||
          op.function != function.name)
        continue;
      double share = 0, weight = 1;
      for (auto [mine, all] :
           llvm::zip(llvm::reverse(ArrayRef(op.choice.before).drop_front()),
                     function.levels)) {
        share += weight * double(mine.total()) / std::max(double(all), 1.0);
        weight /= 10;
      }
      const SplitChoice &split = *op.choice.split;
      gain += share * (computeIdleCost(split.busyBefore, target.units) -
                       computeIdleCost(split.busyAfter, target.units));
    }
  }
  return rules;
}

/// How much better the score of a function has become; negative where it is
/// worse, and where it moves too much at DRAM.
static double computeGain(const FunctionBytes &now, const FunctionBytes &then,
                          const FunctionRule &rule) {
  if (double(now.levels.front()) >
      double(then.levels.front()) * (1 + kMostMoreAtDram))
    return -1;
  return computeScoreOf(then, rule.objective) -
         computeScoreOf(now, rule.objective) + rule.unitGain;
}

namespace {
/// Where functions are worse than before, and by how many bytes.
struct Excess {
  unsigned level = 0; ///< DRAM first.
  int64_t bytes = 0;
};
} // namespace

/// The level, DRAM first, that makes a function worse than before; nullopt when
/// none is worse.
static std::optional<Excess> findExcess(const ModuleBytes &after,
                                        const ModuleBytes &before,
                                        ArrayRef<FunctionRule> rules) {
  for (auto [now, then, rule] :
       llvm::zip(after.functions, before.functions, rules)) {
    if (computeGain(now, then, rule) >= 0)
      continue;
    for (auto [level, bytes] : llvm::enumerate(now.levels))
      if (bytes > then.levels[level])
        return Excess{unsigned(level), bytes - then.levels[level]};
  }
  return std::nullopt;
}

/// Whether some function has a better score, and none has a worse one or parts
/// that can no longer be counted.
static bool isGain(const ModuleBytes &after, const ModuleBytes &before,
                   ArrayRef<FunctionRule> rules) {
  bool gains = false;
  for (auto [now, then, rule] :
       llvm::zip(after.functions, before.functions, rules)) {
    double gain = computeGain(now, then, rule);
    if (now.unmodelled > then.unmodelled || gain < 0)
      return false;
    gains |= gain > 0;
  }
  return gains;
}

static void dropAll(Candidates &candidates, StringRef reason) {
  for (size_t i = 0; i < candidates.all.size(); ++i)
    if (!candidates.all[i].isDropped)
      candidates.drop(i, reason);
}

/// Drops candidates that are nowhere in the trees. Returns whether there were
/// any.
static bool dropUncounted(Candidates &candidates, const ModuleBytes &after) {
  bool droppedAny = false;
  for (size_t i = 0, count = candidates.all.size(); i < count; ++i) {
    if (candidates.all[i].isDropped || after.candidates.contains(i))
      continue;
    candidates.drop(i, "what it becomes cannot be counted");
    droppedAny = true;
  }
  return droppedAny;
}

/// Drops at least one candidate: of those that move more at the level where a
/// function is worse, the ones that rise most, until that is what the function
/// rises by; when none moves more, the half that gains least there.
static void dropTheWorst(Candidates &candidates, const ModuleBytes &after,
                         const ModuleBytes &before,
                         ArrayRef<FunctionRule> rules) {
  if (dropUncounted(candidates, after))
    return;
  std::optional<Excess> excess = findExcess(after, before, rules);
  if (!excess)
    return dropAll(candidates, "the function would move no less");
  SmallVector<std::pair<int64_t, size_t>> increases;
  for (auto [number, candidate] : llvm::enumerate(candidates.all)) {
    if (candidate.isDropped)
      continue;
    int64_t increase = after.candidates.lookup(number)[excess->level];
    for (size_t op : candidate.ops) {
      ArrayRef<Bytes> then = candidates.choices.ops[op].choice.before;
      increase -= then[then.size() - 1 - excess->level].total();
    }
    increases.push_back({increase, number});
  }
  llvm::sort(increases, [](const auto &a, const auto &b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  bool isAnyWorse = !increases.empty() && increases.front().first > 0;
  size_t half = (increases.size() + 1) / 2;
  for (auto [position, each] : llvm::enumerate(increases)) {
    auto [increase, number] = each;
    if (isAnyWorse ? increase <= 0 || excess->bytes <= 0 : position >= half)
      break;
    excess->bytes -= increase;
    candidates.drop(number, increase > 0
                                ? "tiled it would move more in its function"
                                : "the function would move more with it");
  }
}

/// The best copy of `module` that is found; nullopt when nothing is gained.
static std::optional<Attempt> attempt(ModuleOp module, const Attempt &before,
                                      const Target &target,
                                      Candidates &candidates,
                                      const SearchOptions &options) {
  while (!candidates.areAllDropped()) {
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
      if (succeeded(trees)) {
        result.trees = std::move(*trees);
        bytes = computeBytes(*result.module, result.trees, target,
                             options.inContext);
      }
    }
    if (failed(bytes)) {
      dropAll(candidates, "what it becomes cannot be counted");
      break;
    }
    result.bytes = std::move(*bytes);
    SmallVector<FunctionRule, 1> rules =
        makeRules(candidates, before, target, options.objective);
    if (isGain(result.bytes, before.bytes, rules))
      return result;
    dropTheWorst(candidates, result.bytes, before.bytes, rules);
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

/// One search and what came of it: the trees and bytes of what is now in the
/// module, or nullopt when it did not change.
static std::optional<Attempt> runRound(ModuleOp module, const Attempt &now,
                                       const Target &target,
                                       const SearchOptions &options) {
  ModuleChoices choices =
      chooseSchedules(now.trees.trees, now.bytes.traffic, target, options);
  Candidates candidates(choices);
  std::optional<Attempt> found =
      attempt(module, now, target, candidates, options);
  auto isKept = [&](size_t op) {
    return llvm::any_of(candidates.all, [&](const Candidate &candidate) {
      return !candidate.isDropped && llvm::is_contained(candidate.ops, op);
    });
  };
  for (const Candidate &candidate : candidates.all)
    if (candidate.isDropped && !candidate.group &&
        !isKept(candidate.ops.front()))
      choices.ops[candidate.ops.front()].choice.schedule.reset();
  // What is tiled has its remark now, what is left in the last round.
  bool isChanged = found.has_value();
  for (const OperationGroup &group : choices.groups)
    if (group.choice.reason.empty() == isChanged)
      emitGroupRemark(choices, group, target);
  for (const OperationChoice &choice : choices.ops)
    if (choice.choice.schedule.has_value() == isChanged && !choice.choice.group)
      emitChoiceRemark(choice, target);
  if (isChanged)
    accept(module, *found);
  return found;
}

static LogicalResult rewrite(ModuleOp module, const Target &target,
                             SearchOptions options, bool strict) {
  FailureOr<ModuleTrees> trees = buildModuleTrees(module);
  if (failed(trees) || failed(warnOfUnmodelled(module, *trees, strict)))
    return failure();
  FailureOr<ModuleBytes> bytes =
      computeBytes(module, *trees, target, options.inContext);
  if (failed(bytes))
    return failure();
  std::optional<Attempt> now =
      Attempt{{}, std::move(*trees), std::move(*bytes)};
  // Every round tiles an op that no later round touches.
  while (now)
    now = runRound(module, *now, target, options);
  return success();
}

LogicalResult memwall::optimizeModule(ModuleOp module, const Target &target,
                                      SearchOptions options, bool strict) {
  bool isNormal = options.fuse && normalizeIfNoWorse(module, target);
  if (failed(rewrite(module, target, options, strict)))
    return failure();
  // Loops are new: what is in front of them has its place again, so that a
  // second run finds nothing to do.
  if (isNormal)
    normalizeModule(module);
  return options.nontemporal ? markNontemporal(module, target) : success();
}
