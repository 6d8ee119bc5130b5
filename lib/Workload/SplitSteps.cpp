//===- SplitSteps.cpp - Every step of a layer on its own ------------------===//

#include "SplitSteps.h"
#include "FunctionBuilder.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace memwall;

/// Empty for views, constants and empty tensors: they belong to no step.
static StringRef getStep(Operation *op) {
  auto step = op->getAttrOfType<StringAttr>("memwall.step");
  return step ? step.getValue() : StringRef();
}

namespace {

/// Neighbouring ops of one step.
struct Step {
  std::string name;
  llvm::SetVector<Operation *> ops;
};

/// Builds the function of one step.
class StepOutliner {
public:
  StepOutliner(func::FuncOp layer, const Step &step)
      : layer(layer), step(step),
        function(layer->getParentOfType<ModuleOp>(), step.name) {}

  void run() {
    for (Operation *op : step.ops) {
      provideOperands(op);
      function.getBuilder().clone(*op, mapping);
    }
    for (Operation *op : step.ops)
      for (Value result : op->getResults())
        if (escapes(result))
          addResult(result);
    function.finish(/*isPrivate=*/false);
  }

private:
  void provideOperands(Operation *op) {
    for (Value operand : op->getOperands())
      provide(operand);
    SetVector<Value> captured;
    getUsedValuesDefinedAbove(op->getRegions(), captured);
    for (Value value : captured)
      provide(value);
  }
  /// Makes `value` available: what belongs to no step is repeated, what comes
  /// from elsewhere is an argument.
  void provide(Value value) {
    if (mapping.contains(value))
      return;
    Operation *op = value.getDefiningOp();
    if (op && getStep(op).empty()) {
      provideOperands(op);
      function.getBuilder().clone(*op, mapping);
      return;
    }
    if (op) {
      std::string name = getStep(op).str();
      mapping.map(
          value, function.addArgument(name, role::activation, value.getType()));
      return;
    }
    unsigned index = cast<BlockArgument>(value).getArgNumber();
    mapping.map(value, function.addArgument(getArgumentName(layer, index),
                                            getArgumentRole(layer, index),
                                            value.getType()));
  }
  /// Another step or the caller sees it, perhaps through views.
  bool escapes(Value value) {
    return llvm::any_of(value.getUsers(), [&](Operation *user) {
      while (user->getParentOp() != layer.getOperation())
        user = user->getParentOp();
      if (isa<func::ReturnOp>(user))
        return true;
      if (getStep(user).empty())
        return llvm::any_of(user->getResults(),
                            [&](Value view) { return escapes(view); });
      return !step.ops.contains(user);
    });
  }
  void addResult(Value value) {
    StringRef role = role::activation;
    for (OpOperand &use : value.getUses())
      if (isa<func::ReturnOp>(use.getOwner()))
        role = layer
                   .getResultAttrOfType<StringAttr>(use.getOperandNumber(),
                                                    "memwall.role")
                   .getValue();
    function.addResult(mapping.lookup(value), step.name, role);
  }

  func::FuncOp layer;
  const Step &step;
  FunctionBuilder function;
  IRMapping mapping;
};

} // namespace

void memwall::splitSteps(func::FuncOp layer) {
  SmallVector<Step, 0> steps;
  StringRef current;
  llvm::StringMap<int> seen;
  for (Operation &op : layer.getOps()) {
    StringRef name = getStep(&op);
    if (name.empty())
      continue;
    if (name != current) {
      int count = ++seen[name];
      steps.emplace_back();
      steps.back().name =
          count == 1 ? name.str() : name.str() + "_" + std::to_string(count);
      current = name;
    }
    steps.back().ops.insert(&op);
  }
  for (const Step &step : steps)
    StepOutliner(layer, step).run();
  layer.erase();
}
