//===- Callbacks.h - Where observed programs report to ----------*- C++ -*-===//

#ifndef MEMWALL_LIB_SIMULATOR_CALLBACKS_H
#define MEMWALL_LIB_SIMULATOR_CALLBACKS_H

#include "memwall/Simulator/Hierarchy.h"

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace mlir {
class ExecutionEngine;
} // namespace mlir

namespace memwall {

class PhaseLine;

/// Passes what the running program reports on to a hierarchy. One at a time
/// exists: the callbacks have nowhere to carry a pointer.
class Recording {
public:
  /// `line` is told how many accesses were made. `trace`, unless null, gets a
  /// line for everything that is reported (RunOptions::trace). The program
  /// fails its runtime check number `lengthCheck` before it makes more than
  /// `maxAccesses`: not all loops have a bound that is known before.
  Recording(Hierarchy &memory, PhaseLine &line, llvm::raw_ostream *trace,
            int64_t maxAccesses, int64_t lengthCheck);
  ~Recording();

  int64_t getAccesses() const { return accesses; }

  /// Makes the callbacks known to `engine`.
  static void registerCallbacks(mlir::ExecutionEngine &engine);
  /// Whether `name` is one of the callbacks.
  static bool isCallback(llvm::StringRef name);

private:
  friend struct Callbacks;

  /// Counts what is about to be simulated.
  void note(int64_t count);
  void printAccess(const MemoryAccess &access);

  Hierarchy &memory;
  PhaseLine &line;
  llvm::raw_ostream *trace;
  int64_t maxAccesses, lengthCheck;
  int64_t accesses = 0;
  uint32_t unit = 0;
  llvm::SmallVector<AccessStream, 8> streams; ///< Of the next loop.
};

} // namespace memwall

#endif // MEMWALL_LIB_SIMULATOR_CALLBACKS_H
