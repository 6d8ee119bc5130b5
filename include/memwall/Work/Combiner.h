//===- Combiner.h - How a reduction combines its terms ----------*- C++ -*-===//

#ifndef MEMWALL_WORK_COMBINER_H
#define MEMWALL_WORK_COMBINER_H

#include "memwall/Work/LoopTree.h"
#include "mlir/IR/BuiltinAttributeInterfaces.h"

namespace memwall {

/// The operation by which a structured op accumulates, `acc = acc (+) term`:
/// associative (for floats up to rounding), with an identity e: e (+) x is x.
struct CombiningOp {
  mlir::Operation *operation = nullptr; ///< In the body: arith.addf, ...
  mlir::TypedAttr identity;             ///< Of the type of the result.
  Arithmetic perTerm;                   ///< Of combining two values.
};

/// The combiner of `op`. Says why the reductions of `op` cannot be taken apart
/// otherwise: it is no linalg op on tensors, has several results, accumulates
/// by more than one operation or by one without identity (arith.subf), or its
/// result has a dimension that is not one of the op's.
llvm::Expected<CombiningOp> findCombiner(mlir::Operation *op);

} // namespace memwall

#endif // MEMWALL_WORK_COMBINER_H
