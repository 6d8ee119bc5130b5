//===- GroupDims.cpp - Which dimensions of a group are one ----------------===//

#include "GroupDims.h"
#include "memwall/Schedule/Groups.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

int64_t memwall::getStrideOf(const Access &access, LoopId loop) {
  int64_t stride = 0;
  for (const Term &term : access.element.terms)
    if (term.loop == loop)
      stride += term.stride;
  return stride;
}

static bool isWritten(const Nest &nest, BufferId buffer) {
  return llvm::any_of(nest.accesses, [&](const Access &access) {
    return access.isWrite && access.buffer == buffer;
  });
}

GroupDims::GroupDims(const LoopTree &tree, llvm::ArrayRef<NodeId> members)
    : tree(tree), members(members.begin(), members.end()) {
  for (auto [m, node] : llvm::enumerate(members))
    for (unsigned d = 0; d < tree.nodes[node].nest.loops.size(); ++d)
      classes.insert({unsigned(m), d});
  // What one writes and another one reads or writes.
  for (unsigned a = 0; a < members.size(); ++a) {
    const Nest &nest = tree.nodes[members[a]].nest;
    for (const Access &access : nest.accesses)
      if (access.isWrite)
        for (unsigned b = 0; b < members.size(); ++b)
          if (b != a)
            join(a, b, access.buffer);
  }
}

/// Joins dimensions of two nests that move through `buffer` by the same step
/// and as often.
void GroupDims::join(unsigned a, unsigned b, BufferId buffer) {
  const Nest &one = tree.nodes[members[a]].nest;
  const Nest &other = tree.nodes[members[b]].nest;
  for (const Access &x : one.accesses)
    for (const Access &y : other.accesses) {
      if (x.buffer != buffer || y.buffer != buffer)
        continue;
      for (auto [i, loopX] : llvm::enumerate(one.loops))
        for (auto [j, loopY] : llvm::enumerate(other.loops)) {
          int64_t stride = getStrideOf(x, loopX);
          if (stride != 0 && stride == getStrideOf(y, loopY) &&
              tree.loops[loopX].maxTripCount > 1 &&
              tree.loops[loopX].maxTripCount == tree.loops[loopY].maxTripCount)
            classes.unionSets({a, unsigned(i)}, {b, unsigned(j)});
        }
    }
}

void GroupDims::joinReaders(unsigned member) {
  for (const Access &access : tree.nodes[members[member]].nest.accesses)
    for (unsigned other = 0; other < members.size(); ++other)
      if (other != member && !access.isWrite &&
          !isWritten(tree.nodes[members[other]].nest, access.buffer))
        join(member, other, access.buffer);
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
  GroupDims dims(tree, members);
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
