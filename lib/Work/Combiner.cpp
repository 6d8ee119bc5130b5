//===- Combiner.cpp - How a reduction combines its terms ------------------===//

#include "memwall/Work/Combiner.h"
#include "memwall/Work/CountArithmetic.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace memwall;

static llvm::Error fail(const llvm::Twine &reason) {
  return llvm::createStringError(reason.str());
}

llvm::Expected<CombiningOp> memwall::findCombiner(Operation *op) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp)
    return fail("it is no structured linalg op");
  if (op->getNumResults() != 1 || !linalgOp.hasPureTensorSemantics())
    return fail(op->getNumResults() > 1
                    ? "its " + std::to_string(op->getNumResults()) +
                          " results are made together"
                    : "it is not on tensors");
  AffineMap map =
      linalgOp.getMatchingIndexingMap(linalgOp.getDpsInitOperand(0));
  if (!map.isProjectedPermutation())
    return fail("a dimension of its result is not one of its own");
  SmallVector<Operation *, 4> combiners;
  Value term = matchReduction(linalgOp.getRegionOutputArgs(), 0, combiners);
  if (!term || combiners.size() != 1)
    return fail("its body does not accumulate by one operation");
  CombiningOp found;
  found.operation = combiners.front();
  std::string name = found.operation->getName().getStringRef().str();
  std::optional<TypedAttr> identity = arith::getNeutralElement(found.operation);
  if (!identity)
    return fail(name + " has no identity");
  found.identity = *identity;
  std::optional<Arithmetic> arithmetic = countArithmetic(found.operation);
  if (!arithmetic)
    return fail(name + " is not known");
  found.perTerm = *arithmetic;
  return found;
}
