//===- Race.cpp - Times of several programs, taken in turns ---------------===//

#include "Race.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/TargetParser/Host.h"
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <ctime>
#include <numeric>
#include <random>

using namespace memwall;

/// CPU seconds of this thread.
static double getThreadSeconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

double memwall::getMedian(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2,
                   values.end());
  return values[values.size() / 2];
}

void memwall::race(std::vector<Contestant> &all, double budget) {
  using Clock = std::chrono::steady_clock;
  auto start = Clock::now();
  for (Contestant &each : all) {
    each.run();
    double before = getThreadSeconds();
    each.run();
    double once = std::max(getThreadSeconds() - before, 1e-7);
    each.repeats = std::max<int64_t>(1, int64_t(1e-3 / once));
  }
  // Each follows now one and now another, whose data is in the caches.
  std::vector<size_t> order(all.size());
  std::iota(order.begin(), order.end(), 0);
  std::minstd_rand random(1);
  for (unsigned round = 0; round < 101; ++round) {
    std::shuffle(order.begin(), order.end(), random);
    for (size_t i : order) {
      Contestant &each = all[i];
      double before = getThreadSeconds();
      for (int64_t repeat = 0; repeat < each.repeats; ++repeat)
        each.run();
      each.seconds.push_back((getThreadSeconds() - before) /
                             double(each.repeats));
    }
    std::chrono::duration<double> passed = Clock::now() - start;
    if (round >= 2 && passed.count() > budget)
      return;
  }
}

std::string memwall::describeCPU() {
  std::string name = llvm::sys::getHostCPUName().str();
  auto file = llvm::MemoryBuffer::getFileAsStream("/proc/cpuinfo");
  if (!file)
    return name;
  llvm::StringRef text = (*file)->getBuffer();
  text = text.substr(text.find("model name")).split(':').second;
  return text.split('\n').first.trim().str() + " (LLVM: " + name + ")";
}

double memwall::compare(const void *a, const void *b, int64_t count,
                        const std::string &element) {
  auto read = [&](const void *from, int64_t i) {
    uint32_t bits;
    if (element == "bf16")
      bits = uint32_t(static_cast<const uint16_t *>(from)[i]) << 16;
    else
      bits = static_cast<const uint32_t *>(from)[i];
    float number;
    std::memcpy(&number, &bits, sizeof(number));
    return double(number);
  };
  double squares = 0, largest = 0;
  for (int64_t i = 0; i < count; ++i) {
    squares += read(b, i) * read(b, i);
    double difference = std::fabs(read(a, i) - read(b, i));
    // Not a number is as far from everything as can be.
    largest = std::max(largest, std::isnan(difference) ? HUGE_VAL : difference);
  }
  return largest / std::max(1e-30, std::sqrt(squares / double(count)));
}
