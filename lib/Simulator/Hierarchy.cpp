//===- Hierarchy.cpp - A simulated memory hierarchy -----------------------===//

#include "memwall/Simulator/Hierarchy.h"
#include "CacheLevel.h"
#include "Line.h"
#include "Repeats.h"
#include "llvm/Support/MathExtras.h"

using namespace memwall;

/// What the simulator asks beyond `Target::check`.
static llvm::Error checkGranules(const Level &level) {
  auto error = [&](const llvm::Twine &what) {
    return llvm::createStringError("level '" + level.name + "': " + what);
  };
  if (!llvm::isPowerOf2_64(level.lineBytes) ||
      !llvm::isPowerOf2_64(level.sectorBytes))
    return error("the simulator expects lines and sectors that are powers of "
                 "two, found " +
                 llvm::Twine(level.lineBytes) + " and " +
                 llvm::Twine(level.sectorBytes) + " bytes");
  if (level.lineBytes > int64_t(AddressMap::pageBytes))
    return error("the simulator expects lines of at most 4096 bytes, found " +
                 llvm::Twine(level.lineBytes));
  if (level.lineBytes / level.sectorBytes > Line::maxSectors)
    return error("the simulator expects at most 8 sectors in a line, found " +
                 llvm::Twine(level.lineBytes / level.sectorBytes));
  if (level.lines() >= 1 << 29)
    return error("the simulator expects fewer than 2^29 lines, found " +
                 llvm::Twine(level.lines()));
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<Hierarchy>>
Hierarchy::create(const Target &target, Stacking stacking) {
  if (llvm::Error error = target.check())
    return error;
  for (const Level &level : llvm::ArrayRef(target.levels).drop_back())
    if (llvm::Error error = checkGranules(level))
      return error;
  return std::unique_ptr<Hierarchy>(new Hierarchy(target, stacking));
}

Hierarchy::Hierarchy(const Target &target, Stacking stacking)
    : stacking(stacking), innermostName(target.levels.front().name),
      repeats(std::make_unique<Repeats>(target)) {
  pending.reserve(chunkAccesses);
  for (size_t i = 0; i + 1 < target.levels.size(); ++i) {
    bool feedsVictims = !target.levels[i + 1].inclusive;
    caches.push_back(std::make_unique<CacheLevel>(
        target.levels[i], target.units, map,
        feedsVictims || stacking == Stacking::Filtered, feedsVictims));
    caches.back()->servedBy = target.levels[i + 1].name;
  }
}

Hierarchy::~Hierarchy() = default;

void Hierarchy::access(llvm::ArrayRef<MemoryAccess> accesses) {
  for (const MemoryAccess &access : accesses)
    this->access(access);
}

void Hierarchy::accessLoop(llvm::ArrayRef<AccessStream> streams,
                           int64_t iterations) {
  for (const AccessStream &stream : streams)
    count(stream.first, iterations);
  repeats->reduce(streams, iterations, pending, [&] { drain(); });
  if (pending.size() >= chunkAccesses)
    drain();
}

void Hierarchy::drain() {
  if (stacking == Stacking::Independent) {
    for (size_t i = 0; i < caches.size(); ++i)
      if (!caches[i]->takesVictims())
        caches[i]->access(pending);
    forward(0);
  } else if (!caches.empty()) {
    caches.front()->access(pending);
    forward(0);
  }
  pending.clear();
}

/// What cache `from` asked for is accessed in the one below, and so on. Levels
/// that are independent have kept nothing for one that takes no victims.
void Hierarchy::forward(size_t from) {
  for (size_t i = from; i < caches.size(); ++i) {
    std::vector<MemoryAccess> &requests = caches[i]->requests.accesses;
    if (i + 1 < caches.size())
      caches[i + 1]->access(requests);
    requests.clear();
  }
}

void Hierarchy::die(unsigned buffer) {
  drain();
  uint64_t begin = map.getBase(buffer);
  for (std::unique_ptr<CacheLevel> &cache : caches)
    cache->die(begin, begin + map.getBytes(buffer));
}

void Hierarchy::finish() {
  drain();
  for (size_t i = 0; i < caches.size(); ++i) {
    caches[i]->flush();
    forward(i);
  }
}

/// Sums the buffers of a level.
static SimulatedLevel makeLevel(std::string name,
                                llvm::SmallVector<ServedBytes, 0> buffers) {
  SimulatedLevel level{std::move(name), {}, std::move(buffers)};
  for (const ServedBytes &bytes : level.buffers) {
    level.total.read += bytes.read;
    level.total.written += bytes.written;
  }
  return level;
}

llvm::SmallVector<SimulatedLevel, 4> Hierarchy::getTraffic() {
  drain();
  llvm::SmallVector<SimulatedLevel, 4> levels;
  llvm::SmallVector<ServedBytes, 0> innermost = accessedBits;
  for (ServedBytes &bits : innermost)
    bits = {(bits.read + 7) / 8, (bits.written + 7) / 8};
  levels.push_back(makeLevel(innermostName, std::move(innermost)));
  for (std::unique_ptr<CacheLevel> &cache : caches)
    levels.push_back(makeLevel(cache->servedBy, cache->requests.takeBytes()));
  return levels;
}
