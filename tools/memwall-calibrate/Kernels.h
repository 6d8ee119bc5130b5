//===- Kernels.h - Loops that load the machine ------------------*- C++ -*-===//
//
// What memwall-calibrate times: loops that do nothing but read, write, copy, or
// multiply and add, once for every vector extension. KernelBodies.h has them;
// each Kernels<Extension>.cpp is compiled for its extension.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TOOLS_CALIBRATE_KERNELS_H
#define MEMWALL_TOOLS_CALIBRATE_KERNELS_H

#include "memwall/Target/DotInstructions.h"
#include <cstddef>
#include <cstdint>
#include <vector>

namespace memwall {

/// A loop of multiply-adds on registers.
struct ArithmeticKernel {
  const char *elementType; ///< As in a target: "f32".
  const char *instruction; ///< What the loop consists of, for people.
  double operationsPerRound;
  void (*run)(int64_t rounds);
};

/// The loops for one vector extension.
struct Kernels {
  const char *extension;
  int64_t vectorBits;
  int64_t vectorRegisters;
  /// Of a buffer whose size is a multiple of `granuleBytes`.
  void (*read)(const char *from, size_t bytes);
  void (*write)(char *to, size_t bytes);
  void (*copy)(char *to, const char *from, size_t bytes);
  std::vector<ArithmeticKernel> arithmetic;
  /// Additions of integers in registers that do not wait for one another: what
  /// a core starts in a second.
  ArithmeticKernel instructions;
  /// Reads `pages` pages, `runBytes` of each of them in turn until all is read;
  /// as large as pages, a run makes that one page after another.
  void (*readRuns)(const char *from, size_t pages, size_t runBytes);
  /// Reads `count` pages in groups of `pages`: `runBytes` of each page of a
  /// group in turn, at another place in each, until the group is read.
  void (*readGroups)(const char *from, size_t count, size_t pages,
                     size_t runBytes);

  DotInstructions dotInstructions = {}; ///< Of this CPU.

  static constexpr size_t granuleBytes = 1024;
  static constexpr size_t pageBytes = 4096;
};

/// The loops of an extension; what this CPU does not have must not be run.
Kernels getBaseKernels();
#if defined(__x86_64__)
Kernels getAVX2Kernels();
Kernels getAVX512Kernels();
#endif

/// Those of the widest extension that this CPU has.
Kernels getHostKernels();

} // namespace memwall

#endif // MEMWALL_TOOLS_CALIBRATE_KERNELS_H
