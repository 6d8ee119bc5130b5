//===- GroupDims.cpp - Which dimensions of a group are one ----------------===//

#include "GroupDims.h"
#include "memwall/Schedule/Groups.h"
#include "memwall/Schedule/NestAccesses.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

GroupDims::GroupDims(const LoopTree &tree, llvm::ArrayRef<NodeId> members,
                     bool joinsParts)
    : tree(tree), joinsParts(joinsParts),
      members(members.begin(), members.end()) {
  for (auto [m, node] : llvm::enumerate(members))
    for (unsigned d = 0; d < tree.nodes[node].nest.loops.size(); ++d)
      classes.insert({unsigned(m), d});
  // What one writes and another one reads.
  llvm::DenseMap<BufferId, llvm::SmallVector<unsigned, 2>> writers;
  llvm::ArrayRef<NodeId> block =
      tree.nodes[tree.nodes[members.front()].parent].children;
  for (NodeId id :
       block.drop_until([&](NodeId node) { return node == members.front(); })) {
    const NodeId *member = llvm::find(members, id);
    if (member != members.end())
      for (const Access &access : tree.nodes[id].nest.accesses) {
        auto found = writers.find(access.buffer);
        if (access.isWrite || found == writers.end())
          continue;
        for (unsigned writer : found->second)
          join(writer, member - members.begin(), access.buffer,
               /*writesFirst=*/true);
      }
    for (BufferId buffer : findTouchedBuffers(tree, id).written) {
      if (!writesPart(tree, id, buffer))
        writers.erase(buffer);
      if (member != members.end())
        writers[buffer].push_back(member - members.begin());
    }
    if (id == members.back())
      break;
  }
}

/// Joins dimensions of two nests that move through `buffer` by the same step
/// and as often: where the first writes it and the second reads it, or where
/// both read it.
void GroupDims::join(unsigned a, unsigned b, BufferId buffer,
                     bool writesFirst) {
  const Nest &one = tree.nodes[members[a]].nest;
  const Nest &other = tree.nodes[members[b]].nest;
  for (const Access &x : one.accesses)
    for (const Access &y : other.accesses) {
      if (x.buffer != buffer || y.buffer != buffer ||
          x.isWrite != writesFirst || y.isWrite)
        continue;
      for (auto [i, loopX] : llvm::enumerate(one.loops))
        for (auto [j, loopY] : llvm::enumerate(other.loops)) {
          int64_t stride = getStride(x.element, loopX),
                  strideY = getStride(y.element, loopY);
          int64_t extent = tree.loops[loopX].maxTripCount,
                  extentY = tree.loops[loopY].maxTripCount;
          bool isSame = stride != 0 && stride == strideY && extent > 1 &&
                        extent == extentY;
          bool isPart = joinsParts && writesFirst &&
                        (isOuterPart(other, y, loopY, stride, extent) ||
                         isOuterPart(one, x, loopX, strideY, extentY));
          if (isSame || isPart)
            classes.unionSets({a, unsigned(i)}, {b, unsigned(j)});
        }
    }
}

/// Whether loop `part` of `fine` is the outermost of the dimensions that one of
/// `extent` iterations with steps of `stride` is split into: the others stay
/// within its steps.
bool GroupDims::isOuterPart(const Nest &fine, const Access &access, LoopId part,
                            int64_t stride, int64_t extent) const {
  int64_t step = getStride(access.element, part);
  if (stride <= 0 || step <= stride || tree.loops[part].maxTripCount <= 1 ||
      step % stride != 0 ||
      step / stride * tree.loops[part].maxTripCount != extent)
    return false;
  int64_t within = access.element.constant % step;
  for (const Term &term : access.element.terms)
    if (term.stride < step && llvm::is_contained(fine.loops, term.loop))
      within += (tree.loops[term.loop].maxTripCount - 1) * term.stride;
  return within < step;
}

void GroupDims::joinReaders(unsigned member) {
  for (const Access &access : tree.nodes[members[member]].nest.accesses)
    for (unsigned other = 0; other < members.size(); ++other)
      if (other != member && !access.isWrite &&
          !accesses(tree, members[other], access.buffer, /*isWrite=*/true))
        join(member, other, access.buffer, /*writesFirst=*/false);
}

void GroupDims::joinReadersOf(
    unsigned of, unsigned dim,
    llvm::function_ref<bool(unsigned, unsigned)> mayShare) {
  auto isWritten = [&](BufferId buffer) {
    return llvm::any_of(members, [&](NodeId node) {
      return accesses(tree, node, buffer, /*isWrite=*/true);
    });
  };
  for (unsigned m = 0; m < members.size(); ++m) {
    const Nest &nest = tree.nodes[members[m]].nest;
    for (unsigned other = 0; other < members.size(); ++other) {
      std::optional<unsigned> theirs = find(of, dim, other);
      if (!theirs || find(of, dim, m))
        continue;
      const Nest &known = tree.nodes[members[other]].nest;
      LoopId streamed = known.loops[*theirs];
      for (const Access &x : nest.accesses)
        for (const Access &y : known.accesses)
          for (auto [d, loop] : llvm::enumerate(nest.loops))
            if (x.buffer == y.buffer && !isWritten(x.buffer) &&
                getStride(y.element, streamed) != 0 &&
                getStride(x.element, loop) == getStride(y.element, streamed) &&
                tree.loops[loop].maxTripCount ==
                    tree.loops[streamed].maxTripCount &&
                mayShare(m, d))
              classes.unionSets({m, unsigned(d)}, {other, *theirs});
    }
  }
}

std::optional<unsigned> GroupDims::find(unsigned from, unsigned dim,
                                        unsigned to) const {
  for (unsigned d = 0; d < tree.nodes[members[to]].nest.loops.size(); ++d)
    if (classes.isEquivalent({from, dim}, {to, d}))
      return d;
  return std::nullopt;
}

bool GroupDims::isTwice(unsigned member, unsigned of, unsigned dim) const {
  unsigned count = 0;
  for (unsigned d = 0; d < tree.nodes[members[member]].nest.loops.size(); ++d)
    count += classes.isEquivalent({of, dim}, {member, d});
  return count > 1;
}

RootDims memwall::matchRootDims(const LoopTree &tree,
                                llvm::ArrayRef<NodeId> members) {
  GroupDims dims(tree, members, /*joinsParts=*/true);
  unsigned root = members.size() - 1;
  unsigned rank = tree.nodes[members[root]].nest.loops.size();
  auto isLinked = [&](unsigned member) {
    for (unsigned d = 0; d < rank; ++d)
      if (dims.find(root, d, member))
        return true;
    return false;
  };
  // Siblings share nothing but what they read.
  for (unsigned m = root; m-- > 0;)
    if (!isLinked(m))
      dims.joinReaders(m);
  RootDims result;
  result.twice.resize(rank);
  for (unsigned m = 0; m < members.size(); ++m) {
    result.members.emplace_back(tree.nodes[members[m]].nest.loops.size());
    for (unsigned d = 0; d < rank; ++d) {
      if (dims.isTwice(m, root, d))
        result.twice[d] = m;
      else if (std::optional<unsigned> mine = dims.find(root, d, m))
        result.members.back()[*mine] = d;
    }
  }
  return result;
}
