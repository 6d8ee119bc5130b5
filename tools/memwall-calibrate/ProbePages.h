//===- ProbePages.h - How many pages a core works on at a time --*- C++ -*-===//
//
// Reads 256 bytes of each of n pages in turn, and compares that with reading
// the same pages one after another. While n is small, both take as long: the
// prefetchers follow that many streams, and the translations of addresses are
// at hand. The time that a change of page takes rises twice, at the streams and
// at the translations; each step is taken to be where half of it is reached.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TOOLS_CALIBRATE_PROBEPAGES_H
#define MEMWALL_TOOLS_CALIBRATE_PROBEPAGES_H

#include "Measure.h"

namespace memwall {

/// A step: so many pages are found at no cost, one more costs so much.
struct PageStep {
  std::string name; ///< "streams", "translations".
  int64_t pages = 0;
  double seconds = 0;
  std::string how; ///< For people.
};

/// The steps that are seen, of one core; up to half of a last cache of
/// `lastCacheBytes`.
std::vector<PageStep> probePages(const Topology &topology,
                                 const Kernels &kernels, int64_t lastCacheBytes,
                                 const Effort &effort);

} // namespace memwall

#endif // MEMWALL_TOOLS_CALIBRATE_PROBEPAGES_H
