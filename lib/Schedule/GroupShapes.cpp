//===- GroupShapes.cpp - Whether tiles of a group fit together ------------===//
//
// A buffer is linear: a loop that cuts a dimension of step S and n iterations
// leaves of every S * n elements a part that is as long as its tile. An access
// goes along if one of its dimensions has these steps, and all others stay
// within S or go in multiples of S * n.
//
//===----------------------------------------------------------------------===//

#include "GroupShapes.h"
#include "Fail.h"
#include "memwall/Schedule/InitProducer.h"
#include "memwall/Schedule/NestAccesses.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include <map>

using namespace memwall;

namespace {

/// What is in a buffer at some time: all members that make or read it.
struct Content {
  struct Use {
    unsigned member = 0;
    const Access *access = nullptr;
  };
  llvm::SmallVector<Use, 4> uses;
  std::optional<unsigned> maker; ///< The first member that writes it.
  /// Where members begin to write, and how much they write.
  llvm::DenseSet<int64_t> begins;
  int64_t places = 0;
  bool isInPart = false, isRead = false;
};

class ShapeChecker {
public:
  ShapeChecker(const LoopTree &tree, const GroupPlan &plan)
      : tree(tree), plan(plan) {}

  llvm::Error run();

private:
  void add(unsigned member, const Access &access);
  llvm::Error check(const Content &content) const;
  llvm::Error checkLoop(const Content &content, const TileLoop &loop) const;
  std::optional<int64_t> findStep(const Content::Use &use,
                                  unsigned rootDim) const;
  llvm::Error checkStream() const;
  llvm::Error refuse(unsigned maker, unsigned reader) const;

  const Nest &nestOf(unsigned member) const {
    return tree.nodes[plan.members[member].node].nest;
  }
  std::string describe(unsigned member) const {
    const OpRecord &op = tree.ops[plan.members[member].op];
    return op.name + " at " + op.location;
  }

  const LoopTree &tree;
  const GroupPlan &plan;
  std::map<BufferId, Content> current;
};

} // namespace

llvm::Error ShapeChecker::refuse(unsigned maker, unsigned reader) const {
  return fail("the result of {0} is used in another shape by {1}, which group "
              "'{2}' cannot cut",
              describe(maker), describe(reader), plan.name);
}

/// The elements that `use` moves by per iteration of dimension `rootDim` of the
/// root; none where it does not move, or by several dimensions.
std::optional<int64_t> ShapeChecker::findStep(const Content::Use &use,
                                              unsigned rootDim) const {
  const GroupMember &member = plan.members[use.member];
  std::optional<int64_t> step;
  for (auto [d, loop] : llvm::enumerate(nestOf(use.member).loops)) {
    int64_t stride = getStride(use.access->element, loop);
    if (stride == 0 || member.rootDims[d] != rootDim)
      continue;
    if (step)
      return std::nullopt;
    step = stride * member.rootFactors[d];
  }
  return step;
}

/// Whether all uses of `content` go along with `loop`, if one does.
llvm::Error ShapeChecker::checkLoop(const Content &content,
                                    const TileLoop &loop) const {
  const Nest &root = nestOf(plan.members.size() - 1);
  int64_t extent = tree.loops[root.loops[loop.dim]].maxTripCount;
  std::optional<int64_t> step;
  for (const Content::Use &use : content.uses)
    if (!step)
      step = findStep(use, loop.dim);
  if (!step || extent == 1)
    return llvm::Error::success();
  int64_t period = *step * extent;
  for (const Content::Use &use : content.uses) {
    if (*step < 0 || findStep(use, loop.dim) != step ||
        tree.buffers[use.access->buffer].elements % period != 0)
      return refuse(*content.maker, use.member);
    const GroupMember &member = plan.members[use.member];
    const Nest &nest = nestOf(use.member);
    int64_t within = use.access->element.constant % period;
    for (const Term &term : use.access->element.terms) {
      const LoopId *own = llvm::find(nest.loops, term.loop);
      int64_t most = tree.loops[term.loop].maxTripCount - 1;
      if (own == nest.loops.end() || most == 0 || term.stride % period == 0)
        continue;
      unsigned d = own - nest.loops.begin();
      // Of what is cut, what one iteration of the root has.
      if (member.rootDims[d] == loop.dim)
        most = member.rootFactors[d] - 1;
      if (term.stride < 0)
        return refuse(*content.maker, use.member);
      within += most * term.stride;
    }
    if (within < 0 || within >= *step)
      return refuse(*content.maker, use.member);
  }
  return llvm::Error::success();
}

llvm::Error ShapeChecker::check(const Content &content) const {
  if (!content.maker)
    return llvm::Error::success();
  BufferId buffer = content.uses.front().access->buffer;
  if (content.isInPart && content.isRead &&
      !plan.members[*content.maker].isSink &&
      content.places != tree.buffers[buffer].elements)
    return fail("the result of {0} is a part of a tensor that group '{1}' uses "
                "but does not make whole",
                describe(*content.maker), plan.name);
  for (const Content::Use &use : content.uses)
    if (!use.access->gathers.empty())
      return refuse(*content.maker, use.member);
  for (const TileLoop &loop : plan.loops)
    if (llvm::Error error = checkLoop(content, loop))
      return error;
  return llvm::Error::success();
}

void ShapeChecker::add(unsigned member, const Access &access) {
  Content &content = current[access.buffer];
  content.uses.push_back({member, &access});
  if (!access.isWrite) {
    // What an op accumulates in is its own.
    content.isRead |= !accesses(tree, plan.members[member].node, access.buffer,
                                /*isWrite=*/true);
    return;
  }
  if (!content.maker)
    content.maker = member;
  if (content.begins.insert(access.element.constant).second)
    content.places += countPlaces(tree, nestOf(member), access);
}

llvm::Error ShapeChecker::run() {
  if (plan.stream)
    return checkStream();
  for (unsigned m = 0; m < plan.members.size(); ++m) {
    NodeId node = plan.members[m].node;
    bool startsAnew = findInitProducer(tree, node).has_value();
    for (const Access &access : nestOf(m).accesses) {
      bool isOwn = accesses(tree, node, access.buffer, /*isWrite=*/true);
      if (!access.isWrite && !(isOwn && startsAnew))
        add(m, access);
    }
    for (const Access &access : nestOf(m).accesses) {
      if (!access.isWrite)
        continue;
      bool isInPart = writesPart(tree, node, access.buffer);
      if (!isInPart) {
        if (llvm::Error error = check(current[access.buffer]))
          return error;
        current[access.buffer] = Content();
      }
      current[access.buffer].isInPart |= isInPart;
      add(m, access);
    }
  }
  for (auto &[buffer, content] : current)
    if (llvm::Error error = check(content))
      return error;
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Streams
//===----------------------------------------------------------------------===//

/// The dimensions that `access` walks, as (step, iterations), largest step
/// first; nullopt for one that begins elsewhere or depends on data.
using Walk = llvm::SmallVector<std::pair<int64_t, int64_t>, 4>;
static std::optional<Walk> findWalk(const LoopTree &tree, const Nest &nest,
                                    const Access &access) {
  if (access.element.constant != 0 || !access.gathers.empty())
    return std::nullopt;
  Walk walk;
  for (const Term &term : access.element.terms) {
    if (!llvm::is_contained(nest.loops, term.loop))
      return std::nullopt;
    if (tree.loops[term.loop].maxTripCount > 1)
      walk.push_back({term.stride, tree.loops[term.loop].maxTripCount});
  }
  llvm::sort(walk, std::greater<>());
  return walk;
}

/// What is as large as a tile is read in the shape in which it was made: the
/// same steps, or fewer of them.
llvm::Error ShapeChecker::checkStream() const {
  for (unsigned m = 0; m < plan.members.size(); ++m) {
    if (plan.members[m].isSink)
      continue;
    for (const Access &write : nestOf(m).accesses) {
      if (!write.isWrite)
        continue;
      std::optional<Walk> made = findWalk(tree, nestOf(m), write);
      if (!made)
        return fail("the result of {0} is no whole tensor, which group '{1}' "
                    "cannot stream",
                    describe(m), plan.name);
      for (unsigned reader = 0; reader < plan.members.size(); ++reader)
        for (const Access &access : nestOf(reader).accesses) {
          if (access.buffer != write.buffer)
            continue;
          std::optional<Walk> walk = findWalk(tree, nestOf(reader), access);
          if (!walk || !llvm::all_of(*walk, [&](const auto &step) {
                return llvm::is_contained(*made, step);
              }))
            return fail("the result of {0} is used in another shape by {1}, "
                        "which group '{2}' cannot stream",
                        describe(m), describe(reader), plan.name);
        }
    }
  }
  return llvm::Error::success();
}

llvm::Error memwall::checkGroupShapes(const LoopTree &tree,
                                      const GroupPlan &plan) {
  return ShapeChecker(tree, plan).run();
}
