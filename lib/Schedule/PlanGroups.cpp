//===- PlanGroups.cpp - What the members of a group do --------------------===//

#include "Fail.h"
#include "GroupShapes.h"
#include "PlanStream.h"
#include "PrepareTiling.h"
#include "memwall/Schedule/Groups.h"
#include "memwall/Schedule/InitProducer.h"
#include "memwall/Schedule/NestAccesses.h"
#include "memwall/Schedule/TensorDims.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include <map>
#include <vector>

using namespace memwall;

namespace {

/// Plans one group of a tree.
class GroupPlanner {
public:
  GroupPlanner(const LoopTree &tree, const NestsOfOps &nestsOfOps,
               const NestsOfBuffers &nestsOf, llvm::StringRef name)
      : tree(tree), nestsOfOps(nestsOfOps), nestsOf(nestsOf),
        plan{name.str(), {}, {}, 1, {}, {}} {}

  llvm::Expected<GroupPlan> run(llvm::ArrayRef<OpSchedule> schedules);

private:
  llvm::Error addMembers(llvm::ArrayRef<OpSchedule> schedules);
  llvm::Error splitRoot();
  llvm::Error mapDims();
  llvm::Error placeMembers();
  llvm::Error place(GroupMember &member);
  void placePacks(GroupMember &member) const;
  llvm::Error findDeferred();
  llvm::Error checkInner(const GroupMember &member) const;
  void findSinks();
  bool isUsedOutside(const GroupMember &member, BufferId id) const;

  bool isPart(NodeId node) const;
  bool isMovedBy(const GroupMember &member, const TileLoop &loop) const {
    return llvm::is_contained(member.rootDims, std::optional(loop.dim));
  }
  int64_t countTrips(const TileLoop &loop) const;
  const Nest &nestOf(const GroupMember &member) const {
    return tree.nodes[member.node].nest;
  }
  /// "linalg.matmul at f.mlir:3:5".
  std::string describe(const GroupMember &member) const {
    const OpRecord &op = tree.ops[member.op];
    return op.name + " at " + op.location;
  }

  const LoopTree &tree;
  const NestsOfOps &nestsOfOps;
  const NestsOfBuffers &nestsOf;
  GroupPlan plan;
  llvm::DenseSet<NodeId> parts; ///< Members and what starts accumulators.
};

} // namespace

/// Members in program order, all of one block.
llvm::Error GroupPlanner::addMembers(llvm::ArrayRef<OpSchedule> schedules) {
  for (const OpSchedule &scheduled : schedules) {
    llvm::Expected<NodeId> node =
        findScheduledNest(tree, nestsOfOps, scheduled);
    if (!node)
      return node.takeError();
    if (findInitCopy(tree, *node))
      return fail("{0} copies what it starts from, which others read as well",
                  tree.ops[scheduled.op].name);
    if (scheduled.schedule.split)
      return fail("{0} of group '{1}' has a split", tree.ops[scheduled.op].name,
                  plan.name);
    GroupMember member;
    member.node = *node;
    member.op = scheduled.op;
    member.inner = scheduled.schedule;
    plan.members.push_back(std::move(member));
  }
  llvm::sort(plan.members, [](const GroupMember &a, const GroupMember &b) {
    return a.node < b.node;
  });
  for (GroupMember &member : plan.members) {
    if (tree.nodes[member.node].parent != tree.nodes[plan.root().node].parent)
      return fail("group '{0}' has members in different blocks: {1} and {2}",
                  plan.name, describe(member), describe(plan.root()));
    parts.insert(member.node);
    if (std::optional<InitProducer> producer =
            findInitProducer(tree, member.node))
      parts.insert(producer->node);
  }
  return llvm::Error::success();
}

/// Takes the loops of the group out of the bands of the root: those in front of
/// its first reduction, or as many as `at` says.
llvm::Error GroupPlanner::splitRoot() {
  GroupMember &root = plan.members.back();
  const Nest &nest = nestOf(root);
  llvm::SmallVector<bool, 6> written = findWrittenDims(nest);
  std::optional<unsigned> most = root.inner.at;
  plan.units = root.inner.units;
  llvm::SmallVector<int64_t, 6> tile;
  for (LoopId loop : nest.loops)
    tile.push_back(tree.loops[loop].maxTripCount);
  for (TileBand &band : root.inner.bands) {
    llvm::SmallVector<unsigned, 6> left;
    for (unsigned dim : band.order) {
      bool isReduction =
          tree.loops[nest.loops[dim]].isReduction || !written[dim];
      if (most && plan.loops.size() < *most && isReduction)
        return fail("group '{0}' has a loop over dimension {1} of {2}, which "
                    "is a reduction",
                    plan.name, dim, describe(root));
      if (!left.empty() || isReduction ||
          (most && plan.loops.size() >= *most)) {
        left.push_back(dim);
        most = plan.loops.size();
        continue;
      }
      // A loop that would run once is not made.
      if (band.sizes[dim] < tile[dim])
        plan.loops.push_back(
            {dim, band.sizes[dim], llvm::is_contained(band.parallel, dim)});
      tile[dim] = std::min(tile[dim], band.sizes[dim]);
      band.sizes[dim] = 0;
    }
    band.order.assign(left.begin(), left.end());
    band.parallel.clear();
  }
  llvm::erase_if(root.inner.bands,
                 [](const TileBand &band) { return band.order.empty(); });
  root.inner.units = 1;
  if (plan.loops.empty())
    return fail("group '{0}' has no loops: expected tiles smaller than the "
                "whole on its last member, {1}",
                plan.name, describe(root));
  for (const GroupMember &member : plan.members)
    for (const TileBand &band : member.inner.bands)
      if (!band.parallel.empty())
        return fail("{0} has parallel loops inside of group '{1}'",
                    describe(member), plan.name);
  return llvm::Error::success();
}

/// Finds which dimension of the root every dimension of a member is.
llvm::Error GroupPlanner::mapDims() {
  llvm::SmallVector<NodeId, 8> nodes;
  for (const GroupMember &member : plan.members)
    nodes.push_back(member.node);
  RootDims dims = matchRootDims(tree, nodes);
  for (const TileLoop &loop : plan.loops) {
    if (std::optional<unsigned> m = dims.twice[loop.dim])
      return fail("dimension {0} of {1} is two dimensions of {2}, which group "
                  "'{3}' cannot cut together",
                  loop.dim, describe(plan.root()), describe(plan.members[*m]),
                  plan.name);
    for (auto [member, mine] : llvm::zip_equal(plan.members, dims.members)) {
      member.rootDims.resize(mine.size());
      member.rootFactors.resize(mine.size(), 1);
      for (auto [d, from] : llvm::enumerate(mine)) {
        if (from != loop.dim)
          continue;
        if (tree.loops[nestOf(member).loops[d]].isReduction)
          return fail("group '{0}' cannot cut dimension {1} of {2}: {3} "
                      "reduces over it and needs all of it",
                      plan.name, loop.dim, describe(plan.root()),
                      describe(member));
        int64_t extent = tree.loops[nestOf(member).loops[d]].maxTripCount;
        int64_t ofRoot =
            tree.loops[nestOf(plan.root()).loops[loop.dim]].maxTripCount;
        if (extent % ofRoot != 0)
          return fail("dimension {0} of {1} has {2} iterations for {3} of {4}, "
                      "which group '{5}' cannot cut together",
                      loop.dim, describe(plan.root()), ofRoot, extent,
                      describe(member), plan.name);
        member.rootDims[d] = from;
        member.rootFactors[d] = extent / ofRoot;
      }
    }
  }
  return llvm::Error::success();
}

int64_t GroupPlanner::countTrips(const TileLoop &loop) const {
  int64_t extent = tree.loops[nestOf(plan.root()).loops[loop.dim]].maxTripCount;
  for (const TileLoop &outer : plan.loops) {
    if (&outer == &loop)
      break;
    if (outer.dim == loop.dim)
      extent = std::min(extent, outer.size);
  }
  return llvm::divideCeil(extent, loop.size);
}

/// Members and what starts their accumulators.
bool GroupPlanner::isPart(NodeId node) const { return parts.contains(node); }

/// Whether what `member` writes into `buffer` is read outside of the group: by
/// another nest before a member writes there again, or after the function.
bool GroupPlanner::isUsedOutside(const GroupMember &member, BufferId id) const {
  const Buffer &buffer = tree.buffers[id];
  bool isBefore = false;
  for (NodeId node : nestsOf.lookup(id)) {
    isBefore |= node < member.node && !isPart(node);
    if (node <= member.node)
      continue;
    if (!isPart(node) && accesses(tree, node, id, /*isWrite=*/false))
      return true;
    if (accesses(tree, node, id, /*isWrite=*/true) &&
        !writesPart(tree, node, id))
      return false;
  }
  bool isInLoop = tree.nodes[member.node].parent != LoopTree::root;
  return buffer.isLiveIn() || buffer.liveOut || buffer.storage.has_value() ||
         (isInLoop && isBefore);
}

void GroupPlanner::findSinks() {
  for (GroupMember &member : plan.members)
    for (const Access &access : nestOf(member).accesses)
      member.isSink |= access.isWrite && isUsedOutside(member, access.buffer);
  plan.members.back().isSink = true;
}

/// Sets how many loops are around a member: up to the last that moves it.
llvm::Error GroupPlanner::place(GroupMember &member) {
  for (auto [i, loop] : llvm::enumerate(plan.loops))
    if (isMovedBy(member, loop))
      member.depth = i + 1;
  bool isRoot = &member == &plan.members.back();
  if (!isRoot && member.inner.at)
    member.depth = *member.inner.at;
  if (member.depth > plan.loops.size())
    return fail("{0} is at loop {1} of group '{2}', which has {3}",
                describe(member), member.depth, plan.name, plan.loops.size());
  if (member.depth == 0)
    return fail("no loop of group '{0}' moves {1}", plan.name,
                describe(member));
  for (const TileLoop &loop :
       llvm::ArrayRef(plan.loops).take_front(member.depth)) {
    if (isMovedBy(member, loop) || countTrips(loop) <= 1)
      continue;
    if (member.isSink)
      return fail("the result of {0} is used outside of group '{1}', which "
                  "makes it {2} times",
                  describe(member), plan.name, countTrips(loop));
    if (!member.inner.recompute)
      return fail("{0} is computed {1} times by the loops of group '{2}' over "
                  "dimension {3} of its root; say recompute",
                  describe(member), countTrips(loop), plan.name, loop.dim);
  }
  if (member.isSink && member.depth != plan.loops.size())
    return fail("the result of {0} is used outside of group '{1}', but only "
                "{2} of its {3} loops move it",
                describe(member), plan.name, member.depth, plan.loops.size());
  return llvm::Error::success();
}

/// Bands inside the group cut what is left by it.
llvm::Error GroupPlanner::checkInner(const GroupMember &member) const {
  for (const TileBand &band : member.inner.bands)
    for (auto [d, size] : llvm::enumerate(band.sizes)) {
      int64_t tile = tree.loops[nestOf(member).loops[d]].maxTripCount;
      for (const TileLoop &loop :
           llvm::ArrayRef(plan.loops).take_front(member.depth))
        if (member.rootDims[d] == loop.dim)
          tile = std::min(tile, loop.size * member.rootFactors[d]);
      if (size > tile)
        return fail("band '{0}' of {1} has a tile of {2} in dimension {3}, "
                    "inside a tile of {4} of group '{5}'",
                    band.level, describe(member), size, d, tile, plan.name);
    }
  return llvm::Error::success();
}

void GroupPlanner::placePacks(GroupMember &member) const {
  for (const PackedOperand &pack : member.inner.packs) {
    unsigned depth = 0;
    const Nest &nest = nestOf(member);
    if (pack.operand < nest.accesses.size())
      for (unsigned dim :
           findTensorDims(tree, nest, nest.accesses[pack.operand]))
        for (auto [i, loop] : llvm::enumerate(
                 llvm::ArrayRef(plan.loops).take_front(member.depth)))
          if (member.rootDims[dim] == loop.dim)
            depth = std::max<unsigned>(depth, i + 1);
    member.packDepths.push_back(depth);
  }
}

llvm::Error GroupPlanner::placeMembers() {
  for (GroupMember &member : plan.members) {
    if (llvm::Error error = place(member))
      return error;
    placePacks(member);
    member.inner.group.clear();
    member.inner.at.reset();
    member.inner.recompute = false;
    if (llvm::Error error = checkInner(member))
      return error;
  }
  return llvm::Error::success();
}

/// What stands between the members and depends on them waits for the loops to
/// end; nothing that a member depends on may be among it.
llvm::Error GroupPlanner::findDeferred() {
  enum class Writer { Other, Member, Deferred };
  llvm::DenseMap<BufferId, Writer> lastWriter;
  bool hasBegun = false;
  for (NodeId id : tree.nodes[tree.nodes[plan.root().node].parent].children) {
    hasBegun |= id == plan.members.front().node;
    if (!hasBegun)
      continue;
    TouchedBuffers touched = findTouchedBuffers(tree, id);
    auto readsFrom = [&](Writer writer) {
      return llvm::any_of(touched.read, [&](BufferId buffer) {
        return lastWriter.lookup(buffer) == writer;
      });
    };
    Writer mine = Writer::Other;
    if (isPart(id)) {
      mine = Writer::Member;
      const OpRecord &op = tree.ops[tree.nodes[id].nest.op];
      if (readsFrom(Writer::Deferred))
        return fail("group '{0}' is not closed: {1} at {2} needs what is made "
                    "between the members and needs one of them",
                    plan.name, op.name, op.location);
    } else if (readsFrom(Writer::Member) || readsFrom(Writer::Deferred)) {
      mine = Writer::Deferred;
      plan.deferred.push_back(id);
    }
    for (BufferId buffer : touched.written) {
      Writer &last = lastWriter[buffer];
      last = writesPart(tree, id, buffer) ? std::max(last, mine) : mine;
    }
    if (id == plan.root().node)
      break;
  }
  return llvm::Error::success();
}

llvm::Expected<GroupPlan>
GroupPlanner::run(llvm::ArrayRef<OpSchedule> schedules) {
  if (llvm::Error error = addMembers(schedules))
    return std::move(error);
  if (llvm::Error error = splitRoot())
    return std::move(error);
  if (llvm::Error error = mapDims())
    return std::move(error);
  findSinks();
  if (llvm::Error error = placeMembers())
    return std::move(error);
  if (llvm::Error error = findDeferred())
    return std::move(error);
  if (llvm::Error error = planStream(tree, plan))
    return std::move(error);
  if (llvm::Error error = checkGroupShapes(tree, plan))
    return std::move(error);
  return std::move(plan);
}

llvm::Expected<llvm::SmallVector<GroupPlan, 0>>
memwall::planGroups(const LoopTree &tree,
                    llvm::ArrayRef<OpSchedule> schedules) {
  // Calls of one function have a group each.
  using Key = std::pair<std::string, std::vector<mlir::Operation *>>;
  std::map<Key, llvm::SmallVector<OpSchedule, 0>> named;
  for (const OpSchedule &scheduled : schedules) {
    if (scheduled.schedule.group.empty() || scheduled.op >= tree.ops.size())
      continue;
    const auto &calls = tree.ops[scheduled.op].calls;
    named[{scheduled.schedule.group, {calls.begin(), calls.end()}}].push_back(
        scheduled);
  }
  llvm::SmallVector<GroupPlan, 0> plans;
  if (named.empty())
    return plans;
  NestsOfOps nestsOfOps = listNestsOfOps(tree);
  NestsOfBuffers nestsOf = listNestsOfBuffers(tree);
  for (auto &[key, members] : named) {
    llvm::Expected<GroupPlan> plan =
        GroupPlanner(tree, nestsOfOps, nestsOf, key.first).run(members);
    if (!plan)
      return plan.takeError();
    plans.push_back(std::move(*plan));
  }
  llvm::sort(plans, [](const GroupPlan &a, const GroupPlan &b) {
    return a.root().node < b.root().node;
  });
  return std::move(plans);
}
