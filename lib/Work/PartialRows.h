//===- PartialRows.h - Storage whose rows are shorter at the end -*- C++
//-*-===//
//
// A tile loop that allocates `tensor.empty(%rows, %columns)` with
// %columns = min(tile, extent - iv) has storage with shorter rows in its last
// iteration: other strides. A loop tree has constant strides, so such a loop is
// built twice, for its full tiles and for the rest.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_WORK_PARTIALROWS_H
#define MEMWALL_LIB_WORK_PARTIALROWS_H

#include "mlir/IR/Block.h"
#include "mlir/IR/Value.h"

namespace memwall {

/// Whether `body` allocates storage with a dynamic size, other than its
/// outermost, that is computed from `inductionVariable`.
bool hasPartialRows(mlir::Block &body, mlir::Value inductionVariable);

} // namespace memwall

#endif // MEMWALL_LIB_WORK_PARTIALROWS_H
