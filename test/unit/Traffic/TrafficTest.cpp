//===- TrafficTest.cpp - Properties of the traffic model ------------------===//
//
// Sweeps over random programs; the simulator is the judge. docs/Model.md,
// "Scheduled traffic".
//
//===----------------------------------------------------------------------===//

#include "ConstantTree.h"
#include "RandomTree.h"
#include "SimulateTree.h"
#include "TreeBuilder.h"
#include "memwall/Bounds/Bounds.h"
#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace memwall;
using namespace memwall::test;

namespace {

/// One cache in front of memory.
Target makeTarget(int64_t lines, int64_t lineBytes, int64_t sectorBytes,
                  StorePolicy policy, int64_t associativity = 0) {
  Target target;
  target.name = "test";
  Level cache;
  cache.name = "cache";
  cache.capacityBytes = lines * lineBytes;
  cache.lineBytes = lineBytes;
  cache.sectorBytes = sectorBytes;
  cache.associativity = associativity;
  cache.storePolicy = policy;
  Level memory;
  memory.name = "memory";
  memory.kind = LevelKind::Memory;
  memory.capacityBytes = int64_t(1) << 40;
  target.levels = {cache, memory};
  return target;
}

int64_t countBytes(const LoopTree &tree) {
  int64_t bytes = 0;
  for (const Buffer &buffer : tree.buffers)
    bytes += buffer.bytes();
  return bytes;
}

/// By reuse distances, however small the program is.
Traffic computeByDistances(const LoopTree &tree, const Target &target) {
  TrafficOptions options;
  options.accuracy = Accuracy::Fast;
  return computeTraffic(tree, target, options);
}

Bytes measure(const Traffic &traffic) { return traffic.levels.back().total; }

llvm::SmallVector<LevelTraffic, 4> simulate(const LoopTree &tree,
                                            const Target &target) {
  return llvm::cantFail(simulateTree(tree, target)).levels;
}

/// Calls `check(tree, random)` on `count` programs of every family.
template <typename Check>
void forEachProgram(unsigned count, Check check) {
  for (const Family &family : getFamilies())
    for (unsigned seed = 0; seed < count; ++seed) {
      SCOPED_TRACE(std::string(family.name) + ", seed " + std::to_string(seed));
      Random random(seed * 1000003 + 7);
      LoopTree tree = family.make(random);
      check(tree, random);
    }
}

/// Holds the figures of a level that are sums against its operands.
void expectSums(const LoopTree &tree, const LevelTraffic &level) {
  Bytes total;
  llvm::SmallVector<Bytes, 0> ops(tree.ops.size()),
      buffers(tree.buffers.size());
  for (const OperandTraffic &operand : level.operands) {
    total.add(operand.bytes);
    ops[operand.op].add(operand.bytes);
    buffers[operand.buffer].add(operand.bytes);
    EXPECT_GE(operand.readByStores, 0);
    EXPECT_LE(operand.readByStores, operand.bytes.read);
  }
  auto expectSame = [](const Bytes &a, const Bytes &b) {
    EXPECT_EQ(a.read, b.read);
    EXPECT_EQ(a.written, b.written);
  };
  expectSame(total, level.total);
  for (OpId op = 0; op < tree.ops.size(); ++op) {
    expectSame(ops[op], level.ops[op]);
    Bytes sum;
    for (const OperandTraffic &operand : level.operandsOf(op)) {
      EXPECT_EQ(operand.op, op);
      sum.add(operand.bytes);
    }
    expectSame(sum, ops[op]);
  }
  for (BufferId buffer = 0; buffer < tree.buffers.size(); ++buffer)
    expectSame(buffers[buffer], level.buffers[buffer]);
}

/// Walked sets, reuse distances, memories that the program fills, and caches
/// that everything fits in, at every policy of stores.
TEST(Traffic, SumsOverOperandsAreTheFiguresOfOpsBuffersAndTheLevel) {
  forEachProgram(4, [](const LoopTree &tree, Random &random) {
    int64_t lines = pick(random, 1, 50) * 4;
    for (StorePolicy policy :
         {StorePolicy::Fetch, StorePolicy::Allocate, StorePolicy::Bypass})
      for (int64_t ways : {0, 4}) {
        Target target = makeTarget(lines, 64, 32, policy, ways);
        for (const LevelTraffic &level : computeTraffic(tree, target).levels)
          expectSums(tree, level);
        for (const LevelTraffic &level :
             computeByDistances(tree, target).levels)
          expectSums(tree, level);
      }
    Target explicitly = makeTarget(lines, 64, 32, StorePolicy::Allocate);
    explicitly.levels[0].kind = LevelKind::Explicit;
    Target endless = makeTarget(int64_t(1) << 30, 64, 64, StorePolicy::Fetch);
    for (const Target &target : {explicitly, endless})
      for (const LevelTraffic &level : computeTraffic(tree, target).levels)
        expectSums(tree, level);
  });
}

/// Only stores fetch where everything is overwritten, and nothing where stores
/// do not fetch.
TEST(Traffic, WhatStoresFetchIsKeptApart) {
  forEachProgram(10, [](const LoopTree &tree, Random &random) {
    int64_t lines = pick(random, 1, 50) * 4;
    for (bool walks : {false, true}) {
      auto count = [&](StorePolicy policy) {
        Target target = makeTarget(lines, 64, 64, policy, 4);
        Traffic traffic = walks ? computeTraffic(tree, target)
                                : computeByDistances(tree, target);
        return traffic.levels.back();
      };
      LevelTraffic fetching = count(StorePolicy::Fetch);
      llvm::SmallVector<bool, 0> isStored(tree.ops.size() * tree.buffers.size(),
                                          false);
      for (const Node &node : tree.nodes)
        for (const Access &access : node.nest.accesses)
          if (node.kind == Node::Kind::Nest && access.isWrite)
            isStored[node.nest.op * tree.buffers.size() + access.buffer] = true;
      for (const OperandTraffic &operand : fetching.operands)
        if (!isStored[operand.op * tree.buffers.size() + operand.buffer])
          EXPECT_EQ(operand.readByStores, 0);
      for (const OperandTraffic &operand : count(StorePolicy::Bypass).operands)
        EXPECT_EQ(operand.readByStores, 0);
    }
  });
}

TEST(Traffic, NeverRisesWithCapacity) {
  forEachProgram(20, [](const LoopTree &tree, Random &) {
    for (StorePolicy policy : {StorePolicy::Fetch, StorePolicy::Allocate}) {
      Bytes previous{INT64_MAX, INT64_MAX};
      for (int64_t lines = 1; lines < 4000; lines = lines * 5 / 4 + 1) {
        Bytes bytes = measure(
            computeByDistances(tree, makeTarget(lines, 64, 64, policy)));
        EXPECT_LE(bytes.read, previous.read) << lines << " lines";
        EXPECT_LE(bytes.written, previous.written) << lines << " lines";
        previous = bytes;
      }
    }
  });
}

/// With room for everything, each sector comes once and goes once; the
/// simulator with the same room is the reference. Where a fused tile is read
/// again before its neighbour has completed a sector, the simulator fetches the
/// sector (StorePolicy::Allocate); the model leaves these edges out.
TEST(Traffic, RoomForEverythingMovesEverySectorOnce) {
  forEachProgram(20, [](const LoopTree &tree, Random &) {
    int64_t lines = countBytes(tree) / 64 + 64 * tree.buffers.size();
    Target target = makeTarget(lines, 64, 32, StorePolicy::Allocate);
    Bytes model = measure(computeByDistances(tree, target));
    Bytes measured = simulate(tree, target).back().total;
    bool isFused =
        tree.nodes[LoopTree::root].children.size() == 1 && tree.ops.size() > 1;
    if (isFused)
      EXPECT_LE(model.read, measured.read);
    else
      EXPECT_EQ(model.read, measured.read);
    EXPECT_EQ(model.written, measured.written);
  });
}

/// One line of one element: everything misses but an access to the element of
/// the access before. The simulator counts those. (A dead buffer may still sit
/// in the one line when it dies; programs without intermediates have none.)
/// Windows on the rows of one buffer, one after the other: what has been in any
/// of the earlier windows is there, wherever the windows went in between.
TEST(Traffic, WindowsOfRowsComeInOnce) {
  constexpr int64_t kRowElements = 16, kRows = 200;
  for (unsigned seed = 0; seed < 300; ++seed) {
    Random random(seed);
    TreeBuilder builder;
    BufferId rows = builder.addBuffer(BufferKind::Argument,
                                      kRows * kRowElements, /*bits=*/32);
    bool slides = seed % 2 == 0;
    int64_t begin = pick(random, 0, 40), step = pick(random, 0, 20);
    int64_t size = pick(random, 1, 60);
    std::vector<bool> isMet(kRows, false);
    for (int64_t windows = pick(random, 2, 8); windows > 0; --windows) {
      if (!slides) {
        begin = pick(random, 0, 120);
        size = pick(random, 1, 60);
      }
      Nest &nest =
          builder.addNest(LoopTree::root, builder.addOp(),
                          {std::min(size, kRows - begin), kRowElements});
      Access read;
      read.buffer = rows;
      read.element.constant = begin * kRowElements;
      read.element.terms = {{nest.loops[0], kRowElements}, {nest.loops[1], 1}};
      nest.accesses.push_back(read);
      std::fill_n(isMet.begin() + begin, std::min(size, kRows - begin), true);
      begin = std::min(begin + step, kRows - 1);
    }
    Target target = makeTarget(1 << 20, 64, 64, StorePolicy::Fetch);
    EXPECT_EQ(measure(computeByDistances(builder.tree, target)).read,
              64 * llvm::count(isMet, true))
        << "seed " << seed;
  }
}

TEST(Traffic, OneElementHitsOnlyRepeatedAccesses) {
  forEachProgram(20, [](LoopTree tree, Random &) {
    if (tree.ops.size() != 1)
      return;
    for (Buffer &buffer : tree.buffers)
      buffer.elementBits = 32;
    Target target = makeTarget(1, 4, 4, StorePolicy::Allocate);
    Bytes model = measure(computeByDistances(tree, target));
    Bytes measured = simulate(tree, target).back().total;
    // Exact where no two windows overlap; convolutions average lags.
    double most = tree.loops.size() > 5 && tree.buffers.size() == 3 &&
                          tree.buffers[0].kind == BufferKind::Argument
                      ? 1e-3
                      : 0;
    EXPECT_NEAR(model.read, measured.read, most * double(measured.read));
    EXPECT_NEAR(model.written, measured.written,
                most * double(measured.written));
  });
}

/// The innermost level serves every access: bits, rounded up to bytes once per
/// op and buffer (the simulator: once per buffer).
TEST(Traffic, InnermostLevelServesEveryAccess) {
  forEachProgram(20, [](const LoopTree &tree, Random &) {
    Target target = makeTarget(8, 64, 64, StorePolicy::Fetch);
    Bytes model = computeByDistances(tree, target).levels[0].total;
    Bytes measured = simulate(tree, target)[0].total;
    int64_t roundings = tree.ops.size() * tree.buffers.size();
    EXPECT_GE(model.read, measured.read);
    EXPECT_GE(model.written, measured.written);
    EXPECT_LE(model.total(), measured.total() + roundings);
  });
}

/// compulsory <= bound <= scheduled for single ops from cold.
TEST(Traffic, NeverBelowTheBound) {
  forEachProgram(30, [](const LoopTree &tree, Random &random) {
    if (tree.ops.size() != 1)
      return;
    Target target =
        makeTarget(pick(random, 1, 300), 64, 64, StorePolicy::Allocate);
    Bytes compulsory = computeCompulsory(tree)[0];
    Bound bound = computeBounds(tree, target)[0].back();
    Bytes scheduled = measure(computeByDistances(tree, target));
    EXPECT_LE(compulsory.total(), bound.bytes);
    EXPECT_LE(bound.bytes, scheduled.total()) << bound.theorem;
  });
}

/// An explicit level does at least as well as LRU with as many one-element
/// lines, and never better than the bound.
TEST(Traffic, ExplicitLevelIsBetweenBoundAndLRU) {
  forEachProgram(20, [](LoopTree tree, Random &random) {
    if (tree.ops.size() != 1)
      return;
    for (Buffer &buffer : tree.buffers)
      buffer.elementBits = 32;
    Target target =
        makeTarget(pick(random, 4, 2000), 4, 4, StorePolicy::Allocate);
    Bytes lru = measure(computeByDistances(tree, target));
    target.levels[0].kind = LevelKind::Explicit;
    Bytes held = measure(computeByDistances(tree, target));
    Bound bound = computeBounds(tree, target)[0].back();
    // LRU may keep a part of what does not fit as a whole; holding does not.
    constexpr double kParts = 1.001;
    EXPECT_LE(double(held.total()), double(lru.total()) * kParts);
    EXPECT_LE(bound.bytes, held.total());
  });
}

double errorOf(int64_t predicted, int64_t measured, int64_t compulsory) {
  double reference = double(std::max<int64_t>({measured, compulsory, 1}));
  return std::abs(double(predicted - measured)) / reference;
}

/// Errors of the model over all families, reads and writes apart.
std::vector<double> sweep(unsigned count, int64_t fewestLines) {
  std::vector<double> errors;
  forEachProgram(count, [&](const LoopTree &tree, Random &random) {
    int64_t most = std::max(countBytes(tree) / 64 * 5 / 4, fewestLines + 1);
    double u = std::uniform_real_distribution<double>(0, 1)(random);
    int64_t lines = std::llround(double(fewestLines) *
                                 std::pow(double(most) / fewestLines, u));
    Target target = makeTarget(lines, 64, 64, StorePolicy(pick(random, 0, 1)));
    Bytes model = measure(computeByDistances(tree, target));
    Bytes measured = simulate(tree, target).back().total;
    target = makeTarget(most + 64 * tree.buffers.size(), 64, 64,
                        StorePolicy::Allocate);
    Bytes least = simulate(tree, target).back().total;
    errors.push_back(errorOf(model.read, measured.read, least.read));
    errors.push_back(errorOf(model.written, measured.written, least.written));
  });
  llvm::sort(errors);
  return errors;
}

TEST(Traffic, AgreesWithTheSimulator) {
  std::vector<double> errors = sweep(40, 16);
  EXPECT_LE(errors[errors.size() / 2], 0.01);
  EXPECT_LE(errors[errors.size() * 9 / 10], 0.20);
}

/// A budget under which every set is walked on its own, from start to end.
TrafficOptions walkEverySet() {
  TrafficOptions options;
  options.budget = WalkBudget{/*wholeSteps=*/0, /*sets=*/int64_t(1) << 40,
                              /*work=*/1e15};
  return options;
}

bool hasGathers(const LoopTree &tree) {
  return llvm::any_of(tree.nodes, [](const Node &node) {
    return llvm::any_of(node.nest.accesses, [](const Access &access) {
      return !access.gathers.empty();
    });
  });
}

/// Walks of all sets at once, and of each set on its own, are exact for any
/// sets, index, sectors and store policy.
TEST(Traffic, WalksOfAllSetsAreExact) {
  forEachProgram(30, [](const LoopTree &tree, Random &random) {
    bool sectored = pick(random, 0, 1);
    int64_t ways = pick(random, 0, 1) * 4;
    int64_t lineBytes = sectored ? 128 : 64, sectorBytes = sectored ? 32 : 64;
    int64_t lines = int64_t(4) << pick(random, 0, 8);
    Target target = makeTarget(lines, lineBytes, sectorBytes,
                               StorePolicy(pick(random, 0, 2)), ways);
    if (ways != 0 && pick(random, 0, 1))
      target.levels[0].index = SetIndex::Hashed;
    bool bypasses = target.levels[0].storePolicy == StorePolicy::Bypass;
    Bytes measured = simulate(tree, target).back().total;
    TrafficOptions whole;
    whole.budget = WalkBudget{int64_t(1) << 40};
    for (const TrafficOptions &options : {whole, walkEverySet()}) {
      bool isWhole = options.budget->wholeSteps > 0;
      // What fits is left to distances, which are exact for stores that fetch
      // and where no rows are chosen by data.
      bool isLeft = lines * lineBytes >= countBytes(tree) &&
                    (hasGathers(tree) ||
                     target.levels[0].storePolicy != StorePolicy::Fetch);
      if (!isWhole && (bypasses || isLeft))
        continue;
      Bytes model = measure(computeTraffic(tree, target, options));
      EXPECT_EQ(model.read, measured.read) << (isWhole ? "whole" : "by set");
      EXPECT_EQ(model.written, measured.written)
          << (isWhole ? "whole" : "by set");
    }
  });
}

/// Units with caches of their own, or one for each half of them.
TEST(Traffic, DistributedLoopsAgreeWithTheSimulator) {
  std::vector<double> errors;
  for (unsigned seed = 0; seed < 300; ++seed) {
    Random random(seed);
    LoopTree tree = makeParallel(random);
    Target target = makeTarget(int64_t(8) << pick(random, 0, 6), 64, 64,
                               StorePolicy::Fetch, pick(random, 0, 1) * 4);
    constexpr int64_t kUnits[] = {2, 3, 4, 6, 8, 16};
    target.units = kUnits[pick(random, 0, 5)];
    bool inHalves = target.units % 2 == 0 && pick(random, 0, 2) == 0;
    for (Level &level : target.levels)
      level.unitsPerInstance = target.units;
    target.levels[0].unitsPerInstance = inHalves ? target.units / 2 : 1;
    Bytes measured = simulate(tree, target).back().total;
    bool fits = target.levels[0].capacityBytes >= countBytes(tree);
    for (const TrafficOptions &options : {TrafficOptions(), walkEverySet()}) {
      if (fits && options.budget)
        continue;
      Bytes walked = measure(computeTraffic(tree, target, options));
      EXPECT_EQ(walked.read, measured.read) << "seed " << seed;
      EXPECT_EQ(walked.written, measured.written) << "seed " << seed;
    }
    Bytes model = measure(computeByDistances(tree, target));
    errors.push_back(errorOf(model.read, measured.read, 1));
    errors.push_back(errorOf(model.written, measured.written, 1));
  }
  llvm::sort(errors);
  EXPECT_LE(errors[errors.size() / 2], 0.10); // By distances.
}

} // namespace
