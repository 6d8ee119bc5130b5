//===- SplitDims.cpp - Dimensions of an op that its nest has in parts -----===//

#include "memwall/Schedule/SplitDims.h"
#include "memwall/Schedule/ConvertSchedule.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

static int64_t getExtent(const LoopTree &tree, NodeId node, unsigned loop) {
  return tree.loops[tree.nodes[node].nest.loops[loop]].maxTripCount;
}

std::optional<LoopsOfDims> memwall::findLoopsOfDims(const LoopTree &tree,
                                                    NodeId node) {
  const Nest &nest = tree.nodes[node].nest;
  // The inner tiles of a pack are behind its dimensions.
  unsigned loops = llvm::count_if(
      nest.loops, [&](LoopId loop) { return !tree.loops[loop].isInnerTile; });
  mlir::Operation *operation = tree.ops[nest.op].operation;
  mlir::FailureOr<ScheduledOp> op = mlir::failure();
  if (operation)
    op = describeScheduledOp(operation);
  LoopsOfDims result;
  if (failed(op) || op->extents.size() == loops) {
    for (unsigned loop = 0; loop < loops; ++loop)
      result.push_back({loop});
    return result;
  }
  // The parts of a dimension are next to each other, and their extents multiply
  // to its extent.
  unsigned next = 0;
  for (int64_t extent : op->extents) {
    result.emplace_back();
    int64_t product = 1;
    do {
      if (next == loops)
        return std::nullopt;
      product *= getExtent(tree, node, next);
      result.back().push_back(next++);
    } while (product < extent);
    if (product != extent)
      return std::nullopt;
  }
  return next == loops ? std::optional(std::move(result)) : std::nullopt;
}

std::optional<Schedule> memwall::toOpDims(const Schedule &schedule,
                                          const LoopTree &tree, OpId op) {
  NodeId node = tree.nodes.size();
  for (auto [id, candidate] : llvm::enumerate(tree.nodes))
    if (candidate.kind == Node::Kind::Nest && candidate.nest.op == op)
      node = id;
  if (node == tree.nodes.size())
    return std::nullopt;
  std::optional<LoopsOfDims> loopsOf = findLoopsOfDims(tree, node);
  if (!loopsOf)
    return std::nullopt;
  // The dimension whose outermost loop a loop is.
  auto findDim = [&](unsigned loop) -> std::optional<unsigned> {
    for (auto [dim, loops] : llvm::enumerate(*loopsOf))
      if (loops.front() == loop)
        return dim;
    return std::nullopt;
  };
  auto renumber = [&](auto &loops) {
    auto old = std::move(loops);
    loops.clear();
    for (unsigned loop : old)
      if (std::optional<unsigned> dim = findDim(loop))
        loops.push_back(*dim);
  };
  Schedule result = schedule;
  for (TileBand &band : result.bands) {
    llvm::SmallVector<int64_t, 6> sizes;
    for (llvm::ArrayRef<unsigned> loops : *loopsOf) {
      sizes.push_back(band.sizes[loops.front()]);
      for (unsigned loop : loops.drop_front())
        sizes.back() *= getExtent(tree, node, loop);
    }
    band.sizes = std::move(sizes);
    renumber(band.order);
    renumber(band.parallel);
  }
  renumber(result.leafOrder);
  for (StreamBand &band : result.stream)
    band.dim = findDim(band.dim).value_or(band.dim);
  if (result.split)
    result.split->dim = findDim(result.split->dim).value_or(0);
  return result;
}
