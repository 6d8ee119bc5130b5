//===- Packing.h - Which operands to lay out in tiles -----------*- C++ -*-===//

#ifndef MEMWALL_LIB_SEARCH_PACKING_H
#define MEMWALL_LIB_SEARCH_PACKING_H

#include "IsolatedOp.h"
#include "memwall/Search/Search.h"

namespace memwall {

/// Operands of `isolated.shape` that could be packed: inputs of a contraction
/// that are row-major tensors, or slices of such, of two or more dimensions of
/// more than one position.
llvm::SmallVector<unsigned, 2> findPackable(const IsolatedOp &isolated);

/// `schedule` with the operands of `packed` laid out in the tiles of its
/// innermost loops, in the order in which the op's own loops walk them.
Schedule packOperands(const IsolatedOp &isolated, const Schedule &schedule,
                      llvm::ArrayRef<unsigned> packed,
                      const SearchOptions &options);

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_PACKING_H
