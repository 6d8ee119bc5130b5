//===- Measure.h - Rates of this machine ------------------------*- C++ -*-===//

#ifndef MEMWALL_TOOLS_CALIBRATE_MEASURE_H
#define MEMWALL_TOOLS_CALIBRATE_MEASURE_H

#include "Kernels.h"
#include "Topology.h"
#include <functional>
#include <string>

namespace memwall {

/// Seconds that this thread has run: what other programs take of its core is
/// none of it, waiting for memory is.
double getThreadSeconds();

/// What was found in repeated runs of the same: a rate per second.
struct Rate {
  double median = 0;
  double best = 0;
  double spread = 0; ///< (third quartile - first) / median.
};

/// How long to measure.
struct Effort {
  int runs = 15;
  double secondsPerRun = 0.004;
};

/// Bandwidths of a working set, all threads together.
struct Bandwidths {
  int64_t bytesPerThread = 0;
  Rate read, write, copy; ///< Bytes read; written; read and written.
};

/// Reads, writes and copies buffers of `bytesPerThread` on the first `threads`
/// cores at once, each with a buffer of its own.
Bandwidths measureBandwidths(const Topology &topology, const Kernels &kernels,
                             int64_t threads, int64_t bytesPerThread,
                             const Effort &effort);

/// Operations per second of the first `threads` cores together.
Rate measureArithmetic(const Topology &topology, const ArithmeticKernel &kernel,
                       int64_t threads, const Effort &effort);

/// Runs `work(thread, repetitions)` on threads that stay on their cores, from
/// the same moment on; `amount` is what one repetition of one thread does.
/// Every thread counts its own time, without what other programs take of its
/// core.
Rate measureRate(
    const Topology &topology, int64_t threads, double amount,
    const Effort &effort,
    const std::function<void(int64_t thread, int64_t repetitions)> &work);

} // namespace memwall

#endif // MEMWALL_TOOLS_CALIBRATE_MEASURE_H
