//===- PrepareTiling.cpp - What applying a schedule needs -----------------===//

#include "PrepareTiling.h"
#include "memwall/Schedule/TensorDims.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

NestsOfOps memwall::listNestsOfOps(const LoopTree &tree) {
  NestsOfOps nestsOfOps(tree.ops.size());
  for (auto [id, node] : llvm::enumerate(tree.nodes))
    if (node.kind == Node::Kind::Nest)
      nestsOfOps[node.nest.op].push_back(id);
  return nestsOfOps;
}

NestsOfBuffers memwall::listNestsOfBuffers(const LoopTree &tree) {
  NestsOfBuffers nestsOf;
  for (auto [id, node] : llvm::enumerate(tree.nodes))
    if (node.kind == Node::Kind::Nest)
      for (const Access &access : node.nest.accesses)
        nestsOf[access.buffer].push_back(id);
  return nestsOf;
}

llvm::Expected<NodeId> memwall::findScheduledNest(const LoopTree &tree,
                                                  const NestsOfOps &nestsOfOps,
                                                  const OpSchedule &scheduled) {
  if (scheduled.op >= tree.ops.size())
    return llvm::createStringError("op %u does not exist", scheduled.op);
  llvm::ArrayRef<NodeId> nests = nestsOfOps[scheduled.op];
  bool hasCopy = nests.size() == 2 && findInitCopy(tree, nests[1]) == nests[0];
  if (nests.size() != 1 && !hasCopy)
    return llvm::createStringError("%s is %u nests, expected one",
                                   tree.ops[scheduled.op].name.c_str(),
                                   (unsigned)nests.size());
  return nests.back();
}

ScheduledOp memwall::describeNest(const LoopTree &tree, const Nest &nest) {
  ScheduledOp op;
  llvm::SmallVector<bool, 6> written = findWrittenDims(nest);
  for (auto [d, loop] : llvm::enumerate(nest.loops)) {
    if (tree.loops[loop].isInnerTile)
      continue;
    op.extents.push_back(tree.loops[loop].maxTripCount);
    op.isReduction.push_back(tree.loops[loop].isReduction || !written[d]);
  }
  for (const Access &access : nest.accesses)
    if (!access.isWrite)
      op.operandRanks.push_back(findTensorDims(tree, nest, access).size());
  return op;
}

static llvm::SmallVector<TileLoop, 8> listLoops(const Schedule &schedule) {
  llvm::SmallVector<TileLoop, 8> loops;
  for (const TileBand &band : schedule.bands)
    for (unsigned dim : band.order)
      loops.push_back(
          {dim, band.sizes[dim], llvm::is_contained(band.parallel, dim)});
  return loops;
}

/// What no schedule can do with these loops.
static llvm::Error checkLoops(const LoopTree &tree, const Nest &nest,
                              const Schedule &schedule) {
  const char *name = tree.ops[nest.op].name.c_str();
  bool hasInnerTiles = llvm::any_of(
      nest.loops, [&](LoopId loop) { return tree.loops[loop].isInnerTile; });
  if (hasInnerTiles && !schedule.leafOrder.empty())
    return llvm::createStringError("the dimensions of %s have one order only",
                                   name);
  for (LoopId loop : nest.loops)
    if (tree.loops[loop].step != 1)
      return llvm::createStringError("a dimension of %s has step %lld", name,
                                     (long long)tree.loops[loop].step);
  return llvm::Error::success();
}

llvm::Expected<Tiling> memwall::prepareTiling(const LoopTree &tree,
                                              const NestsOfOps &nestsOfOps,
                                              const OpSchedule &scheduled,
                                              Tiling tiling) {
  llvm::Expected<NodeId> node = findScheduledNest(tree, nestsOfOps, scheduled);
  if (!node)
    return node.takeError();
  const Nest &nest = tree.nodes[*node].nest;
  const Schedule &schedule = scheduled.schedule;
  if (llvm::Error error = check(schedule, describeNest(tree, nest)))
    return std::move(error);
  if (llvm::Error error = checkLoops(tree, nest, schedule))
    return std::move(error);
  tiling.node = *node;
  tiling.schedule = &schedule;
  tiling.loops = listLoops(schedule);
  for (const PackedOperand &pack : schedule.packs) {
    llvm::Expected<PackedAccess> packed =
        packAccess(tree, nest, schedule, pack, tiling.groupTiles);
    if (!packed)
      return packed.takeError();
    tiling.packs.push_back(std::move(*packed));
  }
  // What starts the accumulators goes into the loops that do not revisit them.
  llvm::SmallVector<bool, 6> written = findWrittenDims(nest);
  while (tiling.producerDepth < tiling.loops.size() &&
         written[tiling.loops[tiling.producerDepth].dim])
    ++tiling.producerDepth;
  if (tiling.producerDepth > 0 || !tiling.groupTiles.empty())
    tiling.producer = findInitProducer(tree, tiling.node);
  return std::move(tiling);
}
