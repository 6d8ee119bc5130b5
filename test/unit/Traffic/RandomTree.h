//===- RandomTree.h - Random loop trees for sweeps --------------*- C++ -*-===//

#ifndef MEMWALL_TEST_UNIT_TRAFFIC_RANDOMTREE_H
#define MEMWALL_TEST_UNIT_TRAFFIC_RANDOMTREE_H

#include "memwall/Work/LoopTree.h"
#include <functional>
#include <random>

namespace memwall::test {

using Random = std::mt19937_64;

/// A uniform integer in [low, high].
int64_t pick(Random &random, int64_t low, int64_t high);

/// Families of programs, by name.
struct Family {
  const char *name;
  std::function<LoopTree(Random &)> make;
};
llvm::SmallVector<Family, 0> getFamilies();

/// Programs of two or three ops on small matrices, in which one op reads what
/// another one has stored: elementwise, reduction, transpose, contraction, an
/// op with two results.
llvm::SmallVector<Family, 0> getPairFamilies();

/// A matrix product whose rows, or columns, or both, are dealt out in tiles to
/// the units of a machine.
LoopTree makeParallel(Random &random);

} // namespace memwall::test

#endif // MEMWALL_TEST_UNIT_TRAFFIC_RANDOMTREE_H
