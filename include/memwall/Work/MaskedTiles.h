//===- MaskedTiles.h - Which iterations a mask makes idle -------*- C++ -*-===//
//
// A causal mask hides the columns t > n of row n:
//
//   x = select(n >= t, s, -inf),   m = max_t x,   l = sum_t exp(x - m)
//
// Where it holds, the maximum takes minus infinity and the sum takes
// exp(-inf - m) = 0, as m is finite in a stream (`StreamRole::startsFinite`).
// A loop over tiles of t can leave out tiles of which all is hidden.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_WORK_MASKEDTILES_H
#define MEMWALL_WORK_MASKEDTILES_H

#include "memwall/Work/ReductionAlgebra.h"

namespace memwall {

/// Whether iterations in which mask `mask` of op `op` holds change nothing that
/// leaves the first loop of a stream: sums take 0, maxima minus infinity, and
/// no tile is stored for others. `roles` are those of `ops`. What is multiplied
/// by 0 is taken to be finite: 0 times an infinite value that the mask hides
/// would be no number, and is not computed.
bool isIdleWhereMasked(llvm::ArrayRef<StreamedOp> ops,
                       llvm::ArrayRef<StreamRole> roles, unsigned op,
                       const MaskBound &mask);

} // namespace memwall

#endif // MEMWALL_WORK_MASKEDTILES_H
