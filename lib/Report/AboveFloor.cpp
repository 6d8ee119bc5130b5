//===- AboveFloor.cpp - What a function moves beyond its floor ------------===//

#include "AboveFloor.h"
#include "ModelOnTarget.h"
#include "Rows.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

namespace {
/// Who writes a buffer, and from what.
struct Maker {
  const Nest *nest = nullptr;         ///< The first that is no fill.
  llvm::SmallVector<BufferId> inputs; ///< Other buffers that it reads.
};
} // namespace

static llvm::SmallVector<Maker, 0> findMakers(const LoopTree &tree) {
  llvm::SmallVector<Maker, 0> makers(tree.buffers.size());
  for (const Node &node : tree.nodes) {
    if (node.kind != Node::Kind::Nest ||
        tree.ops[node.nest.op].kind == OpKind::Fill)
      continue;
    for (const Access &write : node.nest.accesses) {
      if (!write.isWrite || makers[write.buffer].nest)
        continue;
      Maker &maker = makers[write.buffer];
      maker.nest = &node.nest;
      for (const Access &read : node.nest.accesses)
        if (!read.isWrite && read.buffer != write.buffer)
          maker.inputs.push_back(read.buffer);
    }
  }
  return makers;
}

/// The loop that goes along neighbouring elements; nullopt when none does.
static std::optional<LoopId> findRowLoop(const Access &access) {
  for (const Term &term : access.element.terms)
    if (term.stride == 1)
      return term.loop;
  return std::nullopt;
}

/// Whether a copy writes its rows where it reads columns.
static bool isTranspose(const Nest &nest) {
  std::optional<LoopId> read, written;
  for (const Access &access : nest.accesses)
    (access.isWrite ? written : read) = findRowLoop(access);
  return read != written;
}

/// "weights", "KV cache", "arguments", "constants": what live-in storage is.
static std::string nameLiveIn(const Buffer &buffer,
                              const std::optional<ModelFacts> &facts) {
  if (facts && getRole(*facts, buffer) != Role::Activation)
    return getRoleName(getRole(*facts, buffer)).str();
  return (getKindName(buffer.kind) + "s").str();
}

/// "transposed weights", "dequantised weights", when all that the buffer is
/// made from is live-in storage of one sort; else empty.
static std::string nameDerived(const LoopTree &tree, const Buffer &buffer,
                               const Maker &maker,
                               const std::optional<ModelFacts> &facts) {
  std::string from;
  int64_t inputBits = 0;
  for (BufferId id : maker.inputs) {
    const Buffer &input = tree.buffers[id];
    if (!input.isLiveIn())
      return "";
    // Scales and zero points are smaller than what they scale.
    if (from.empty() || input.elements >= buffer.elements) {
      from = nameLiveIn(input, facts);
      inputBits = input.elementBits;
    }
  }
  if (from.empty())
    return "";
  OpKind kind = tree.ops[maker.nest->op].kind;
  if (kind == OpKind::Copy)
    return (isTranspose(*maker.nest) ? "transposed " : "copied ") + from;
  if (kind == OpKind::Elementwise && inputBits < buffer.elementBits)
    return (inputBits <= 8 ? "dequantised " : "widened ") + from;
  return "";
}

llvm::SmallVector<std::string, 0>
memwall::describeBuffers(const LoopTree &tree, llvm::ArrayRef<OpFigures> ops,
                         const std::optional<ModelFacts> &facts) {
  llvm::SmallVector<Maker, 0> makers = findMakers(tree);
  llvm::SmallVector<std::string, 0> sorts;
  for (auto [buffer, maker] : llvm::zip_equal(tree.buffers, makers)) {
    if (buffer.isLiveIn()) {
      sorts.push_back(nameLiveIn(buffer, facts) + " moved again");
      continue;
    }
    if (!maker.nest) {
      sorts.push_back("fills");
      continue;
    }
    std::string derived = nameDerived(tree, buffer, maker, facts);
    const OpFigures &op = ops[maker.nest->op];
    llvm::StringRef name = op.givenName();
    sorts.push_back(!derived.empty() ? derived
                    : name.empty()   ? "results of " + formatLabel(op)
                                     : ("results of " + name).str());
  }
  return sorts;
}

llvm::SmallVector<ExcessBytes, 0>
memwall::computeAboveFloor(llvm::ArrayRef<std::string> sorts,
                           llvm::ArrayRef<Bytes> floor,
                           llvm::ArrayRef<Bytes> scheduled) {
  llvm::MapVector<llvm::StringRef, ExcessBytes> sums;
  for (auto [sort, least, moved] : llvm::zip_equal(sorts, floor, scheduled)) {
    Bytes above = {std::max<int64_t>(moved.read - least.read, 0),
                   std::max<int64_t>(moved.written - least.written, 0)};
    if (above.total() == 0)
      continue;
    ExcessBytes &sum = sums[sort];
    sum.what = sort;
    sum.bytes.add(above);
  }
  llvm::SmallVector<ExcessBytes, 0> excess;
  for (auto &[sort, sum] : sums)
    excess.push_back(std::move(sum));
  llvm::stable_sort(excess, [](const ExcessBytes &a, const ExcessBytes &b) {
    return a.bytes.total() > b.bytes.total();
  });
  return excess;
}
