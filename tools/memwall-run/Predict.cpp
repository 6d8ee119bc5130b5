//===- Predict.cpp - What the traffic model says of a program -------------===//

#include "MeasureProgram.h"
#include "memwall/Bounds/Bounds.h"
#include "memwall/Passes/PredictVectorTime.h"
#include "memwall/Report/Report.h"
#include "memwall/Work/BuildLoopTree.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace memwall;

/// Adds to the work of the same type on the same units.
static void addWork(llvm::SmallVectorImpl<ComputeWork> &sums,
                    const ComputeWork &work) {
  if (work.operations == 0)
    return;
  for (ComputeWork &sum : sums)
    if (sum.elementType == work.elementType &&
        sum.onMatrixUnits == work.onMatrixUnits) {
      sum.operations += work.operations;
      return;
    }
  sums.push_back(work);
}

/// The time of the code that is timed: of vector code where it is understood,
/// else of the loops as they stand.
static PredictedTime predictTimedCode(ModuleOp module, const LoopTree &tree,
                                      const Target &target,
                                      const MeasureOptions &options) {
  if (options.vectorize) {
    FailureOr<PredictedTime> time =
        predictVectorTime(module, options.run.entry, target,
                          {options.registers, options.threads});
    if (succeeded(time))
      return *time;
  }
  TrafficOptions traffic;
  traffic.accuracy = options.accuracy;
  traffic.recordsOperands = false;
  return predictTime(tree, target, traffic, BandwidthChoice::Achievable,
                     options.vectorize ? options.threads : 1);
}

std::optional<Prediction> memwall::predict(ModuleOp module,
                                           const std::optional<Target> &target,
                                           const MeasureOptions &measure) {
  auto function = module.lookupSymbol<FunctionOpInterface>(measure.run.entry);
  if (!function || function.isExternal())
    return std::nullopt;
  // A program that has no prediction may run all the same.
  ScopedDiagnosticHandler withoutErrors(
      module.getContext(), [&](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
          return failure();
        mlir::emitWarning(diagnostic.getLocation(), "no prediction: ")
            << diagnostic.str();
        return success();
      });
  FailureOr<LoopTree> tree = buildLoopTree(function);
  if (failed(tree))
    return std::nullopt;
  for (const ReportWarning &warning :
       listWarnings(mergeUnmodelled(tree->unmodelled), tree->undefinedReads))
    function.emitWarning("in the prediction, ") << warning.text;
  Prediction prediction;
  for (const OpRecord &op : tree->ops) {
    prediction.flops += op.total.flops;
    addWork(prediction.work, getComputeWork(op));
  }
  llvm::sort(prediction.work, [](auto &a, auto &b) {
    return std::tie(a.operations, a.elementType) >
           std::tie(b.operations, b.elementType);
  });
  prediction.floorBytes = computeFloor(*tree).total();
  prediction.rounding = estimateRounding(*tree, module.getContext());
  if (!target)
    return prediction;
  TrafficOptions options;
  options.accuracy = measure.accuracy;
  for (auto [buffer, name] : llvm::zip_equal(tree->buffers, nameBuffers(*tree)))
    prediction.storage.push_back({name, buffer.bytes(), {}});
  for (LevelTraffic &level : computeTraffic(*tree, *target, options).levels) {
    for (auto [storage, bytes] :
         llvm::zip_equal(prediction.storage, level.buffers))
      storage.levels.push_back({bytes.read, bytes.written});
    prediction.levels.push_back({level.total.read, level.total.written});
    prediction.provenances.push_back(std::move(level.provenance));
  }
  if (measure.time)
    prediction.time = predictTimedCode(module, *tree, *target, measure);
  return prediction;
}
