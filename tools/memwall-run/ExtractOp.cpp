//===- ExtractOp.cpp - One op as a program of its own ---------------------===//

#include "ExtractOp.h"
#include "memwall/Passes/FindOps.h"
#include "memwall/Work/BuildLoopTree.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace memwall;

/// Whether what `op` makes needs no data: it can be made again.
static bool needsNoData(Operation *op) {
  if (!op)
    return false;
  if (isa<arith::ConstantOp, tensor::EmptyOp>(op))
    return true;
  auto fill = dyn_cast<linalg::FillOp>(op);
  return fill && llvm::all_of(fill->getOperands(), [](Value operand) {
           return needsNoData(operand.getDefiningOp());
         });
}

/// What `op` uses from outside: of its own operands and those of its body,
/// those that need data become arguments; what the others need stands before
/// it, in order.
static void collect(Operation *op, llvm::SetVector<Value> &arguments,
                    llvm::SetVector<Operation *> &before) {
  auto use = [&](Value value) {
    Operation *maker = value.getDefiningOp();
    if (!needsNoData(maker)) {
      arguments.insert(value);
      return;
    }
    collect(maker, arguments, before);
    before.insert(maker);
  };
  op->walk([&](Operation *nested) {
    for (Value operand : nested->getOperands())
      if (!op->isAncestor(operand.getParentRegion()->getParentOp()))
        use(operand);
  });
}

/// The attributes `memwall.name` and `memwall.role` of arguments of the
/// function around `op` go to the new ones.
static void copyNames(func::FuncOp from, func::FuncOp to,
                      ArrayRef<Value> arguments) {
  for (auto [number, value] : llvm::enumerate(arguments)) {
    auto argument = dyn_cast<BlockArgument>(value);
    if (!argument || argument.getOwner()->getParentOp() != from)
      continue;
    for (StringRef name : {"memwall.name", "memwall.role"})
      if (Attribute attribute = from.getArgAttr(argument.getArgNumber(), name))
        to.setArgAttr(number, name, attribute);
  }
}

FailureOr<OwningOpRef<ModuleOp>> memwall::extractOp(ModuleOp module,
                                                    StringRef entry,
                                                    StringRef name,
                                                    const Target &target) {
  auto function = module.lookupSymbol<FunctionOpInterface>(entry);
  FailureOr<LoopTree> tree = buildLoopTree(function);
  if (failed(tree))
    return failure();
  FailureOr<FoundOp> found = findCostliestOp(
      module, *tree, target, {BandwidthChoice::Peak, Accuracy::Fast}, name);
  if (failed(found))
    return failure();
  Operation *op = found->figures().operation;
  if (op->getParentOfType<LoopLikeOpInterface>())
    return op->emitError("stands in a loop: what it is there depends on the "
                         "loop, so it cannot run alone");
  llvm::SetVector<Value> arguments;
  llvm::SetVector<Operation *> before;
  collect(op, arguments, before);
  OwningOpRef<ModuleOp> alone = ModuleOp::create(op->getLoc());
  OpBuilder builder(alone->getBodyRegion());
  SmallVector<Type> types;
  for (Value argument : arguments)
    types.push_back(argument.getType());
  auto wrapper = func::FuncOp::create(
      builder, op->getLoc(), "op",
      builder.getFunctionType(types, op->getResultTypes()));
  builder.setInsertionPointToStart(wrapper.addEntryBlock());
  IRMapping mapping;
  for (auto [value, argument] :
       llvm::zip_equal(arguments, wrapper.getArguments()))
    mapping.map(value, argument);
  for (Operation *maker : before)
    builder.clone(*maker, mapping);
  Operation *copy = builder.clone(*op, mapping);
  func::ReturnOp::create(builder, op->getLoc(), copy->getResults());
  if (auto from = dyn_cast<func::FuncOp>(op->getParentOp()))
    copyNames(from, wrapper, arguments.getArrayRef());
  return std::move(alone);
}
