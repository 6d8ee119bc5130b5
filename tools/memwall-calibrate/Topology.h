//===- Topology.h - Cores and caches of this machine ------------*- C++ -*-===//

#ifndef MEMWALL_TOOLS_CALIBRATE_TOPOLOGY_H
#define MEMWALL_TOOLS_CALIBRATE_TOPOLOGY_H

#include "llvm/Support/Error.h"
#include <memory>
#include <string>
#include <vector>

struct hwloc_topology;

namespace memwall {

/// A data cache; sizes are of one instance.
struct CacheFacts {
  int64_t capacityBytes = 0;
  int64_t lineBytes = 64;
  int64_t ways = 0;         ///< 0: not known.
  int64_t coresSharing = 1; ///< Cores with one instance.
};

/// The machine as hwloc sees it, and where threads run on it.
class Topology {
public:
  /// Fails where hwloc finds no cores or no caches.
  static llvm::Expected<Topology> read();

  std::string cpuModel;
  int64_t cores = 0;
  int64_t memoryBytes = 0;
  std::vector<CacheFacts> caches; ///< Innermost first.

  /// Leaves out all cores but the first `most`.
  void limitTo(int64_t most);

  /// Makes the calling thread stay on a core; without effect where the system
  /// does not allow it.
  void bindToCore(int64_t core) const;

private:
  struct Free {
    void operator()(hwloc_topology *topology) const;
  };
  std::unique_ptr<hwloc_topology, Free> topology;
};

} // namespace memwall

#endif // MEMWALL_TOOLS_CALIBRATE_TOPOLOGY_H
