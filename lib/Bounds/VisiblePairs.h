//===- VisiblePairs.h - What masks leave of an intermediate -----*- C++ -*-===//

#ifndef MEMWALL_LIB_BOUNDS_VISIBLEPAIRS_H
#define MEMWALL_LIB_BOUNDS_VISIBLEPAIRS_H

#include "memwall/Work/BodyExpression.h"
#include "llvm/ADT/ArrayRef.h"
#include <optional>

namespace memwall {

/// Pairs (row, column) that no mask hides, and columns that some row sees.
struct VisiblePairs {
  int64_t pairs = 0;
  int64_t columns = 0;
};

/// Counts them for rows and columns along dimensions `row` and `column` of a
/// nest, `rows` and `columns` long. None where it is not known: masks that
/// depend on other dimensions or step over columns, and rows that see nothing,
/// whose operands nobody has to read.
std::optional<VisiblePairs> countVisiblePairs(llvm::ArrayRef<MaskBound> masks,
                                              unsigned row, unsigned column,
                                              int64_t rows, int64_t columns);

} // namespace memwall

#endif // MEMWALL_LIB_BOUNDS_VISIBLEPAIRS_H
