//===- GroupOps.h - Ops that only differ in where they stand ----*- C++ -*-===//

#ifndef MEMWALL_LIB_REPORT_GROUPOPS_H
#define MEMWALL_LIB_REPORT_GROUPOPS_H

#include "memwall/Report/Report.h"

namespace memwall {

/// Puts ops into one group that have the same name, kind, type, shape,
/// executions, arithmetic and compulsory bytes. What they move as scheduled may
/// differ: it depends on what stands around them.
llvm::SmallVector<OpGroup, 0> groupOps(llvm::ArrayRef<OpFigures> ops);

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_GROUPOPS_H
