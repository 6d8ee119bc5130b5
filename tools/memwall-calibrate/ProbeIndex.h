//===- ProbeIndex.h - How caches place lines --------------------*- C++ -*-===//

#ifndef MEMWALL_TOOLS_CALIBRATE_PROBEINDEX_H
#define MEMWALL_TOOLS_CALIBRATE_PROBEINDEX_H

#include "Topology.h"
#include "memwall/Target/Target.h"
#include <optional>

namespace memwall {

/// What a chase of pointers through lines at a power-of-two distance says about
/// the index of a cache.
struct IndexProbe {
  std::optional<SetIndex> index; ///< Absent: could not be found out.
  std::string how;               ///< For people: the times, or why not.
};

/// Probes one of the caches of `topology`. The lines of the chase lie 16 KiB
/// apart (or the reach of one way, if that is less), four times as many as the
/// ways of all sets that they fall into under `modulo`: then most steps miss.
/// Where they take about as long as steps that hit, the index is hashed: steps
/// in a working set of this level, and through as many lines that lie one line
/// further apart, in the same pages.
/// Needs pages of 2 MiB, in which addresses have the low bits of physical ones,
/// and four times the cache's capacity of memory.
IndexProbe probeIndex(const Topology &topology, unsigned cache);

} // namespace memwall

#endif // MEMWALL_TOOLS_CALIBRATE_PROBEINDEX_H
