//===- Report.cpp - Computes the figures of a program ---------------------===//

#include "memwall/Report/Report.h"
#include "AboveFloor.h"
#include "Causes.h"
#include "GroupOps.h"
#include "LoopTimes.h"
#include "ModelOnTarget.h"
#include "Operands.h"
#include "Sums.h"
#include "Times.h"
#include "memwall/Bounds/Bounds.h"
#include "memwall/Bounds/Units.h"
#include "memwall/Traffic/TrafficOnTargets.h"
#include "memwall/Work/BuildLoopTree.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/Support/Parallel.h"

using namespace memwall;

std::optional<double> memwall::computeIntensity(int64_t flops, int64_t bytes) {
  if (bytes == 0 || bytes == kTooManyBytes || flops == kTooManyBytes)
    return std::nullopt;
  return (double)flops / (double)bytes;
}

int64_t memwall::countOperations(const OpFigures &op) {
  return countOperations(op.computeType, op.arithmetic);
}

/// "40x11008x4096": the dimensions of a nest without those of size 1.
static std::string formatShape(const LoopTree &tree, const Nest &nest) {
  std::string shape;
  for (LoopId loop : nest.loops)
    if (int64_t size = tree.loops[loop].maxTripCount; size != 1)
      shape += (shape.empty() ? "" : "x") + std::to_string(size);
  return shape.empty() ? "scalar" : shape;
}

/// Iterations of a nest, roughly: to tell its main part from its edges.
static double countIterations(const LoopTree &tree, const Nest &nest) {
  double iterations = 1;
  for (LoopId loop : nest.loops)
    iterations *= (double)tree.loops[loop].maxTripCount;
  return iterations;
}

std::string memwall::findStep(mlir::Operation *op) {
  for (; op; op = op->getParentOp())
    if (auto step = op->getAttrOfType<mlir::StringAttr>("memwall.step"))
      return step.str();
  return "";
}

/// The ops of `tree` with all figures that no target decides. The shape of an
/// op of several nests (softmax) is that of its largest.
static llvm::SmallVector<OpFigures, 0> describeOps(const LoopTree &tree) {
  llvm::SmallVector<OpFigures, 0> ops(tree.ops.size());
  llvm::SmallVector<Bytes, 0> compulsory = computeCompulsory(tree);
  for (auto [index, record] : llvm::enumerate(tree.ops)) {
    OpFigures &op = ops[index];
    op.index = index;
    op.operation = record.operation;
    op.name = record.name;
    op.location = record.location;
    op.label = getStringAttribute(record.operation, "memwall.name");
    op.step = findStep(record.operation);
    for (mlir::Operation *call : record.calls)
      op.calls.push_back(printLocation(call->getLoc()));
    op.kind = record.kind;
    op.computeType = record.computeType;
    op.executions = record.executions;
    op.arithmetic = record.total;
    op.compulsory = compulsory[index];
  }
  llvm::SmallVector<double, 0> largest(ops.size(), -1);
  for (const Node &node : tree.nodes) {
    if (node.kind != Node::Kind::Nest)
      continue;
    double iterations = countIterations(tree, node.nest);
    if (iterations <= largest[node.nest.op])
      continue;
    largest[node.nest.op] = iterations;
    ops[node.nest.op].shape = formatShape(tree, node.nest);
  }
  return ops;
}

llvm::SmallVector<std::string, 0> memwall::nameBuffers(const LoopTree &tree) {
  return nameBuffers(tree, describeOps(tree));
}

/// Sets what the target at `position` makes of every op: bounds, traffic and
/// times. Returns what all ops together do.
static WorkOnTarget setTarget(llvm::MutableArrayRef<OpFigures> ops,
                              unsigned position, const LoopTree &tree,
                              const Target &target, BandwidthChoice bandwidth,
                              const Traffic &traffic) {
  auto bounds = computeBounds(tree, target);
  llvm::SmallVector<int64_t, 0> busy = countBusyUnits(tree, target.units);
  WorkOnTarget all;
  all.bounds.resize(target.levels.size());
  for (OpFigures &op : ops) {
    TargetFigures &figures = op.targets[position];
    figures.name = target.name;
    WorkOnTarget work;
    work.work = {getComputeWork(tree.ops[op.index])};
    work.operations = countOperations(op);
    if (busy[op.index] < target.units)
      work.idle.push_back({work.work.front(), {}, busy[op.index]});
    for (auto [depth, level] : llvm::enumerate(target.levels)) {
      const Bound &bound = bounds[op.index][depth];
      LevelFigures &out = figures.levels.emplace_back();
      out.name = level.name;
      out.scheduled = traffic.levels[depth].ops[op.index];
      setOperands(op, traffic.levels[depth], out);
      out.boundBytes = bound.bytes;
      out.theorem = bound.theorem;
      work.bounds.push_back(splitBound(bound, op.compulsory));
      all.bounds[depth].add(work.bounds.back());
      if (!work.idle.empty())
        work.idle.front().bytes.push_back(out.scheduled);
    }
    setTimes(figures, work, target, bandwidth);
    all.work.append(work.work);
    all.idle.append(work.idle);
    addSaturating(all.operations, work.operations);
  }
  return all;
}

/// Sets why the targets move what they do of operands.
static void setCauses(FunctionFigures &function, const LoopTree &tree,
                      llvm::ArrayRef<Target> targets, Accuracy accuracy) {
  llvm::SmallVector<CountedLevel, 0> levels;
  for (auto [target, sums] : llvm::zip_equal(targets, function.targets))
    for (unsigned depth = 1; depth < target.levels.size(); ++depth)
      levels.push_back({target, depth, *sums.levels[depth].provenance});
  std::vector<CauseCounts> counts = CauseCounts::count(tree, levels, accuracy);
  size_t next = 0;
  for (auto [position, target] : llvm::enumerate(targets))
    for (unsigned depth = 1; depth < target.levels.size(); ++depth, ++next)
      for (OpFigures &op : function.ops) {
        LevelFigures &level = op.targets[position].levels[depth];
        for (auto [operand, causes] :
             llvm::zip_equal(level.operands, counts[next].split(op, level)))
          operand.causes = causes;
      }
}

/// The sums over all ops for the target at `position`, and their roofline.
static TargetFigures sumOverOps(const FunctionFigures &function,
                                unsigned position, const WorkOnTarget &work,
                                const Target &target, BandwidthChoice bandwidth,
                                const Traffic &traffic) {
  TargetFigures sum;
  sum.name = target.name;
  for (auto [level, moved] : llvm::zip_equal(target.levels, traffic.levels)) {
    LevelFigures &out = sum.levels.emplace_back();
    out.name = level.name;
    out.provenance = moved.provenance;
  }
  for (const OpFigures &op : function.ops)
    for (auto [into, from] :
         llvm::zip_equal(sum.levels, op.targets[position].levels)) {
      into.scheduled.add(from.scheduled);
      addSaturating(into.boundBytes, from.boundBytes);
    }
  setTimes(sum, work, target, bandwidth);
  llvm::SmallVector<Bytes, 4> floor(target.levels.size());
  floor.back() = function.floor;
  Roofline atFloor = computeRoofline(work.work, floor, target, bandwidth);
  bool hasTooMany = function.floor.total() == kTooManyBytes;
  sum.secondsAtFloor = hasTooMany ? std::nullopt : atFloor.seconds;
  sum.boundByAtFloor = hasTooMany ? "unknown" : atFloor.boundBy;
  sum.fits = function.residentBytes <= target.dram().capacityBytes;
  return sum;
}

/// Sets each op's part of the times of all ops, one after another.
static void setShares(llvm::MutableArrayRef<OpFigures> ops, unsigned position) {
  double atBound = 0, asScheduled = 0;
  for (const OpFigures &op : ops) {
    atBound += op.targets[position].secondsAtBound.value_or(0);
    asScheduled += op.targets[position].secondsAsScheduled.value_or(0);
  }
  for (OpFigures &op : ops) {
    TargetFigures &figures = op.targets[position];
    if (atBound > 0)
      figures.share = figures.secondsAtBound.value_or(0) / atBound;
    if (asScheduled > 0)
      figures.shareAsScheduled =
          figures.secondsAsScheduled.value_or(0) / asScheduled;
  }
}

static llvm::SmallVector<UnitFigures, 0>
describeUnits(const LoopTree &tree, llvm::ArrayRef<Target> targets) {
  llvm::SmallVector<Unit, 0> units = findUnits(tree);
  llvm::SmallVector<UnitFigures, 0> figures;
  for (const Unit &unit : units)
    figures.push_back({unit.first, unit.second, {}});
  for (const Target &target : targets)
    for (auto [into, bounds] :
         llvm::zip_equal(figures, computeUnitBounds(units, target)))
      into.bounds.push_back(bounds);
  return figures;
}

/// Names what is alive at the peak.
static void setAlive(FunctionFigures &function, const LoopTree &tree) {
  auto names = nameBuffers(tree, function.ops);
  for (BufferId id : function.live.aliveAtPeak)
    function.aliveAtPeak.push_back({names[id], tree.buffers[id].bytes()});
}

static void setCurves(FunctionFigures &function, const LoopTree &tree,
                      llvm::ArrayRef<Target> targets) {
  auto parts = llvm::map_to_vector(
      function.groups, [](const OpGroup &group) { return group.ops; });
  function.curves.resize(targets.size());
  llvm::parallelFor(0, targets.size(), [&](size_t position) {
    if (targets[position].levels.size() > 1)
      function.curves[position] = computeCurve(tree, targets[position], parts);
  });
}

FunctionFigures memwall::computeFunctionFigures(
    const LoopTree &tree, llvm::ArrayRef<Target> targets, ReportOptions options,
    const std::optional<ModelFacts> &facts) {
  FunctionFigures function;
  function.name = tree.function;
  function.floor = computeFloor(tree);
  function.residentBytes = computeResidentBytes(tree);
  function.live = computeLiveness(tree);
  function.unmodelled = mergeUnmodelled(tree.unmodelled);
  function.undefinedReads = tree.undefinedReads;
  function.ops = describeOps(tree);
  if (options.recordsOperands)
    describeOperands(tree, function.ops);
  for (OpFigures &op : function.ops) {
    addArithmetic(function.arithmetic, op.arithmetic);
    op.targets.resize(targets.size());
  }
  function.targets.resize(targets.size());
  BufferBytes buffers;
  buffers.floor = computeFloorOfBuffers(tree);
  auto sorts = describeBuffers(tree, function.ops, facts);
  if (facts) {
    buffers.compulsory = computeCompulsoryOfBuffers(tree);
    function.model =
        describeModel(tree, *facts, buffers, function.residentBytes);
    function.model->targets.resize(targets.size());
  }
  TrafficOptions trafficOptions;
  trafficOptions.accuracy = options.accuracy;
  trafficOptions.recordsOperands = options.recordsOperands;
  std::vector<Traffic> traffics =
      computeTrafficOnTargets(tree, targets, trafficOptions);
  // From here on targets know nothing of one another.
  llvm::parallelFor(0, targets.size(), [&](size_t position) {
    const Target &target = targets[position];
    const Traffic &traffic = traffics[position];
    WorkOnTarget work = setTarget(function.ops, position, tree, target,
                                  options.bandwidth, traffic);
    function.targets[position] = sumOverOps(function, position, work, target,
                                            options.bandwidth, traffic);
    if (target.instructionsPerSecond)
      setTimeOfLoops(function.targets[position], tree, target, traffic,
                     options.bandwidth);
    setShares(function.ops, position);
    function.targets[position].aboveFloor =
        computeAboveFloor(sorts, buffers.floor, traffic.levels.back().buffers);
    if (facts)
      function.model->targets[position] = computeModelOnTarget(
          {tree, *facts, function, function.targets[position], work, buffers,
           traffic.levels.back().buffers, target, options.bandwidth});
  });
  if (options.recordsOperands && options.recordsCauses)
    setCauses(function, tree, targets, options.accuracy);
  function.groups = groupOps(function.ops);
  function.units = describeUnits(tree, targets);
  setAlive(function, tree);
  if (options.recordsCurves)
    setCurves(function, tree, targets);
  return function;
}

Report memwall::computeReport(llvm::ArrayRef<LoopTree> trees,
                              llvm::ArrayRef<Target> targets,
                              ReportOptions options,
                              llvm::ArrayRef<std::optional<ModelFacts>> facts) {
  Report report;
  report.options = options;
  report.targets.assign(targets.begin(), targets.end());
  for (auto [index, tree] : llvm::enumerate(trees))
    report.functions.push_back(computeFunctionFigures(
        tree, targets, options, facts.empty() ? std::nullopt : facts[index]));
  return report;
}
