//===- Callbacks.cpp - Where observed programs report to ------------------===//

#include "Callbacks.h"
#include "PhaseLine.h"
#include "RuntimeChecks.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace memwall;

static Recording *current = nullptr;
/// Simulated address in bits of the storage at a pointer.
static llvm::DenseMap<int64_t, int64_t> boundStorage;

Recording::Recording(Hierarchy &memory, PhaseLine &line,
                     llvm::raw_ostream *trace, int64_t maxAccesses,
                     int64_t lengthCheck)
    : memory(memory), line(line), trace(trace), maxAccesses(maxAccesses),
      lengthCheck(lengthCheck) {
  current = this;
}

Recording::~Recording() {
  current = nullptr;
  boundStorage.clear();
}

void Recording::note(int64_t count) {
  if (count > maxAccesses - accesses)
    failCheck(lengthCheck, maxAccesses, 0);
  accesses += count;
  line.advance(accesses);
}

void Recording::printAccess(const MemoryAccess &access) {
  const AddressMap &map = memory.getAddressMap();
  unsigned buffer = map.getBufferAt(access.addressBits / 8);
  *trace << (access.kind == MemoryAccess::Load ? "load " : "store ") << buffer
         << " " << access.addressBits - map.getBase(buffer) * 8 << " "
         << access.bits << "\n";
}

namespace memwall {
/// The functions that ObserveAccesses.h describes.
struct Callbacks {
  static MemoryAccess unpack(int64_t address, int64_t what) {
    return MemoryAccess(address, what & 0x1fffffff,
                        static_cast<MemoryAccess::Kind>(what >> 29 & 7),
                        current->unit);
  }
  static void access(int64_t address, int64_t what) {
    current->note(1);
    MemoryAccess access = unpack(address, what);
    if (current->trace)
      current->printAccess(access);
    current->memory.access(access);
  }
  static void stream(int64_t address, int64_t what, int64_t stride) {
    current->streams.push_back({unpack(address, what), stride});
  }
  /// Whether all that a loop touches is memory of some buffer.
  static bool isInside(const AccessStream &stream, int64_t iterations) {
    int64_t endBits = current->memory.getAddressMap().getEnd() * 8;
    int64_t first = stream.first.addressBits, span, last;
    return first >= 0 && first <= endBits - stream.first.bits &&
           !llvm::MulOverflow(iterations - 1, stream.strideBits, span) &&
           !llvm::AddOverflow(first, span, last) && last >= 0 &&
           last <= endBits - stream.first.bits;
  }
  /// Called before the loop runs. One that leaves its buffers never moves what
  /// it announces: a runtime check ends it.
  static void loop(int64_t iterations) {
    if (iterations > 0 &&
        llvm::all_of(current->streams, [&](const AccessStream &stream) {
          return isInside(stream, iterations);
        }))
      simulateLoop(iterations);
    current->streams.clear();
  }
  static void simulateLoop(int64_t iterations) {
    uint64_t accesses =
        llvm::SaturatingMultiply<uint64_t>(iterations, current->streams.size());
    current->note(std::min<uint64_t>(accesses, INT64_MAX));
    if (current->trace)
      for (int64_t i = 0; i < iterations; ++i)
        for (AccessStream stream : current->streams) {
          stream.first.addressBits += i * stream.strideBits;
          current->printAccess(stream.first);
        }
    current->memory.accessLoop(current->streams, iterations);
  }
  static void die(int64_t buffer) {
    if (current->trace)
      *current->trace << "die " << buffer << "\n";
    current->memory.die(buffer);
  }
  static void setUnit(int64_t unit) {
    if (current->trace)
      *current->trace << "unit " << unit << "\n";
    current->unit = unit;
  }
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
      .Case("memwall_stream", ExecutorAddr::fromPtr(&Callbacks::stream))
      .Case("memwall_loop", ExecutorAddr::fromPtr(&Callbacks::loop))
      .Case("memwall_die", ExecutorAddr::fromPtr(&Callbacks::die))
      .Case("memwall_unit", ExecutorAddr::fromPtr(&Callbacks::setUnit))
      .Case("memwall_bind", ExecutorAddr::fromPtr(&Callbacks::bind))
      .Case("memwall_find", ExecutorAddr::fromPtr(&Callbacks::find))
      .Case("memwall_fail", ExecutorAddr::fromPtr(&failCheck))
      .Default(ExecutorAddr());
}

bool Recording::isCallback(StringRef name) {
  return static_cast<bool>(getCallback(name));
}

void Recording::registerCallbacks(ExecutionEngine &engine) {
  engine.registerSymbols([](llvm::orc::MangleAndInterner mangle) {
    llvm::orc::SymbolMap symbols;
    for (StringRef name :
         {"memwall_access", "memwall_stream", "memwall_loop", "memwall_die",
          "memwall_unit", "memwall_bind", "memwall_find", "memwall_fail"})
      symbols[mangle(name)] = {getCallback(name),
                               llvm::JITSymbolFlags::Exported};
    return symbols;
  });
}
