//===- PlantFault.cpp - Models that are wrong on purpose ------------------===//

#include "PlantFault.h"

using namespace memwall;

/// Takes bytes away from one buffer of every level that is not the innermost:
/// of the buffer with the largest `weigh`, those that `lose` says.
template <typename Weigh, typename Lose>
static void loseBytes(Traffic &traffic, Weigh weigh, Lose lose) {
  for (LevelTraffic &level :
       llvm::MutableArrayRef(traffic.levels).drop_front()) {
    auto *largest =
        std::max_element(level.buffers.begin(), level.buffers.end(),
                         [&](Bytes a, Bytes b) { return weigh(a) < weigh(b); });
    if (largest == level.buffers.end())
      continue;
    Bytes lost = lose(*largest);
    for (Bytes *bytes : {&*largest, &level.total}) {
      bytes->read -= lost.read;
      bytes->written -= lost.written;
    }
  }
}

/// The target with one way more in every set; its sets stay as many.
static Target addWays(Target target) {
  for (Level &level : target.levels)
    if (level.associativity > 0) {
      level.capacityBytes +=
          level.lines() / level.associativity * level.lineBytes;
      ++level.associativity;
    }
  return target;
}

/// The sum over the root's children, each as if it were the whole program.
static Traffic sumColdOps(const LoopTree &tree, const Target &target,
                          TrafficOptions options) {
  Traffic sum;
  for (NodeId child : tree.nodes[LoopTree::root].children) {
    LoopTree alone = tree;
    alone.nodes[LoopTree::root].children = {child};
    Traffic part = computeTraffic(alone, target, options);
    if (sum.levels.empty()) {
      sum = std::move(part);
      continue;
    }
    for (auto [level, added] : llvm::zip_equal(sum.levels, part.levels))
      level.total.add(added.total);
  }
  return sum;
}

Traffic memwall::computeFaultyTraffic(const LoopTree &tree,
                                      const Target &target,
                                      TrafficOptions options, Fault fault) {
  if (fault == Fault::ColdOps)
    return sumColdOps(tree, target, options);
  if (fault == Fault::ExtraWay)
    return computeTraffic(tree, addWays(target), options);
  Traffic traffic = computeTraffic(tree, target, options);
  if (fault == Fault::HalfOperand)
    loseBytes(
        traffic, [](Bytes bytes) { return bytes.total(); },
        [](Bytes bytes) { return Bytes{bytes.read / 2, bytes.written / 2}; });
  if (fault == Fault::LostWriteBack)
    loseBytes(
        traffic, [](Bytes bytes) { return bytes.written; },
        [](Bytes bytes) { return Bytes{0, bytes.written}; });
  return traffic;
}
