//===- CheckFit.cpp - Whether tiles fit in their levels -------------------===//

#include "memwall/Schedule/CheckFit.h"
#include "memwall/Schedule/ConvertSchedule.h"
#include "memwall/Target/Target.h"
#include "mlir/IR/Operation.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace memwall;

/// Positions that an index takes in a tile, at most `extent` of them.
static std::optional<int64_t>
countPositions(const NestIndex &index, int64_t extent, ArrayRef<int64_t> tile) {
  std::optional<int64_t> span = 1;
  for (auto [dim, coefficient] : index.terms) {
    std::optional<int64_t> reach =
        llvm::checkedMul(std::abs(coefficient), tile[dim] - 1);
    span = reach ? llvm::checkedAdd(*span, *reach) : std::nullopt;
    if (!span)
      return std::nullopt;
  }
  return ShapedType::isDynamic(extent) ? *span : std::min(*span, extent);
}

/// Bits that one access touches in a tile.
static std::optional<int64_t>
countBits(const NestAccess &access, ShapedType type, ArrayRef<int64_t> tile) {
  if (!type.hasRank() || !type.getElementType().isIntOrFloat())
    return 0;
  std::optional<int64_t> bits = type.getElementTypeBitWidth();
  for (auto [index, extent] : llvm::zip(access.indices, type.getShape())) {
    std::optional<int64_t> positions = countPositions(index, extent, tile);
    bits = positions ? llvm::checkedMul(*bits, *positions) : std::nullopt;
    if (!bits)
      return std::nullopt;
  }
  return bits;
}

std::optional<int64_t> memwall::computeTileBytes(const TileBand &band,
                                                 const WorkNest &nest) {
  SmallVector<int64_t, 6> tile;
  for (int64_t size : band.sizes)
    tile.push_back(std::max<int64_t>(size, 1));
  // 1. The largest access of every tensor; an init and its result are one.
  llvm::SmallDenseSet<Value> inits;
  for (const NestOperand &operand : nest.operands)
    if (auto result = dyn_cast_or_null<OpResult>(operand.value))
      if (auto op = dyn_cast<DestinationStyleOpInterface>(result.getOwner()))
        inits.insert(op.getTiedOpOperand(result)->get());
  SmallVector<int64_t, 4> bitsOfOperand(nest.operands.size(), 0);
  for (const NestAccess &access : nest.accesses) {
    const NestOperand &operand = nest.operands[access.operand];
    if (operand.value && inits.contains(operand.value))
      continue;
    std::optional<int64_t> bits = countBits(access, operand.type, tile);
    if (!bits)
      return std::nullopt;
    int64_t &most = bitsOfOperand[access.operand];
    most = std::max(most, *bits);
  }
  // 2. Their sum.
  std::optional<int64_t> bytes = 0;
  for (int64_t bits : bitsOfOperand)
    if (bytes)
      bytes = llvm::checkedAdd(*bytes, int64_t(llvm::divideCeil(bits, 8)));
  return bytes;
}

llvm::Error memwall::checkFit(const Schedule &schedule, const WorkNest &nest,
                              const Target &target) {
  for (auto [number, band] : llvm::enumerate(schedule.bands)) {
    std::optional<int64_t> bytes = computeTileBytes(band, nest);
    int64_t capacity = target.findLevel(band.level)->capacityBytes;
    if (!bytes || *bytes > capacity)
      return llvm::createStringError(
          llvm::formatv("band {0} has tiles of {1} bytes, but '{2}' of {3} "
                        "holds {4}",
                        number, bytes ? std::to_string(*bytes) : "too many",
                        band.level, target.name, capacity)
              .str());
  }
  return llvm::Error::success();
}

static llvm::Error checkOn(Operation *op, const Schedule &schedule,
                           const ScheduledOp &described, const Target &target) {
  if (llvm::Error error = check(schedule, described, target))
    return error;
  std::optional<StructuredOp> work = describeStructuredOp(op);
  if (!work)
    return llvm::Error::success();
  for (const WorkNest &nest : work->nests)
    // Work splits dimensions that are divided by constants.
    if (nest.dims.size() == described.extents.size())
      if (llvm::Error error = checkFit(schedule, nest, target))
        return error;
  return llvm::Error::success();
}

LogicalResult memwall::checkScheduleAttributes(Operation *root,
                                               const Target &target) {
  WalkResult result = root->walk([&](Operation *op) {
    auto attribute = op->getAttrOfType<ScheduleAttr>(kScheduleAttrName);
    FailureOr<ScheduledOp> described = describeScheduledOp(op);
    // Whoever applies the schedule of an op that cannot be tiled says so.
    if (!attribute || failed(described))
      return WalkResult::advance();
    llvm::Error error = checkOn(op, toSchedule(attribute), *described, target);
    if (!error)
      return WalkResult::advance();
    op->emitOpError("has a schedule that does not fit: ")
        << llvm::toString(std::move(error));
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}
