//===- ScheduleTree.cpp - A loop tree with schedules applied --------------===//

#include "memwall/Schedule/ScheduleTree.h"
#include "TreeRewriter.h"
#include "memwall/Schedule/TensorDims.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

/// The nests of `op`, in program order.
static llvm::SmallVector<NodeId, 1> findNests(const LoopTree &tree, OpId op) {
  llvm::SmallVector<NodeId, 1> found;
  for (auto [id, node] : llvm::enumerate(tree.nodes))
    if (node.kind == Node::Kind::Nest && node.nest.op == op)
      found.push_back(id);
  return found;
}

/// What `check` needs to know of the op. Ranks are those of row-major tensors,
/// where the accesses show them.
static ScheduledOp describe(const LoopTree &tree, const Nest &nest) {
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

llvm::Expected<Tiling> memwall::prepareTiling(const LoopTree &tree,
                                              const OpSchedule &scheduled) {
  if (scheduled.op >= tree.ops.size())
    return llvm::createStringError("op %u does not exist", scheduled.op);
  llvm::SmallVector<NodeId, 1> nests = findNests(tree, scheduled.op);
  bool hasCopy = nests.size() == 2 && findInitCopy(tree, nests[1]) == nests[0];
  if (nests.size() != 1 && !hasCopy)
    return llvm::createStringError("%s is %u nests, expected one",
                                   tree.ops[scheduled.op].name.c_str(),
                                   (unsigned)nests.size());
  const Nest &nest = tree.nodes[nests.back()].nest;
  const Schedule &schedule = scheduled.schedule;
  if (llvm::Error error = check(schedule, describe(tree, nest)))
    return std::move(error);
  bool hasInnerTiles = llvm::any_of(
      nest.loops, [&](LoopId loop) { return tree.loops[loop].isInnerTile; });
  if (hasInnerTiles && !schedule.leafOrder.empty())
    return llvm::createStringError("the dimensions of %s have one order only",
                                   tree.ops[scheduled.op].name.c_str());
  for (LoopId loop : nest.loops)
    if (tree.loops[loop].step != 1)
      return llvm::createStringError("a dimension of %s has step %lld",
                                     tree.ops[scheduled.op].name.c_str(),
                                     (long long)tree.loops[loop].step);
  Tiling tiling;
  tiling.node = nests.back();
  tiling.schedule = &schedule;
  tiling.loops = listLoops(schedule);
  for (const PackedOperand &pack : schedule.packs) {
    llvm::Expected<PackedAccess> packed =
        packAccess(tree, nest, schedule, pack);
    if (!packed)
      return packed.takeError();
    tiling.packs.push_back(std::move(*packed));
  }
  // What starts the accumulators goes into the loops that do not revisit them.
  llvm::SmallVector<bool, 6> written = findWrittenDims(nest);
  while (tiling.producerDepth < tiling.loops.size() &&
         written[tiling.loops[tiling.producerDepth].dim])
    ++tiling.producerDepth;
  if (tiling.producerDepth > 0)
    tiling.producer = findInitProducer(tree, tiling.node);
  return std::move(tiling);
}

llvm::Expected<LoopTree>
memwall::scheduleTree(const LoopTree &tree,
                      llvm::ArrayRef<OpSchedule> schedules) {
  llvm::SmallVector<Tiling, 0> tilings;
  for (const OpSchedule &scheduled : schedules) {
    if (scheduled.schedule.empty())
      continue;
    llvm::Expected<Tiling> tiling = prepareTiling(tree, scheduled);
    if (!tiling)
      return tiling.takeError();
    tilings.push_back(std::move(*tiling));
  }
  return TreeRewriter(tree, tilings).run();
}
