//===- OpBound.h - The bound of one op for a given capacity -----*- C++ -*-===//
//
// From a folded nest to the theorems of docs/Model.md, B6 and B11. An object is
// built once per op and asked once per level.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_BOUNDS_OPBOUND_H
#define MEMWALL_LIB_BOUNDS_OPBOUND_H

#include "memwall/Bounds/Bounds.h"
#include "memwall/Bounds/Contraction.h"
#include "memwall/Work/FoldNest.h"
#include <map>
#include <optional>
#include <vector>

namespace memwall {

/// Bounds that were computed before: models repeat their shapes.
using BoundCache = std::map<std::vector<double>, double>;

/// Bytes of an element of the buffer.
double getBytes(const LoopTree &tree, BufferId buffer);

/// Bit d: the access moves along dimension d.
uint32_t getDims(const FoldedAccess &access);

/// Whether every choice of `dims` gives another element.
bool isInjective(const FoldedNest &nest, const FoldedAccess &access,
                 uint32_t dims);

/// What all instances of level `depth` hold, in bytes: a bound is lower than
/// any schedule's traffic only if victim caches count with the caches inside of
/// them.
double computeCapacity(size_t depth, const Target &target);

/// A contraction or convolution in the form of the theorem.
struct ContractionBound {
  /// One shape per way to see windows as products; each gives a true bound.
  llvm::SmallVector<ContractionShape, 1> shapes;
  /// What is charged for creating accumulators, to be taken off again.
  double creditBytes = 0;
  double writtenBytes = 0;
  /// Operands of one iteration, which may be in registers.
  double bytesInFlight = 0;

  /// Loads and stores, in bytes.
  double compute(double capacityBytes, BoundCache &cache) const;
};

/// The op with these nests: the contraction and, before it, at most the copy of
/// its init. nullopt where the theorem does not apply: no single accumulator
/// per output, an output that is also an input, loops that do not fold.
std::optional<ContractionBound>
buildContractionBound(const LoopTree &tree, llvm::ArrayRef<NodeId> nests,
                      const BufferWriters &writers);

/// A softmax: rows that are needed whole before their first output.
struct RowBound {
  int64_t rows = 0;
  int64_t rowElements = 0;
  double bytesPerElement = 0; ///< The least that stands for an element.
  double bytesInFlight = 0;

  /// Loads beyond compulsory.
  double computeExtra(double capacityBytes) const;
};

std::optional<RowBound> buildRowBound(const LoopTree &tree,
                                      llvm::ArrayRef<NodeId> nests);

} // namespace memwall

#endif // MEMWALL_LIB_BOUNDS_OPBOUND_H
