//===- TensorDims.h - The tensor that an access walks -----------*- C++ -*-===//

#ifndef MEMWALL_SCHEDULE_TENSORDIMS_H
#define MEMWALL_SCHEDULE_TENSORDIMS_H

#include "memwall/Work/LoopTree.h"

namespace memwall {

/// The dimensions of the tensor that `access` of `nest` walks, outermost first,
/// as dimensions of the op, one each; dimensions of one position count. Empty
/// when the access is not over a row-major tensor or a slice of one, each
/// dimension of which is one of the op's. Of neighbouring dimensions of one
/// position the order is that of the op.
llvm::SmallVector<unsigned, 4>
findTensorDims(const LoopTree &tree, const Nest &nest, const Access &access);

} // namespace memwall

#endif // MEMWALL_SCHEDULE_TENSORDIMS_H
