//===- Operands.h - What ops touch, by name and size ------------*- C++ -*-===//

#ifndef MEMWALL_LIB_REPORT_OPERANDS_H
#define MEMWALL_LIB_REPORT_OPERANDS_H

#include "memwall/Report/Report.h"

namespace memwall {

/// Sets `operands` of every op of `tree`, in the order in which the op touches
/// them first.
void describeOperands(const LoopTree &tree,
                      llvm::MutableArrayRef<OpFigures> ops);

/// What `OperandFigures::name` is of each buffer once all ops have run. `ops`:
/// those of the tree.
llvm::SmallVector<std::string, 0> nameBuffers(const LoopTree &tree,
                                              llvm::ArrayRef<OpFigures> ops);

/// Sets what a level moves of the operands of `op`.
void setOperands(const OpFigures &op, const LevelTraffic &traffic,
                 LevelFigures &level);

/// The string attribute `name` of an op; empty without an op or attribute.
llvm::StringRef getStringAttribute(mlir::Operation *op, llvm::StringRef name);

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_OPERANDS_H
