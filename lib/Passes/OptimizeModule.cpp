//===- OptimizeModule.cpp - Schedules that are seen to help ---------------===//

#include "OptimizeModule.h"
#include "ChooseSchedules.h"
#include "ModuleTrees.h"
#include "memwall/IR/ScheduleAttr.h"
#include "memwall/Traffic/Traffic.h"
#include "memwall/Transforms/ApplySchedule.h"
#include "memwall/Transforms/CleanUpLoops.h"
#include "memwall/Work/BuildLoopTree.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/DenseMap.h"

using namespace mlir;
using namespace memwall;

/// On the op of a tile while it is not decided whether it stays: the number of
/// its candidate.
static constexpr StringLiteral candidateAttrName = "memwall.candidate";

//===----------------------------------------------------------------------===//
// What a module moves
//===----------------------------------------------------------------------===//

namespace {
/// Bytes of one function.
struct FunctionBytes {
  SmallVector<int64_t, 4> levels; ///< Read plus written, DRAM first.
  size_t unmodelled = 0;
};

/// Bytes of all entry functions, in order.
struct ModuleBytes {
  SmallVector<FunctionBytes, 1> functions;
  llvm::DenseMap<int64_t, int64_t> candidates; ///< At DRAM, by number.
};
} // namespace

static bool hasPacksAhead(ModuleOp module) {
  return module
      .walk([](linalg::PackOp pack) {
        return pack->hasAttr(kPackedAheadAttrName) ? WalkResult::interrupt()
                                                   : WalkResult::advance();
      })
      .wasInterrupted();
}

/// A copy of `module` in which weights that are packed ahead of entry functions
/// come in packed.
static OwningOpRef<ModuleOp> clonePackedAhead(ModuleOp module) {
  OwningOpRef<ModuleOp> copy(module.clone());
  for (FunctionOpInterface function : getEntryFunctions(*copy))
    function->walk([&](linalg::PackOp pack) {
      unsigned position = function.getNumArguments();
      Type type = pack->getResultTypes().front();
      if (!pack->hasAttr(kPackedAheadAttrName) ||
          failed(function.insertArgument(position, type, {}, pack->getLoc())))
        return;
      pack->getResult(0).replaceAllUsesWith(function.getArgument(position));
      pack->erase();
    });
  return copy;
}

static FailureOr<ModuleBytes> computeBytes(ModuleOp module,
                                           const Target &target) {
  OwningOpRef<ModuleOp> copy;
  if (hasPacksAhead(module))
    copy = clonePackedAhead(module);
  FailureOr<ModuleTrees> trees = buildModuleTrees(copy ? *copy : module);
  if (failed(trees))
    return failure();
  ModuleBytes bytes;
  for (const LoopTree &tree : trees->trees) {
    Traffic traffic = computeTraffic(tree, target);
    FunctionBytes &function = bytes.functions.emplace_back();
    function.unmodelled = tree.unmodelled.size();
    for (const LevelTraffic &level : llvm::reverse(traffic.levels))
      function.levels.push_back(level.total.total());
    for (auto [record, op] : llvm::zip(tree.ops, traffic.levels.back().ops)) {
      auto number =
          record.operation
              ? record.operation->getAttrOfType<IntegerAttr>(candidateAttrName)
              : IntegerAttr();
      if (!number)
        continue;
      int64_t &sum = bytes.candidates[number.getInt()];
      sum = addCounts(sum, op.total());
    }
  }
  return bytes;
}

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
    op->setAttr(candidateAttrName, rewriter.getI64IntegerAttr(number));
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

static bool isWorse(const FunctionBytes &after, const FunctionBytes &before) {
  return after.unmodelled > before.unmodelled ||
         after.levels.front() > before.levels.front();
}

/// Whether some function moves less, from DRAM inwards, and none is worse.
static bool isGain(const ModuleBytes &after, const ModuleBytes &before) {
  bool gains = false;
  for (auto [now, then] : llvm::zip(after.functions, before.functions)) {
    if (isWorse(now, then))
      return false;
    gains |= now.levels < then.levels;
  }
  return gains;
}

/// Drops the candidates that move more than before; all, when none does.
static void dropTheWorst(MutableArrayRef<Candidate> candidates,
                         const ModuleBytes &after) {
  bool droppedAny = false;
  for (auto [number, candidate] : llvm::enumerate(candidates)) {
    int64_t before = candidate.choice->choice.before.back().total();
    auto found = after.candidates.find(number);
    if (candidate.isDropped || found == after.candidates.end() ||
        found->second <= before)
      continue;
    drop(candidate, "tiled it would move more in its function");
    droppedAny = true;
  }
  if (!droppedAny)
    for (Candidate &candidate : candidates)
      if (!candidate.isDropped)
        drop(candidate, "the function would move no less");
}

/// The best copy of `module` that is found; nullopt when nothing is gained.
static FailureOr<std::optional<Attempt>>
attempt(ModuleOp module, const ModuleBytes &before, const Target &target,
        MutableArrayRef<Candidate> candidates) {
  while (!llvm::all_of(candidates,
                       [](const Candidate &each) { return each.isDropped; })) {
    Attempt result;
    result.module = applyToCopy(module, candidates);
    if (!result.module)
      continue;
    FailureOr<ModuleBytes> bytes = computeBytes(*result.module, target);
    if (failed(bytes))
      return failure();
    result.bytes = std::move(*bytes);
    if (isGain(result.bytes, before))
      return std::optional<Attempt>(std::move(result));
    dropTheWorst(candidates, result.bytes);
  }
  return std::optional<Attempt>();
}

//===----------------------------------------------------------------------===//
// Rounds
//===----------------------------------------------------------------------===//

/// Puts what `attempt` made in the place of what is in `module`.
static void accept(ModuleOp module, Attempt &attempt) {
  attempt.module->walk(
      [](Operation *op) { op->removeAttr(candidateAttrName); });
  module.getBodyRegion().takeBody(attempt.module->getBodyRegion());
}

/// One search and what came of it; whether the module changed.
static FailureOr<bool> runRound(ModuleOp module, const Target &target,
                                SearchOptions options) {
  FailureOr<ModuleBytes> before = computeBytes(module, target);
  FailureOr<ModuleTrees> trees = buildModuleTrees(module);
  if (failed(before) || failed(trees))
    return failure();
  SmallVector<OperationChoice, 0> choices =
      chooseSchedules(trees->trees, target, options);
  SmallVector<Candidate> candidates;
  for (OperationChoice &choice : choices)
    if (choice.choice.schedule)
      candidates.push_back({&choice});
  FailureOr<std::optional<Attempt>> found =
      attempt(module, *before, target, candidates);
  if (failed(found))
    return failure();
  for (Candidate &candidate : candidates)
    if (candidate.isDropped)
      candidate.choice->choice.schedule.reset();
  // What is tiled has its remark now, what is left in the last round.
  bool isChanged = found->has_value();
  for (const OperationChoice &choice : choices)
    if (choice.choice.schedule.has_value() == isChanged)
      emitChoiceRemark(choice, target);
  if (isChanged)
    accept(module, **found);
  return isChanged;
}

LogicalResult memwall::optimizeModule(ModuleOp module, const Target &target,
                                      SearchOptions options) {
  // Every round tiles an op that no later round touches.
  while (true) {
    FailureOr<bool> isChanged = runRound(module, target, options);
    if (failed(isChanged))
      return failure();
    if (!*isChanged)
      return success();
  }
}
