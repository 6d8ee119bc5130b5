//===- ProbePages.cpp - How many pages a core works on at a time ----------===//

#include "ProbePages.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/STLFunctionalExtras.h"
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

/// The same for all of `numbers`, the last of which is the largest, in memory
/// of its own.
static std::vector<double> measureChanges(const Topology &topology,
                                          const Kernels &kernels,
                                          llvm::ArrayRef<size_t> numbers,
                                          const Effort &effort) {
  size_t bytes = numbers.back() * Kernels::pageBytes;
  std::unique_ptr<char, decltype(&std::free)> buffer(
      static_cast<char *>(std::aligned_alloc(Kernels::pageBytes, bytes)),
      std::free);
  std::memset(buffer.get(), 1, bytes);
  std::vector<double> seconds;
  for (size_t pages : numbers)
    seconds.push_back(
        measureChange(topology, kernels, buffer.get(), pages, effort));
  return seconds;
}

/// The medians of what `measure` finds in several buffers. Where the pages of a
/// buffer happen to lie in memory decides which of them share sets of a cache:
/// with single ones, a change of pages cost 1.2 to 1.9 ns, from 12 to 24 pages
/// on (EPYC Zen 4).
static std::vector<double>
takeMedians(llvm::function_ref<std::vector<double>()> measure) {
  constexpr size_t buffers = 7;
  std::vector<std::vector<double>> all;
  for (size_t i = 0; i < buffers; ++i)
    all.push_back(measure());
  std::vector<double> medians;
  for (size_t i = 0; i < all[0].size(); ++i) {
    std::vector<double> values;
    for (const std::vector<double> &one : all)
      values.push_back(one[i]);
    std::nth_element(values.begin(), values.begin() + buffers / 2,
                     values.end());
    medians.push_back(values[buffers / 2]);
  }
  return medians;
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
  std::vector<size_t> numbers;
  for (size_t pages = 8; pages <= most; pages *= 2)
    for (size_t some : {pages, pages + pages / 2})
      if (some <= most)
        numbers.push_back(some);
  std::vector<double> changes = takeMedians(
      [&] { return measureChanges(topology, kernels, numbers, effort); });
  auto find = [&](size_t pages) {
    return changes[llvm::find(numbers, pages) - numbers.begin()];
  };
  std::vector<PageStep> steps;
  auto add = [&](const char *name, double low, size_t first, size_t last) {
    double high = find(last);
    // Half a nanosecond is what comes and goes between two runs.
    if (high - low < 0.5e-9)
      return;
    PageStep step{name, 0, high - low, ""};
    for (auto [pages, seconds] : llvm::zip(numbers, changes))
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

/// Seconds per byte from memory where as many pages as each of `numbers` says,
/// at most `most`, are read in turn, and behind these where pages are read one
/// by one; in memory of its own.
static std::vector<double> measureTurns(const Topology &topology,
                                        const Kernels &kernels,
                                        llvm::ArrayRef<size_t> numbers,
                                        size_t most, int64_t lastCacheBytes,
                                        const Effort &effort) {
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
  std::vector<double> seconds;
  for (size_t pages : numbers)
    seconds.push_back(measure(pages, runBytes));
  seconds.push_back(measure(1, Kernels::pageBytes));
  return seconds;
}

std::optional<PageStep> memwall::probePrefetchers(const Topology &topology,
                                                  const Kernels &kernels,
                                                  int64_t lastCacheBytes,
                                                  const Effort &effort) {
  constexpr size_t numbers[] = {8, 12, 16, 20, 24, 32, 48, 64, 128};
  constexpr size_t most = 128;
  std::vector<double> seconds = takeMedians([&] {
    return measureTurns(topology, kernels, numbers, most, lastCacheBytes,
                        effort);
  });
  double low = seconds.back(), high = seconds[std::size(numbers) - 1];
  PageStep step{"prefetchers", 0, prefetchedBytes * (high - low), "",
                /*isByLine=*/true};
  for (auto [pages, time] : llvm::zip(numbers, seconds))
    if (time < (low + high) / 2)
      step.pages = int64_t(pages);
  if (step.pages == 0 || step.seconds < 0.1e-9)
    return std::nullopt;
  step.how = llvm::formatv(
      "64 bytes from memory take {0:f1} ns where pages are read one by one, "
      "{1:f1} where 256 bytes of each of {2} in turn",
      64e9 * low, 64e9 * high, most);
  return step;
}
