//===- LineTilings.cpp - Tiles of whole lines -----------------------------===//
//
// An op all of whose operands move with every dimension (a transpose, a pack)
// reuses no element, only lines: those of one operand run along one dimension,
// those of another along another. A tile of whole lines both ways meets each
// line once.
//
//===----------------------------------------------------------------------===//

#include "LevelTilings.h"
#include "llvm/ADT/STLExtras.h"
#include <optional>

using namespace memwall;

/// Two dimensions: those along which lines of some operand run, or one such and
/// the longest other; none where neither helps.
static llvm::SmallVector<unsigned, 4>
findLineDims(const LevelQuestion &question) {
  llvm::SmallVector<unsigned, 4> dims;
  int64_t lineBits = question.level->lineBytes * 8;
  unsigned tiledRank = question.op->tiledRank;
  for (unsigned d = 0; d < tiledRank; ++d)
    if (question.box[d] > 1 && question.op->canCut(d) &&
        llvm::any_of(question.op->operands, [&](const OperandShape &operand) {
          return llvm::any_of(operand.terms, [&](const OperandTerm &term) {
            return term.dim == d && term.strideBits < lineBits;
          });
        }))
      dims.push_back(d);
  if (dims.size() == 1) {
    std::optional<unsigned> other;
    for (unsigned d = 0; d < tiledRank; ++d)
      if (d != dims[0] && question.op->canCut(d) && question.box[d] > 1 &&
          (!other || question.box[d] > question.box[*other]))
        other = d;
    if (other)
      dims.push_back(*other);
  }
  return dims;
}

/// Whole lines, twice as many, and so on to the whole dimension.
static llvm::SmallVector<int64_t, 8>
listLineTiles(const LevelQuestion &question, unsigned dim) {
  llvm::SmallVector<int64_t, 2> lines =
      countLineIterations(*question.op, dim, *question.level);
  llvm::SmallVector<int64_t, 8> sizes;
  for (int64_t size = lines.empty() ? 1 : lines.back();
       size < question.box[dim]; size *= 2)
    sizes.push_back(size);
  sizes.push_back(question.box[dim]);
  return sizes;
}

void memwall::findLineTilings(const LevelQuestion &question,
                              llvm::SmallVectorImpl<LevelTiling> &found) {
  const OpShape &op = *question.op;
  llvm::SmallVector<unsigned, 4> dims = findLineDims(question);
  if (dims.size() != 2)
    return;
  TileExtents extents = question.box;
  for (unsigned d = 0; d < op.tiledRank; ++d)
    if (op.canCut(d))
      extents[d] = 1;
  double capacity = getHeldCapacity(*question.level);
  for (int64_t first : listLineTiles(question, dims[0]))
    for (int64_t second : listLineTiles(question, dims[1])) {
      extents[dims[0]] = first;
      extents[dims[1]] = second;
      double held = 0, bytes = 0;
      for (const OperandShape &operand : op.operands) {
        Footprint footprint =
            computeFootprint(operand, extents, *question.level);
        held += footprint.held;
        bytes += footprint.sectors / (double(first) * double(second));
      }
      if (held > capacity)
        continue;
      LevelTiling tiling;
      tiling.extents = extents;
      tiling.bytes = bytes;
      tiling.share = held > 0.7 * capacity ? 1 : 0.65;
      for (unsigned d = 0; d < op.rank(); ++d)
        if (extents[d] < question.box[d])
          tiling.order.push_back(d);
      found.push_back(std::move(tiling));
    }
  // The fewest sectors per iteration, then the smallest tiles.
  constexpr size_t kMost = 6;
  llvm::sort(found, [](const LevelTiling &a, const LevelTiling &b) {
    return std::make_pair(a.bytes, a.extents) <
           std::make_pair(b.bytes, b.extents);
  });
  if (found.size() > kMost)
    found.truncate(kMost);
}
