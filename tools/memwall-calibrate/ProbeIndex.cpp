//===- ProbeIndex.cpp - How caches place lines ----------------------------===//

#include "ProbeIndex.h"
#include "Measure.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <random>
#include <sys/mman.h>
#include <vector>

using namespace memwall;

namespace {

constexpr int64_t hugePageBytes = 2 << 20;

/// Memory in pages of 2 MiB; null where the system gives none.
class HugeMemory {
public:
  explicit HugeMemory(int64_t bytes) : mappedBytes(bytes + hugePageBytes) {
    mapped = mmap(nullptr, mappedBytes, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED)
      return;
    begin = reinterpret_cast<char *>(
        llvm::alignTo(reinterpret_cast<uintptr_t>(mapped), hugePageBytes));
    isHuge = madvise(begin, bytes, MADV_HUGEPAGE) == 0;
    int64_t before = countHugeBytes();
    if (isHuge)
      std::memset(begin, 1, bytes);
    isHuge &= countHugeBytes() - before >= bytes * 9 / 10;
  }
  ~HugeMemory() {
    if (mapped != MAP_FAILED)
      munmap(mapped, mappedBytes);
  }
  char *get() const { return isHuge ? begin : nullptr; }

private:
  /// What the kernel says of this process.
  static int64_t countHugeBytes() {
    std::ifstream file("/proc/self/smaps_rollup");
    for (std::string word; file >> word;)
      if (int64_t kilobytes; word == "AnonHugePages:" && file >> kilobytes)
        return kilobytes * 1024;
    return 0;
  }

  int64_t mappedBytes;
  void *mapped = MAP_FAILED;
  char *begin = nullptr;
  bool isHuge = false;
};

} // namespace

/// A step that misses takes at least so many times as long as one that hits:
/// neighbouring levels of CPUs differ by factors of 2.5 to 5.
static constexpr double missRatio = 2;

/// Nanoseconds per step of a chase through `lines` lines, `pitch` bytes apart,
/// in random order. The shortest of five times: what disturbs adds to it.
static double chase(char *memory, int64_t pitch, int64_t lines) {
  std::vector<int64_t> order(lines);
  for (int64_t i = 0; i < lines; ++i)
    order[i] = i;
  std::shuffle(order.begin(), order.end(), std::mt19937(1));
  for (int64_t i = 0; i < lines; ++i)
    *reinterpret_cast<void **>(memory + order[i] * pitch) =
        memory + order[(i + 1) % lines] * pitch;
  int64_t steps = std::max<int64_t>(lines, 100000);
  double best = std::numeric_limits<double>::infinity();
  void **at = reinterpret_cast<void **>(memory + order[0] * pitch);
  for (int run = 0; run < 6; ++run) {
    double begin = getThreadSeconds();
    for (int64_t i = 0; i < steps; ++i)
      at = static_cast<void **>(*at);
    asm volatile("" : : "r"(at));
    double nanoseconds = 1e9 * (getThreadSeconds() - begin);
    if (run > 0) // The first one warms the caches.
      best = std::min(best, nanoseconds / double(steps));
  }
  return best;
}

/// A working set that cache `number` serves: between what the one inside of it
/// holds and what it holds; for the number after the last, four times the last.
static int64_t chooseBytes(const Topology &topology, unsigned number) {
  if (number == topology.caches.size())
    return 4 * topology.caches.back().capacityBytes;
  int64_t outer = topology.caches[number].capacityBytes;
  if (number == 0)
    return outer / 2;
  double inner = double(topology.caches[number - 1].capacityBytes);
  return std::min<int64_t>(outer / 2, int64_t(2 * inner) +
                                          int64_t(std::sqrt(inner * outer)));
}

IndexProbe memwall::probeIndex(const Topology &topology, unsigned number) {
  const CacheFacts &cache = topology.caches[number];
  if (cache.ways == 0 || cache.capacityBytes % (cache.ways * cache.lineBytes))
    return {std::nullopt, "the ways are not known"};
  int64_t reach = cache.capacityBytes / cache.ways; // Of one way.
  int64_t pitch = std::min<int64_t>(reach & -reach, 16384);
  int64_t lines = 4 * cache.capacityBytes / pitch;
  int64_t next = chooseBytes(topology, number + 1);
  int64_t bytes = llvm::alignTo(
      std::max(lines * (pitch + cache.lineBytes), next), hugePageBytes);
  if (bytes > topology.memoryBytes / 4)
    return {std::nullopt, "not enough memory for a chase"};
  HugeMemory memory(bytes);
  if (!memory.get())
    return {std::nullopt, "the system gives no pages of 2 MiB"};
  topology.bindToCore(0);
  // Lines two apart: the neighbour that is fetched along is none of them.
  double here = chase(memory.get(), 128, chooseBytes(topology, number) / 128);
  double there = chase(memory.get(), 128, next / 128);
  // As many lines in as many pages, but in different sets.
  double spread = chase(memory.get(), pitch + cache.lineBytes, lines);
  double apart = chase(memory.get(), pitch, lines);
  std::string how = llvm::formatv(
      "a chase through {0} lines takes {1:f1} ns a step where they are {2} "
      "bytes apart and {3:f1} where {4}; working sets of this level and the "
      "next one take {5:f1} and {6:f1}",
      lines, apart, pitch, spread, pitch + cache.lineBytes, here, there);
  double hit = std::max(here, spread);
  if (there < missRatio * hit)
    return {std::nullopt, how + ", which says nothing"};
  return {apart > missRatio * hit ? SetIndex::Modulo : SetIndex::Hashed, how};
}
