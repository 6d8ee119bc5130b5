//===- SplitStream.h - Parts of a stream for idle units ---------*- C++ -*-===//
//
// A streamed group whose loops have fewer tiles than the target has units (the
// heads of one sequence that is decoded) leaves units without work. They can
// pass over parts of the streamed dimension. Like the split of one op, it costs
// partial results, and is bought with idle units only. docs/Search.md,
// "Groups".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_SEARCH_SPLITSTREAM_H
#define MEMWALL_LIB_SEARCH_SPLITSTREAM_H

#include "GroupTiles.h"
#include "SplitOp.h"

namespace memwall {

/// None where the schedules of the members do not fit.
using MeasureGroup = llvm::function_ref<std::optional<MeasuredSchedule>(
    llvm::ArrayRef<Schedule>)>;

/// The schedules of a group whose stream is in parts.
struct StreamInParts {
  llvm::SmallVector<Schedule, 8> schedules;
  int64_t parts = 1, busy = 1; ///< Parts, and units that have work.
  double cost = 0;             ///< Score, and units that still have no work.
};

/// The best number of parts for a group that streams as `whole` says: first
/// what its loops can cut becomes single iterations where that moves no more,
/// then there are as many parts as fill the units of `target`, and powers of
/// two below while fewer are better. None where parts move more than
/// `mostDramBytes` at DRAM, or the group has no parts.
std::optional<StreamInParts>
splitStream(const IsolatedGroup &group, const GroupShape &shape,
            llvm::ArrayRef<Schedule> whole, int64_t mostDramBytes,
            const Target &target, MeasureGroup measure);

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_SPLITSTREAM_H
