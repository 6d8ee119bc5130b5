//===- Tilings.cpp - The table of tilings ---------------------------------===//

#include "Tilings.h"
#include "TilingsCell.h"
#include "TilingsPicks.h"
#include "TilingsReference.h"
#include "TilingsSimulation.h"
#include "memwall/Bounds/Bounds.h"
#include "memwall/Search/Search.h"
#include "memwall/Traffic/Traffic.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <chrono>
#include <cmath>

using namespace memwall;
using namespace memwall::tilings;
using llvm::formatv;

namespace {

/// A program as scheduled, and its bytes at DRAM.
struct Scheduled {
  LoopTree tree;
  std::string schedule;
  int64_t bytes = 0;
  double seconds = 0; ///< Of searching.
};

/// One row: a shape at a capacity in some widths.
struct Cell {
  const Shape *shape;
  const Widths *widths;
  int64_t capacity;
  int64_t bound = 0, best = 0;
  Scheduled held, lru; ///< On the explicit and on the LRU level.

  double ratio(const Scheduled &scheduled) const {
    return double(scheduled.bytes) / double(bound);
  }
};

} // namespace

static constexpr OpId kMatmul = 1;
/// Ratios to the bound above this are explained one by one.
static constexpr double kExplained = 1.30;

static int64_t countBytes(const LoopTree &tree, const Target &target) {
  return computeTraffic(tree, target).levels.back().total.total();
}

static Scheduled scheduleByMemwall(const LoopTree &tree, const Target &target) {
  Scheduled result;
  SearchOptions options;
  options.packWeightsAhead = true;
  auto start = std::chrono::steady_clock::now();
  auto choices = searchSchedules(tree, target, options).ops;
  std::chrono::duration<double> taken =
      std::chrono::steady_clock::now() - start;
  result.seconds = taken.count();
  llvm::SmallVector<OpSchedule, 0> schedules;
  for (const ScheduleChoice &choice : choices)
    if (choice.schedule)
      schedules.push_back({choice.op, *choice.schedule});
  result.schedule =
      schedules.empty() ? "as it is" : toString(schedules.back().schedule);
  result.tree = llvm::cantFail(scheduleTree(tree, schedules));
  result.bytes = countBytes(result.tree, target);
  return result;
}

static Cell computeCell(const Shape &shape, const Widths &widths,
                        int64_t capacity) {
  Cell cell;
  cell.shape = &shape;
  cell.widths = &widths;
  cell.capacity = capacity;
  LoopTree tree = makeTree(shape, widths);
  Target explicitLevel = makeTarget(capacity, true);
  int64_t narrowing = countNarrowing(shape, widths);
  cell.bound =
      computeBounds(tree, explicitLevel)[kMatmul].back().bytes - narrowing;
  cell.best = findBestTiling(shape, widths, capacity) - narrowing;
  cell.held = scheduleByMemwall(tree, explicitLevel);
  cell.lru = scheduleByMemwall(tree, makeTarget(capacity, false));
  cell.held.bytes -= narrowing;
  cell.lru.bytes -= narrowing;
  return cell;
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

static const char *const kHead = R"(# Results: tilings of matmuls

Written by `memwall-bench --tilings --output=docs/Results.md`; do not edit.

What the schedules that memwall searches move between DRAM and one memory in
front of it, C[m,n] = A[m,k] B[k,n] from cold, C starting from zero.

- **bound**: no schedule moves less ([Model.md](Model.md), B6).
- **best**: the best integer tiling of one level by exhaustive search, written
  apart from memwall's search: all tile sizes, all orders of the six loops, all
  retentions (`tools/memwall-bench/TilingsReference.cpp`).
- **explicit**: memwall's schedule on a memory that the program fills.
- **LRU**: memwall's schedule on a fully associative LRU cache with lines of 64
  bytes whose stores do not fetch.

All by the same traffic model. Widths are those of A, B, the accumulator and the
output. A linalg op accumulates in its result, so the model's C has the width of
the accumulator; the last store of each element goes out in the width of the
output, which takes mn (accumulator - output) bytes off every figure, the bound
included. Operands may be packed into tiles: B ahead of the program (it is a
weight, except where there is one per head), everything else at the price of
reading and writing it, which is in the figures.
)";

static double geometricMean(llvm::ArrayRef<double> values) {
  double sum = 0;
  for (double value : values)
    sum += std::log(value);
  return values.empty() ? 1 : std::exp(sum / double(values.size()));
}

static std::string describe(const Cell &cell) {
  return formatv("{0}, {1}, {2}", cell.shape->name, cell.widths->name,
                 tilings::toString(cell.capacity))
      .str();
}

static void writeSummary(llvm::ArrayRef<Cell> cells,
                         llvm::raw_ostream &stream) {
  llvm::SmallVector<double, 0> best, held, lru, heldToBest, lruToBest;
  for (const Cell &cell : cells) {
    best.push_back(double(cell.best) / double(cell.bound));
    held.push_back(cell.ratio(cell.held));
    lru.push_back(cell.ratio(cell.lru));
    heldToBest.push_back(double(cell.held.bytes) / double(cell.best));
    lruToBest.push_back(double(cell.lru.bytes) / double(cell.best));
  }
  auto worst = [](llvm::ArrayRef<double> values) {
    return *std::max_element(values.begin(), values.end());
  };
  stream << formatv("\n## Summary\n\n{0} cells.\n\n"
                    "| | geometric mean | worst |\n|---|--:|--:|\n",
                    cells.size());
  auto row = [&](const char *name, llvm::ArrayRef<double> values) {
    stream << formatv("| {0} | {1:F3} | {2:F3} |\n", name,
                      geometricMean(values), worst(values));
  };
  row("best / bound", best);
  row("explicit / bound", held);
  row("explicit / best", heldToBest);
  row("LRU / bound", lru);
  row("LRU / best", lruToBest);
}

static void writeCells(llvm::ArrayRef<Cell> cells, llvm::raw_ostream &stream) {
  const Widths *widths = nullptr;
  for (const Cell &cell : cells) {
    if (cell.widths != widths) {
      widths = cell.widths;
      stream << formatv(
          "\n## {0}: {1}, {2}, {3}, {4} bits\n\n"
          "| shape | m x n x k | capacity | bound, MB | best / bound | "
          "explicit / bound | explicit / best | LRU / bound | LRU / best |\n"
          "|---|---|--:|--:|--:|--:|--:|--:|--:|\n",
          widths->name, widths->a, widths->b, widths->accumulator,
          widths->output);
    }
    const Shape &shape = *cell.shape;
    std::string batch =
        shape.batch > 1 ? formatv("{0} x ", shape.batch).str() : std::string();
    stream << formatv(
        "| {0} | {1}{2} x {3} x {4} | {5} | {6:F2} | {7:F3} | "
        "{8:F3} | {9:F3} | {10:F3} | {11:F3} |\n",
        shape.name, batch, shape.m, shape.n, shape.k,
        tilings::toString(cell.capacity), double(cell.bound) / 1e6,
        double(cell.best) / double(cell.bound), cell.ratio(cell.held),
        double(cell.held.bytes) / double(cell.best), cell.ratio(cell.lru),
        double(cell.lru.bytes) / double(cell.best));
  }
}

/// Why a cell is far from its bound.
static std::string explain(const Cell &cell, const Scheduled &scheduled) {
  double best = double(cell.best) / double(cell.bound);
  double more = double(scheduled.bytes) / double(cell.best);
  std::string text =
      formatv("the best tiling of one level is at {0:F2}", best).str();
  if (more > 1.02)
    text += formatv("; {0:F2} times that, because the lines that come next "
                    "need room while a tile is still in use",
                    more)
                .str();
  return text;
}

static void writeExplanations(llvm::ArrayRef<Cell> cells,
                              llvm::raw_ostream &stream) {
  stream << formatv("\n## Cells above {0:F2} times the bound\n\n"
                    "The bound knows no integers and, for a zero-initialised C "
                    "at k near 2 sqrt S, is itself\nup to 1.25 below the best "
                    "schedules known ([Model.md](Model.md), B7).\n\n"
                    "| cell | level | ratio | schedule | why |\n"
                    "|---|---|--:|---|---|\n",
                    kExplained);
  for (const Cell &cell : cells)
    for (const Scheduled *scheduled : {&cell.held, &cell.lru})
      if (cell.ratio(*scheduled) > kExplained)
        stream << formatv("| {0} | {1} | {2:F2} | `{3}` | {4} |\n",
                          describe(cell),
                          scheduled == &cell.held ? "explicit" : "LRU",
                          cell.ratio(*scheduled), scheduled->schedule,
                          explain(cell, *scheduled));
}

//===----------------------------------------------------------------------===//
// Picks of other compilers
//===----------------------------------------------------------------------===//

/// Bytes with tile loops over m, n, k, and the op's own loops in the order that
/// moves least.
static int64_t countByPick(const LoopTree &tree, const PickedShape &shape,
                           const Pick &pick, const Target &target) {
  TileBand band;
  band.level = target.levels.front().name;
  int64_t extents[] = {shape.m, shape.n, shape.k};
  int64_t sizes[] = {pick.m, pick.n, pick.k};
  for (unsigned d = 0; d < 3; ++d) {
    bool isCut = sizes[d] != 0 && sizes[d] < extents[d];
    band.sizes.push_back(isCut ? sizes[d] : 0);
    if (isCut)
      band.order.push_back(d);
  }
  Schedule schedule;
  if (!band.order.empty())
    schedule.bands.push_back(band);
  schedule.leafOrder = {0, 1, 2};
  int64_t least = INT64_MAX;
  do {
    LoopTree scheduled =
        llvm::cantFail(scheduleTree(tree, {{kMatmul, schedule}}));
    least = std::min(least, countBytes(scheduled, target));
  } while (std::next_permutation(schedule.leafOrder.begin(),
                                 schedule.leafOrder.end()));
  return least;
}

static void writePicks(llvm::raw_ostream &stream) {
  stream << "\n## Tiles that other compilers pick\n\n"
            "f32; tile loops over m, n, k in this order, and inside of them "
            "the order of the op's own loops\nthat moves least. Tile sizes as "
            "published for these shapes: defaults and cost models in the\n"
            "compilers' sources. Bytes over the bound, by the same model.\n";
  for (const PickedShape &shape : getPickedShapes()) {
    Shape plain{"", 1, shape.m, shape.n, shape.k};
    LoopTree tree = makeTree(plain, getWidths()[0]);
    stream << formatv("\n### {0} x {1} x {2}\n\n| tiles | m, n, k |", shape.m,
                      shape.n, shape.k);
    for (const char *level : {"explicit", "LRU"})
      for (int64_t capacity : getCapacities())
        stream << formatv(" {0}, {1} |", level, tilings::toString(capacity));
    stream << "\n|---|---|";
    for (size_t i = 0; i < 2 * getCapacities().size(); ++i)
      stream << "--:|";
    auto row = [&](llvm::StringRef name, std::string sizes, auto measure) {
      stream << formatv("\n| {0} | {1} |", name, sizes);
      for (bool isExplicit : {true, false})
        for (int64_t capacity : getCapacities()) {
          Target target = makeTarget(capacity, isExplicit);
          int64_t bound = computeBounds(tree, target)[kMatmul].back().bytes;
          stream << formatv(" {0:F3} |",
                            double(measure(target)) / double(bound));
        }
    };
    row("memwall", "by capacity", [&](const Target &target) {
      return scheduleByMemwall(tree, target).bytes;
    });
    for (const Pick &pick : shape.picks)
      row(pick.compiler,
          formatv("{0}, {1}, {2}", pick.m, pick.n,
                  pick.k ? std::to_string(pick.k) : "all")
              .str(),
          [&](const Target &target) {
            return countByPick(tree, shape, pick, target);
          });
    stream << "\n";
  }
}

//===----------------------------------------------------------------------===//
// The simulator
//===----------------------------------------------------------------------===//

static void writeSimulations(llvm::ArrayRef<Cell> cells,
                             llvm::raw_ostream &stream) {
  constexpr double kMostAccesses = 1e8;
  stream << "\n## Measured by the simulator\n\n"
            "LRU level, cells of at most 1e8 accesses: every access of the "
            "schedule through the cache simulator,\nwhich shares no code with "
            "the model.\n\n| cell | predicted, bytes | simulated, bytes | "
            "predicted / simulated |\n|---|--:|--:|--:|\n";
  for (const Cell &cell : cells) {
    if (countAccesses(makeTree(*cell.shape, *cell.widths)) > kMostAccesses)
      continue;
    int64_t measured =
        simulateBytes(cell.lru.tree, makeTarget(cell.capacity, false)) -
        countNarrowing(*cell.shape, *cell.widths);
    stream << formatv("| {0} | {1} | {2} | {3:F4} |\n", describe(cell),
                      cell.lru.bytes, measured,
                      double(cell.lru.bytes) / double(measured));
  }
}

void tilings::writeTilings(llvm::raw_ostream &stream) {
  std::vector<Cell> cells;
  llvm::SmallVector<double, 0> milliseconds;
  for (const Widths &widths : getWidths())
    for (const Shape &shape : getShapes())
      for (int64_t capacity : getCapacities()) {
        cells.push_back(computeCell(shape, widths, capacity));
        milliseconds.push_back(cells.back().held.seconds * 1e3);
        milliseconds.push_back(cells.back().lru.seconds * 1e3);
      }
  stream << kHead;
  writeSummary(cells, stream);
  writeCells(cells, stream);
  writeExplanations(cells, stream);
  writePicks(stream);
  writeSimulations(cells, stream);
  llvm::sort(milliseconds);
  llvm::errs() << formatv("searches: {0}, median {1:F2} ms, longest {2:F2} "
                          "ms\n",
                          milliseconds.size(),
                          milliseconds[milliseconds.size() / 2],
                          milliseconds.back());
}
