//===- Race.h - Times of several programs, taken in turns -------*- C++ -*-===//

#ifndef MEMWALL_TOOLS_BENCHKERNELS_RACE_H
#define MEMWALL_TOOLS_BENCHKERNELS_RACE_H

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace memwall {

struct Contestant {
  std::function<void()> run;
  int64_t repeats = 1; ///< Per turn, for at least a millisecond.
  std::vector<double> seconds = {};
};

/// Runs all in turns, until `budget` seconds have passed, three times at least.
/// What disturbs the machine meets all of them. Seconds are CPU seconds of this
/// thread.
void race(std::vector<Contestant> &all, double budget);

/// The model of the CPU, as Linux names it.
std::string describeCPU();

double getMedian(std::vector<double> values);

/// Largest difference of two results of f32 or bf16, over the root mean square
/// of the second.
double compare(const void *a, const void *b, int64_t count,
               const std::string &element = "f32");

} // namespace memwall

#endif // MEMWALL_TOOLS_BENCHKERNELS_RACE_H
