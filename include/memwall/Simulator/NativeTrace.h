//===- NativeTrace.h - The addresses of a native run ------------*- C++ -*-===//
//
// Feeds a hierarchy with what a native program did, as valgrind's lackey tool
// (--trace-mem=yes) wrote it down:
//
//   I  00401136,4       instruction at an address, bytes
//    L 1ffefff8e8,8     load
//    S 04a5d040,4       store
//    M 0421f2a0,8       load and store of the same bytes
//
// This is how the simulator is checked against simulators of other people.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_SIMULATOR_NATIVETRACE_H
#define MEMWALL_SIMULATOR_NATIVETRACE_H

#include "memwall/Simulator/Hierarchy.h"

namespace memwall {

/// Instruction addresses [begin, end).
struct CodeRange {
  uint64_t begin = 0;
  uint64_t end = ~uint64_t(0);
};

/// What a trace did to a hierarchy while it executed a range of code.
struct NativeTraffic {
  int64_t accesses = 0;
  llvm::SmallVector<SimulatedLevel, 4> levels; ///< Without buffers.
};

/// Simulates all of a trace and counts what happens in `code`. `memory` must
/// be new. Lines that are no accesses are skipped; fails when the file cannot
/// be read or has none.
llvm::Expected<NativeTraffic>
simulateTrace(llvm::StringRef path, const CodeRange &code, Hierarchy &memory);

} // namespace memwall

#endif // MEMWALL_SIMULATOR_NATIVETRACE_H
