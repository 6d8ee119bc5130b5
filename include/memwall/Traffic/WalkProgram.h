//===- WalkProgram.h - Exact traffic of small programs ----------*- C++ -*-===//
//
// Where a whole program touches lines only so many times, walking it through
// one cache costs less than being nearly right: thresholds, remainders and set
// conflicts then come out exactly. Iterations of an innermost loop that stay
// within the same sectors are taken in one step. docs/Model.md, "Small
// programs".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TRAFFIC_WALKPROGRAM_H
#define MEMWALL_TRAFFIC_WALKPROGRAM_H

#include "memwall/Target/Target.h"
#include "memwall/Work/LoopTree.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace memwall {

struct ConstantTree;

/// At most so many steps a walk of `tree` through a cache of `level` takes.
double countWalkSteps(const ConstantTree &tree, const Level &level);

/// Sectors that one op moves of one buffer.
using SectorConsumer =
    llvm::function_ref<void(OpId, BufferId, double read, double written)>;

/// How much of a program was walked.
enum class Walked { Nothing, InPart, Whole };

/// Walks the program through the caches of `level` and reports what they fetch
/// and write back, in any order and in parts. Iterations of parallel loops are
/// dealt out to `units`, to each cache those of its own. Whole, and exact, when
/// `countWalkSteps` is at most `walkSteps`; else one cache stands for all, and
/// long loops are walked in part (LoopSample.h), which gives up after
/// `sampleSteps`. Nothing then, and for lines of more than 128 bytes, for
/// storage of more than 2^18 lines (whole: 2^20, times caches), for a tree that
/// is not exact and for one that steps out of a buffer.
Walked walkProgram(const LoopTree &source, const ConstantTree &tree,
                   const Level &level, int64_t units, int64_t walkSteps,
                   int64_t sampleSteps, SectorConsumer consume);

} // namespace memwall

#endif // MEMWALL_TRAFFIC_WALKPROGRAM_H
