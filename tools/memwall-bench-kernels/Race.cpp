//===- Race.cpp - Times of several programs, taken in turns ---------------===//

#include "Race.h"
#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>

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
  for (unsigned round = 0; round < 101; ++round) {
    for (size_t i = 0; i < all.size(); ++i) {
      Contestant &each = all[(i + round) % all.size()];
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

double memwall::compare(const float *a, const float *b, int64_t count) {
  double squares = 0, largest = 0;
  for (int64_t i = 0; i < count; ++i) {
    squares += double(b[i]) * b[i];
    largest = std::max(largest, std::fabs(double(a[i]) - b[i]));
  }
  return largest / std::max(1e-30, std::sqrt(squares / double(count)));
}
