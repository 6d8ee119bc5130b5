//===- FindGroupShape.cpp - What loops and streams of a group cut ---------===//

#include "FindGroupShape.h"
#include "SearchGroup.h"
#include "memwall/Bounds/Roofline.h"
#include "memwall/Schedule/InitProducer.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

namespace {

/// Dimensions that a stream is tried on: attention has one, and a member of a
/// group with more has refused it by then.
constexpr unsigned kStreamAttempts = 4;

class ShapeFinder {
public:
  ShapeFinder(const LoopTree &tree, const GroupNests &nests,
              const Target &target)
      : tree(tree), nests(nests), target(target) {}

  bool findShape(bool streams);

  FoundShape found;

private:
  std::optional<unsigned> listCutDims(const RootDims &dims);
  void findStream(llvm::ArrayRef<OpSchedule> smallest);
  bool tryStream(llvm::ArrayRef<OpSchedule> smallest, unsigned member,
                 unsigned dim);
  void orderCutDims();
  void weighArithmetic();

  const LoopTree &tree;
  const GroupNests &nests;
  const Target &target;
};

} // namespace

/// The dimensions of the root that loops can cut: they move every contraction,
/// so that what one of them reads is not read again for the sake of another; of
/// a group without any, every member. Returns one that moves all members.
std::optional<unsigned> ShapeFinder::listCutDims(const RootDims &dims) {
  const Nest &root = tree.nodes[nests.back()].nest;
  llvm::SmallVector<bool, 6> written = findWrittenDims(root);
  auto isContraction = [&](NodeId node) {
    return tree.ops[tree.nodes[node].nest.op].kind == OpKind::Contraction;
  };
  bool hasContraction = llvm::any_of(nests, isContraction);
  auto moves = [&](unsigned dim, bool contractionsOnly) {
    return llvm::all_of(llvm::zip(nests, dims.members), [&](const auto &each) {
      return (contractionsOnly && !isContraction(std::get<0>(each))) ||
             llvm::is_contained(std::get<1>(each), std::optional(dim));
    });
  };
  // A member that reduces over a dimension needs all of it in every tile.
  auto isReduced = [&](unsigned dim) {
    return llvm::any_of(llvm::zip(nests, dims.members), [&](const auto &each) {
      auto [node, mine] = each;
      for (auto [own, to] : llvm::enumerate(mine))
        if (to == dim &&
            tree.loops[tree.nodes[node].nest.loops[own]].isReduction)
          return true;
      return false;
    });
  };
  // A reshape that merges dimensions of a member into one of the root's.
  auto isCoarser = [&](unsigned dim) {
    int64_t extent = tree.loops[root.loops[dim]].maxTripCount;
    return llvm::any_of(llvm::zip(nests, dims.members), [&](const auto &each) {
      auto [node, mine] = each;
      for (auto [own, to] : llvm::enumerate(mine))
        if (to == dim &&
            tree.loops[tree.nodes[node].nest.loops[own]].maxTripCount %
                    extent !=
                0)
          return true;
      return false;
    });
  };
  std::optional<unsigned> common;
  for (unsigned d = 0; d < root.loops.size(); ++d) {
    const Loop &loop = tree.loops[root.loops[d]];
    if (!written[d] || loop.maxTripCount <= 1 || dims.twice[d] ||
        isReduced(d) || isCoarser(d) || !moves(d, hasContraction))
      continue;
    found.shape.cutDims.push_back(d);
    if (!common && moves(d, false))
      common = d;
  }
  return common;
}

/// Puts first what cuts the most: dimensions that all outside buffers move with
/// share nothing.
void ShapeFinder::orderCutDims() {
  auto countUnmoved = [&](unsigned dim) {
    double bytes = 0;
    for (auto [m, node] : llvm::enumerate(found.group.nodes)) {
      const Nest &nest = found.group.tree.nodes[node].nest;
      const auto &rootDims = found.shape.rootDims[m];
      for (const Access &access : nest.accesses) {
        bool isMoved = llvm::any_of(access.element.terms, [&](const Term &t) {
          auto loop = llvm::find(nest.loops, t.loop);
          return loop != nest.loops.end() &&
                 rootDims[loop - nest.loops.begin()] == dim;
        });
        if (!isMoved)
          bytes += double(found.group.tree.buffers[access.buffer].bytes());
      }
    }
    return bytes;
  };
  llvm::stable_sort(found.shape.cutDims, [&](unsigned a, unsigned b) {
    return countUnmoved(a) < countUnmoved(b);
  });
}

/// Cuts the group out, and finds the dimensions that loops can cut; false when
/// there are none, or when the ops can be no group.
bool ShapeFinder::findShape(bool streams) {
  RootDims dims = matchRootDims(tree, nests);
  std::optional<unsigned> common = listCutDims(dims);
  if (!common)
    return false;
  // The smallest of groups shows whether there can be one.
  llvm::SmallVector<OpSchedule, 8> smallest;
  for (NodeId node : nests) {
    smallest.push_back({tree.nodes[node].nest.op, Schedule()});
    smallest.back().schedule.group = kGroupName.str();
  }
  TileBand band;
  band.level = target.levels.front().name;
  band.sizes.assign(dims.members.back().size(), 0);
  band.sizes[*common] = 1;
  band.order = {*common};
  smallest.back().schedule.bands.push_back(std::move(band));
  llvm::Expected<llvm::SmallVector<GroupPlan, 0>> plans =
      planGroups(tree, smallest);
  if (!plans) {
    llvm::consumeError(plans.takeError());
    return false;
  }
  found.group = isolateGroup(tree, plans->front());
  found.deferred = plans->front().deferred;
  found.shape.rootDims = std::move(dims.members);
  for (auto &mine : found.shape.rootDims)
    for (std::optional<unsigned> &dim : mine)
      if (dim && !llvm::is_contained(found.shape.cutDims, *dim))
        dim.reset();
  orderCutDims();
  if (streams)
    findStream(smallest);
  weighArithmetic();
  return true;
}

/// Where masks hide tiles from a stream, candidates differ in arithmetic. It
/// counts as much as the bytes at DRAM where it takes longer than they do.
void ShapeFinder::weighArithmetic() {
  if (!found.shape.stream ||
      (found.shape.stream->ends.empty() && found.shape.stream->begins.empty()))
    return;
  llvm::SmallVector<ComputeWork, 8> work;
  for (OpId op : found.group.ops)
    work.push_back(getComputeWork(found.group.tree.ops[op]));
  llvm::SmallVector<Bytes, 4> bytes(target.levels.size());
  bytes.back().read = int64_t(
      countMinimum(found.group, target.levels[target.levels.size() - 2]));
  Roofline roofline =
      computeRoofline(work, bytes, target, BandwidthChoice::Peak);
  if (roofline.boundBy == "compute")
    found.shape.arithmeticWeight = 1;
}

/// Finds what a stream can cut: the last reduction over a dimension that others
/// have as well.
void ShapeFinder::findStream(llvm::ArrayRef<OpSchedule> smallest) {
  unsigned attempts = 0;
  for (unsigned m = nests.size(); m-- > 0;) {
    const Nest &nest = tree.nodes[nests[m]].nest;
    llvm::SmallVector<bool, 6> written = findWrittenDims(nest);
    for (unsigned d = nest.loops.size(); d-- > 0;) {
      if (written[d] || found.shape.rootDims[m][d] ||
          tree.loops[nest.loops[d]].maxTripCount < 2)
        continue;
      if (tryStream(smallest, m, d) || ++attempts == kStreamAttempts)
        return;
    }
  }
}

bool ShapeFinder::tryStream(llvm::ArrayRef<OpSchedule> smallest,
                            unsigned member, unsigned dim) {
  llvm::SmallVector<OpSchedule, 8> schedules(smallest);
  schedules[member].schedule.stream.push_back(
      {target.levels.front().name, dim, 1, std::nullopt});
  llvm::Expected<llvm::SmallVector<GroupPlan, 0>> plans =
      planGroups(tree, schedules);
  if (!plans) {
    // What does not fit is no matter; what cannot be done has a reason.
    llvm::handleAllErrors(
        plans.takeError(),
        [&](const StreamRefusal &refused) {
          if (found.refusal.empty())
            found.refusal = "cannot be streamed: " + refused.getReason().str();
        },
        [](const llvm::ErrorInfoBase &) {});
    return false;
  }
  const GroupPlan &plan = plans->front();
  auto isStreamed = [](const GroupMember &each) {
    return each.streamDim.has_value();
  };
  if (!plan.stream || llvm::count_if(plan.members, isStreamed) < 2)
    return false;
  const Nest &nest = tree.nodes[nests[member]].nest;
  found.shape.stream = {member,
                        dim,
                        tree.loops[nest.loops[dim]].maxTripCount,
                        hasSecondLoop(plan),
                        plan.stream->ends,
                        plan.stream->begins};
  for (auto [mine, each] : llvm::zip_equal(found.shape.rootDims, plan.members))
    if (each.streamDim)
      mine[*each.streamDim] = found.shape.getStreamDim();
  found.refusal.clear();
  return true;
}

std::optional<FoundShape>
memwall::findGroupShape(const LoopTree &tree, const GroupNests &nests,
                        const Target &target, const SearchOptions &options) {
  ShapeFinder finder(tree, nests, target);
  if (!finder.findShape(options.stream))
    return std::nullopt;
  return std::move(finder.found);
}
