//===- Attention.h - I/O lower bounds of fused units ------------*- C++ -*-===//
//
// Lower bounds for attention as a unit and for two matmuls in a row, whose
// intermediates need not move. They take sizes, not IR. docs/Model.md, B8, B9.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_BOUNDS_ATTENTION_H
#define MEMWALL_BOUNDS_ATTENTION_H

#include "memwall/Bounds/Bounds.h"
#include <optional>

namespace memwall {

/// O = softmax(Q K^T) V, for `heads` independent heads. With grouped queries
/// the rows of a group belong to one head: queryRows = group * length.
struct AttentionShape {
  int64_t heads = 1;
  int64_t queryRows = 1;
  int64_t keyRows = 1;
  int64_t queryKeyDim = 1; ///< Length of a query and of a key.
  int64_t valueDim = 1;    ///< Length of a value and of an output.
  /// Pairs (query, key) per head that are not masked; all when absent.
  std::optional<int64_t> unmaskedPairs;
  // Bytes per element.
  double queryBytes = 2;
  double keyBytes = 2;
  double valueBytes = 2;
  double outputBytes = 2;      ///< When finally written.
  double accumulatorBytes = 4; ///< An output element while in fast memory.
  double scoreBytes = 4;       ///< A score that is carried in memory.
};

/// P = A B with A[m, k], B[k, n], then E = g(P) D with D[n, l], g elementwise
/// or rowwise.
struct MatmulPairShape {
  int64_t m = 1;
  int64_t n = 1;
  int64_t k = 1;
  int64_t l = 1;
  // Bytes per element.
  double aBytes = 2;
  double bBytes = 2;
  double pBytes = 2;
  double dBytes = 2;
  double eBytes = 2;           ///< When finally written.
  double accumulatorBytes = 4; ///< An element of E while in fast memory.
};

/// Bytes loaded and stored by any schedule that computes every score once, with
/// `capacityBytes` of fast memory.
Bound computeAttentionBound(const AttentionShape &shape, double capacityBytes);
Bound computeMatmulPairBound(const MatmulPairShape &shape,
                             double capacityBytes);

} // namespace memwall

#endif // MEMWALL_BOUNDS_ATTENTION_H
