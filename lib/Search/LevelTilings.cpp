//===- LevelTilings.cpp - Good tiles for one level ------------------------===//

#include "LevelTilings.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace memwall;

namespace {

/// How closely to look.
struct Effort {
  unsigned tiles;      ///< Of an enumerated group,
  unsigned neighbours; ///< on either side of the best of them,
  unsigned streams;    ///< sizes of what is streamed at a time.
  /// What is held of the capacity: all of it in an explicit level; in a cache
  /// the next tile comes while the last one is still there.
  llvm::ArrayRef<double> shares;
};

constexpr double kAll[] = {1.0};
constexpr double kShares[] = {1.0, 0.85, 0.6};
constexpr double kCoarseShares[] = {1.0, 0.65};

Effort chooseEffort(const LevelQuestion &question) {
  if (question.level->kind == LevelKind::Explicit)
    return {question.isCoarse ? 12u : 20u, question.isCoarse ? 3u : 6u,
            question.isCoarse ? 4u : 6u, kAll};
  if (question.isCoarse)
    return {8, 2, 4, kCoarseShares};
  return {14, 4, 6, kShares};
}

/// The search with one stationary operand and one stream.
class StationarySearch {
public:
  StationarySearch(const LevelQuestion &question, unsigned stationary,
                   llvm::ArrayRef<DimGroup> allGroups,
                   llvm::ArrayRef<GroupTiles> allTiles)
      : question(question), op(*question.op), level(*question.level),
        grain(level), stationary(stationary), effort(chooseEffort(question)) {
    for (const auto &[group, tiles] : llvm::zip_equal(allGroups, allTiles)) {
      if (!group.moves(stationary))
        streamed.push_back({&group, &tiles, tiles.thin(effort.streams)});
      else if (!isShared(group))
        tiled.push_back(
            {&group, &tiles, tiles.thin(tiled.empty() ? effort.tiles : 6)});
      else
        shared.push_back(&group);
    }
  }

  /// False when nothing is tiled: the operand has no dimension of its own.
  bool isPossible() const { return !tiled.empty() && !streamed.empty(); }

  void run(llvm::SmallVectorImpl<LevelTiling> &found);

private:
  struct Group {
    const DimGroup *group;
    const GroupTiles *tiles;
    llvm::SmallVector<unsigned, 0> coarse; ///< Tiles to try first.
  };

  bool isShared(const DimGroup &group) const {
    return group.operands == (uint32_t(1) << op.operands.size()) - 1;
  }

  void applyShared(TileExtents &extents) const;
  double computeHeld(llvm::ArrayRef<Footprint> footprints,
                     bool streamsOne) const;
  bool streamsOne(const TileExtents &extents) const;
  double computeBytes(const TileExtents &extents,
                      llvm::ArrayRef<Footprint> footprints) const;
  void fillLast(TileExtents extents);
  void chooseRest(TileExtents extents, unsigned group);
  LevelTiling makeTiling(const TileExtents &extents, double bytes) const;

  const LevelQuestion &question;
  const OpShape &op;
  const Level &level;
  LevelGrain grain;
  unsigned stationary;
  Effort effort;
  llvm::SmallVector<Group, 2> tiled, streamed;
  llvm::SmallVector<const DimGroup *, 2> shared;
  double capacity = 0;
  double bestBytes = 0;
  TileExtents best;
};

} // namespace

/// Dimensions that every operand moves with bring no reuse but that of lines:
/// one iteration at a time, all of them where lines run along them.
void StationarySearch::applyShared(TileExtents &extents) const {
  for (const DimGroup *group : shared)
    for (unsigned d : group->dims) {
      bool isAlongLine =
          llvm::any_of(op.operands, [&](const OperandShape &operand) {
            return llvm::any_of(operand.terms, [&](const OperandTerm &term) {
              return term.dim == d && term.strideBits < level.lineBytes * 8;
            });
          });
      extents[d] = isAlongLine ? question.box[d] : 1;
    }
}

/// Capacity that a tile takes. An explicit level that the op's own loops fill
/// holds one element of the operands that its innermost loops leave be.
double StationarySearch::computeHeld(llvm::ArrayRef<Footprint> footprints,
                                     bool streamsOne) const {
  double all = 0;
  for (const Footprint &footprint : footprints)
    all += footprint.held;
  if (level.kind != LevelKind::Explicit || !streamsOne)
    return all;
  double least = all;
  for (const Group &inner : tiled) {
    double held = footprints[stationary].held;
    for (unsigned o = 0; o < op.operands.size(); ++o)
      if (o != stationary)
        held += inner.group->moves(o) ? footprints[o].held
                                      : double(op.operands[o].elementBits);
    least = std::min(least, held);
  }
  return least;
}

/// Whether the op's own loops stream single iterations past a tile.
bool StationarySearch::streamsOne(const TileExtents &extents) const {
  bool isStreamed = false, isOne = question.isInnermost;
  for (const Group &group : streamed)
    for (unsigned d : group.group->dims) {
      isStreamed |= question.box[d] != 1;
      isOne &= extents[d] == 1;
    }
  return isStreamed && isOne;
}

/// What moves if only the stationary operand is kept from one tile to the next.
double
StationarySearch::computeBytes(const TileExtents &extents,
                               llvm::ArrayRef<Footprint> footprints) const {
  double bytes = 0;
  TileExtents swept = extents; // A tile and all that is streamed past it.
  for (const Group &group : streamed)
    for (unsigned d : group.group->dims)
      swept[d] = question.box[d];
  llvm::SmallVector<double, 8> tiles, wholeTiles;
  for (unsigned d = 0; d < op.rank(); ++d) {
    tiles.push_back(double(question.box[d]) / double(swept[d]));
    wholeTiles.push_back(double(llvm::divideCeil(question.box[d], swept[d])));
  }
  for (unsigned o = 0; o < op.operands.size(); ++o) {
    const OperandShape &operand = op.operands[o];
    bool isSwept =
        o != stationary && llvm::any_of(streamed, [&](const Group &group) {
          return group.group->moves(o);
        });
    double sum = isSwept ? computeFootprint(operand, swept, grain).sectors
                         : footprints[o].sectors;
    sum *= double(level.sectorBytes);
    double visits = 1;
    for (unsigned d = 0; d < op.rank(); ++d) {
      if (operand.movesWith(d))
        sum *= tiles[d];
      else if (o != stationary)
        visits *= wholeTiles[d];
    }
    if (operand.isRead && operand.isWritten) {
      // Accumulators come and go once per step of what is streamed.
      for (const Group &group : streamed)
        for (unsigned d : group.group->dims)
          if (o != stationary && !operand.movesWith(d))
            visits *= double(llvm::divideCeil(question.box[d], extents[d]));
      visits = operand.startsFresh ? 2 * visits - 1 : 2 * visits;
    }
    bytes += visits * sum;
  }
  if (question.prefersDivisors)
    for (unsigned d = 0; d < op.rank(); ++d)
      if (question.box[d] % extents[d] != 0)
        bytes *= 1.03;
  return bytes;
}

/// The last group as large as fits, and a little less. What is held is about
/// linear in the volume of the tile, so a few guesses find the place.
void StationarySearch::fillLast(TileExtents extents) {
  const DimGroup &group = *tiled.back().group;
  const GroupTiles &tiles = *tiled.back().tiles;
  llvm::SmallVector<Footprint, 4> footprints;
  auto hold = [&](unsigned index) {
    tiles.apply(index, extents);
    bool isFirst = footprints.empty();
    footprints.resize(op.operands.size());
    for (auto [o, operand] : llvm::enumerate(op.operands))
      if (isFirst || group.moves(o))
        footprints[o] = computeFootprint(operand, extents, grain);
    return computeHeld(footprints, streamsOne(extents));
  };
  unsigned low = 0, high = tiles.count() - 1;
  double heldLow = hold(low), heldHigh = hold(high);
  if (heldLow > capacity)
    return;
  // More at a time never moves more: what even all of it cannot beat is left.
  if (computeBytes(extents, footprints) >= bestBytes)
    return;
  if (heldHigh <= capacity)
    low = high;
  while (high - low > 1) {
    double part = (capacity - heldLow) / (heldHigh - heldLow);
    double volume = tiles.getVolume(low);
    volume += part * (tiles.getVolume(high) - volume);
    unsigned guess = std::clamp(tiles.findVolume(volume), low + 1, high - 1);
    double held = hold(guess);
    if (held <= capacity) {
      low = guess;
      heldLow = held;
      // Mostly the next one is too large already.
      if (guess + 1 < high && (heldHigh = hold(guess + 1)) > capacity)
        high = guess + 1;
      else if (guess + 1 < high)
        low = guess + 1, heldLow = heldHigh, heldHigh = hold(high);
    } else {
      high = guess;
      heldHigh = held;
    }
  }
  unsigned tries = question.prefersDivisors ? 4 : 1;
  for (unsigned i = 0; i < tries && i <= low; ++i) {
    if (hold(low - i) > capacity)
      continue;
    double bytes = computeBytes(extents, footprints);
    if (bytes >= bestBytes)
      continue;
    bestBytes = bytes;
    best = extents;
  }
}

/// All groups but the last: a coarse enumeration, then the neighbourhood.
void StationarySearch::chooseRest(TileExtents extents, unsigned group) {
  if (group + 1 == tiled.size())
    return fillLast(extents);
  const GroupTiles &tiles = *tiled[group].tiles;
  unsigned chosen = 0;
  double before = bestBytes;
  for (unsigned index : tiled[group].coarse) {
    tiles.apply(index, extents);
    chooseRest(extents, group + 1);
    if (bestBytes < before) {
      before = bestBytes;
      chosen = index;
    }
  }
  if (group != 0)
    return;
  unsigned first = chosen > effort.neighbours ? chosen - effort.neighbours : 0;
  unsigned end = std::min(chosen + effort.neighbours + 1, tiles.count());
  for (unsigned index = first; index < end; ++index) {
    tiles.apply(index, extents);
    chooseRest(extents, group + 1);
  }
}

/// Loops over tiles: shared dimensions, those of the stationary operand, those
/// that are streamed past it.
LevelTiling StationarySearch::makeTiling(const TileExtents &extents,
                                         double bytes) const {
  LevelTiling tiling;
  tiling.extents = extents;
  tiling.stationary = stationary;
  tiling.bytes = bytes;
  auto add = [&](const DimGroup &group) {
    for (unsigned d = 0; d < op.rank(); ++d)
      if (llvm::is_contained(group.dims, d) && extents[d] < question.box[d])
        tiling.order.push_back(d);
  };
  for (const DimGroup *group : shared)
    add(*group);
  for (const Group &group : tiled)
    add(*group.group);
  for (const Group &group : streamed)
    add(*group.group);
  return tiling;
}

void StationarySearch::run(llvm::SmallVectorImpl<LevelTiling> &found) {
  TileExtents extents = question.box;
  applyShared(extents);
  for (const Group &group : streamed)
    group.tiles->apply(0, extents);
  const GroupTiles &stream = *streamed.front().tiles;
  for (double share : effort.shares)
    for (unsigned size : streamed.front().coarse) {
      stream.apply(size, extents);
      capacity = getHeldCapacity(level) * share;
      bestBytes = std::numeric_limits<double>::infinity();
      chooseRest(extents, 0);
      if (!std::isfinite(bestBytes))
        continue;
      found.push_back(makeTiling(best, bestBytes));
      found.back().share = share;
    }
}

llvm::SmallVector<LevelTiling, 0>
memwall::findTilings(const LevelQuestion &question) {
  llvm::SmallVector<DimGroup, 4> groups =
      findGroups(*question.op, question.box);
  llvm::SmallVector<GroupTiles, 4> tiles;
  for (const DimGroup &group : groups)
    tiles.emplace_back(*question.op, group, question.box, *question.level,
                       question.band);
  llvm::SmallVector<LevelTiling, 0> found;
  for (unsigned o = 0; o < question.op->operands.size(); ++o) {
    StationarySearch search(question, o, groups, tiles);
    if (search.isPossible())
      search.run(found);
  }
  if (found.empty())
    findLineTilings(question, found);
  return found;
}
