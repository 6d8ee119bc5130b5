//===- FindGroups.cpp - Ops that could share loops ------------------------===//

#include "FindGroups.h"
#include "memwall/Schedule/NestAccesses.h"
#include "memwall/Schedule/SplitDims.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"
#include <queue>

using namespace memwall;

namespace {

/// More members than any layer needs; longer chains of elementwise ops are cut.
constexpr size_t kMostMembers = 24;

/// Who reads what an op made.
struct Use {
  llvm::SmallVector<NodeId, 4> producers; ///< Of what the op reads.
  llvm::SmallVector<NodeId, 4> users;
  bool isUsedOutside = false; ///< By something that is no candidate.
};

/// The nests of one block and what they hand to each other.
class BlockGroups {
public:
  BlockGroups(const LoopTree &tree, NodeId block, const SearchOptions &options,
              const llvm::SmallVectorImpl<unsigned> &nestsOfOp)
      : tree(tree), options(options), nestsOfOp(nestsOfOp) {
    readUses(tree.nodes[block].children);
  }

  void addGroups(llvm::SmallVectorImpl<GroupNests> &groups);

private:
  bool canTakePart(NodeId id) const;
  void readUses(llvm::ArrayRef<NodeId> children);
  bool isContraction(NodeId id) const {
    return tree.ops[tree.nodes[id].nest.op].kind == OpKind::Contraction;
  }
  bool isRoot(NodeId id) const;
  bool isClosed(NodeId id, const llvm::SetVector<NodeId> &members) const;
  void grow(llvm::SetVector<NodeId> &members, bool takesContractions) const;
  llvm::SetVector<NodeId>
  dropProjections(const llvm::SetVector<NodeId> &members) const;
  NodeId findSink(NodeId id) const;
  bool isRowOf(NodeId row, NodeId user) const;
  bool addSideResults(llvm::SetVector<NodeId> &members) const;
  void addSiblings(NodeId shared, llvm::SmallVectorImpl<GroupNests> &groups);

  const LoopTree &tree;
  const SearchOptions &options;
  const llvm::SmallVectorImpl<unsigned> &nestsOfOp;
  llvm::SmallVector<NodeId, 0> candidates; ///< Program order.
  llvm::DenseMap<NodeId, Use> uses;
};

} // namespace

/// One nest that computes something, with constant extents.
bool BlockGroups::canTakePart(NodeId id) const {
  const Node &node = tree.nodes[id];
  if (node.kind != Node::Kind::Nest || nestsOfOp[node.nest.op] != 1)
    return false;
  const OpRecord &record = tree.ops[node.nest.op];
  bool isKind = llvm::is_contained({OpKind::Contraction, OpKind::Elementwise,
                                    OpKind::Reduction, OpKind::Other},
                                   record.kind);
  if (!isKind || (options.isFixed && options.isFixed(record)) ||
      (options.isFusable && !options.isFusable(record)))
    return false;
  // Loops of a group cut dimensions of ops, not parts of them.
  std::optional<LoopsOfDims> dims = findLoopsOfDims(tree, id);
  if (!dims ||
      llvm::any_of(*dims, [](const auto &loops) { return loops.size() != 1; }))
    return false;
  for (LoopId loop : node.nest.loops)
    if (tree.loops[loop].extent.size() != 1 ||
        !tree.loops[loop].extent[0].terms.empty() || tree.loops[loop].step != 1)
      return false;
  return llvm::all_of(node.nest.accesses, [](const Access &access) {
    return access.gathers.empty();
  });
}

void BlockGroups::readUses(llvm::ArrayRef<NodeId> children) {
  llvm::DenseMap<BufferId, llvm::SmallVector<NodeId, 2>> writers;
  llvm::DenseSet<BufferId> carried; ///< Read in front of all writes.
  for (NodeId id : children) {
    TouchedBuffers touched = findTouchedBuffers(tree, id);
    bool isCandidate = canTakePart(id);
    if (isCandidate)
      candidates.push_back(id);
    for (BufferId buffer : touched.read) {
      auto found = writers.find(buffer);
      if (found == writers.end()) {
        carried.insert(buffer);
        continue;
      }
      for (NodeId writer : found->second) {
        auto made = uses.find(writer);
        if (made == uses.end())
          continue;
        if (!isCandidate) {
          made->second.isUsedOutside = true;
        } else if (!llvm::is_contained(made->second.users, id)) {
          made->second.users.push_back(id);
          uses[id].producers.push_back(writer);
        }
      }
    }
    if (isCandidate)
      uses[id];
    for (BufferId buffer : touched.written) {
      // What others have written of it stays.
      if (!writesPart(tree, id, buffer))
        writers[buffer].clear();
      writers[buffer].push_back(id);
    }
  }
  for (auto &[buffer, all] : writers)
    for (NodeId writer : all) {
      auto made = uses.find(writer);
      if (made != uses.end())
        made->second.isUsedOutside |= tree.buffers[buffer].liveOut ||
                                      tree.buffers[buffer].isLiveIn() ||
                                      carried.contains(buffer);
    }
}

/// What others than one elementwise op need: nothing behind it takes it along.
bool BlockGroups::isRoot(NodeId id) const {
  const Use &use = uses.find(id)->second;
  return use.isUsedOutside || use.users.size() != 1 ||
         isContraction(use.users.front());
}

bool BlockGroups::isClosed(NodeId id,
                           const llvm::SetVector<NodeId> &members) const {
  const Use &use = uses.find(id)->second;
  return !use.isUsedOutside && llvm::all_of(use.users, [&](NodeId user) {
    return members.contains(user);
  });
}

/// Adds what feeds the members: contractions, which are not looked behind, and
/// all that computes no sums of products.
void BlockGroups::grow(llvm::SetVector<NodeId> &members,
                       bool takesContractions) const {
  llvm::SetVector<NodeId> old = members;
  // What feeds the members, the last first: users come behind what they use. So
  // the steps are those of the members and not those of the block.
  std::priority_queue<NodeId> feeding;
  auto addProducers = [&](NodeId id) {
    for (NodeId producer : uses.find(id)->second.producers)
      feeding.push(producer);
  };
  llvm::for_each(old, addProducers);
  while (!feeding.empty() && members.size() < kMostMembers) {
    NodeId id = feeding.top();
    feeding.pop();
    if (members.contains(id) || !isClosed(id, members))
      continue;
    // Behind a contraction of this step nothing is taken.
    auto isBehindNew = [&](NodeId user) {
      return isContraction(user) && !old.contains(user);
    };
    if (llvm::any_of(uses.find(id)->second.users, isBehindNew))
      continue;
    if (isContraction(id) && !takesContractions)
      continue;
    members.insert(id);
    addProducers(id);
  }
}

/// The members without projections: contractions that, themselves or by way of
/// elementwise ops, feed nothing but contractions. So attention is left without
/// the projection of its values, which would be computed once per block of
/// queries, and with its scores, which feed sums along a row.
llvm::SetVector<NodeId>
BlockGroups::dropProjections(const llvm::SetVector<NodeId> &members) const {
  GroupNests order(members.begin(), members.end());
  llvm::sort(order);
  auto getKind = [&](NodeId id) {
    return tree.ops[tree.nodes[id].nest.op].kind;
  };
  // Contractions, and what elementwise ops make of their results.
  llvm::DenseSet<NodeId> projected;
  for (NodeId id : order)
    if (isContraction(id) ||
        (getKind(id) == OpKind::Elementwise &&
         llvm::all_of(uses.find(id)->second.producers,
                      [&](NodeId producer) {
                        return !members.contains(producer) ||
                               projected.contains(producer);
                      }) &&
         llvm::any_of(uses.find(id)->second.producers, [&](NodeId producer) {
           return projected.contains(producer);
         })))
      projected.insert(id);
  llvm::DenseSet<NodeId> dropped;
  for (NodeId id : llvm::drop_begin(llvm::reverse(order)))
    if (projected.contains(id) &&
        llvm::all_of(uses.find(id)->second.users, [&](NodeId user) {
          return members.contains(user) &&
                 (isContraction(user) || dropped.contains(user));
        }))
      dropped.insert(id);
  llvm::SetVector<NodeId> kept;
  for (NodeId id : order)
    if (!dropped.contains(id))
      kept.insert(id);
  return kept;
}

/// The last of the elementwise ops that an op feeds alone.
NodeId BlockGroups::findSink(NodeId id) const {
  while (!isRoot(id))
    id = uses.find(id)->second.users.front();
  return id;
}

/// Adds a group that is not there yet. Those of one root follow one another.
static void add(llvm::SmallVectorImpl<GroupNests> &groups,
                const llvm::SetVector<NodeId> &members) {
  constexpr size_t kMostOfRoot = 16;
  GroupNests nests(members.begin(), members.end());
  llvm::sort(nests);
  if (nests.size() > 1 &&
      !llvm::is_contained(llvm::ArrayRef<GroupNests>(groups).take_back(
                              std::min(groups.size(), kMostOfRoot)),
                          nests))
    groups.push_back(std::move(nests));
}

/// Contractions that read the same, with what it is made of.
void BlockGroups::addSiblings(NodeId shared,
                              llvm::SmallVectorImpl<GroupNests> &groups) {
  const Use &use = uses.find(shared)->second;
  if (use.users.size() < 2 || use.isUsedOutside ||
      !llvm::all_of(use.users, [&](NodeId id) { return isContraction(id); }))
    return;
  llvm::SetVector<NodeId> members;
  for (NodeId user : use.users) {
    llvm::SetVector<NodeId> branch;
    branch.insert(findSink(user));
    grow(branch, /*takesContractions=*/true);
    members.insert(branch.begin(), branch.end());
  }
  members.insert(shared);
  grow(members, /*takesContractions=*/false);
  add(groups, members);
}

/// Whether `row` makes little beside what `user` reads, which multiplies no
/// matrices: not one operand of a long product, but rows of what `user` reads.
bool BlockGroups::isRowOf(NodeId row, NodeId user) const {
  constexpr int64_t kLeastColumns = 8;
  if (isContraction(row) || isContraction(user))
    return false;
  auto findMost = [&](NodeId id, bool isWrite) {
    int64_t most = 0;
    for (const Access &access : tree.nodes[id].nest.accesses)
      if (access.isWrite == isWrite)
        most = std::max(most, tree.buffers[access.buffer].bytes());
    return most;
  };
  return findMost(row, true) <= findMost(user, false) / kLeastColumns;
}

/// Adds rows that feed the members and are used outside as well, and rows that
/// are made of what feeds the members and used outside alone: the logsumexp
/// that attention hands to its gradient beside the context. False if there is
/// nothing of the kind.
bool BlockGroups::addSideResults(llvm::SetVector<NodeId> &members) const {
  llvm::SetVector<NodeId> sides;
  for (NodeId member : members)
    for (NodeId producer : uses.find(member)->second.producers) {
      const Use &made = uses.find(producer)->second;
      if (members.contains(producer))
        continue;
      if (made.isUsedOutside && isRowOf(producer, member))
        sides.insert(producer);
      for (NodeId user : made.users) {
        const Use &use = uses.find(user)->second;
        if (!members.contains(user) && use.isUsedOutside && use.users.empty() &&
            isRowOf(user, member))
          sides.insert(user);
      }
    }
  members.insert(sides.begin(), sides.end());
  return !sides.empty();
}

void BlockGroups::addGroups(llvm::SmallVectorImpl<GroupNests> &groups) {
  auto addFrom = [&](llvm::SetVector<NodeId> members) {
    for (bool takesContractions : {true, false, true, false}) {
      grow(members, takesContractions);
      add(groups, dropProjections(members));
      add(groups, members);
    }
    return members;
  };
  for (NodeId id : candidates) {
    if (!isRoot(id))
      continue;
    llvm::SetVector<NodeId> members;
    members.insert(id);
    members = addFrom(std::move(members));
    if (addSideResults(members))
      addFrom(std::move(members));
  }
  for (NodeId id : candidates)
    addSiblings(id, groups);
}

llvm::SmallVector<GroupNests, 0>
memwall::findGroups(const LoopTree &tree, const SearchOptions &options) {
  llvm::SmallVector<unsigned, 0> nestsOfOp(tree.ops.size(), 0);
  for (const Node &node : tree.nodes)
    if (node.kind == Node::Kind::Nest)
      ++nestsOfOp[node.nest.op];
  llvm::SmallVector<GroupNests, 0> groups;
  for (auto [id, node] : llvm::enumerate(tree.nodes))
    if (node.kind == Node::Kind::Loop && node.children.size() > 1)
      BlockGroups(tree, id, options, nestsOfOp).addGroups(groups);
  return groups;
}
