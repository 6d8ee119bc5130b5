//===- NontemporalStores.cpp - Stores that go past all caches -------------===//

#include "memwall/Traffic/NontemporalStores.h"
#include "ConstantTree.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include <numeric>

using namespace memwall;

static bool isNontemporal(const Access &access) { return access.isNontemporal; }

bool memwall::hasNontemporalStores(const LoopTree &tree) {
  return llvm::any_of(tree.nodes, [](const Node &node) {
    return node.kind == Node::Kind::Nest &&
           llvm::any_of(node.nest.accesses, isNontemporal);
  });
}

/// Whether `id` does nothing, once its children that do nothing are gone.
static bool dropIdle(LoopTree &tree, NodeId id) {
  Node &node = tree.nodes[id];
  if (node.kind == Node::Kind::Nest)
    return node.nest.accesses.empty();
  llvm::erase_if(node.children,
                 [&](NodeId child) { return dropIdle(tree, child); });
  return node.children.empty();
}

LoopTree memwall::dropNontemporalStores(LoopTree tree) {
  for (Node &node : tree.nodes)
    if (node.kind == Node::Kind::Nest)
      llvm::erase_if(node.nest.accesses, isNontemporal);
  (void)dropIdle(tree, LoopTree::root);
  return tree;
}

/// Sectors that `executions` stores of one access transfer, which is in the
/// body of loop `parent`. Along the innermost loops stores are a run that
/// leaves no sector out and comes back to none, as long as each loop goes on
/// within a sector of where the one inside of it has ended, or stays in one
/// sector.
static double countTransfers(const ConstantTree &tree,
                             const ConstantAccess &access, unsigned parent,
                             double executions, int64_t sectorBits) {
  auto getStride = [&](unsigned loop) {
    auto term = llvm::find_if(access.terms, [&](const ConstantTerm &each) {
      return each.node == loop;
    });
    return term == access.terms.end() ? 0 : term->strideBits;
  };
  int64_t run = access.elementBits;
  double runs = executions;
  for (; parent != 0; parent = tree.nodes[parent].parent) {
    int64_t stride = std::abs(getStride(parent));
    int64_t trips = tree.nodes[parent].tripCount;
    int64_t reach = addCounts(multiplyCounts(stride, trips - 1), run);
    bool goesOn = stride >= run && stride - run < sectorBits;
    bool stays = reach <= sectorBits;
    if (!goesOn && !stays)
      break;
    run = reach;
    runs /= double(trips);
  }
  // Every run begins at a multiple of this, within a sector.
  int64_t granule = std::gcd(sectorBits, std::gcd(run, access.offsetBits));
  for (; parent != 0; parent = tree.nodes[parent].parent)
    granule = std::gcd(granule, getStride(parent));
  for (const ConstantGather &gather : access.gathers)
    granule = std::gcd(granule, gather.strideBits);
  return runs * (double(run) + double(sectorBits - granule)) /
         double(sectorBits);
}

llvm::SmallVector<NontemporalStores, 0>
memwall::countNontemporalStores(const LoopTree &tree, int64_t sectorBytes) {
  // Other accesses do not matter, and make the tree longer.
  LoopTree stores = tree;
  for (Node &node : stores.nodes)
    if (node.kind == Node::Kind::Nest)
      llvm::erase_if(node.nest.accesses, [](const Access &access) {
        return !isNontemporal(access);
      });
  (void)dropIdle(stores, LoopTree::root);
  ConstantTree constant = buildConstantTree(stores);
  llvm::MapVector<std::pair<OpId, BufferId>, NontemporalStores> found;
  llvm::SmallVector<double, 0> executions(constant.nodes.size(), 1);
  for (unsigned n = 1; n < constant.nodes.size(); ++n) {
    const ConstantNode &node = constant.nodes[n];
    executions[n] = executions[node.parent] * double(node.tripCount);
    if (!node.isAccess)
      continue;
    const ConstantAccess &access = constant.accesses[node.access];
    NontemporalStores &sum = found[{access.op, access.buffer}];
    sum.op = access.op;
    sum.buffer = access.buffer;
    sum.bits += executions[n] * double(access.elementBits);
    sum.sectors += countTransfers(constant, access, node.parent, executions[n],
                                  sectorBytes * 8);
  }
  llvm::SmallVector<NontemporalStores, 0> result;
  for (auto &[key, stored] : found)
    result.push_back(stored);
  return result;
}
