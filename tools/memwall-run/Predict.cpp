//===- Predict.cpp - What the traffic model says of a program -------------===//

#include "MeasureProgram.h"
#include "memwall/Bounds/Bounds.h"
#include "memwall/Traffic/Traffic.h"
#include "memwall/Work/BuildLoopTree.h"

using namespace mlir;
using namespace memwall;

std::optional<Prediction>
memwall::predict(ModuleOp module, StringRef entry,
                 const std::optional<Target> &target) {
  auto function = module.lookupSymbol<FunctionOpInterface>(entry);
  if (!function || function.isExternal())
    return std::nullopt;
  FailureOr<LoopTree> tree = buildLoopTree(function);
  if (failed(tree))
    return std::nullopt;
  for (const Unmodelled &op : tree->unmodelled)
    function.emitWarning("'")
        << op.name << "' at " << op.location
        << " is unmodelled and counts nothing in the prediction";
  Prediction prediction;
  for (const OpRecord &op : tree->ops)
    prediction.flops += op.total.flops;
  prediction.floorBytes = computeFloor(*tree).total();
  if (target)
    for (const LevelTraffic &level : computeTraffic(*tree, *target).levels)
      prediction.levels.push_back({level.total.read, level.total.written});
  return prediction;
}
