//===- ProbePages.h - How many pages a core works on at a time --*- C++ -*-===//
//
// Reads 256 bytes of each of n pages in turn, and compares that with reading
// the same pages one after another. While n is small, both take as long: what
// is at one place of so many pages finds room in its sets of the first cache
// (in pages 5184 bytes apart, 2048 are as fast as 2), and the translations of
// addresses are at hand. The time that a change of page takes rises twice, at
// these streams and at the translations; each step is taken to be where half of
// it is reached.
//
// From memory, lines come later where prefetchers do not follow the pages that
// they are in: the same again, of data that no cache holds, at another place in
// each page.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TOOLS_CALIBRATE_PROBEPAGES_H
#define MEMWALL_TOOLS_CALIBRATE_PROBEPAGES_H

#include "Measure.h"
#include <optional>

namespace memwall {

/// A step: so many pages are found at no cost, one more costs so much.
struct PageStep {
  std::string name; ///< "streams", "translations", "prefetchers".
  int64_t pages = 0;
  double seconds = 0;
  std::string how;       ///< For people.
  bool isByLine = false; ///< Whether `seconds` are of each line from memory.
};

/// The steps that are seen, of one core; up to half of a last cache of
/// `lastCacheBytes`.
std::vector<PageStep> probePages(const Topology &topology,
                                 const Kernels &kernels, int64_t lastCacheBytes,
                                 const Effort &effort);

/// How many pages prefetchers follow at a time, of data that comes from memory,
/// and the time that a line takes more where they do not; nullopt where none is
/// seen.
std::optional<PageStep> probePrefetchers(const Topology &topology,
                                         const Kernels &kernels,
                                         int64_t lastCacheBytes,
                                         const Effort &effort);

} // namespace memwall

#endif // MEMWALL_TOOLS_CALIBRATE_PROBEPAGES_H
