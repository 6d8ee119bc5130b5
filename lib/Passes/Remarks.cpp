//===- Remarks.cpp - What memory-bound operations could gain
//---------------===//

#include "Remarks.h"
#include "memwall/Report/Format.h"
#include "mlir/IR/Operation.h"
#include "mlir/IR/Remarks.h"

using namespace mlir;
using namespace memwall;

static const LevelFigures &findLevel(const TargetFigures &target,
                                     StringRef name) {
  return *llvm::find_if(target.levels, [&](const LevelFigures &level) {
    return level.name == name;
  });
}

/// What would make `op` move fewer bytes of `level` per FLOP.
static std::string suggest(const OpFigures &op, const TargetFigures &target,
                           const LevelFigures &level) {
  int64_t spare = level.scheduled.total() - level.boundBytes;
  if (!isMemory(target.boundBy))
    return "tile it: at its bound it is compute-bound";
  if (spare > level.boundBytes / 10)
    return "tile it or keep its operands close: " +
           formatQuantity((double)spare, "B") + " are above its bound";
  if (op.kind == OpKind::Contraction || op.kind == OpKind::Convolution)
    return "it moves no more than its bound: only larger batches or narrower "
           "elements help";
  return "it moves no more than its bound: fuse it with the operations beside "
         "it";
}

/// "h100-sxm: memory-bound at hbm3, 12.3 FLOP per byte as scheduled (ridge
/// 295), ...; tile it ..."
static std::string describe(const OpFigures &op, const TargetFigures &target) {
  bool isBound = isMemory(target.boundBy);
  const LevelFigures &level =
      findLevel(target, isBound ? target.boundBy : target.boundByAsScheduled);
  std::string times = level.ridge && *level.ridge > 0
                          ? " (ridge " + formatRatio(level.ridge) + ")"
                          : "";
  return target.name + ": memory-bound at " + level.name +
         (isBound ? ", " : " as scheduled, ") +
         formatQuantity((double)level.scheduled.total(), "B") + " moved, " +
         formatRatio(level.flopsPerByte) + " FLOP per byte" + times + "; " +
         suggest(op, target, level);
}

void memwall::emitRemarks(const Report &report, MLIRContext *context) {
  if (!context->getRemarkEngine())
    return;
  for (const FunctionFigures &function : report.functions) {
    // The engine keeps names without owning them, longer than the report.
    StringRef name = StringAttr::get(context, function.name).getValue();
    for (const OpFigures &op : function.ops) {
      std::string text;
      for (const TargetFigures &target : op.targets)
        if (isMemory(target.boundBy) || isMemory(target.boundByAsScheduled))
          text += (text.empty() ? "" : "; ") + describe(op, target);
      if (text.empty() || !op.operation)
        continue;
      remark::missed(op.operation->getLoc(),
                     remark::RemarkOpts::name("memory-bound")
                         .category("memwall")
                         .function(name))
          << op.name + " " + op.shape + ", " + text;
    }
  }
}
