//===- Remarks.cpp - What memory-bound operations could gain --------------===//

#include "Remarks.h"
#include "memwall/Report/Format.h"
#include "memwall/Transforms/FoldCopy.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Operation.h"
#include "mlir/IR/Remarks.h"

using namespace mlir;
using namespace memwall;

/// The level that takes the time of an op on `target` as it is scheduled; null
/// when the arithmetic does, or nothing takes any.
static const LevelFigures *findMemoryBound(const TargetFigures &target) {
  const LevelFigures *found =
      llvm::find_if(target.levels, [&](const LevelFigures &level) {
        return level.name == target.boundByAsScheduled;
      });
  bool takesTime =
      target.secondsAsScheduled.value_or(0) > 0 && found != target.levels.end();
  return takesTime ? found : nullptr;
}

//===----------------------------------------------------------------------===//
// What can be done
//===----------------------------------------------------------------------===//

/// Bytes of a value of static shape; 0 of any other.
static int64_t countBytes(Value value) {
  auto type = dyn_cast<ShapedType>(value.getType());
  if (!type || !type.hasStaticShape() || !type.getElementType().isIntOrFloat())
    return 0;
  double bytes =
      (double)type.getNumElements() * type.getElementTypeBitWidth() / 8;
  return bytes < 0x1p62 ? (int64_t)bytes : kTooManyBytes;
}

/// Whether `op` reads its operands through indexing maps that can be changed,
/// or element by element.
static bool isStructured(Operation *op) {
  return isa<linalg::LinalgOp>(op) ||
         (OpTrait::hasElementwiseMappableTraits(op) &&
          op->getNumResults() == 1 &&
          isa<ShapedType>(op->getResult(0).getType()));
}

/// "folded into the indexing map of its only consumer linalg.matmul": of a
/// transpose that only linalg ops read. Empty when that cannot be done.
static std::string suggestFolding(Operation *op) {
  SmallVector<Operation *, 1> consumers = findFoldingConsumers(op);
  if (consumers.empty())
    return "";
  if (consumers.size() == 1)
    return "fold it into the indexing map of its only consumer " +
           consumers.front()->getName().getStringRef().str();
  return "fold it into the indexing maps of its " +
         std::to_string(consumers.size()) + " consumers";
}

/// The largest operand or result that a structured op beside `op` makes or is
/// the only one to take, and what that op is; none when there is no such op.
static std::pair<Operation *, int64_t> findNeighbour(Operation *op) {
  std::pair<Operation *, int64_t> largest = {nullptr, 0};
  auto consider = [&](Operation *neighbour, Value between) {
    bool takes = neighbour && isStructured(neighbour) &&
                 !isa<linalg::FillOp>(neighbour) && between.hasOneUse();
    if (takes && countBytes(between) > largest.second)
      largest = {neighbour, countBytes(between)};
  };
  for (Value operand : op->getOperands())
    consider(operand.getDefiningOp(), operand);
  for (Value result : op->getResults())
    if (result.hasOneUse())
      consider(*result.user_begin(), result);
  return largest;
}

/// What would make `op` move fewer bytes of `level`; empty when nothing that
/// memwall knows of would.
static std::string suggest(const OpFigures &op, const LevelFigures &level) {
  int64_t moved = level.scheduled.total();
  if (op.kind == OpKind::Fill || op.kind == OpKind::Gather ||
      op.kind == OpKind::Unmodelled || moved == 0 ||
      level.hasTooManyScheduled() || level.hasTooManyAtBound())
    return "";
  if (op.kind == OpKind::Copy)
    if (std::string folding = suggestFolding(op.operation); !folding.empty())
      return folding;
  if (moved - level.boundBytes > level.boundBytes / 10)
    return op.operation->hasAttr("memwall.tiled")
               ? ""
               : "tile it (memwall-optimize)";
  if (op.kind == OpKind::Contraction || op.kind == OpKind::Convolution)
    return "only narrower elements or a larger batch help";
  auto [neighbour, between] = findNeighbour(op.operation);
  // What stays in a cache between the two costs nothing here.
  if (!neighbour || moved < between)
    return "";
  return "fuse it with " + neighbour->getName().getStringRef().str() + ", " +
         formatBytes(between) + " go between the two";
}

/// "hbm3 of h100-sxm moves 120 GB, 399 times its minimum of 302 MB; w is
/// fetched 402 times": what is wrong, with numbers.
static std::string describe(const OpFigures &op, const TargetFigures &target,
                            const LevelFigures &level) {
  int64_t moved = level.scheduled.total();
  std::string text =
      level.name + " of " + target.name + " moves " + formatBytes(moved);
  if (moved - level.boundBytes > level.boundBytes / 10) {
    std::string operand = describeCostliestOperand(op, level);
    if (!operand.empty())
      operand = "; " + operand;
    if (level.boundBytes == 0)
      return text + ", where nothing has to move" + operand;
    return text + ", " + formatRatio((double)moved / (double)level.boundBytes) +
           " times its minimum of " + formatBytes(level.boundBytes) + operand;
  }
  text += ", no more than its minimum";
  if (countOperations(op) == 0)
    return text + ", and computes nothing";
  if (level.ridge && level.flopsPerByte.value_or(0) > 0)
    text += ", which takes " + formatRatio(*level.ridge / *level.flopsPerByte) +
            " times as long as the arithmetic";
  return text;
}

void memwall::emitRemark(RemarkKind kind, Location location,
                         llvm::StringLiteral name, StringRef function,
                         const llvm::Twine &text) {
  MLIRContext *context = location.getContext();
  if (!context->getRemarkEngine())
    return;
  // The engine keeps names without owning them, longer than any report.
  remark::RemarkOpts options =
      remark::RemarkOpts::name(name).category("memwall").function(
          StringAttr::get(context, function).getValue());
  auto emit = kind == RemarkKind::Passed   ? remark::passed
              : kind == RemarkKind::Missed ? remark::missed
                                           : remark::analysis;
  emit(location, options) << text.str();
}

void memwall::emitRemarks(const Report &report, MLIRContext *context) {
  if (!context->getRemarkEngine())
    return;
  for (const FunctionFigures &function : report.functions)
    for (const OpFigures &op : function.ops) {
      if (!op.operation)
        continue;
      for (const TargetFigures &target : op.targets) {
        const LevelFigures *level = findMemoryBound(target);
        std::string advice = level ? suggest(op, *level) : "";
        if (!advice.empty())
          emitRemark(RemarkKind::Missed, op.operation->getLoc(), "memory-bound",
                     function.name,
                     op.name + " " + op.shape + ": " +
                         describe(op, target, *level) + "; " + advice);
      }
    }
}
