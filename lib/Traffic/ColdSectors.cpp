//===- ColdSectors.cpp - Sectors that move however large a cache is -------===//

#include "ColdSectors.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

void ColdSectors::Sets::add(const StridedBox &set, bool isKnown) {
  if (!set.isEmpty())
    addTo(isKnown ? sets : hulls, set);
}

void ColdSectors::Sets::addTo(llvm::SmallVectorImpl<StridedBox> &list,
                              const StridedBox &set) {
  constexpr size_t kMostSets = 1024;
  if (!exact || llvm::is_contained(list, set))
    return;
  exact = list.size() < kMostSets;
  list.push_back(set);
}

ColdSectors::ColdSectors(const LoopTree &tree)
    : tree(tree), touched(tree.buffers.size()), loaded(tree.buffers.size()),
      written(tree.buffers.size()), leastWritten(tree.buffers.size(), 0) {
  for (auto [id, node] : llvm::enumerate(tree.nodes)) {
    if (node.kind != Node::Kind::Nest)
      continue;
    for (auto [a, access] : llvm::enumerate(node.nest.accesses)) {
      Sets &all = touched[access.buffer];
      Sets &part = (access.isWrite ? written : loaded)[access.buffer];
      FoldedNest folded = foldAccess(tree, id, a);
      bool isKnown = folded.exact && access.gathers.empty();
      StridedBox elements = isKnown
                                ? computeElements(folded, folded.accesses[0])
                                : computeHull(tree, id, a);
      all.add(elements, isKnown);
      part.add(elements, isKnown);
      if (!access.isWrite)
        continue;
      int64_t &least = leastWritten[access.buffer];
      least =
          std::max(least, computeDistinctElements(folded, folded.accesses[0]));
    }
  }
}

int64_t ColdSectors::countLeastWritten(BufferId buffer,
                                       int64_t sectorBits) const {
  __int128 bits =
      (__int128)leastWritten[buffer] * tree.buffers[buffer].elementBits;
  return int64_t((bits + sectorBits - 1) / sectorBits);
}

/// Whether the sets together are one run of neighbouring elements.
static bool coverInterval(llvm::ArrayRef<StridedBox> sets, int64_t &first,
                          int64_t &last) {
  first = sets[0].first(), last = sets[0].last();
  for (const StridedBox &set : sets) {
    first = std::min(first, set.first());
    last = std::max(last, set.last());
  }
  ElementCount all = countUnion(sets);
  return all.exact && all.elements == last - first + 1;
}

std::optional<int64_t> ColdSectors::count(const Sets &sets, BufferId buffer,
                                          int64_t sectorBits) const {
  if (!sets.exact || (sets.sets.empty() && !sets.hulls.empty()))
    return std::nullopt;
  if (sets.sets.empty())
    return 0;
  int64_t elementBits = tree.buffers[buffer].elementBits, first, last;
  llvm::SmallVector<StridedBox, 2> boxes;
  bool isInterval = coverInterval(sets.sets, first, last);
  // What is somewhere in a hull adds nothing where all of the hull is touched.
  if (llvm::any_of(sets.hulls, [&](const StridedBox &hull) {
        return !isInterval || hull.first() < first || hull.last() > last;
      }))
    return std::nullopt;
  if (isInterval)
    boxes = {StridedBox::makeInterval(first, last - first + 1)};
  else
    boxes = sets.sets;
  for (StridedBox &box : boxes)
    box = box.refine(elementBits);
  return countGranules(boxes, sectorBits);
}
