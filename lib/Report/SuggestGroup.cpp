//===- SuggestGroup.cpp - Ops that an op could share loops with -----------===//

#include "SuggestGroup.h"
#include "IsolateOps.h"
#include "memwall/Schedule/ConvertSchedule.h"
#include "memwall/Search/Search.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"

using namespace memwall;

static bool isShared(const LoopTree &tree, OpId op, BufferId buffer) {
  return tree.buffers[buffer].kind == BufferKind::Intermediate &&
         llvm::any_of(tree.nodes, [&](const Node &node) {
           return node.kind == Node::Kind::Nest && node.nest.op != op &&
                  tree.ops[node.nest.op].kind != OpKind::Fill &&
                  llvm::any_of(node.nest.accesses, [&](const Access &access) {
                    return access.buffer == buffer;
                  });
         });
}

bool memwall::handsOver(const LoopTree &tree, const OpFigures &op,
                        const LevelFigures &level) {
  constexpr int64_t kPart = 100;
  int64_t handed = 0;
  for (auto [operand, bytes] : llvm::zip(op.operands, level.operands))
    if (isShared(tree, op.index, operand.buffer))
      handed = addCounts(handed, bytes.scheduled.total());
  return handed > level.boundBytes / kPart;
}

/// Whether a schedule can be written on an op.
static bool isSchedulable(const OpRecord &record) {
  return record.operation && record.kind != OpKind::Unmodelled &&
         record.kind != OpKind::Fill &&
         !record.operation->hasAttr("memwall.tiled") &&
         !record.operation->hasAttr("memwall.packed_ahead") &&
         succeeded(describeScheduledOp(record.operation));
}

/// `op` and the ops next to it, nearest first.
static llvm::SetVector<OpId> findNeighbourhood(const LoopTree &tree, OpId op) {
  // From the scores of attention through the softmax to the product behind it
  // are nine ops.
  constexpr size_t kMostOps = 12;
  llvm::SmallVector<llvm::SetVector<OpId>, 0> users(tree.buffers.size());
  llvm::SmallVector<llvm::SetVector<BufferId>, 0> buffers(tree.ops.size());
  for (const Node &node : tree.nodes) {
    if (node.kind != Node::Kind::Nest || !isSchedulable(tree.ops[node.nest.op]))
      continue;
    for (const Access &access : node.nest.accesses)
      if (tree.buffers[access.buffer].kind == BufferKind::Intermediate) {
        users[access.buffer].insert(node.nest.op);
        buffers[node.nest.op].insert(access.buffer);
      }
  }
  llvm::SetVector<OpId> near;
  near.insert(op);
  for (size_t next = 0; next < near.size(); ++next)
    for (BufferId buffer : buffers[near[next]])
      for (OpId other : users[buffer])
        if (near.size() < kMostOps)
          near.insert(other);
  return near;
}

/// The ops that make what `op` reads, or read what it makes, at most `most`.
static llvm::SetVector<OpId> findNeighboursOf(const LoopTree &tree, OpId op,
                                              size_t most) {
  llvm::SmallVector<BufferId, 4> own;
  for (const Node &node : tree.nodes)
    for (const Access &access : node.nest.accesses)
      if (node.nest.op == op &&
          tree.buffers[access.buffer].kind == BufferKind::Intermediate)
        own.push_back(access.buffer);
  llvm::SetVector<OpId> found;
  for (const Node &node : tree.nodes)
    for (const Access &access : node.nest.accesses)
      if (node.nest.op != op && llvm::is_contained(own, access.buffer) &&
          isSchedulable(tree.ops[node.nest.op]) && found.size() < most)
        found.insert(node.nest.op);
  return found;
}

namespace {
/// A group, and the bytes that a search expects it to save.
struct GroupWithGain {
  SuggestedGroup group;
  int64_t savedBytes = 0;
};
} // namespace

/// The group of `op` that a search of the ops `near` finds.
static std::optional<GroupWithGain>
searchAmong(const LoopTree &tree, const Target &cut, OpId op,
            llvm::ArrayRef<OpId> near, const TrafficOptions &inContext) {
  SearchOptions options;
  options.parallel = false;
  options.inContext = inContext;
  options.isFixed = [](const OpRecord &record) {
    return !isSchedulable(record);
  };
  FunctionChoice choice = searchSchedules(isolateOps(tree, near), cut, options);
  if (!choice.ops[op].group)
    return std::nullopt;
  GroupWithGain result;
  const GroupChoice &found = choice.groups[*choice.ops[op].group];
  for (auto [member, alone] : llvm::zip_equal(found.members, found.alone)) {
    result.group.shared.push_back({member, *choice.ops[member].schedule});
    result.group.apart.push_back({member, alone.value_or(Schedule())});
  }
  result.savedBytes = found.before.back().total() - found.after.back().total();
  return result;
}

std::optional<SuggestedGroup>
memwall::searchGroupOf(const LoopTree &tree, const Target &cut, OpId op,
                       const TrafficOptions &inContext) {
  llvm::SetVector<OpId> near = findNeighbourhood(tree, op);
  if (near.size() < 2 || !isSchedulable(tree.ops[op]))
    return std::nullopt;
  if (auto found = searchAmong(tree, cut, op, near.getArrayRef(), inContext))
    return found->group;
  // The search has better use for the others, or lets the function go first:
  // what applies to two of them is worth knowing.
  constexpr size_t kMostPairs = 4;
  std::optional<GroupWithGain> best;
  if (near.size() > 2)
    for (OpId other : findNeighboursOf(tree, op, kMostPairs)) {
      OpId pair[] = {std::min(op, other), std::max(op, other)};
      auto found = searchAmong(tree, cut, op, pair, inContext);
      if (found && (!best || found->savedBytes > best->savedBytes))
        best = std::move(found);
    }
  return best ? std::optional(std::move(best->group)) : std::nullopt;
}
