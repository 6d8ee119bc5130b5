//===- DeadRows.h - Rows of which a mask hides all --------------*- C++ -*-===//

#ifndef MEMWALL_LIB_WORK_DEADROWS_H
#define MEMWALL_LIB_WORK_DEADROWS_H

#include "memwall/Work/ReductionAlgebra.h"

namespace memwall {

/// Sets `keepsInfinity` of the maxima that need it: where a row of minus
/// infinity alone would make something outside of the group that is not what it
/// makes in `ops` as they stand, as its maximum starts finite in the stream.
void keepDeadRows(llvm::ArrayRef<StreamedOp> ops,
                  llvm::MutableArrayRef<StreamRole> roles);

} // namespace memwall

#endif // MEMWALL_LIB_WORK_DEADROWS_H
