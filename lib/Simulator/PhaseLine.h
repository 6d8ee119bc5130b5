//===- PhaseLine.h - What a long run is busy with ---------------*- C++ -*-===//
//
// One line of a terminal that lives as long as a phase of a run:
//
//   simulated 42% of 1.06e+09 accesses, 8.8e+07/s, 7 s
//
// It is printed again a few times a second and gone in the end.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_SIMULATOR_PHASELINE_H
#define MEMWALL_LIB_SIMULATOR_PHASELINE_H

#include "llvm/ADT/StringRef.h"
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <string>
#include <thread>

namespace memwall {

/// See the head of this file.
class PhaseLine {
public:
  /// `verb` is the past tense of what is done to `unit`s ("simulated",
  /// "accesses"), `total` of them, or 0 where that is not known. Prints nothing
  /// unless `show`.
  PhaseLine(bool show, llvm::StringRef verb, llvm::StringRef unit,
            double total);
  ~PhaseLine();

  /// So many units are done. Cheap: another thread prints.
  void advance(int64_t units) { done.store(units, std::memory_order_relaxed); }

private:
  void print() const;
  void printUntilTheEnd();

  std::string verb, unit;
  double total;
  std::chrono::steady_clock::time_point begin =
      std::chrono::steady_clock::now();
  std::atomic<int64_t> done = 0;
  std::mutex mutex; ///< Of `isOver`.
  std::condition_variable over;
  bool isOver = false;
  std::thread printer; ///< Not running when nothing is shown.
};

} // namespace memwall

#endif // MEMWALL_LIB_SIMULATOR_PHASELINE_H
