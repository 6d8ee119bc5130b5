//===- HostTarget.h - What was measured, as a target file -------*- C++ -*-===//

#ifndef MEMWALL_TOOLS_CALIBRATE_HOSTTARGET_H
#define MEMWALL_TOOLS_CALIBRATE_HOSTTARGET_H

#include "Measure.h"
#include "ProbeIndex.h"
#include "ProbePages.h"
#include "llvm/Support/raw_ostream.h"

namespace memwall {

/// Everything that was found out about a level.
struct LevelFacts {
  std::string name;
  std::optional<CacheFacts> cache; ///< Absent: the memory.
  IndexProbe index;
  Bandwidths oneCore, allCores;
};

/// Everything that was found out about this machine.
struct HostFacts {
  std::string name; ///< Of the target.
  std::string cpuModel, extension;
  int64_t cores = 0, memoryBytes = 0;
  int64_t vectorBits = 0, vectorRegisters = 0;
  DotInstructions dotInstructions = {};
  std::vector<LevelFacts> levels; ///< Innermost first, the memory last.
  struct Peak {
    std::string elementType, instruction;
    Rate oneCore, allCores;
  };
  std::vector<Peak> peaks;
  Peak instructions;
  std::vector<PageStep> pages;
};

/// Bytes per second that stores write beside what they fetch: a store fetches
/// its line first, so of the time of `written` bytes the lines take part at the
/// rate of reads: 1 / (1/w - 1/r). The innermost level fetches nothing.
double computeWriteRate(double written, double read, bool isInnermost);

/// Writes a target file (docs/Targets.md) in which a comment beside every
/// figure says how it was found.
void writeHostTarget(const HostFacts &facts, llvm::raw_ostream &os);

} // namespace memwall

#endif // MEMWALL_TOOLS_CALIBRATE_HOSTTARGET_H
