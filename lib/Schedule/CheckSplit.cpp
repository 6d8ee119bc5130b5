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

Error memwall::checkSplit(const Schedule &schedule, const ScheduledOp &op) {
  if (!schedule.split)
    return Error::success();
  auto [dim, parts] = *schedule.split;
  if (Error error = checkDimension(dim, op))
    return error;
  int64_t extent = op.extents[dim];
  if (parts < 2)
    return fail("the split of dimension {0} expects at least 2 parts, found "
                "{1}",
                dim, parts);
  if (parts > extent)
    return fail("the split makes {0} parts of dimension {1}, which has {2} "
                "iterations",
                parts, dim, extent);
  int64_t size = schedule.split->getPartSize(extent);
  if (int64_t full = divideCeil(extent, size); full != parts)
    return fail("the split makes {0} parts of dimension {1}: with {2} "
                "iterations each, {3} parts have all {4}",
                parts, dim, size, full, extent);
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
