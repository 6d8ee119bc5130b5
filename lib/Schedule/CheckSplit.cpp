//===- CheckSplit.cpp - Whether a reduction can be split ------------------===//

#include "CheckSplit.h"
#include "Fail.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace memwall;

/// What is wrong with splitting dimension `dim` of `op` at all.
static Error checkDimension(unsigned dim, const ScheduledOp &op) {
  if (dim >= op.extents.size())
    return fail("the split names dimension {0}, but the op has {1}", dim,
                op.extents.size());
  if (dim >= op.isReduction.size() || !op.isReduction[dim])
    return fail("the split cuts dimension {0}, which is no reduction", dim);
  if (!op.whyNotSplit.empty())
    return fail("the split cuts dimension {0}, but {1}", dim, op.whyNotSplit);
  if (op.extents[dim] < 0)
    return fail("the split cuts dimension {0}, whose extent is not constant",
                dim);
  return Error::success();
}

/// What is wrong with dealing out `extent` iterations in `parts` of `size`
/// each.
static Error checkParts(StringRef what, unsigned dim, int64_t parts,
                        int64_t size, int64_t extent) {
  if (parts < 2)
    return fail("the {0} of dimension {1} expects at least 2 parts, found {2}",
                what, dim, parts);
  if (parts > extent)
    return fail("the {0} makes {1} parts of dimension {2}, which has {3} "
                "iterations",
                what, parts, dim, extent);
  if (int64_t full = divideCeil(extent, size); full != parts)
    return fail("the {0} makes {1} parts of dimension {2}: with {3} "
                "iterations each, {4} parts have all {5}",
                what, parts, dim, size, full, extent);
  return Error::success();
}

Error memwall::checkStreamParts(const StreamBand &band, int64_t extent) {
  if (!band.parts)
    return Error::success();
  // Sizes of parts are those of at least one.
  int64_t size = *band.parts < 1 ? extent : band.getPartSize(extent);
  return checkParts("stream", band.dim, *band.parts, size, extent);
}

Error memwall::checkSplit(const Schedule &schedule, const ScheduledOp &op) {
  if (!schedule.split)
    return Error::success();
  auto [dim, parts] = *schedule.split;
  if (Error error = checkDimension(dim, op))
    return error;
  int64_t extent = op.extents[dim];
  if (Error error = checkParts("split", dim, parts,
                               schedule.split->getPartSize(extent), extent))
    return error;
  if (schedule.units == 1)
    return fail("the split of dimension {0} has {1} parts for 1 unit", dim,
                parts);
  if (!schedule.packs.empty())
    return fail("the split of dimension {0} is of an op with packs", dim);
  if (!schedule.group.empty())
    return fail("the split of dimension {0} is of a member of group '{1}'", dim,
                schedule.group);
  return Error::success();
}
