//===- ProbePages.cpp - How many pages a core works on at a time ----------===//

#include "ProbePages.h"
#include "llvm/Support/FormatVariadic.h"
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

using namespace memwall;

static constexpr size_t runBytes = 256;
/// What comes from memory at a time: a line.
static constexpr double prefetchedBytes = 64;

/// Seconds that a change of page takes when `pages` are read in turn.
static double measureChange(const Topology &topology, const Kernels &kernels,
                            const char *from, size_t pages,
                            const Effort &effort) {
  double changes = double(pages * (Kernels::pageBytes / runBytes));
  auto measure = [&](size_t run) {
    Rate rate = measureRate(topology, 1, changes, effort,
                            [&](int64_t, int64_t repetitions) {
                              for (int64_t i = 0; i < repetitions; ++i)
                                kernels.readRuns(from, pages, run);
                            });
    return 1 / rate.median;
  };
  return measure(runBytes) - measure(Kernels::pageBytes);
}

std::vector<PageStep> memwall::probePages(const Topology &topology,
                                          const Kernels &kernels,
                                          int64_t lastCacheBytes,
                                          const Effort &effort) {
  // In between are the translations of the first level, 64 and more, which any
  // cache of pages finds.
  constexpr size_t between = 64;
  size_t most = between;
  while (int64_t(2 * most * Kernels::pageBytes) <= lastCacheBytes / 2)
    most *= 2;
  size_t bytes = most * Kernels::pageBytes;
  std::unique_ptr<char, decltype(&std::free)> buffer(
      static_cast<char *>(std::aligned_alloc(Kernels::pageBytes, bytes)),
      std::free);
  std::memset(buffer.get(), 1, bytes);
  std::vector<std::pair<size_t, double>> changes; // By pages.
  for (size_t pages = 8; pages <= most; pages *= 2)
    for (size_t some : {pages, pages + pages / 2})
      if (some <= most)
        changes.push_back({some, measureChange(topology, kernels, buffer.get(),
                                               some, effort)});
  auto find = [&](size_t pages) {
    return std::find_if(changes.begin(), changes.end(),
                        [&](const auto &each) { return each.first == pages; })
        ->second;
  };
  std::vector<PageStep> steps;
  auto add = [&](const char *name, double low, size_t first, size_t last) {
    double high = find(last);
    // Half a nanosecond is what comes and goes between two runs.
    if (high - low < 0.5e-9)
      return;
    PageStep step{name, 0, high - low, ""};
    for (auto [pages, seconds] : changes)
      if (pages >= first && pages < last && seconds < (low + high) / 2)
        step.pages = std::max(step.pages, int64_t(pages));
    step.how = llvm::formatv("256 bytes of each of {0} pages in turn, less the "
                             "same pages one by one: {1:f1} ns a page",
                             last, 1e9 * high);
    if (step.pages > 0)
      steps.push_back(std::move(step));
  };
  add("streams", 0, 0, between);
  if (most > between)
    add("translations", std::max(0.0, find(between)), between, most);
  return steps;
}

std::optional<PageStep> memwall::probePrefetchers(const Topology &topology,
                                                  const Kernels &kernels,
                                                  int64_t lastCacheBytes,
                                                  const Effort &effort) {
  constexpr size_t most = 128;
  // Of what is read, nothing is left in a cache when it is read again.
  size_t count = size_t(4 * lastCacheBytes) / Kernels::pageBytes;
  count -= count % most;
  size_t bytes = count * Kernels::pageBytes;
  std::unique_ptr<char, decltype(&std::free)> buffer(
      static_cast<char *>(std::aligned_alloc(Kernels::pageBytes, bytes)),
      std::free);
  std::memset(buffer.get(), 1, bytes);
  auto measure = [&](size_t pages, size_t run) {
    Rate rate = measureRate(
        topology, 1, double(bytes), effort, [&](int64_t, int64_t repetitions) {
          for (int64_t i = 0; i < repetitions; ++i)
            kernels.readGroups(buffer.get(), count, pages, run);
        });
    return 1 / rate.median;
  };
  double low = measure(1, Kernels::pageBytes), high = measure(most, runBytes);
  PageStep step{"prefetchers", 0, prefetchedBytes * (high - low), "",
                /*isByLine=*/true};
  for (size_t pages : {8, 12, 16, 20, 24, 32, 48, 64}) {
    double t = measure(pages, runBytes);
    if (t < (low + high) / 2)
      step.pages = int64_t(pages);
  }
  if (step.pages == 0 || step.seconds < 0.1e-9)
    return std::nullopt;
  step.how = llvm::formatv(
      "64 bytes from memory take {0:f1} ns where pages are read one by one, "
      "{1:f1} where 256 bytes of each of {2} in turn",
      64e9 * low, 64e9 * high, most);
  return step;
}
