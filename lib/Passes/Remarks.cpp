//===- Remarks.cpp - What memory-bound operations could gain --------------===//

#include "Remarks.h"
#include "memwall/Report/Format.h"
#include "mlir/IR/Operation.h"
#include "mlir/IR/Remarks.h"

using namespace mlir;
using namespace memwall;

/// The level that takes the time of an op on `target`: at the bound, or else as
/// scheduled; null when the arithmetic does, or nothing takes any.
static const LevelFigures *findMemoryBound(const TargetFigures &target) {
  auto find = [&](StringRef boundBy, std::optional<double> seconds) {
    const LevelFigures *found =
        llvm::find_if(target.levels, [&](const LevelFigures &level) {
          return level.name == boundBy;
        });
    bool takesTime = seconds.value_or(0) > 0 && found != target.levels.end();
    return takesTime ? found : nullptr;
  };
  if (const LevelFigures *level = find(target.boundBy, target.secondsAtBound))
    return level;
  return find(target.boundByAsScheduled, target.secondsAsScheduled);
}

/// What would make `op` move fewer bytes of `level` per FLOP.
static std::string suggest(const OpFigures &op, const TargetFigures &target,
                           const LevelFigures &level) {
  int64_t spare = level.scheduled.total() - level.boundBytes;
  if (!target.isMemoryBound())
    return "tile it: at its bound it is compute-bound";
  if (spare > level.boundBytes / 10)
    return "tile it or keep its operands close: " + formatBytes(spare) +
           " are above its bound";
  if (op.kind == OpKind::Contraction || op.kind == OpKind::Convolution)
    return "it moves no more than its bound: larger batches or narrower "
           "elements help";
  return "it moves no more than its bound: fuse it with the operations beside "
         "it";
}

/// "h100-sxm: hbm3 takes 80.0 times as long as the arithmetic, 1.05 MB as
/// scheduled; tile it ..."
static std::string describe(const OpFigures &op, const TargetFigures &target,
                            const LevelFigures &level) {
  std::string text = target.name + ": " + level.name + " takes ";
  bool isAtBound = target.isMemoryBound();
  std::optional<double> intensity =
      isAtBound ? level.flopsPerByteAtBound : level.flopsPerByte;
  if (level.ridge && intensity.value_or(0) > 0)
    text += formatRatio(*level.ridge / *intensity) +
            " times as long as the arithmetic" +
            (isAtBound ? " at the bound" : " as scheduled");
  else
    text += "all of the time";
  return text + ", " + formatBytes(level.scheduled.total()) +
         " as scheduled; " + suggest(op, target, level);
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
      std::string text;
      for (const TargetFigures &target : op.targets)
        if (const LevelFigures *level = findMemoryBound(target))
          text += (text.empty() ? "" : "; ") + describe(op, target, *level);
      if (!text.empty() && op.operation && op.kind != OpKind::Unmodelled)
        emitRemark(RemarkKind::Missed, op.operation->getLoc(), "memory-bound",
                   function.name,
                   op.name + " " + op.shape + " is memory-bound on " + text);
    }
}
