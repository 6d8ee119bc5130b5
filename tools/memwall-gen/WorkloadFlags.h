//===- WorkloadFlags.h - The command line as WorkloadOptions ----*- C++ -*-===//

#ifndef MEMWALL_TOOLS_GEN_WORKLOADFLAGS_H
#define MEMWALL_TOOLS_GEN_WORKLOADFLAGS_H

#include "memwall/Workload/Workload.h"

namespace memwall {

/// Takes LLVM's own flags out of --help.
void hideOtherFlags();

bool isModelListAskedFor();
/// The dimensions instead of a program.
bool isDescriptionAskedFor();
/// Where the module goes; "-" is standard output.
llvm::StringRef getOutputPath();

/// The options that the flags describe, verified. Flags of dimensions change
/// what --model set.
llvm::Expected<WorkloadOptions> readWorkloadFlags();

} // namespace memwall

#endif // MEMWALL_TOOLS_GEN_WORKLOADFLAGS_H
