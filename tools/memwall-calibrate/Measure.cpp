//===- Measure.cpp - Rates of this machine --------------------------------===//

#include "Measure.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <thread>

using namespace memwall;

double memwall::getThreadSeconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

/// Waits for the others, busily: threads that sleep start one after another.
/// Every thread comes equally often, so the ticket says which meeting it is.
static void meet(std::atomic<int64_t> &arrived, int64_t threads) {
  int64_t ticket = ++arrived;
  int64_t all = (ticket + threads - 1) / threads * threads;
  while (arrived.load() < all)
    std::this_thread::yield();
}

static Rate summarize(std::vector<double> rates) {
  std::sort(rates.begin(), rates.end());
  auto quantile = [&](double part) {
    return rates[size_t(part * double(rates.size() - 1) + 0.5)];
  };
  double median = quantile(0.5);
  return {median, rates.back(), (quantile(0.75) - quantile(0.25)) / median};
}

Rate memwall::measureRate(const Topology &topology, int64_t threads,
                          double amount, const Effort &effort,
                          const std::function<void(int64_t, int64_t)> &work) {
  std::vector<std::vector<double>> rates(threads);
  std::atomic<int64_t> starting{0};
  std::atomic<int64_t> repetitions{1};
  auto run = [&](int64_t thread) {
    topology.bindToCore(thread);
    work(thread, 1); // Pages are mapped, caches are warm.
    // 1. As many repetitions as fill a run.
    if (thread == 0) {
      double begin = getThreadSeconds();
      work(0, 1);
      double once = std::max(getThreadSeconds() - begin, 1e-9);
      repetitions = std::max<int64_t>(1, int64_t(effort.secondsPerRun / once));
    }
    // 2. Runs that begin together.
    for (int i = 0; i < effort.runs; ++i) {
      meet(starting, threads);
      double begin = getThreadSeconds();
      work(thread, repetitions);
      rates[thread].push_back(amount * double(repetitions) /
                              (getThreadSeconds() - begin));
    }
  };
  std::vector<std::thread> others;
  for (int64_t thread = 1; thread < threads; ++thread)
    others.emplace_back(run, thread);
  std::thread first(run, 0);
  first.join();
  for (std::thread &other : others)
    other.join();
  for (int64_t thread = 1; thread < threads; ++thread)
    std::transform(rates[0].begin(), rates[0].end(), rates[thread].begin(),
                   rates[0].begin(), std::plus<double>());
  return summarize(std::move(rates[0]));
}

Bandwidths memwall::measureBandwidths(const Topology &topology,
                                      const Kernels &kernels, int64_t threads,
                                      int64_t bytesPerThread,
                                      const Effort &effort) {
  // A copy has two buffers of half the size each.
  size_t half = llvm::alignTo(bytesPerThread / 2, Kernels::granuleBytes);
  size_t size = 2 * half;
  struct Free {
    void operator()(char *pointer) const { std::free(pointer); }
  };
  std::vector<std::unique_ptr<char, Free>> buffers;
  for (int64_t thread = 0; thread < threads; ++thread) {
    buffers.emplace_back(static_cast<char *>(
        std::aligned_alloc(4096, llvm::alignTo(size, 4096))));
    std::memset(buffers.back().get(), 1, size);
  }
  auto measure = [&](auto &&pass) {
    return measureRate(topology, threads, double(size), effort,
                       [&](int64_t thread, int64_t repetitions) {
                         char *buffer = buffers[thread].get();
                         for (int64_t i = 0; i < repetitions; ++i)
                           pass(buffer);
                       });
  };
  Bandwidths result;
  result.bytesPerThread = int64_t(size);
  result.read = measure([&](char *buffer) { kernels.read(buffer, size); });
  result.write = measure([&](char *buffer) { kernels.write(buffer, size); });
  result.copy =
      measure([&](char *buffer) { kernels.copy(buffer + half, buffer, half); });
  return result;
}

Rate memwall::measureArithmetic(const Topology &topology,
                                const ArithmeticKernel &kernel, int64_t threads,
                                const Effort &effort) {
  constexpr int64_t rounds = 10000;
  return measureRate(
      topology, threads, kernel.operationsPerRound * rounds, effort,
      [&](int64_t, int64_t repetitions) { kernel.run(rounds * repetitions); });
}
