//===- Traffic.cpp - From reuse distances to bytes per level
//---------------===//

#include "memwall/Traffic/Traffic.h"
#include "memwall/Traffic/ExplicitLevel.h"
#include "memwall/Traffic/ReuseAnalysis.h"
#include "llvm/ADT/MapVector.h"
#include <cmath>

using namespace memwall;

namespace {

/// Sectors per (op, buffer): the cell in which counts are rounded, so that sums
/// over ops and over buffers agree.
struct Sectors {
  double read = 0, written = 0;
};
using Cells = llvm::MapVector<std::pair<OpId, BufferId>, Sectors>;

} // namespace

/// Adds what `reuse` costs in a cache of this level.
static void addReuse(const Level &level, const ReuseClass &reuse,
                     Cells &cells) {
  double lines = double(level.lines());
  double missed = reuse.sectors * computeMissShare(reuse.distances, lines);
  if (reuse.kind == ReuseKind::Flush ||
      (reuse.dead && level.deadLines == DeadLines::Written))
    missed = reuse.sectors;
  if (missed <= 0)
    return;
  Sectors &cell = cells[{reuse.op, reuse.buffer}];
  switch (reuse.kind) {
  case ReuseKind::Read:
    cell.read += missed;
    return;
  case ReuseKind::WriteBack:
  case ReuseKind::Flush:
    cell.written += missed;
    return;
  case ReuseKind::Write:
    if (level.storePolicy == StorePolicy::Fetch)
      cell.read += missed;
    else if (reuse.begun > 0)
      cell.read +=
          missed +
          std::max(0.0, reuse.begun *
                            (computeMissShare(reuse.distances, lines) -
                             computeMissShare(reuse.coverDistances, lines)));
    return;
  }
}

static LevelTraffic toBytes(const LoopTree &tree, const Cells &cells,
                            int64_t sectorBytes) {
  LevelTraffic result;
  result.ops.resize(tree.ops.size());
  result.buffers.resize(tree.buffers.size());
  for (const auto &[key, sectors] : cells) {
    Bytes bytes;
    bytes.read = std::llround(sectors.read) * sectorBytes;
    bytes.written = std::llround(sectors.written) * sectorBytes;
    for (Bytes *sum :
         {&result.total, &result.ops[key.first], &result.buffers[key.second]}) {
      sum->read += bytes.read;
      sum->written += bytes.written;
    }
  }
  return result;
}

/// The innermost level serves every access: bits, rounded up per cell.
static LevelTraffic countAccesses(const LoopTree &tree,
                                  const ConstantTree &constant) {
  Cells cells;
  llvm::SmallVector<double, 0> executions(constant.nodes.size(), 1);
  for (size_t n = 1; n < constant.nodes.size(); ++n) {
    const ConstantNode &node = constant.nodes[n];
    executions[n] = executions[node.parent] * double(node.tripCount);
    if (!node.isAccess)
      continue;
    const ConstantAccess &access = constant.accesses[node.access];
    Sectors &cell = cells[{access.op, access.buffer}];
    (access.isWrite ? cell.written : cell.read) +=
        executions[n] * double(access.elementBits);
  }
  for (auto &[key, bits] : cells)
    bits = {std::ceil(bits.read / 8), std::ceil(bits.written / 8)};
  return toBytes(tree, cells, 1);
}

static ReuseConfig getConfig(const Target &target, const Level &level) {
  ReuseConfig config;
  config.lineBits = level.lineBytes * 8;
  config.sectorBits = level.sectorBytes * 8;
  config.sets = level.sets();
  config.units = target.units;
  config.unitsPerInstance = level.unitsPerInstance;
  return config;
}

Traffic memwall::computeTraffic(const LoopTree &tree, const Target &target) {
  ConstantTree constant = buildConstantTree(tree);
  Traffic traffic;
  traffic.levels.push_back(countAccesses(tree, constant));
  for (size_t i = 0; i + 1 < target.levels.size(); ++i) {
    const Level &level = target.levels[i];
    Cells cells;
    if (level.kind == LevelKind::Explicit)
      computeExplicitTraffic(
          tree, constant, getConfig(target, level), level.capacityBytes,
          level.deadLines == DeadLines::Written,
          [&](OpId op, BufferId buffer, double read, double written) {
            cells[{op, buffer}].read += read;
            cells[{op, buffer}].written += written;
          });
    else
      analyzeReuse(
          tree, constant, getConfig(target, level),
          [&](const ReuseClass &reuse) { addReuse(level, reuse, cells); });
    traffic.levels.push_back(toBytes(tree, cells, level.sectorBytes));
  }
  return traffic;
}
