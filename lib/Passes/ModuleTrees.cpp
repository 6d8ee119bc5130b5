//===- ModuleTrees.cpp - A module as loop trees ---------------------------===//

#include "ModuleTrees.h"
#include "memwall/Work/BuildLoopTree.h"
#include "memwall/Work/EmitError.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "llvm/ADT/DenseSet.h"

using namespace mlir;
using namespace memwall;

LogicalResult memwall::bindDims(ModuleOp module, ArrayRef<std::string> dims) {
  llvm::Expected<DimBindings> bindings = parseDimBindings(dims);
  if (!bindings)
    return emitError(module.getLoc(), llvm::toString(bindings.takeError()));
  if (bindings->empty() && !hasDynamicArguments(module))
    return success();
  return bindDims(module, *bindings);
}

FunctionOpInterface memwall::findFunction(ModuleOp module, StringRef name) {
  if (auto function = module.lookupSymbol<FunctionOpInterface>(name))
    return function;
  FunctionOpInterface found;
  module.walk<WalkOrder::PreOrder>([&](FunctionOpInterface function) {
    if (!found && function.getName() == name)
      found = function;
    return WalkResult::skip();
  });
  return found;
}

/// Fails on a function with a body that no entry function reaches: everything
/// that calls it is called by it.
static LogicalResult checkCallsHaveEntries(ModuleOp module) {
  SymbolTableCollection symbols;
  llvm::DenseSet<Operation *> reached;
  SmallVector<Operation *> pending;
  for (FunctionOpInterface entry : getEntryFunctions(module))
    pending.push_back(entry);
  while (!pending.empty()) {
    Operation *function = pending.pop_back_val();
    if (!reached.insert(function).second)
      continue;
    function->walk([&](CallOpInterface call) {
      if (Operation *callee = call.resolveCallableInTable(&symbols))
        pending.push_back(callee);
    });
  }
  for (auto function : module.getOps<FunctionOpInterface>())
    if (!function.isExternal() && !reached.contains(function))
      return emitErrorAt(
          function,
          "is recursive: nothing calls it from outside its own calls");
  return success();
}

FailureOr<ModuleTrees> memwall::buildModuleTrees(ModuleOp module) {
  if (failed(checkDimsAreBound(module)) ||
      failed(checkCallsHaveEntries(module)))
    return failure();
  ModuleTrees result;
  for (FunctionOpInterface function : getEntryFunctions(module)) {
    FailureOr<LoopTree> tree = buildLoopTree(function);
    if (failed(tree))
      return failure();
    // What is out of bounds, and the builder's own mistakes, are found here
    // rather than in a wrong figure.
    if (llvm::Error error = tree->check())
      return emitErrorAt(function, "cannot be counted: ")
             << llvm::toString(std::move(error));
    result.trees.push_back(std::move(*tree));
  }
  return result;
}

FailureOr<ModuleTrees> memwall::buildModuleTrees(ModuleOp module,
                                                 ArrayRef<std::string> dims) {
  if (dims.empty() && !hasDynamicArguments(module))
    return buildModuleTrees(module);
  OwningOpRef<ModuleOp> copy = module.clone();
  if (failed(bindDims(*copy, dims)))
    return failure();
  FailureOr<ModuleTrees> result = buildModuleTrees(*copy);
  if (succeeded(result))
    result->copy = std::move(copy);
  return result;
}
