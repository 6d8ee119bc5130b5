//===- GenTool.h - memwall-gen behind its command line ----------*- C++ -*-===//

#ifndef MEMWALL_TOOLS_GEN_GENTOOL_H
#define MEMWALL_TOOLS_GEN_GENTOOL_H

namespace memwall {

/// Prints what the flags ask for; the exit status.
int runGenTool();

} // namespace memwall

#endif // MEMWALL_TOOLS_GEN_GENTOOL_H
