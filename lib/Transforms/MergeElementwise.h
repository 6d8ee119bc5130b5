//===- MergeElementwise.h - When two ops are one pass -----------*- C++ -*-===//

#ifndef MEMWALL_LIB_TRANSFORMS_MERGEELEMENTWISE_H
#define MEMWALL_LIB_TRANSFORMS_MERGEELEMENTWISE_H

#include "Overwrites.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace memwall {

/// Why a producer may move into a consumer.
enum class MergeKind {
  None,
  /// Nobody else reads the result, and the consumer reads each element once:
  /// nothing is computed more often than before.
  ReadOnce,
  /// The producer transposes, repeats or widens elements: nothing is computed
  /// at all, and the consumer reads no more bytes than it did.
  Move,
};

/// What moving the producer of one input into the op that reads it would do.
struct Merge {
  MergeKind kind = MergeKind::None;
  mlir::linalg::GenericOp producer;
  /// From loops of the consumer to loops of the producer.
  mlir::AffineMap toProducer;
};

/// Whether bodies may move into `op`: a generic or a contraction on tensors.
bool mayConsume(mlir::Operation *op);

/// The operands whose content goes into the result of an elementwise producer.
llvm::SmallVector<mlir::OpOperand *>
getReadOperands(mlir::linalg::GenericOp producer);

/// Looks at an operand, and at the op that its value comes from.
Merge findMerge(mlir::OpOperand &operand, const Overwrites &overwrites);

} // namespace memwall

#endif // MEMWALL_LIB_TRANSFORMS_MERGEELEMENTWISE_H
