//===- RetentionTest.cpp - Explicit levels beside all retentions ----------===//
//
// What a scratchpad saves by itself cannot be executed, so the model of
// explicit levels (formulary C1) is held to a program that stages tiles by
// hand: every operand of a nest has a depth, and keeps what one iteration of
// the loops down to there touches; at the next one it loads what is new and
// writes back what goes. All depths of all operands are tried, element by
// element. docs/Model.md, "Explicit levels".
//
//===----------------------------------------------------------------------===//

#include "ConstantTree.h"
#include "RandomTree.h"
#include "memwall/Traffic/Traffic.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"

using namespace memwall;
using namespace memwall::test;

namespace {

/// The loops of a perfect nest, outermost first, around its accesses.
struct Nest {
  llvm::SmallVector<unsigned, 8> loops;
  llvm::SmallVector<const ConstantAccess *, 4> accesses;
};

/// Nullopt where loops have siblings: remainder tiles, several ops.
std::optional<Nest> findNest(const ConstantTree &tree) {
  Nest nest;
  unsigned n = 0;
  auto isAccess = [&](unsigned child) { return tree.nodes[child].isAccess; };
  while (!llvm::all_of(tree.nodes[n].children, isAccess)) {
    if (tree.nodes[n].children.size() != 1)
      return std::nullopt;
    n = tree.nodes[n].children.front();
    nest.loops.push_back(n);
  }
  for (unsigned child : tree.nodes[n].children)
    nest.accesses.push_back(&tree.accesses[tree.nodes[child].access]);
  return nest;
}

/// One operand staged at one depth.
struct Staged {
  int64_t held = 0;  ///< Elements at once, at most.
  int64_t moved = 0; ///< Elements loaded, and written back.
};

/// An operand of a nest: the accesses to one buffer.
struct Operand {
  bool isLoaded = false, isStored = false;
  llvm::SmallVector<const ConstantAccess *, 2> accesses;
};

/// Walks the nest with `operand` staged below its first `depth` loops.
Staged stage(const ConstantTree &tree, const Nest &nest, const Operand &operand,
             unsigned depth) {
  Staged result;
  llvm::DenseSet<int64_t> held, next;
  auto replace = [&] {
    result.held = std::max<int64_t>(result.held, next.size());
    for (int64_t element : next)
      if (!held.contains(element))
        result.moved += operand.isLoaded + operand.isStored;
    held.swap(next);
    next.clear();
  };
  llvm::SmallVector<int64_t, 8> iteration(nest.loops.size(), 0);
  for (bool ends = false; !ends;) {
    for (const ConstantAccess *access : operand.accesses) {
      int64_t bits = access->offsetBits;
      for (const ConstantTerm &term : access->terms)
        bits +=
            term.strideBits *
            iteration[llvm::find(nest.loops, term.node) - nest.loops.begin()];
      next.insert(bits / access->elementBits);
    }
    size_t loop = nest.loops.size();
    for (ends = true; ends && loop-- > 0;) {
      ends = ++iteration[loop] == tree.nodes[nest.loops[loop]].tripCount;
      if (ends)
        iteration[loop] = 0;
    }
    if (ends || loop < depth)
      replace();
  }
  return result;
}

/// The fewest elements that any choice of depths moves, where all that is held
/// fits.
int64_t findFewest(llvm::ArrayRef<llvm::SmallVector<Staged, 8>> operands,
                   int64_t capacity) {
  if (operands.empty())
    return capacity < 0 ? std::numeric_limits<int64_t>::max() : 0;
  int64_t fewest = std::numeric_limits<int64_t>::max();
  for (const Staged &staged : operands.front()) {
    if (staged.held > capacity)
      continue;
    int64_t rest = findFewest(operands.drop_front(), capacity - staged.held);
    if (rest != std::numeric_limits<int64_t>::max())
      fewest = std::min(fewest, staged.moved + rest);
  }
  return fewest;
}

/// A scratchpad of words.
Target makeScratchpad(int64_t words) {
  Level pad;
  pad.name = "pad";
  pad.kind = LevelKind::Explicit;
  pad.capacityBytes = 4 * words;
  pad.lineBytes = pad.sectorBytes = 4;
  pad.storePolicy = StorePolicy::Allocate;
  Level memory;
  memory.name = "memory";
  memory.kind = LevelKind::Memory;
  memory.capacityBytes = int64_t(1) << 40;
  Target target;
  target.name = "test";
  target.levels = {pad, memory};
  return target;
}

/// All operands of the nest at all depths.
llvm::SmallVector<llvm::SmallVector<Staged, 8>, 4>
stageAll(const ConstantTree &tree, const Nest &nest) {
  llvm::MapVector<BufferId, Operand> operands;
  for (const ConstantAccess *access : nest.accesses) {
    Operand &operand = operands[access->buffer];
    (access->isWrite ? operand.isStored : operand.isLoaded) = true;
    operand.accesses.push_back(access);
  }
  llvm::SmallVector<llvm::SmallVector<Staged, 8>, 4> staged;
  for (const auto &[buffer, operand] : operands) {
    staged.emplace_back();
    for (unsigned depth = 0; depth <= nest.loops.size(); ++depth)
      staged.back().push_back(stage(tree, nest, operand, depth));
  }
  return staged;
}

TEST(Retention, IsTheBestOfAllStagings) {
  unsigned compared = 0;
  for (const Family &family : getFamilies())
    for (unsigned seed = 0; seed < 150; ++seed) {
      Random random(seed * 7919 + 3);
      LoopTree tree = family.make(random);
      for (Buffer &buffer : tree.buffers)
        buffer.elementBits = 32;
      ConstantTree constant = buildConstantTree(tree);
      std::optional<Nest> nest = findNest(constant);
      double iterations = 1;
      if (nest)
        for (unsigned loop : nest->loops)
          iterations *= double(constant.nodes[loop].tripCount);
      if (!nest || iterations > 4000 || tree.ops.size() != 1)
        continue;
      auto staged = stageAll(constant, *nest);
      for (int64_t words : {4, 16, 40, 100, 250, 600}) {
        Bytes model =
            computeTraffic(tree, makeScratchpad(words)).levels.back().total;
        int64_t fewest = 4 * findFewest(staged, words);
        SCOPED_TRACE(std::string(family.name) + ", seed " +
                     std::to_string(seed) + ", " + std::to_string(words) +
                     " words");
        // Windows that overlap may keep a part of one for the next.
        EXPECT_GE(model.total(), fewest);
        bool hasWindows = llvm::StringRef(family.name) == "convolution";
        EXPECT_LE(double(model.total()),
                  (hasWindows ? 1.4 : 1.0) * double(fewest));
        ++compared;
      }
    }
  EXPECT_GE(compared, 500u);
  RecordProperty("compared", int(compared));
}

} // namespace
