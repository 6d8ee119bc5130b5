//===- SplitOp.cpp - Parts of a reduction for idle units ------------------===//

#include "SplitOp.h"
#include "memwall/Search/Search.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace memwall;

double memwall::computeIdleCost(int64_t busy, int64_t units) {
  constexpr double kIdleCost = 0.02;
  return kIdleCost *
         std::log(double(units) / double(std::max<int64_t>(busy, 1)));
}

int64_t memwall::countBusyUnits(const OpShape &op, const Schedule &schedule,
                                int64_t units) {
  double tiles = schedule.split ? double(schedule.split->parts) : 1;
  if (!schedule.bands.empty())
    for (unsigned dim : schedule.bands.front().parallel)
      tiles *= double(
          llvm::divideCeil(op.extents[dim], schedule.bands.front().sizes[dim]));
  return int64_t(std::min(tiles, double(units)));
}

namespace {

/// A split has to be worth this much of a score, as any change has.
constexpr double kLeastGain = 0.001;

/// A way to run the op on units.
struct Option {
  Schedule schedule;
  int64_t busy = 1;
  MeasuredSchedule measured;
  double cost = 0; ///< Score and idle units.
};

class SplitSearch {
public:
  SplitSearch(const OpShape &op, const Schedule &chosen, const Target &target,
              MeasureSchedule measure)
      : op(op), chosen(chosen), target(target), measure(measure) {}

  std::optional<FoundSplit> run();

private:
  std::optional<unsigned> findSplitDim() const;
  int64_t countTiles() const;
  int64_t getLeastTile(unsigned dim) const;
  bool isShared(unsigned dim) const;
  bool addUndivided();
  void addOption(const Schedule &schedule);
  std::optional<Option> makeOption(const Schedule &schedule) const;
  std::optional<Option> trySplits(const Option &from, unsigned dim) const;

  const OpShape &op;
  const Schedule &chosen;
  const Target &target;
  MeasureSchedule measure;
  llvm::SmallVector<Option, 4> undivided; ///< Without a split.
};

} // namespace

/// The reduction with the most iterations.
std::optional<unsigned> SplitSearch::findSplitDim() const {
  std::optional<unsigned> longest;
  for (unsigned dim = 0; dim < op.rank(); ++dim)
    if (op.isReduction[dim] && op.canCut(dim) && op.extents[dim] > 1 &&
        (!longest || op.extents[dim] > op.extents[*longest]))
      longest = dim;
  // The parts of a divided dimension are several loops.
  return op.partDims == 0 ? longest : std::nullopt;
}

/// Tiles of the result, by the innermost tiles of the schedule: so many units
/// could be given one.
int64_t SplitSearch::countTiles() const {
  double tiles = 1;
  for (unsigned dim = 0; dim < op.rank(); ++dim) {
    int64_t size = op.extents[dim];
    for (const TileBand &band : chosen.bands)
      if (band.sizes[dim] != 0)
        size = band.sizes[dim];
    if (!op.isReduction[dim])
      tiles *= double(llvm::divideCeil(op.extents[dim], size));
  }
  return int64_t(std::min(tiles, double(target.units)));
}

/// Iterations of `dim` that fill a line of what the op reads along it.
int64_t SplitSearch::getLeastTile(unsigned dim) const {
  int64_t least = 1, lineBits = target.levels.front().lineBytes * 8;
  for (const OperandShape &operand : op.operands)
    for (const OperandTerm &term : operand.terms)
      if (term.dim == dim && operand.isRead && !operand.isWritten &&
          term.strideBits < lineBits)
        least = std::max(least, lineBits / term.strideBits);
  return std::min(least, op.extents[dim]);
}

/// Whether all that the op reads moves with `dim`: tiles of it share nothing.
bool SplitSearch::isShared(unsigned dim) const {
  return llvm::all_of(op.operands, [&](const OperandShape &operand) {
    return operand.isWritten || operand.movesWith(dim);
  });
}

std::optional<Option> SplitSearch::makeOption(const Schedule &schedule) const {
  std::optional<MeasuredSchedule> measured = measure(schedule);
  if (!measured)
    return std::nullopt;
  Option option{schedule, countBusyUnits(op, schedule, target.units),
                *measured};
  option.cost = measured->score + computeIdleCost(option.busy, target.units);
  return option;
}

void SplitSearch::addOption(const Schedule &schedule) {
  if (std::optional<Option> option = makeOption(schedule))
    undivided.push_back(std::move(*option));
}

/// Parallel loops over the dimensions of an op that has no schedule: those that
/// share nothing, and each of the others with them, in as many tiles as there
/// are units. False where the first keep all units busy.
bool SplitSearch::addUndivided() {
  TileBand band;
  band.level = target.levels[target.levels.size() - 2].name;
  band.sizes.assign(op.rank(), 0);
  int64_t tiles = 1;
  llvm::SmallVector<unsigned, 4> others;
  for (unsigned dim = 0; dim < op.rank(); ++dim) {
    int64_t least = getLeastTile(dim);
    if (op.isReduction[dim] || !op.canCut(dim) || op.extents[dim] <= least)
      continue;
    if (!isShared(dim)) {
      others.push_back(dim);
      continue;
    }
    band.sizes[dim] = least;
    band.order.push_back(dim);
    tiles *= llvm::divideCeil(op.extents[dim], least);
    if (tiles >= target.units)
      return false;
  }
  auto add = [&](TileBand with) {
    Schedule schedule;
    with.parallel.assign(with.order.begin(), with.order.end());
    if (!with.order.empty()) {
      schedule.bands.push_back(std::move(with));
      schedule.units = target.units;
    }
    addOption(schedule);
  };
  add(band);
  for (unsigned dim : others) {
    TileBand with = band;
    int64_t least = getLeastTile(dim);
    int64_t size = llvm::divideCeil(op.extents[dim],
                                    llvm::divideCeil(target.units, tiles));
    with.sizes[dim] =
        std::min<int64_t>(llvm::alignTo(size, least), op.extents[dim]);
    with.order.push_back(dim);
    add(std::move(with));
  }
  return true;
}

void memwall::cutToPart(Schedule &schedule, unsigned dim, int64_t size) {
  for (TileBand &band : schedule.bands)
    if (band.sizes[dim] >= size) {
      band.sizes[dim] = 0;
      llvm::erase(band.order, dim);
    }
  llvm::erase_if(schedule.bands,
                 [](const TileBand &band) { return band.order.empty(); });
}

/// The best number of parts: as many as fill the units, then powers of two,
/// while fewer are better.
std::optional<Option> SplitSearch::trySplits(const Option &from,
                                             unsigned dim) const {
  std::optional<Option> best;
  int64_t extent = op.extents[dim];
  for (int64_t most = std::min(target.units / from.busy, extent); most >= 2;
       most = llvm::bit_floor(uint64_t(most - 1))) {
    SplitReduction split{dim, most};
    int64_t size = split.getPartSize(extent);
    split.parts = llvm::divideCeil(extent, size);
    if (split.parts < 2)
      break;
    if (best && split.parts == best->schedule.split->parts)
      continue; // So few iterations are in as many parts as before.
    Schedule schedule = from.schedule;
    schedule.packs.clear();
    schedule.split = split;
    schedule.units = target.units;
    cutToPart(schedule, dim, size);
    std::optional<Option> option = makeOption(schedule);
    if (!option || (best && option->cost >= best->cost))
      break;
    best = std::move(option);
  }
  return best;
}

std::optional<FoundSplit> SplitSearch::run() {
  std::optional<unsigned> dim = findSplitDim();
  if (!dim || target.units <= 1)
    return std::nullopt;
  if (chosen.empty() ? !addUndivided() : 2 * countTiles() > target.units)
    return std::nullopt;
  if (!chosen.empty())
    addOption(chosen);
  if (undivided.empty())
    return std::nullopt;
  const Option &now =
      *llvm::min_element(undivided, [](const Option &a, const Option &b) {
        return a.cost < b.cost;
      });
  int64_t leastBytes = now.measured.dramBytes;
  for (const Option &option : undivided)
    leastBytes = std::min(leastBytes, option.measured.dramBytes);
  std::optional<Option> best;
  for (const Option &from : undivided) {
    std::optional<Option> split = trySplits(from, *dim);
    bool isTooMuch = split && double(split->measured.dramBytes) >
                                  double(leastBytes) * (1 + kMostMoreAtDram);
    if (split && !isTooMuch && (!best || split->cost < best->cost))
      best = std::move(split);
  }
  if (!best || best->cost > now.cost - kLeastGain)
    return std::nullopt;
  return FoundSplit{std::move(best->schedule), now.busy, best->busy};
}

std::optional<FoundSplit> memwall::findSplit(const OpShape &op,
                                             const Schedule &chosen,
                                             const Target &target,
                                             MeasureSchedule measure) {
  return SplitSearch(op, chosen, target, measure).run();
}
