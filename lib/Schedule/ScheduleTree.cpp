//===- ScheduleTree.cpp - A loop tree with schedules applied --------------===//

#include "memwall/Schedule/ScheduleTree.h"
#include "SplitTree.h"
#include "TreeRewriter.h"
#include "llvm/ADT/STLExtras.h"
#include <deque>

using namespace memwall;

/// How the group tiles a member.
static Tiling describeTiles(const LoopTree &tree, const GroupPlan &plan,
                            const GroupMember &member) {
  Tiling tiling;
  tiling.groupTiles.resize(member.rootDims.size());
  llvm::SmallVector<int64_t, 6> left;
  for (LoopId loop : tree.nodes[plan.root().node].nest.loops)
    left.push_back(tree.loops[loop].maxTripCount);
  for (const TileLoop &loop :
       llvm::ArrayRef(plan.loops).take_front(member.depth)) {
    auto dim = llvm::find(member.rootDims, std::optional(loop.dim));
    size_t d = dim - member.rootDims.begin();
    if (dim != member.rootDims.end())
      tiling.groupTiles[d].push_back(loop.size * member.rootFactors[d]);
    else
      tiling.repeats *= llvm::divideCeil(left[loop.dim], loop.size);
    left[loop.dim] = std::min(left[loop.dim], loop.size);
  }
  return tiling;
}

llvm::Expected<LoopTree>
memwall::scheduleTree(const LoopTree &tree,
                      llvm::ArrayRef<OpSchedule> schedules) {
  bool splits = llvm::any_of(schedules, [](const OpSchedule &scheduled) {
    return scheduled.schedule.split.has_value();
  });
  if (splits) {
    llvm::Expected<SplitTree> split = splitReductions(tree, schedules);
    if (!split)
      return split.takeError();
    return scheduleTree(split->tree, split->schedules);
  }
  NestsOfOps nestsOfOps = listNestsOfOps(tree);
  llvm::SmallVector<Tiling, 0> tilings;
  for (const OpSchedule &scheduled : schedules) {
    if (scheduled.schedule.empty() || !scheduled.schedule.group.empty())
      continue;
    llvm::Expected<Tiling> tiling = prepareTiling(tree, nestsOfOps, scheduled);
    if (!tiling)
      return tiling.takeError();
    tilings.push_back(std::move(*tiling));
  }
  llvm::Expected<llvm::SmallVector<GroupPlan, 0>> plans =
      planGroups(tree, schedules);
  if (!plans)
    return plans.takeError();
  // What the tilings of members point to stays where it is.
  std::deque<OpSchedule> inner;
  llvm::SmallVector<GroupTiling, 0> groups;
  for (GroupPlan &plan : *plans) {
    GroupTiling &group = groups.emplace_back();
    for (const GroupMember &member : plan.members) {
      inner.push_back({member.op, member.inner});
      llvm::Expected<Tiling> tiling = prepareTiling(
          tree, nestsOfOps, inner.back(), describeTiles(tree, plan, member));
      if (!tiling)
        return tiling.takeError();
      if (member.streamDim) {
        tiling->stream = {*member.streamDim, plan.stream->size, false};
        if (isReducedInStream(tree, member))
          tiling->producerDepth = 0;
      }
      group.tilings.push_back(std::move(*tiling));
    }
    group.plan = std::move(plan);
  }
  return TreeRewriter(tree, tilings, groups).run();
}
