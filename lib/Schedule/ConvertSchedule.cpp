//===- ConvertSchedule.cpp - Between attribute, text and plain schedule ---===//

#include "memwall/Schedule/ConvertSchedule.h"
#include "memwall/IR/MemWallDialect.h"
#include "memwall/Work/Combiner.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Interfaces/TilingInterface.h"

using namespace mlir;
using namespace memwall;

static SmallVector<int64_t, 6> toIntegers(ArrayRef<unsigned> values) {
  return SmallVector<int64_t, 6>(values);
}

Schedule memwall::toSchedule(ScheduleAttr attribute) {
  Schedule schedule;
  for (TileBandAttr band : attribute.getBands()) {
    TileBand &added = schedule.bands.emplace_back();
    added.level = band.getLevel().str();
    llvm::append_range(added.sizes, band.getSizes());
    llvm::append_range(added.order, band.getOrder());
    llvm::append_range(added.parallel, band.getParallel());
  }
  llvm::append_range(schedule.leafOrder, attribute.getLeafOrder());
  for (PackedOperandAttr pack : attribute.getPacks()) {
    PackedOperand &added = schedule.packs.emplace_back();
    added.operand = pack.getOperand();
    llvm::append_range(added.innerDims, pack.getInnerDims());
    llvm::append_range(added.innerTiles, pack.getInnerTiles());
    llvm::append_range(added.outerPermutation, pack.getOuterPermutation());
    added.ahead = pack.getAhead();
  }
  if (SplitReductionAttr split = attribute.getSplit())
    schedule.split = {unsigned(split.getDim()), split.getParts()};
  schedule.units = attribute.getUnits();
  schedule.group = attribute.getGroup().str();
  schedule.at = attribute.getAt();
  schedule.recompute = attribute.getRecompute();
  for (StreamBandAttr band : attribute.getStream())
    schedule.stream.push_back({band.getLevel().str(),
                               static_cast<unsigned>(band.getDim()),
                               band.getSize(), band.getParts()});
  return schedule;
}

ScheduleAttr memwall::toAttribute(const Schedule &schedule,
                                  MLIRContext *context) {
  context->getOrLoadDialect<MemWallDialect>();
  SmallVector<TileBandAttr> bands;
  for (const TileBand &band : schedule.bands)
    bands.push_back(TileBandAttr::get(context, band.level, band.sizes,
                                      toIntegers(band.order),
                                      toIntegers(band.parallel)));
  SmallVector<PackedOperandAttr> packs;
  for (const PackedOperand &pack : schedule.packs)
    packs.push_back(PackedOperandAttr::get(context, pack.operand,
                                           pack.innerDims, pack.innerTiles,
                                           pack.outerPermutation, pack.ahead));
  SmallVector<StreamBandAttr> stream;
  for (const StreamBand &band : schedule.stream)
    stream.push_back(StreamBandAttr::get(context, band.level, band.dim,
                                         band.size, band.parts));
  SplitReductionAttr split;
  if (schedule.split)
    split = SplitReductionAttr::get(context, schedule.split->dim,
                                    schedule.split->parts);
  return ScheduleAttr::get(context, bands, toIntegers(schedule.leafOrder),
                           packs, split, schedule.units, schedule.group,
                           schedule.at, schedule.recompute, stream);
}

std::string memwall::toString(const Schedule &schedule) {
  std::string text;
  llvm::raw_string_ostream os(text);
  auto printBand = [&](size_t number) {
    const TileBand &band = schedule.bands[number];
    printTileBand(os, band.level, band.sizes, toIntegers(band.order),
                  toIntegers(band.parallel));
  };
  auto printPack = [&](size_t number) {
    const PackedOperand &pack = schedule.packs[number];
    printPackedOperand(os, pack.operand, pack.innerDims, pack.innerTiles,
                       pack.outerPermutation, pack.ahead);
  };
  auto printStream = [&](size_t number) {
    const StreamBand &band = schedule.stream[number];
    printStreamBand(os, band.level, band.dim, band.size, band.parts);
  };
  std::optional<SplitPlace> split;
  if (schedule.split)
    split = {schedule.split->dim, schedule.split->parts};
  printScheduleParts(os, schedule.bands.size(), printBand,
                     toIntegers(schedule.leafOrder), schedule.packs.size(),
                     printPack, split, schedule.units,
                     {schedule.group, schedule.at, schedule.recompute,
                      schedule.stream.size(), printStream});
  return text;
}

/// Iterations per dimension as far as they are numbers: those of a linalg op,
/// or the leading dimensions of the result for pad, pack, unpack and softmax.
static void describeExtents(Operation *op, ScheduledOp &described) {
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
    llvm::copy(linalgOp.getStaticLoopRanges(), described.extents.begin());
    return;
  }
  auto type = op->getNumResults() == 0
                  ? ShapedType()
                  : dyn_cast<ShapedType>(op->getResult(0).getType());
  if (type && type.hasRank() &&
      type.getRank() >= static_cast<int64_t>(described.extents.size()))
    llvm::copy(type.getShape().take_front(described.extents.size()),
               described.extents.begin());
}

FailureOr<ScheduledOp> memwall::describeScheduledOp(Operation *op) {
  auto tileable = dyn_cast<TilingInterface>(op);
  if (!tileable)
    return failure();
  ScheduledOp described;
  for (utils::IteratorType type : tileable.getLoopIteratorTypes())
    described.isReduction.push_back(type == utils::IteratorType::reduction);
  described.extents.assign(described.isReduction.size(), ShapedType::kDynamic);
  describeExtents(op, described);
  for (Value operand : op->getOperands()) {
    auto type = dyn_cast<ShapedType>(operand.getType());
    described.operandRanks.push_back(type && type.hasRank() ? type.getRank()
                                                            : 0);
  }
  if (llvm::Expected<CombiningOp> combiner = findCombiner(op); !combiner)
    described.whyNotSplit = llvm::toString(combiner.takeError());
  return described;
}
