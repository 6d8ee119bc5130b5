//===- FillsAndBroadcasts.h - What accumulators start from ------*- C++ -*-===//

#ifndef MEMWALL_LIB_TRANSFORMS_FILLSANDBROADCASTS_H
#define MEMWALL_LIB_TRANSFORMS_FILLSANDBROADCASTS_H

#include "mlir/IR/PatternMatch.h"

namespace memwall {

/// Fills and broadcasts: one value per element of a smaller operand, whatever
/// was in the init.
bool isFillOrBroadcast(mlir::Operation *op);

/// Erases a fill or broadcast that nobody reads any more. Tiling asks it for
/// its sizes, which are those of its init.
void eraseIfUnread(mlir::RewriterBase &rewriter, mlir::Operation *producer);

} // namespace memwall

#endif // MEMWALL_LIB_TRANSFORMS_FILLSANDBROADCASTS_H
