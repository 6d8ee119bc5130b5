//===- ColdSectors.cpp - Sectors that move however large a cache is -------===//

#include "memwall/Traffic/ColdSectors.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

void ColdSectors::Sets::add(const StridedSet &set) {
  constexpr size_t kMostSets = 1024;
  if (set.isEmpty() || !exact || llvm::is_contained(sets, set))
    return;
  exact = sets.size() < kMostSets;
  sets.push_back(set);
}

ColdSectors::ColdSectors(const LoopTree &tree)
    : tree(tree), touched(tree.buffers.size()), written(tree.buffers.size()) {
  for (auto [id, node] : llvm::enumerate(tree.nodes)) {
    if (node.kind != Node::Kind::Nest)
      continue;
    for (auto [a, access] : llvm::enumerate(node.nest.accesses)) {
      Sets &all = touched[access.buffer];
      Sets &stores = written[access.buffer];
      FoldedNest folded = foldAccess(tree, id, a);
      bool exact = folded.exact && access.gathers.empty();
      all.exact &= exact;
      if (access.isWrite)
        stores.exact &= exact;
      if (!exact)
        continue;
      StridedSet elements = computeElements(folded, folded.accesses[0]);
      all.add(elements);
      if (access.isWrite)
        stores.add(elements);
    }
  }
}

namespace {
/// A set as runs of neighbouring bits and the steps between them.
struct Runs {
  int64_t offset, bits;
  llvm::ArrayRef<Progression> steps;
  double count = 1;
};
} // namespace

static Runs splitRuns(const StridedSet &set, int64_t elementBits,
                      int64_t sectorBits) {
  Runs runs{set.first() * elementBits, elementBits, set.getTerms()};
  while (!runs.steps.empty() &&
         runs.steps.front().stride * elementBits - runs.bits < sectorBits) {
    runs.bits += runs.steps.front().stride * elementBits *
                 (runs.steps.front().count - 1);
    runs.steps = runs.steps.drop_front();
  }
  for (const Progression &step : runs.steps)
    runs.count *= double(step.count);
  return runs;
}

/// Sectors from the one of bit `first` to that of bit `last`.
static int64_t countSpan(int64_t first, int64_t last, int64_t sectorBits) {
  return last / sectorBits - first / sectorBits + 1;
}

/// Whether the sets together are one run of neighbouring elements.
static bool coverInterval(llvm::ArrayRef<StridedSet> sets, int64_t &first,
                          int64_t &last) {
  first = sets[0].first(), last = sets[0].last();
  for (const StridedSet &set : sets) {
    first = std::min(first, set.first());
    last = std::max(last, set.last());
  }
  ElementCount all = countUnion(sets);
  return all.exact && all.elements == last - first + 1;
}

std::optional<int64_t> ColdSectors::count(const Sets &sets, BufferId buffer,
                                          int64_t sectorBits) const {
  constexpr double kMostRuns = 1 << 13;
  if (!sets.exact)
    return std::nullopt;
  if (sets.sets.empty())
    return 0;
  int64_t elementBits = tree.buffers[buffer].elementBits, first, last;
  if (coverInterval(sets.sets, first, last))
    return countSpan(first * elementBits, (last + 1) * elementBits - 1,
                     sectorBits);
  // Runs of sectors, sorted and merged.
  llvm::SmallVector<std::pair<int64_t, int64_t>, 8> spans;
  double total = 0;
  for (const StridedSet &set : sets.sets) {
    Runs runs = splitRuns(set, elementBits, sectorBits);
    total += runs.count;
    if (total > kMostRuns)
      return std::nullopt;
    for (int64_t i = 0; i < int64_t(runs.count); ++i) {
      int64_t at = runs.offset, rest = i;
      for (const Progression &step : runs.steps) {
        at += rest % step.count * step.stride * elementBits;
        rest /= step.count;
      }
      spans.push_back({at / sectorBits, (at + runs.bits - 1) / sectorBits});
    }
  }
  llvm::sort(spans);
  int64_t sectors = 0, next = 0;
  for (auto [begin, end] : spans) {
    begin = std::max(begin, next);
    if (end < begin)
      continue;
    sectors += end - begin + 1;
    next = end + 1;
  }
  return sectors;
}
