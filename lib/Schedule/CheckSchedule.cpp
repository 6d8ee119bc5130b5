//===- CheckSchedule.cpp - Whether a schedule makes sense -----------------===//

#include "CheckSplit.h"
#include "Fail.h"
#include "memwall/Schedule/Schedule.h"
#include "memwall/Target/NearestName.h"
#include "memwall/Target/Target.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace llvm;
using namespace memwall;

//===----------------------------------------------------------------------===//
// Bands
//===----------------------------------------------------------------------===//

/// Sizes: one per dimension, and each cuts what is outside of it.
static Error checkSizes(ArrayRef<TileBand> bands, unsigned number,
                        const ScheduledOp &op) {
  const TileBand &band = bands[number];
  if (band.sizes.size() != op.extents.size())
    return fail("band {0} ('{1}') expects {2} sizes, one per dimension of the "
                "op, found {3}",
                number, band.level, op.extents.size(), band.sizes.size());
  for (auto [dim, size] : enumerate(band.sizes)) {
    if (size < 0)
      return fail("band {0} ('{1}') has a tile of {2} in dimension {3}", number,
                  band.level, size, dim);
    if (op.extents[dim] >= 0 && size > op.extents[dim])
      return fail("band {0} ('{1}') has a tile of {2} in dimension {3}, which "
                  "has {4} iterations",
                  number, band.level, size, dim, op.extents[dim]);
    for (unsigned outer : seq(number)) {
      int64_t outerSize = bands[outer].sizes[dim];
      if (outerSize != 0 && size > outerSize)
        return fail("band {0} ('{1}') has a tile of {2} in dimension {3}, "
                    "inside a tile of {4} in band {5}",
                    number, band.level, size, dim, outerSize, outer);
    }
  }
  return Error::success();
}

/// The order names every dimension that has a loop, once.
static Error checkOrder(const TileBand &band, unsigned number) {
  SmallBitVector seen(band.sizes.size());
  for (unsigned dim : band.order) {
    if (dim >= band.sizes.size())
      return fail("band {0} ('{1}') orders dimension {2}, but the op has {3}",
                  number, band.level, dim, band.sizes.size());
    if (band.sizes[dim] == 0)
      return fail("band {0} ('{1}') orders dimension {2}, whose tile is 0",
                  number, band.level, dim);
    if (seen.test(dim))
      return fail("band {0} ('{1}') orders dimension {2} twice", number,
                  band.level, dim);
    seen.set(dim);
  }
  for (auto [dim, size] : enumerate(band.sizes))
    if (size != 0 && !seen.test(dim))
      return fail("band {0} ('{1}') has a tile of {2} in dimension {3}, which "
                  "its order leaves out",
                  number, band.level, size, dim);
  return Error::success();
}

static Error checkParallel(const Schedule &schedule, unsigned number,
                           const ScheduledOp &op) {
  const TileBand &band = schedule.bands[number];
  if (band.parallel.empty())
    return Error::success();
  if (number != 0)
    return fail("band {0} ('{1}') has parallel loops, which only the outermost "
                "band may have",
                number, band.level);
  for (auto [position, dim] : enumerate(band.parallel)) {
    if (dim < op.isReduction.size() && op.isReduction[dim])
      return fail("band {0} ('{1}') runs dimension {2} in parallel, which is a "
                  "reduction",
                  number, band.level, dim);
    if (position >= band.order.size() || band.order[position] != dim)
      return fail("band {0} ('{1}') runs dimension {2} in parallel, which is "
                  "not loop {3} of its order",
                  number, band.level, dim, position);
  }
  if (schedule.units == 1)
    return fail("band {0} ('{1}') has parallel loops over 1 unit", number,
                band.level);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Permutations and packs
//===----------------------------------------------------------------------===//

template <typename Range>
static bool isPermutation(const Range &values, size_t length) {
  SmallBitVector seen(length);
  for (auto value : values) {
    if (value < 0 || static_cast<uint64_t>(value) >= length || seen.test(value))
      return false;
    seen.set(value);
  }
  return values.size() == length;
}

static Error checkPack(const PackedOperand &pack, const ScheduledOp &op) {
  if (pack.operand >= op.operandRanks.size())
    return fail("a pack names operand {0}, but the op has {1}", pack.operand,
                op.operandRanks.size());
  if (pack.innerDims.empty())
    return fail("the pack of operand {0} names no dimension", pack.operand);
  if (pack.innerDims.size() != pack.innerTiles.size())
    return fail("the pack of operand {0} names {1} dimensions, but {2} tiles",
                pack.operand, pack.innerDims.size(), pack.innerTiles.size());
  int64_t rank = op.operandRanks[pack.operand];
  for (auto [position, dim] : enumerate(pack.innerDims)) {
    if (dim < 0 || dim >= rank)
      return fail("the pack of operand {0} names dimension {1}, but its rank "
                  "is {2}",
                  pack.operand, dim, rank);
    if (is_contained(ArrayRef(pack.innerDims).take_front(position), dim))
      return fail("the pack of operand {0} names dimension {1} twice",
                  pack.operand, dim);
  }
  for (int64_t tile : pack.innerTiles)
    if (tile <= 0)
      return fail("the pack of operand {0} has a tile of {1}", pack.operand,
                  tile);
  if (!pack.outerPermutation.empty() &&
      !isPermutation(pack.outerPermutation, rank))
    return fail("the outer permutation of operand {0} is none of {1} "
                "dimensions",
                pack.operand, rank);
  return Error::success();
}

Error memwall::check(const Schedule &schedule, const ScheduledOp &whole) {
  if (Error error = checkSplit(schedule, whole))
    return error;
  for (const StreamBand &band : schedule.stream)
    if (band.dim < whole.extents.size() && whole.extents[band.dim] >= 0)
      if (Error error = checkStreamParts(band, whole.extents[band.dim]))
        return error;
  // Bands cut what is inside of a part.
  ScheduledOp op = whole;
  if (const auto &split = schedule.split)
    op.extents[split->dim] = split->getPartSize(op.extents[split->dim]);
  for (unsigned number : seq<unsigned>(schedule.bands.size())) {
    if (Error error = checkSizes(schedule.bands, number, op))
      return error;
    if (Error error = checkOrder(schedule.bands[number], number))
      return error;
    if (Error error = checkParallel(schedule, number, op))
      return error;
  }
  if (!schedule.leafOrder.empty() &&
      !isPermutation(schedule.leafOrder, op.extents.size()))
    return fail("the leaf order is no permutation of the {0} dimensions of "
                "the op",
                op.extents.size());
  for (auto [number, pack] : enumerate(schedule.packs)) {
    if (Error error = checkPack(pack, op))
      return error;
    for (const PackedOperand &earlier :
         ArrayRef(schedule.packs).take_front(number))
      if (earlier.operand == pack.operand)
        return fail("operand {0} is packed twice", pack.operand);
  }
  if (schedule.units < 1)
    return fail("expected at least 1 unit, found {0}", schedule.units);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// The machine
//===----------------------------------------------------------------------===//

Error memwall::check(const Schedule &schedule, const ScheduledOp &op,
                     const Target &target) {
  if (Error error = check(schedule, op))
    return error;
  const Level *outer = nullptr;
  for (auto [number, band] : enumerate(schedule.bands)) {
    const Level *level = target.findLevel(band.level);
    if (!level) {
      SmallVector<StringRef> names;
      for (const Level &each : target.levels)
        names.push_back(each.name);
      return fail("band {0} names the level '{1}', which {2} does not have{3}",
                  number, band.level, target.name,
                  suggestName(band.level, names));
    }
    if (level->kind == LevelKind::Memory)
      return fail("band {0} names '{1}', the memory of {2}, which no tile can "
                  "leave",
                  number, band.level, target.name);
    if (outer && level >= outer)
      return fail("band {0} names '{1}', which is not inside '{2}' of the band "
                  "around it",
                  number, band.level, outer->name);
    outer = level;
  }
  if (schedule.units > target.units)
    return fail("expected at most {0} units, which {1} has, found {2}",
                target.units, target.name, schedule.units);
  return Error::success();
}
