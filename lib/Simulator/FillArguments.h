//===- FillArguments.h - The data that a program runs on --------*- C++ -*-===//

#ifndef MEMWALL_LIB_SIMULATOR_FILLARGUMENTS_H
#define MEMWALL_LIB_SIMULATOR_FILLARGUMENTS_H

#include "EntryCall.h"
#include "memwall/Simulator/LowerProgram.h"
#include "memwall/Simulator/RunProgram.h"

namespace memwall {

/// Fills arguments with the numbers of `options.inputs`, or at random by
/// position, and constants with their data, or at random by position: two
/// programs with the same signature see the same values. `gatherExtents` is
/// what `findGatherExtents` found. Fails when `options.inputs` does not fit.
llvm::Error fillArguments(EntryCall &call, const LoweredEntry &entry,
                          llvm::ArrayRef<int64_t> gatherExtents,
                          const RunOptions &options);

} // namespace memwall

#endif // MEMWALL_LIB_SIMULATOR_FILLARGUMENTS_H
