//===- NontemporalResults.h - Results to store past caches ------*- C++ -*-===//
//
// A cache that fetches what a store misses reads a result from DRAM before it
// is overwritten: a third of what a copy moves. Stores that go past all caches
// do not, and leave the caches to what is read. They are worth it where nobody
// reads the result before it would have left the caches. docs/Search.md,
// "Nontemporal stores".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_SEARCH_NONTEMPORALRESULTS_H
#define MEMWALL_SEARCH_NONTEMPORALRESULTS_H

#include "memwall/Target/Target.h"
#include "memwall/Work/LoopTree.h"

namespace memwall {

/// A result of a function that one op stores past all caches.
struct NontemporalResult {
  OpId op = 0;
  BufferId buffer = 0;
  int64_t bytes = 0; ///< Of the result: what is fetched no more.
};

/// The results of `tree` that are to be stored past the caches of `target`, in
/// program order of what stores them. They are those that
///  - a cache would fetch;
///  - nothing in the function reads;
///  - are written whole, each element once, in runs that fill whole lines;
///  - are made by loops that touch at least what the outermost cache holds, so
///    that it would not hold the result behind them.
/// The traffic of no level rises: without these stores, fewer lines are touched
/// between two touches of any other line of an LRU cache.
llvm::SmallVector<NontemporalResult, 0>
findNontemporalResults(const LoopTree &tree, const Target &target);

} // namespace memwall

#endif // MEMWALL_SEARCH_NONTEMPORALRESULTS_H
