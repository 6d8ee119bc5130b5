//===- LevelCells.cpp - What a level moves, by op and buffer --------------===//

#include "LevelCells.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <tuple>

using namespace memwall;

/// Sectors of a class that leave or miss a cache like this level with `lines`.
static double countMissed(const Level &level, double lines,
                          const ReuseClass &reuse) {
  bool bypasses = level.storePolicy == StorePolicy::Bypass;
  bool isDirty = reuse.kind == ReuseKind::WriteBack;
  if (bypasses && reuse.streamed && reuse.kind != ReuseKind::Write)
    return isDirty || reuse.kind == ReuseKind::Flush ? 0 : reuse.sectors;
  if (reuse.dead && level.deadLines == DeadLines::Written)
    return reuse.sectors;
  return reuse.sectors * computeMissShare(reuse.distances, lines);
}

/// Sectors that a store brings in: all of it where it fetches, and what was
/// begun in an earlier residency and left incomplete where it does not.
static double countFetched(const Level &level, double lines,
                           const ReuseClass &reuse, double missed) {
  if (level.storePolicy == StorePolicy::Fetch)
    return missed;
  if (level.storePolicy == StorePolicy::Bypass || reuse.begun <= 0)
    return 0;
  double begun = computeMissShare(reuse.distances, lines) -
                 computeMissShare(reuse.coverDistances, lines);
  return missed + std::max(0.0, reuse.begun * begun);
}

/// Adds what `reuse` costs in a cache like this level with `lines`.
static void addReuse(const Level &level, double lines, const ReuseClass &reuse,
                     Sectors &cell) {
  double missed = countMissed(level, lines, reuse);
  bool isCold = reuse.isCold();
  if (reuse.kind == ReuseKind::Read) {
    (isCold ? cell.coldRead : cell.read) += missed;
  } else if (reuse.kind != ReuseKind::Write) {
    (isCold ? cell.flushed : cell.written) += missed;
  } else {
    double fetched =
        isCold ? missed : countFetched(level, lines, reuse, missed);
    (isCold ? cell.coldWritten : cell.read) += fetched;
    if (!isCold)
      cell.readByStores += fetched;
    if (level.storePolicy == StorePolicy::Bypass && !reuse.combined)
      cell.written += missed;
  }
}

/// Lines that a level has if its capacity is `eighths` eighths of what it is.
static double countLines(Level level, int64_t eighths) {
  level.capacityBytes += level.capacityBytes / 8 * (eighths - 8);
  return double(level.usableLines());
}

LevelByDistances::LevelByDistances(const Level &level)
    : level(level), lines(countLines(level, 8)), fewer(countLines(level, 7)),
      more(countLines(level, 9)) {}

void LevelByDistances::add(const ReuseClass &reuse) {
  addReuse(level, lines, reuse, cells[{reuse.op, reuse.buffer}]);
  addReuse(level, lines, reuse, sum);
  addReuse(level, fewer, reuse, ifSmaller);
  addReuse(level, more, reuse, ifLarger);
}

/// States the standard errors of distances. They are close to those of the
/// cache but not equal, which matters where the cache has about the capacity
/// that data needs.
void LevelByDistances::stateErrors(LevelTraffic &traffic) const {
  // A third of the largest error away from capacities (tools/validate --large).
  constexpr double kLeastError = 0.01;
  auto state = [&](double Sectors::*field, int64_t bytes) {
    double slope = std::max(std::abs(ifSmaller.*field - sum.*field),
                            std::abs(ifLarger.*field - sum.*field));
    return std::hypot(slope * double(level.sectorBytes),
                      kLeastError * double(bytes));
  };
  traffic.provenance.errorOfRead = state(&Sectors::read, traffic.total.read);
  traffic.provenance.errorOfWritten =
      state(&Sectors::written, traffic.total.written);
}

void memwall::addUnheld(const ReuseClass &reuse, Cells &cells) {
  bool isCold = reuse.isCold();
  Sectors &cell = cells[{reuse.op, reuse.buffer}];
  if (reuse.kind == ReuseKind::Read)
    (isCold ? cell.coldRead : cell.read) += reuse.sectors;
  else if (reuse.kind != ReuseKind::Write)
    (isCold ? cell.flushed : cell.written) += reuse.sectors;
  else if (isCold)
    cell.coldWritten += reuse.sectors;
}

void memwall::settleCold(const Level &level, const ColdSectors &cold,
                         bool isShared, Cells &cells) {
  llvm::DenseMap<BufferId, Sectors> sums;
  for (const auto &[key, cell] : cells) {
    Sectors &sum = sums[key.second];
    sum.coldRead += cell.coldRead + cell.coldWritten;
    sum.flushed += cell.flushed;
  }
  // What the classes of a buffer are off by, once per buffer.
  int64_t sectorBits = level.sectorBytes * 8;
  for (auto &[buffer, sum] : sums) {
    auto scale = [&](std::optional<int64_t> exact, double counted) {
      return isShared && exact && counted > 0 ? double(*exact) / counted : 1.0;
    };
    if (sum.coldRead > 0)
      sum.read = scale(cold.countTouched(buffer, sectorBits), sum.coldRead);
    if (sum.flushed > 0)
      sum.written = scale(cold.countWritten(buffer, sectorBits), sum.flushed);
  }
  for (auto &[key, cell] : cells) {
    const Sectors &scale = sums[key.second];
    cell.read += cell.coldRead * scale.read;
    if (level.kind == LevelKind::Cached &&
        level.storePolicy == StorePolicy::Fetch) {
      cell.read += cell.coldWritten * scale.read;
      cell.readByStores += cell.coldWritten * scale.read;
    }
    cell.written += cell.flushed * scale.written;
  }
}

int64_t memwall::toWholeBytes(double sectors, int64_t sectorBytes) {
  double bytes = std::round(sectors) * double(sectorBytes);
  return bytes < 0x1p63 ? std::llround(sectors) * sectorBytes : kTooManyBytes;
}

LevelTraffic memwall::toBytes(const LoopTree &tree, const Cells &cells,
                              int64_t sectorBytes, bool recordsOperands) {
  LevelTraffic result;
  if (recordsOperands)
    result.operands.reserve(cells.size());
  result.ops.resize(tree.ops.size());
  result.buffers.resize(tree.buffers.size());
  for (const auto &[key, sectors] : cells) {
    Bytes bytes;
    bytes.read = toWholeBytes(sectors.read, sectorBytes);
    bytes.written = toWholeBytes(sectors.written, sectorBytes);
    result.total.add(bytes);
    result.ops[key.first].add(bytes);
    result.buffers[key.second].add(bytes);
    if (recordsOperands)
      result.operands.push_back(
          {key.first, key.second, bytes,
           std::min(bytes.read,
                    toWholeBytes(sectors.readByStores, sectorBytes))});
  }
  llvm::sort(result.operands,
             [](const OperandTraffic &a, const OperandTraffic &b) {
               return std::tie(a.op, a.buffer) < std::tie(b.op, b.buffer);
             });
  return result;
}

llvm::ArrayRef<OperandTraffic> LevelTraffic::operandsOf(OpId op) const {
  auto begin = llvm::lower_bound(
      operands, op, [](const OperandTraffic &a, OpId b) { return a.op < b; });
  auto end = begin;
  while (end != operands.end() && end->op == op)
    ++end;
  return llvm::ArrayRef(begin, end);
}
