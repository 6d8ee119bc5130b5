//===- ExplicitLevel.cpp - Traffic of a program-filled memory -------------===//

#include "ExplicitLevel.h"
#include "Retention.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cassert>

using namespace memwall;

/// Appends what a choice moves besides what moves in any case.
static void appendUnheld(const Retention &retention, Retained &result) {
  for (const Gap &gap : retention.gaps) {
    if (gap.isHeld)
      continue;
    ReuseClass moved;
    moved.buffer = gap.buffer;
    moved.op = gap.op;
    moved.sectors = gap.read;
    moved.readsBack = gap.distinct > 0;
    moved.distinct = gap.distinct;
    result.moved.push_back(moved);
  }
  for (const WriteBack &writeBack : retention.writeBacks) {
    ReuseClass moved;
    moved.kind = ReuseKind::WriteBack;
    moved.buffer = writeBack.buffer;
    moved.op = writeBack.op;
    moved.sectors = retention.countWritten(writeBack);
    result.moved.push_back(moved);
  }
}

/// What is read without a gap, although the program has stored it before, is
/// data of another instance of the level, which has to write it. `needed` are
/// those sectors, by buffer.
static void writeForOthers(llvm::SmallVector<double, 0> needed,
                           const Retention &retention, Retained &result) {
  for (const ReuseClass &moved : result.moved)
    if (moved.kind == ReuseKind::Flush)
      needed[moved.buffer] -= moved.sectors;
  llvm::SmallVector<double, 0> kept(needed.size(), 0);
  auto countKept = [&](const WriteBack &writeBack) {
    return writeBack.sectors - retention.countWritten(writeBack);
  };
  for (const WriteBack &writeBack : retention.writeBacks)
    kept[writeBack.buffer] += countKept(writeBack);
  for (const WriteBack &writeBack : retention.writeBacks) {
    BufferId buffer = writeBack.buffer;
    if (needed[buffer] <= 0 || kept[buffer] <= 0)
      continue;
    ReuseClass moved;
    moved.kind = ReuseKind::WriteBack;
    moved.buffer = buffer;
    moved.op = writeBack.op;
    moved.sectors =
        countKept(writeBack) * std::min(1.0, needed[buffer] / kept[buffer]);
    result.moved.push_back(moved);
  }
}

static void sumBuffers(const LoopTree &source, Retained &result) {
  result.buffers.resize(source.buffers.size());
  for (const ReuseClass &moved : result.moved) {
    BufferFlow &flow = result.buffers[moved.buffer];
    if (moved.kind == ReuseKind::Read) {
      flow.read += moved.sectors;
      if (moved.readsBack)
        flow.readBack = std::max(flow.readBack, moved.distinct);
    } else if (moved.kind != ReuseKind::Write) {
      flow.written += moved.sectors;
    }
  }
}

Retained memwall::chooseRetention(const LoopTree &source,
                                  const ConstantTree &tree, const Level &level,
                                  llvm::ArrayRef<ReuseClass> classes) {
  Retained result;
  std::vector<ReuseClass> choices;
  llvm::SmallVector<double, 0> needed(source.buffers.size(), 0);
  for (const ReuseClass &reuse : classes) {
    bool isWrittenDead = reuse.dead && level.deadLines == DeadLines::Written;
    bool isFree = isChoice(reuse) ||
                  (reuse.kind == ReuseKind::WriteBack && !isWrittenDead);
    (isFree ? choices : result.moved).push_back(reuse);
    if (!isFree && reuse.readsBack && reuse.gap == kNoGap)
      needed[reuse.buffer] += reuse.distinct;
  }
  Retention start(tree, double(level.capacityBytes) * 8, choices), best = start;
  double fewest = best.solve(Retention::Order::NestsFirst);
  for (auto order : {Retention::Order::InnerToo, Retention::Order::Greedy}) {
    Retention other = start;
    double moved = other.solve(order);
    if (moved >= fewest)
      continue;
    best = std::move(other);
    fewest = moved;
  }
  appendUnheld(best, result);
  writeForOthers(needed, best, result);
  sumBuffers(source, result);
  return result;
}

std::vector<ReuseClass> memwall::findGaps(const LoopTree &source,
                                          const ConstantTree &tree,
                                          const Level &level) {
  ReuseConfig config;
  config.lineBits = level.lineBytes * 8;
  config.sectorBits = level.sectorBytes * 8;
  config.findsGaps = true;
  std::vector<ReuseClass> classes;
  analyzeReuse(source, tree, config,
               [&](const ReuseClass &reuse) { classes.push_back(reuse); });
  return classes;
}

Retained memwall::computeExplicitTraffic(const LoopTree &source,
                                         const ConstantTree &tree,
                                         const Target &target,
                                         const Level &level) {
  ConstantTree shared =
      distributeLoops(tree, target.units, level.unitsPerInstance);
  Retained result =
      chooseRetention(source, shared, level, findGaps(source, shared, level));
  assert(!findLostWrite(source, level, result.buffers) &&
         "what is read back was written");
  return result;
}

std::optional<BufferId>
memwall::findLostWrite(const LoopTree &source, const Level &level,
                       llvm::ArrayRef<BufferFlow> buffers) {
  // Sums of averages over alignments.
  constexpr double kRounding = 1e-6;
  for (auto [id, flow] : llvm::enumerate(buffers)) {
    const Buffer &buffer = source.buffers[id];
    double sectors =
        double(llvm::divideCeil(uint64_t(buffer.bytes()), level.sectorBytes));
    double readBack = std::min(flow.readBack, sectors);
    if (!buffer.isLiveIn() &&
        readBack > flow.written * (1 + kRounding) + kRounding)
      return BufferId(id);
  }
  return std::nullopt;
}
