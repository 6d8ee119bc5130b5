//===- SimulateTree.cpp - The measured traffic of a loop tree -------------===//

#include "SimulateTree.h"
#include "WalkTree.h"
#include "memwall/Simulator/Hierarchy.h"

using namespace memwall;

llvm::Expected<Traffic> memwall::test::simulateTree(const LoopTree &tree,
                                                    const Target &target) {
  auto created = Hierarchy::create(target, Stacking::Independent);
  if (!created)
    return created.takeError();
  Hierarchy &memory = **created;
  // What shares memory is one buffer of the simulator.
  llvm::SmallVector<unsigned, 0> simulated;
  for (const Buffer &buffer : tree.buffers)
    simulated.push_back(buffer.storage ? simulated[*buffer.storage]
                                       : memory.addBuffer(buffer.bytes()));
  const Access *outside = nullptr;
  walkTree(
      tree,
      [&](const WalkedAccess &walked) {
        const Buffer &buffer = tree.buffers[walked.access.buffer];
        if (walked.element < 0 || walked.element >= buffer.elements)
          outside = &walked.access;
        if (outside)
          return;
        uint64_t bits = memory.getBase(simulated[walked.access.buffer]) * 8 +
                        walked.element * buffer.elementBits;
        memory.access({bits, uint32_t(buffer.elementBits),
                       walked.access.isNontemporal ? MemoryAccess::StoreAround
                       : walked.access.isWrite     ? MemoryAccess::Store
                                                   : MemoryAccess::Load,
                       uint32_t(walked.unit)});
      },
      [&](BufferId buffer) { memory.die(simulated[buffer]); }, target.units);
  if (outside)
    return llvm::createStringError("an access is outside of " +
                                   tree.buffers[outside->buffer].name);
  memory.finish();
  Traffic traffic;
  for (const SimulatedLevel &level : memory.getTraffic()) {
    LevelTraffic &out = traffic.levels.emplace_back();
    out.total = {level.total.read, level.total.written};
    for (auto [buffer, id] : llvm::zip_equal(tree.buffers, simulated))
      out.buffers.push_back(buffer.storage ? Bytes()
                                           : Bytes{level.buffers[id].read,
                                                   level.buffers[id].written});
  }
  return traffic;
}
