//===- PayloadTraffic.cpp - What memwall knows about payload ops ----------===//

#include "PayloadTraffic.h"
#include "memwall/IR/ScheduleAttr.h"
#include "memwall/Schedule/ConvertSchedule.h"
#include "memwall/Schedule/SplitDims.h"
#include "memwall/Search/Search.h"
#include "memwall/Target/Registry.h"
#include "memwall/Target/TargetError.h"
#include "memwall/Traffic/Traffic.h"
#include "memwall/Work/BuildLoopTree.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;
using namespace memwall;

FailureOr<Target> memwall::findPayloadTarget(Operation *op, StringRef name) {
  llvm::Expected<Registry> registry = createRegistry();
  if (!registry)
    return emitTargetError(op->getLoc(), registry.takeError());
  SmallVector<std::string> names;
  if (auto module = op->getParentOfType<ModuleOp>())
    if (failed(registry->addModule(module, names)))
      return failure();
  llvm::Expected<const Target *> target = registry->find(name);
  if (!target)
    return emitTargetError(op->getLoc(), target.takeError());
  return **target;
}

FailureOr<LoopTree> memwall::buildPayloadTree(Operation *op) {
  auto function = dyn_cast<FunctionOpInterface>(op);
  if (!function)
    function = op->getParentOfType<FunctionOpInterface>();
  if (!function)
    return op->emitError("expected an op in a function");
  FailureOr<LoopTree> tree = buildLoopTree(function);
  if (failed(tree))
    return failure();
  if (llvm::Error error = tree->check())
    return op->emitError("cannot be counted: ")
           << llvm::toString(std::move(error));
  return tree;
}

std::optional<int64_t> memwall::computePayloadBytes(const LoopTree &tree,
                                                    Operation *op,
                                                    const Target &target,
                                                    unsigned level) {
  Traffic traffic = computeTraffic(tree, target);
  std::optional<int64_t> bytes;
  for (auto [id, record] : llvm::enumerate(tree.ops))
    if (record.operation && op->isAncestor(record.operation) &&
        // What is counted of an op without a rule is not what it moves.
        !(op == record.operation && record.kind == OpKind::Unmodelled))
      bytes =
          addCounts(bytes.value_or(0), traffic.levels[level].ops[id].total());
  return bytes;
}

/// Adds what Search chooses for all ops of the function around `op`.
static LogicalResult
searchFunction(Operation *op, StringRef target,
               llvm::DenseMap<Operation *, std::optional<Schedule>> &chosen) {
  FailureOr<Target> machine = findPayloadTarget(op, target);
  if (failed(machine))
    return failure();
  FailureOr<LoopTree> tree = buildPayloadTree(op);
  if (failed(tree))
    return failure();
  SearchOptions options;
  options.fuse = options.split = false;
  for (const ScheduleChoice &choice :
       searchSchedules(*tree, *machine, options).ops)
    if (choice.op < tree->ops.size() &&
        tree->ops[choice.op].kind != OpKind::Unmodelled)
      chosen[tree->ops[choice.op].operation] =
          choice.schedule ? toOpDims(*choice.schedule, *tree, choice.op)
                          : std::nullopt;
  return success();
}

FailureOr<SmallVector<Operation *>>
memwall::schedulePayload(ArrayRef<Operation *> ops, StringRef target) {
  llvm::SmallPtrSet<Operation *, 32> given(ops.begin(), ops.end());
  llvm::SmallSetVector<Operation *, 2> functions;
  for (Operation *op : ops) {
    Operation *function = op->getParentOfType<FunctionOpInterface>();
    if (!function)
      return op->emitError("expected an op in a function"), failure();
    functions.insert(function);
  }
  for (Operation *function : functions) {
    FailureOr<Target> machine = findPayloadTarget(function, target);
    FailureOr<LoopTree> tree = buildPayloadTree(function);
    if (failed(machine) || failed(tree))
      return failure();
    SearchOptions options;
    options.isFixed = [&](const OpRecord &record) {
      return !given.contains(record.operation);
    };
    FunctionChoice chosen = searchSchedules(*tree, *machine, options);
    for (const ScheduleChoice &choice : chosen.ops)
      if (choice.schedule)
        if (std::optional<Schedule> schedule =
                toOpDims(*choice.schedule, *tree, choice.op))
          tree->ops[choice.op].operation->setAttr(
              kScheduleAttrName,
              toAttribute(*schedule, function->getContext()));
  }
  return SmallVector<Operation *>(functions.begin(), functions.end());
}

FailureOr<SmallVector<std::optional<Schedule>, 0>>
memwall::choosePayloadSchedules(ArrayRef<Operation *> ops, StringRef target) {
  llvm::DenseMap<Operation *, std::optional<Schedule>> chosen;
  llvm::SmallDenseSet<Operation *> searched;
  SmallVector<std::optional<Schedule>, 0> schedules;
  for (Operation *op : ops) {
    auto function = op->getParentOfType<FunctionOpInterface>();
    if (searched.insert(function).second &&
        failed(searchFunction(op, target, chosen)))
      return failure();
    schedules.push_back(chosen.lookup(op));
  }
  return schedules;
}
