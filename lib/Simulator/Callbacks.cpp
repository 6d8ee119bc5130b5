//===- Callbacks.cpp - Where observed programs report to ------------------===//

#include "Callbacks.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace memwall;

static Recording *current = nullptr;
/// Simulated address in bits of the storage at a pointer.
static llvm::DenseMap<int64_t, int64_t> boundStorage;

static constexpr size_t bufferAccesses = 8192;

Recording::Recording(Hierarchy &memory, int64_t expected, bool showProgress)
    : memory(memory), expected(expected), showProgress(showProgress) {
  buffer.reserve(bufferAccesses);
  current = this;
}

Recording::~Recording() {
  current = nullptr;
  boundStorage.clear();
  if (showProgress)
    llvm::errs() << '\r';
}

void Recording::flush() {
  memory.access(buffer);
  accesses += buffer.size();
  buffer.clear();
  if (!showProgress || expected <= 0)
    return;
  int64_t percent = accesses * 100.0 / expected;
  if (percent != shownPercent)
    llvm::errs() << "\rsimulated " << percent << "%";
  shownPercent = percent;
}

namespace memwall {
/// The functions that ObserveAccesses.h describes.
struct Callbacks {
  static void access(int64_t address, int64_t what) {
    Recording &recording = *current;
    recording.buffer.emplace_back(
        address, what & 0x3fffffff,
        static_cast<MemoryAccess::Kind>(what >> 30 & 3), recording.unit);
    if (recording.buffer.size() == bufferAccesses)
      recording.flush();
  }
  static void range(int64_t address, int64_t what, int64_t stride,
                    int64_t count) {
    for (int64_t i = 0; i < count; ++i)
      access(address + i * stride, what);
  }
  static void die(int64_t buffer) {
    current->flush();
    current->memory.die(buffer);
  }
  static void setUnit(int64_t unit) { current->unit = unit; }
  static void bind(int64_t pointer, int64_t base) {
    boundStorage[pointer] = base;
  }
  static int64_t find(int64_t pointer) { return boundStorage.lookup(pointer); }
};
} // namespace memwall

/// The address behind a callback's C name; 0 when it is none.
static llvm::orc::ExecutorAddr getCallback(StringRef name) {
  using llvm::orc::ExecutorAddr;
  return llvm::StringSwitch<ExecutorAddr>(name)
      .Case("memwall_access", ExecutorAddr::fromPtr(&Callbacks::access))
      .Case("memwall_range", ExecutorAddr::fromPtr(&Callbacks::range))
      .Case("memwall_die", ExecutorAddr::fromPtr(&Callbacks::die))
      .Case("memwall_unit", ExecutorAddr::fromPtr(&Callbacks::setUnit))
      .Case("memwall_bind", ExecutorAddr::fromPtr(&Callbacks::bind))
      .Case("memwall_find", ExecutorAddr::fromPtr(&Callbacks::find))
      .Default(ExecutorAddr());
}

bool Recording::isCallback(StringRef name) {
  return static_cast<bool>(getCallback(name));
}

void Recording::registerCallbacks(ExecutionEngine &engine) {
  engine.registerSymbols([](llvm::orc::MangleAndInterner mangle) {
    llvm::orc::SymbolMap symbols;
    for (StringRef name : {"memwall_access", "memwall_range", "memwall_die",
                           "memwall_unit", "memwall_bind", "memwall_find"})
      symbols[mangle(name)] = {getCallback(name),
                               llvm::JITSymbolFlags::Exported};
    return symbols;
  });
}
