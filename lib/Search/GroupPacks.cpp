//===- GroupPacks.cpp - Which operands of a group are packed --------------===//

#include "GroupPacks.h"
#include "memwall/Schedule/TensorDims.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

/// Adds packs of what contraction `m` of `found` reads from outside of the
/// group, each of one tile with all that the loops over dimensions `cut` leave
/// of it: where they cut behind the outermost dimension, so that its rows are
/// apart and fall into few sets, and where one of them does not move it, so
/// that the copy is read more than once.
static void addPacks(const FoundShape &found, unsigned m, Schedule &schedule,
                     llvm::ArrayRef<unsigned> cut) {
  const Nest &nest = found.group.tree.nodes[found.group.nodes[m]].nest;
  if (found.group.tree.ops[nest.op].kind != OpKind::Contraction)
    return;
  auto isCut = [&](unsigned dim) {
    const std::optional<unsigned> &root = found.shape.rootDims[m][dim];
    return root && llvm::is_contained(cut, *root);
  };
  for (unsigned operand = 0; operand < nest.accesses.size(); ++operand) {
    const Access &access = nest.accesses[operand];
    if (access.isWrite)
      break;
    if (found.group.tree.buffers[access.buffer].kind ==
        BufferKind::Intermediate)
      continue;
    llvm::SmallVector<unsigned, 4> dims =
        findTensorDims(found.group.tree, nest, access);
    bool isApart = false, movesAlways = true;
    PackedOperand pack;
    pack.operand = operand;
    for (auto [position, dim] : llvm::enumerate(dims)) {
      isApart |= isCut(dim) && position > 0;
      if (isCut(dim))
        continue;
      pack.innerDims.push_back(position);
      pack.innerTiles.push_back(
          found.group.tree.loops[nest.loops[dim]].maxTripCount);
    }
    for (unsigned root : cut)
      movesAlways &= llvm::any_of(dims, [&](unsigned dim) {
        return found.shape.rootDims[m][dim] == root;
      });
    if (isApart && !movesAlways && !pack.innerDims.empty())
      schedule.packs.push_back(std::move(pack));
  }
}

void memwall::packOutside(const FoundShape &found,
                          llvm::MutableArrayRef<Schedule> schedules) {
  for (unsigned m = 0; m + 1 < schedules.size(); ++m)
    addPacks(found, m, schedules[m], schedules.back().bands.front().order);
}
