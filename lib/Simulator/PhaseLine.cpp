//===- PhaseLine.cpp - What a long run is busy with -----------------------===//

#include "PhaseLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace memwall;

PhaseLine::PhaseLine(bool show, llvm::StringRef verb, llvm::StringRef unit,
                     double total)
    : verb(verb), unit(unit), total(total) {
  if (!show)
    return;
  print();
  printer = std::thread([this] { printUntilTheEnd(); });
}

PhaseLine::~PhaseLine() {
  if (!printer.joinable())
    return;
  {
    std::lock_guard<std::mutex> lock(mutex);
    isOver = true;
  }
  over.notify_one();
  printer.join();
  print();
  llvm::errs() << "\r\033[K";
}

void PhaseLine::printUntilTheEnd() {
  std::unique_lock<std::mutex> lock(mutex);
  while (!over.wait_for(lock, std::chrono::milliseconds(200),
                        [this] { return isOver; }))
    print();
}

/// A line of at most 60 columns: it must not wrap.
void PhaseLine::print() const {
  double units = done.load(std::memory_order_relaxed);
  double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin)
          .count();
  std::string line = verb;
  llvm::raw_string_ostream os(line);
  if (total > 0) // More than expected: some loops had no constant bound.
    os << llvm::format(" %.0f%% of %.3g ", std::min(100.0, units / total * 100),
                       total)
       << unit;
  else if (units > 0)
    os << llvm::format(" %.3g ", units) << unit;
  if (units > 0 && seconds > 0)
    os << llvm::format(", %.2g/s", units / seconds);
  os << llvm::format(", %.0f s", seconds);
  llvm::errs() << "\r\033[K" << line;
}
