//===- TargetFlags.h - The target flags of memwall's tools ------*- C++ -*-===//
//
// Linking this into a tool gives it --memwall-list-targets,
// --memwall-print-target and --memwall-target-file.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TOOLS_TARGETFLAGS_H
#define MEMWALL_TOOLS_TARGETFLAGS_H

#include <optional>

namespace memwall {

/// Acts on the flags, after the command line has been parsed: makes the files
/// known to every registry, and prints what was asked for. Returns the exit
/// code when the tool has nothing else to do.
std::optional<int> handleTargetFlags();

} // namespace memwall

#endif // MEMWALL_TOOLS_TARGETFLAGS_H
