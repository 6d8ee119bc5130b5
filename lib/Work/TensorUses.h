//===- TensorUses.h - What ops do to the storage of a tensor ----*- C++ -*-===//
//
// The facts that the in-place analysis needs of an op, if its tensors were
// storage: which operands it reads, which it writes, and which results would be
// the operand's storage. Private to the room.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_WORK_TENSORUSES_H
#define MEMWALL_LIB_WORK_TENSORUSES_H

#include "memwall/Work/InPlace.h"
#include "mlir/IR/Operation.h"

namespace memwall {

/// A value that is (part of) an operand's storage if that is shared.
struct TensorAlias {
  mlir::Value value;
  bool isEquivalent = false; ///< The same storage, all of it.
};

class TensorUses {
public:
  using GetSummary = std::function<const InPlaceAnalysis::Summary *(
      mlir::Operation *function)>;
  explicit TensorUses(GetSummary getSummary)
      : getSummary(std::move(getSummary)) {}

  bool reads(mlir::OpOperand &use);
  bool writes(mlir::OpOperand &use);
  llvm::SmallVector<TensorAlias, 2> getAliases(mlir::OpOperand &use);
  /// The operands whose storage `result` may be.
  llvm::SmallVector<mlir::OpOperand *, 2> getSources(mlir::OpResult result);
  /// Whether the op gives `value` a new content, rather than the content of an
  /// operand, or none.
  bool isDefinition(mlir::Value value);
  /// Whether the storage of `value` may be overwritten.
  bool isWritable(mlir::Value value);
  /// Whether `value` or a value that shares its storage is read.
  bool isValueRead(mlir::Value value);
  /// Whether nothing is decided: yields and the like hand over what they have.
  static bool isAlwaysShared(mlir::OpOperand &use);

private:
  const InPlaceAnalysis::Summary *getCallee(mlir::Operation *op);
  /// Whether `value` gets its content from an op inside of `op`.
  bool hasDefinitionInside(mlir::Value value, mlir::Operation *op);

  GetSummary getSummary;
  llvm::DenseMap<mlir::Value, bool> readCache;
};

/// The operand whose storage the result of arithmetic on whole tensors may take
/// over, null for every other op. Such arithmetic is lowered to linalg with the
/// first operand of the result's type as its init.
mlir::OpOperand *findReusedOperand(mlir::Operation *op);

/// Regions that run more than once, and those whose iterations run at once.
bool isRepeated(mlir::Operation *op);
bool isConcurrent(mlir::Operation *op);

} // namespace memwall

#endif // MEMWALL_LIB_WORK_TENSORUSES_H
