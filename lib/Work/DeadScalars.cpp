//===- DeadScalars.cpp - Scalar code whose results nobody uses ------------===//

#include "DeadScalars.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Iterators.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace memwall;

static bool isScalar(Type type) {
  return !isa<ShapedType>(type) || isa<VectorType>(type);
}

void DeadScalars::add(Operation *function) {
  if (!functions.insert(function).second)
    return;
  // From the last op to the first: users come before what they use.
  function->walk<WalkOrder::PostOrder, ReverseIterator>([&](Operation *op) {
    if (op->getNumRegions() == 0 && op->getNumResults() > 0 &&
        llvm::all_of(op->getResultTypes(), isScalar) &&
        llvm::all_of(op->getUsers(),
                     [&](Operation *user) { return ops.contains(user); }) &&
        wouldOpBeTriviallyDead(op))
      ops.insert(op);
  });
}
