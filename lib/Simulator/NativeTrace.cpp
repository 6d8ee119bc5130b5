//===- NativeTrace.cpp - The addresses of a native run --------------------===//

#include "memwall/Simulator/NativeTrace.h"
#include "llvm/Support/LineIterator.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace memwall;

namespace {

/// Addresses of user programs are folded into so much memory; sets see the low
/// bits only, and valgrind lays programs out below it.
constexpr uint64_t memoryBytes = uint64_t(1) << 37;

/// One line of a trace.
struct TraceLine {
  char kind;
  uint64_t address, bytes;
};

class TraceReader {
public:
  TraceReader(const CodeRange &code, Hierarchy &memory)
      : code(code), memory(memory) {}

  void read(const TraceLine &line) {
    if (line.kind == 'I')
      return enter(line.address >= code.begin && line.address < code.end);
    uint64_t bits = (line.address % memoryBytes) * 8;
    if (line.kind != 'S')
      memory.access(MemoryAccess::load(bits, line.bytes * 8));
    if (line.kind != 'L')
      memory.access(MemoryAccess::store(bits, line.bytes * 8));
    result.accesses += inside;
  }

  NativeTraffic finish() {
    enter(false);
    return std::move(result);
  }

private:
  /// Traffic is counted from entering the code to leaving it.
  void enter(bool isInside) {
    if (isInside == inside)
      return;
    inside = isInside;
    llvm::SmallVector<SimulatedLevel, 4> now = memory.getTraffic();
    int sign = inside ? -1 : 1;
    result.levels.resize(now.size());
    for (size_t i = 0; i < now.size(); ++i) {
      result.levels[i].name = now[i].name;
      result.levels[i].total.read += sign * now[i].total.read;
      result.levels[i].total.written += sign * now[i].total.written;
    }
  }

  CodeRange code;
  Hierarchy &memory;
  bool inside = false;
  NativeTraffic result;
};

} // namespace

/// " L 04a5d040,4"; nullopt for what is no access.
static std::optional<TraceLine> parseLine(llvm::StringRef text) {
  TraceLine line;
  text = text.ltrim();
  if (text.size() < 2 || text[1] != ' ' ||
      llvm::StringRef("ILSM").find(text[0]) == llvm::StringRef::npos)
    return std::nullopt;
  line.kind = text[0];
  text = text.drop_front().ltrim();
  if (text.consumeInteger(16, line.address) || !text.consume_front(",") ||
      text.consumeInteger(10, line.bytes) || line.bytes == 0 ||
      line.bytes > AddressMap::pageBytes || !text.trim().empty())
    return std::nullopt;
  return line;
}

llvm::Expected<NativeTraffic> memwall::simulateTrace(llvm::StringRef path,
                                                     const CodeRange &code,
                                                     Hierarchy &memory) {
  auto file = llvm::MemoryBuffer::getFileOrSTDIN(path);
  if (!file)
    return llvm::createStringError("cannot read trace '" + path +
                                   "': " + file.getError().message());
  // An access of the last bytes may reach into the page after them.
  memory.addBuffer(memoryBytes + AddressMap::pageBytes);
  TraceReader reader(code, memory);
  bool hasAccesses = false;
  for (llvm::line_iterator line(**file), end; line != end; ++line)
    if (std::optional<TraceLine> access = parseLine(*line)) {
      hasAccesses |= access->kind != 'I';
      reader.read(*access);
    }
  if (!hasAccesses)
    return llvm::createStringError("no accesses in '" + path + "'");
  return reader.finish();
}
