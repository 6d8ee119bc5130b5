//===- PayloadTraffic.cpp - What memwall knows about payload ops ----------===//

#include "PayloadTraffic.h"
#include "memwall/Search/Search.h"
#include "memwall/Target/Registry.h"
#include "memwall/Traffic/Traffic.h"
#include "memwall/Work/BuildLoopTree.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;
using namespace memwall;

FailureOr<Target> memwall::findPayloadTarget(Operation *op, StringRef name) {
  llvm::Expected<Registry> registry = createRegistry();
  if (!registry)
    return op->emitError(llvm::toString(registry.takeError()));
  SmallVector<std::string> names;
  if (auto module = op->getParentOfType<ModuleOp>())
    if (failed(registry->addModule(module, names)))
      return failure();
  llvm::Expected<const Target *> target = registry->find(name);
  if (!target)
    return op->emitError(llvm::toString(target.takeError()));
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
    if (record.operation && op->isAncestor(record.operation))
      bytes = bytes.value_or(0) + traffic.levels[level].ops[id].total();
  return bytes;
}

std::optional<Schedule> memwall::choosePayloadSchedule(const LoopTree &tree,
                                                       Operation *op,
                                                       const Target &target) {
  for (const ScheduleChoice &choice : searchSchedules(tree, target))
    if (tree.ops[choice.op].operation == op)
      return choice.schedule;
  return std::nullopt;
}
