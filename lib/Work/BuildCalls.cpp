//===- BuildCalls.cpp - Calls, with the callee's body in their place ------===//

#include "LoopTreeBuilder.h"
#include "memwall/Work/EmitError.h"
#include "mlir/Interfaces/CallInterfaces.h"

using namespace mlir;
using namespace memwall;

static bool isStorageType(Type type) {
  return isa<ShapedType>(type) && !isa<VectorType>(type);
}

/// Calls that no tensor or memref goes through (clocks, prints of scalars)
/// cannot touch what is modelled and are nothing.
static bool touchesStorage(Operation *op) {
  return llvm::any_of(op->getOperandTypes(), isStorageType) ||
         llvm::any_of(op->getResultTypes(), isStorageType);
}

LoopTreeBuilder::Handled LoopTreeBuilder::visitCall(Operation *op) {
  auto call = dyn_cast<CallOpInterface>(op);
  if (!call)
    return false;
  // 1. The callee.
  auto symbol = dyn_cast<SymbolRefAttr>(call.getCallableForCallee());
  std::string name = op->getName().getStringRef().str();
  if (symbol)
    name += " @" + symbol.getLeafReference().str();
  auto callee = dyn_cast_or_null<FunctionOpInterface>(
      symbol ? SymbolTable::lookupNearestSymbolFrom(op, symbol) : nullptr);
  if (!callee || callee.isExternal() ||
      !callee.getFunctionBody().hasOneBlock()) {
    // What the callee gets has to be in memory.
    for (Value operand : op->getOperands())
      if (const View *view = getView(operand))
        tree.buffers[view->buffer].liveOut = true;
    if (touchesStorage(op) || (callee && !callee.isExternal()))
      if (failed(visitUnknown(op, name)))
        return failure();
    return true;
  }
  if (llvm::is_contained(callStack, callee.getOperation())) {
    emitErrorAt(op, "calls @")
        << callee.getName() << ", which is being called already: recursive "
        << "calls are not supported";
    return failure();
  }
  // 2. Arguments.
  Block &body = callee.getFunctionBody().front();
  for (auto [operand, argument] :
       llvm::zip(call.getArgOperandsMutable(), body.getArguments())) {
    setIndex(argument, getIndex(operand.get()));
    viewOf.erase(argument);
    const View *view = getView(operand.get());
    if (!view)
      continue;
    if (!isa<TensorType>(argument.getType())) {
      setView(argument, *view);
      continue;
    }
    FailureOr<View> storage = getDestination(operand, std::nullopt);
    if (failed(storage))
      return failure();
    setView(argument, std::move(*storage));
  }
  // 3. The body.
  callStack.push_back(callee);
  dead.add(callee);
  callSites.push_back(op);
  returned.clear();
  if (failed(visitBlock(body)))
    return failure();
  callSites.pop_back();
  callStack.pop_back();
  bindResults(op, returned);
  // Another call of the same function computes others.
  for (Value result : op->getResults())
    if (result.getType().isIntOrIndex() && !getIndex(result).isKnown())
      setIndex(result, arithmetic.merge({getIndex(result)}));
  return true;
}
