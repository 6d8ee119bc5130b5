//===- Topology.cpp - Cores and caches of this machine --------------------===//

#include "Topology.h"
#include <hwloc.h>

using namespace memwall;

void Topology::Free::operator()(hwloc_topology *topology) const {
  hwloc_topology_destroy(topology);
}

/// The data and unified caches, innermost first, as the first core has them.
static std::vector<CacheFacts> findCaches(hwloc_topology_t topology) {
  std::vector<CacheFacts> caches;
  hwloc_obj_t core = hwloc_get_obj_by_type(topology, HWLOC_OBJ_CORE, 0);
  for (hwloc_obj_t object = core; object; object = object->parent) {
    if (!hwloc_obj_type_is_dcache(object->type))
      continue;
    const auto &cache = object->attr->cache;
    CacheFacts facts;
    facts.capacityBytes = int64_t(cache.size);
    if (cache.linesize > 0)
      facts.lineBytes = cache.linesize;
    // -1 stands for fully associative, which a target calls 0 as well.
    facts.ways = std::max(cache.associativity, 0);
    facts.coresSharing =
        std::max(1, hwloc_get_nbobjs_inside_cpuset_by_type(
                        topology, object->cpuset, HWLOC_OBJ_CORE));
    caches.push_back(facts);
  }
  return caches;
}

llvm::Expected<Topology> Topology::read() {
  hwloc_topology_t raw;
  if (hwloc_topology_init(&raw) != 0)
    return llvm::createStringError("hwloc cannot be initialized");
  Topology result;
  result.topology.reset(raw);
  if (hwloc_topology_load(raw) != 0)
    return llvm::createStringError("hwloc cannot read this machine");
  result.cores = hwloc_get_nbobjs_by_type(raw, HWLOC_OBJ_CORE);
  result.caches = findCaches(raw);
  if (result.cores < 1 || result.caches.empty())
    return llvm::createStringError(
        "expected hwloc to find cores and caches, found %lld cores and %zu "
        "caches",
        (long long)result.cores, result.caches.size());
  hwloc_obj_t machine = hwloc_get_root_obj(raw);
  result.memoryBytes = int64_t(machine->total_memory);
  hwloc_obj_t package = hwloc_get_obj_by_type(raw, HWLOC_OBJ_PACKAGE, 0);
  const char *model =
      hwloc_obj_get_info_by_name(package ? package : machine, "CPUModel");
  result.cpuModel = model ? model : "unknown CPU";
  return result;
}

void Topology::limitTo(int64_t most) {
  cores = std::min(cores, most);
  for (CacheFacts &cache : caches)
    cache.coresSharing = std::min(cache.coresSharing, cores);
}

void Topology::bindToCore(int64_t core) const {
  if (hwloc_obj_t object =
          hwloc_get_obj_by_type(topology.get(), HWLOC_OBJ_CORE, core))
    hwloc_set_cpubind(topology.get(), object->cpuset, HWLOC_CPUBIND_THREAD);
}
