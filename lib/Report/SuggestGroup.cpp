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

std::optional<SuggestedGroup>
memwall::searchGroupOf(const LoopTree &tree, const Target &cut, OpId op,
                       const TrafficOptions &inContext) {
  llvm::SetVector<OpId> near = findNeighbourhood(tree, op);
  if (near.size() < 2 || !isSchedulable(tree.ops[op]))
    return std::nullopt;
  SearchOptions options;
  options.parallel = false;
  options.inContext = inContext;
  options.isFixed = [](const OpRecord &record) {
    return !isSchedulable(record);
  };
  FunctionChoice choice =
      searchSchedules(isolateOps(tree, near.getArrayRef()), cut, options);
  if (!choice.ops[op].group)
    return std::nullopt;
  SuggestedGroup group;
  const GroupChoice &found = choice.groups[*choice.ops[op].group];
  for (auto [member, alone] : llvm::zip_equal(found.members, found.alone)) {
    group.shared.push_back({member, *choice.ops[member].schedule});
    group.apart.push_back({member, alone.value_or(Schedule())});
  }
  return group;
}
