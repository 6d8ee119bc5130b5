//===- Bounds.cpp - The bound of every op at every level ------------------===//

#include "memwall/Bounds/Bounds.h"
#include "OpBound.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <limits>

using namespace memwall;

/// What double arithmetic may have added.
static constexpr double kRoundingMargin = 1e-9;

/// Traffic is whole bytes, so a true bound may be rounded up.
static int64_t toWholeBytes(double bytes) {
  double whole = std::ceil(bytes * (1 - kRoundingMargin));
  constexpr double limit = 9.2e18;
  return whole < limit ? (int64_t)whole : std::numeric_limits<int64_t>::max();
}

namespace {

/// Everything about one op that does not depend on the capacity.
struct OpTheorem {
  int64_t compulsoryBytes = 0;
  std::optional<ContractionBound> contraction;
  std::optional<RowBound> row;
  OpKind kind = OpKind::Other;

  Bound compute(double capacityBytes, BoundCache &cache) const {
    Bound bound{compulsoryBytes, "compulsory"};
    auto raise = [&](double bytes, const char *theorem) {
      if (int64_t whole = toWholeBytes(bytes); whole > bound.bytes)
        bound = {whole, theorem};
    };
    if (contraction)
      raise(contraction->compute(capacityBytes, cache),
            kind == OpKind::Convolution ? "convolution" : "contraction");
    if (row)
      if (double extra = row->computeExtra(capacityBytes); extra > 0)
        raise(compulsoryBytes + extra, "rows");
    return bound;
  }
};

} // namespace

static OpTheorem findTheorem(const LoopTree &tree, OpKind kind,
                             llvm::ArrayRef<NodeId> nests,
                             const BufferWriters &writers) {
  OpTheorem theorem;
  theorem.kind = kind;
  bool isProduct = kind == OpKind::Contraction || kind == OpKind::Convolution;
  if (isProduct && !nests.empty())
    theorem.contraction = buildContractionBound(tree, nests, writers);
  if (kind == OpKind::Softmax)
    theorem.row = buildRowBound(tree, nests);
  return theorem;
}

double memwall::computeCapacity(size_t depth, const Target &target) {
  int64_t sharing = std::max<int64_t>(1, target.levels[depth].unitsPerInstance);
  return (double)target.countHeldBytes(depth) *
         std::ceil((double)target.units / sharing);
}

llvm::SmallVector<llvm::SmallVector<Bound, 4>, 0>
memwall::computeBounds(const LoopTree &tree, const Target &target) {
  llvm::SmallVector<llvm::SmallVector<NodeId, 1>, 0> nests(tree.ops.size());
  for (auto [id, node] : llvm::enumerate(tree.nodes))
    if (node.kind == Node::Kind::Nest)
      nests[node.nest.op].push_back(id);
  llvm::SmallVector<Bytes, 0> compulsory = computeCompulsory(tree);
  BufferWriters writers(tree);
  BoundCache cache;
  llvm::SmallVector<llvm::SmallVector<Bound, 4>, 0> bounds;
  for (auto [op, record] : llvm::enumerate(tree.ops)) {
    OpTheorem theorem = findTheorem(tree, record.kind, nests[op], writers);
    theorem.compulsoryBytes = compulsory[op].total();
    // Nothing of ours is above the innermost level: registers are no level.
    bounds.push_back({{theorem.compulsoryBytes, "compulsory"}});
    for (size_t above = 0; above + 1 < target.levels.size(); ++above)
      bounds.back().push_back(
          theorem.compute(computeCapacity(above, target), cache));
  }
  return bounds;
}
