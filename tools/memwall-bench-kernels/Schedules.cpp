//===- Schedules.cpp - What others would try for an op --------------------===//

#include "Schedules.h"
#include "memwall/Schedule/ConvertSchedule.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <random>

using namespace mlir;
using namespace memwall;
using Sizes = llvm::SmallVector<int64_t, 6>;

std::vector<Operation *> memwall::findScheduledOps(ModuleOp module) {
  std::vector<Operation *> ops;
  module.walk([&](linalg::LinalgOp op) {
    if (!isa<linalg::FillOp>(op))
      ops.push_back(op);
  });
  return ops;
}

void memwall::annotate(ModuleOp module, const NamedSchedule &named) {
  auto set = [&](Operation *op, const Schedule &schedule) {
    op->setAttr(kScheduleAttrName, toAttribute(schedule, module.getContext()));
  };
  std::vector<Operation *> ops = findScheduledOps(module);
  auto countDims = [](Operation *op) {
    return cast<linalg::LinalgOp>(op).getNumLoops();
  };
  for (Operation *op : ops) {
    bool isLast = op == ops.back();
    Schedule member;
    member.group = named.schedule.group;
    if (isLast || (named.place == NamedSchedule::Place::Each &&
                   countDims(op) == countDims(ops.back())))
      set(op, named.schedule);
    else if (named.place == NamedSchedule::Place::Group)
      set(op, member);
  }
}

namespace {

/// Makes the schedules of one program.
class Lister {
public:
  Lister(ModuleOp module, llvm::ArrayRef<std::string> levels)
      : levels(levels), ops(findScheduledOps(module)),
        last(cast<linalg::LinalgOp>(ops.back())),
        extents(last.getStaticLoopRanges()) {
    isProduct = last.getNumReductionLoops() == 1 &&
                last.getNumDpsInputs() == 2 && extents.size() >= 3;
    for (utils::IteratorType type : last.getIteratorTypesArray())
      isReduction.push_back(type == utils::IteratorType::reduction);
  }

  std::vector<NamedSchedule> list(unsigned randomOnes) {
    if (ops.size() > 1)
      addGroups();
    else if (isProduct)
      addProducts();
    else
      addTiles(NamedSchedule::Place::Last);
    if (ops.size() > 1)
      addTiles(NamedSchedule::Place::Each);
    for (unsigned i = 0; i < randomOnes; ++i)
      addRandom(i);
    return std::move(all);
  }

private:
  llvm::ArrayRef<std::string> levels;
  std::vector<Operation *> ops;
  linalg::LinalgOp last;
  llvm::SmallVector<int64_t, 4> extents;
  llvm::SmallVector<bool, 6> isReduction;
  bool isProduct = false;
  std::vector<NamedSchedule> all;
  std::minstd_rand random{12};

  /// A band in the next level in; sizes of the extent and more are no loops.
  void addBand(Schedule &schedule, Sizes sizes,
               llvm::ArrayRef<unsigned> order = {}) {
    TileBand band;
    band.level = levels[std::min(schedule.bands.size(), levels.size() - 1)];
    for (auto [d, size] : llvm::enumerate(sizes))
      if (size >= extents[d])
        size = 0;
    for (unsigned i = 0; i < sizes.size(); ++i)
      if (unsigned d = order.empty() ? i : order[i]; sizes[d] != 0)
        band.order.push_back(d);
    band.sizes = sizes;
    if (!band.order.empty())
      schedule.bands.push_back(std::move(band));
  }

  /// Of a product's m, n and k; dimensions in front of them (batches) come one
  /// at a time in the outermost band.
  Sizes ofProduct(int64_t m, int64_t n, int64_t k, bool isOutermost) {
    Sizes sizes(extents.size() - 3, isOutermost ? 1 : 0);
    sizes.append({m, n, k});
    return sizes;
  }
  llvm::SmallVector<unsigned, 6> orderOf(llvm::ArrayRef<unsigned> lastThree) {
    auto order = llvm::to_vector<6>(llvm::seq<unsigned>(0, extents.size() - 3));
    for (unsigned d : lastThree)
      order.push_back(extents.size() - 3 + d);
    return order;
  }

  /// Lays the right operand out in the tiles of the innermost loops.
  void packRight(Schedule &schedule, int64_t n, int64_t k) {
    PackedOperand pack;
    pack.operand = 1;
    int64_t front = int64_t(extents.size()) - 3;
    pack.innerDims = {front, front + 1};
    pack.innerTiles = {std::min(k, extents.back()),
                       std::min(n, extents[extents.size() - 2])};
    schedule.packs.push_back(std::move(pack));
  }

  void addProducts() {
    for (int64_t edge : {32, 64, 128, 256}) {
      Schedule cube;
      addBand(cube, ofProduct(edge, edge, edge, true));
      all.push_back({llvm::formatv("cubes of {0}", edge), cube});
    }
    Schedule packed;
    addBand(packed, ofProduct(64, 64, 64, true));
    packRight(packed, 64, 64);
    all.push_back({"cubes of 64, right one packed", packed});
    // CUTLASS's tile of a block, and its steps of the depth.
    Schedule block;
    addBand(block, ofProduct(128, 128, 0, true));
    addBand(block, ofProduct(0, 0, 32, false));
    all.push_back({"blocks of 128x128, steps of 32", block});
    // Columns, depth and rows in the order of Goto: what BLIS has for Zen and
    // for AVX-512, and the hand-written transform scripts.
    for (auto [name, mc, nc, kc] :
         {std::tuple("BLIS, Zen", 144, 4080, 256),
          std::tuple("BLIS, AVX-512", 480, 3072, 384),
          std::tuple("by hand", 512, 1024, 256),
          std::tuple("by hand, long depth", 256, 1024, 512),
          std::tuple("by hand, AVX2", 96, 512, 256)}) {
      Schedule panels;
      addBand(panels, ofProduct(0, nc, kc, true), orderOf({1, 2, 0}));
      addBand(panels, ofProduct(mc, 0, 0, false));
      all.push_back(
          {llvm::formatv("{0}: {1}x{2}x{3}", name, mc, nc, kc), panels});
    }
  }

  /// Tiles of all dimensions, of rows and of columns.
  void addTiles(NamedSchedule::Place place) {
    for (int64_t edge : {8, 32, 128, 512}) {
      Schedule square;
      addBand(square, Sizes(extents.size(), edge));
      all.push_back({llvm::formatv("tiles of {0}", edge), square, place});
    }
    Sizes rows(extents.size(), 0), columns(extents.size(), 0);
    for (int64_t size : {16, 256}) {
      Schedule byRows, byColumns;
      rows.front() = columns.back() = size;
      addBand(byRows, rows);
      addBand(byColumns, columns);
      all.push_back(
          {llvm::formatv("first dimension by {0}", size), byRows, place});
      all.push_back(
          {llvm::formatv("last dimension by {0}", size), byColumns, place});
    }
    Schedule turned;
    for (unsigned d = extents.size(); d-- > 0;)
      turned.leafOrder.push_back(d);
    all.push_back({"dimensions the other way round", turned, place});
  }

  /// All ops in the same loops over rows, and streams where the last op reduces
  /// something.
  void addGroups() {
    for (int64_t rows : {1, 4, 16, 64, 256})
      addGroup(rows, 0);
    if (llvm::is_contained(isReduction, true))
      for (int64_t rows : {64, 128, 256})
        for (int64_t columns : {64, 128, 256})
          addGroup(rows, columns);
  }
  void addGroup(int64_t rows, int64_t columns) {
    Schedule schedule;
    Sizes sizes(extents.size(), 0);
    sizes.front() = rows;
    addBand(schedule, sizes);
    schedule.group = "all";
    std::string name = llvm::formatv("together, rows by {0}", rows);
    if (columns) {
      unsigned dim = llvm::find(isReduction, true) - isReduction.begin();
      schedule.stream.push_back({levels.back(), dim, columns, std::nullopt});
      name += llvm::formatv(", in passes of {0}", columns);
    }
    all.push_back({name, schedule, NamedSchedule::Place::Group});
  }

  int64_t draw(int64_t below) { return int64_t(random() / 7) % below; }

  /// One or two bands of powers of two, in any order, of a single op; a group
  /// of any number of rows.
  void addRandom(unsigned number) {
    if (ops.size() > 1 && number % 2 == 0) {
      bool isStreamed = llvm::is_contained(isReduction, true) && draw(2);
      addGroup(int64_t(1) << draw(10), isStreamed ? 16 << draw(6) : 0);
      return;
    }
    Schedule schedule;
    std::string name = llvm::formatv("random {0}:", number + 1);
    Sizes inside(extents.begin(), extents.end());
    for (int64_t band = 0, bands = 1 + draw(2); band < bands; ++band) {
      Sizes sizes(extents.size(), 0);
      auto order = llvm::to_vector<6>(llvm::seq<unsigned>(0, extents.size()));
      for (unsigned d = 0; d < extents.size(); ++d) {
        std::swap(order[d], order[d + draw(extents.size() - d)]);
        int64_t size = int64_t(4) << draw(9);
        if (draw(3) != 0 && size < inside[d])
          inside[d] = sizes[d] = size;
      }
      addBand(schedule, sizes, order);
    }
    if (schedule.bands.empty())
      return;
    if (isProduct && draw(3) == 0)
      packRight(schedule, inside[inside.size() - 2], inside.back());
    for (const TileBand &band : schedule.bands) {
      name += " ";
      for (unsigned d : band.order)
        name += llvm::formatv("{0}{1}:{2}", d == band.order.front() ? "" : ",",
                              d, band.sizes[d]);
    }
    if (!schedule.packs.empty())
      name += ", packed";
    all.push_back({name, schedule,
                   ops.size() > 1 ? NamedSchedule::Place::Each
                                  : NamedSchedule::Place::Last});
  }
};

} // namespace

std::vector<NamedSchedule>
memwall::listSchedules(ModuleOp module, llvm::ArrayRef<std::string> levels,
                       unsigned randomOnes) {
  return Lister(module, levels).list(randomOnes);
}
