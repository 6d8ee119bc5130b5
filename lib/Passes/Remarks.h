//===- Remarks.h - What memory-bound operations could gain ------*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_REMARKS_H
#define MEMWALL_LIB_PASSES_REMARKS_H

#include "memwall/Report/Report.h"
#include "mlir/IR/Location.h"

namespace memwall {

/// Something was done for the better, something is left to do, or something is
/// worth knowing: also what was done that helps elsewhere.
enum class RemarkKind { Passed, Missed, Analysis };

/// Emits one remark of category "memwall" at `location`. `name` has to be a
/// literal; `function` is copied. Nothing happens when the context has no
/// engine. The only place that knows the engine.
void emitRemark(RemarkKind kind, mlir::Location location,
                llvm::StringLiteral name, llvm::StringRef function,
                const llvm::Twine &text);

/// Emits, through MLIR's remark engine, a missed remark of category "memwall"
/// in one line at every op, for every target where memory takes its time and
/// something can be done: what moves beside its minimum, and what would help.
void emitRemarks(const Report &report, mlir::MLIRContext *context);

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_REMARKS_H
