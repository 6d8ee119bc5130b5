//===- BusyUnits.cpp - Time on a part of the units ------------------------===//

#include "memwall/Bounds/BusyUnits.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace memwall;

//===----------------------------------------------------------------------===//
// Units
//===----------------------------------------------------------------------===//

/// Iterations of the outermost parallel loop around node `id`, and of those
/// that are all of the body of one another inside of it: these are its
/// dimensions. 0 where there is none.
static double countDealt(const LoopTree &tree, NodeId id) {
  llvm::SmallVector<NodeId, 8> path; // From the root.
  for (NodeId node = tree.nodes[id].parent; node != LoopTree::root;
       node = tree.nodes[node].parent)
    path.insert(path.begin(), node);
  auto isParallel = [&](NodeId node) {
    return tree.loops[tree.nodes[node].loop].kind == LoopKind::Parallel;
  };
  const NodeId *node = llvm::find_if(path, isParallel);
  double dealt = node == path.end() ? 0 : 1;
  for (; node != path.end() && isParallel(*node); ++node) {
    dealt *= double(tree.loops[tree.nodes[*node].loop].maxTripCount);
    if (tree.nodes[*node].children.size() != 1)
      break;
  }
  return dealt;
}

llvm::SmallVector<int64_t, 0>
memwall::countBusyUnits(const LoopTree &tree, int64_t units,
                        std::optional<int64_t> serialUnits) {
  llvm::SmallVector<int64_t, 0> busy(tree.ops.size(),
                                     serialUnits.value_or(units));
  llvm::SmallVector<double, 0> largest(tree.ops.size(), -1);
  for (auto [id, node] : llvm::enumerate(tree.nodes)) {
    if (node.kind != Node::Kind::Nest)
      continue;
    double iterations = 1;
    for (LoopId loop : node.nest.loops)
      iterations *= double(tree.loops[loop].maxTripCount);
    if (iterations <= largest[node.nest.op])
      continue;
    largest[node.nest.op] = iterations;
    double dealt = countDealt(tree, id);
    busy[node.nest.op] = dealt == 0 ? serialUnits.value_or(units)
                                    : int64_t(std::min(dealt, double(units)));
  }
  return busy;
}

//===----------------------------------------------------------------------===//
// Times
//===----------------------------------------------------------------------===//

/// Times as long as on all units.
static double countTimesLonger(const Level &level, int64_t busy,
                               int64_t units) {
  int64_t instances = std::max<int64_t>(1, units / level.unitsPerInstance);
  int64_t used = llvm::divideCeil(busy, level.unitsPerInstance);
  return double(instances) / double(std::clamp<int64_t>(used, 1, instances));
}

/// The time of the work of one kind of arithmetic units.
static std::optional<double> computeSecondsOf(bool onMatrixUnits,
                                              llvm::ArrayRef<ComputeWork> work,
                                              llvm::ArrayRef<IdleWork> idle,
                                              const Target &target,
                                              BandwidthChoice choice) {
  auto isOther = [&](const ComputeWork &each) {
    return each.onMatrixUnits != onMatrixUnits;
  };
  llvm::SmallVector<ComputeWork, 0> mine(work);
  llvm::erase_if(mine, isOther);
  std::optional<double> seconds =
      computeRoofline(mine, {}, target, choice).computeSeconds;
  for (const IdleWork &each : idle) {
    if (isOther(each.work))
      continue;
    std::optional<double> onAll =
        computeRoofline(each.work, {}, target, choice).computeSeconds;
    double longer = double(target.units) / double(each.busyUnits);
    if (onAll)
      *seconds += *onAll * (longer - 1);
  }
  return seconds;
}

Roofline memwall::computeRooflineOnUnits(llvm::ArrayRef<ComputeWork> work,
                                         llvm::ArrayRef<Bytes> bytes,
                                         llvm::ArrayRef<IdleWork> idle,
                                         const Target &target,
                                         BandwidthChoice choice) {
  Roofline roofline = computeRoofline(work, bytes, target, choice);
  if (idle.empty())
    return roofline;
  roofline.computeSeconds =
      std::max(computeSecondsOf(true, work, idle, target, choice),
               computeSecondsOf(false, work, idle, target, choice));
  for (const IdleWork &each : idle)
    for (auto [level, moved, seconds] :
         llvm::zip(target.levels, each.bytes, roofline.levelSeconds))
      if (std::optional<double> onAll =
              computeLevelSeconds(moved, level, choice))
        *seconds += *onAll *
                    (countTimesLonger(level, each.busyUnits, target.units) - 1);
  roofline.seconds = roofline.computeSeconds;
  roofline.boundBy = roofline.seconds ? "compute" : "unknown";
  for (auto [level, seconds] : llvm::zip(target.levels, roofline.levelSeconds))
    if (seconds && (!roofline.seconds || *seconds >= *roofline.seconds)) {
      roofline.seconds = seconds;
      roofline.boundBy = level.name;
    }
  return roofline;
}
