//===- LinearAddress.cpp - Addresses that grow with a loop ----------------===//

#include "LinearAddress.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace memwall;

/// How a value depends on the induction variable.
enum class Growth { None, Linear, Other };

static Growth findGrowth(Value value, scf::ForOp loop) {
  if (value == loop.getInductionVar())
    return Growth::Linear;
  if (!loop.getRegion().isAncestor(value.getParentRegion()))
    return Growth::None;
  Operation *op = value.getDefiningOp();
  if (!op || op->getNumRegions() != 0 || !isPure(op))
    return Growth::Other;
  unsigned growing = 0;
  for (Value operand : op->getOperands()) {
    Growth growth = findGrowth(operand, loop);
    if (growth == Growth::Other)
      return Growth::Other;
    growing += growth == Growth::Linear;
  }
  if (growing == 0)
    return Growth::None;
  bool isLinear = isa<arith::AddIOp, arith::SubIOp, arith::IndexCastOp>(op) ||
                  (isa<arith::MulIOp>(op) && growing == 1);
  return isLinear ? Growth::Linear : Growth::Other;
}

bool memwall::isLinear(Value value, scf::ForOp loop) {
  return findGrowth(value, loop) != Growth::Other;
}

Value memwall::buildAt(OpBuilder &builder, Value value, scf::ForOp loop,
                       Value iv) {
  if (value == loop.getInductionVar())
    return iv;
  if (!loop.getRegion().isAncestor(value.getParentRegion()))
    return value;
  auto result = cast<OpResult>(value);
  IRMapping mapping;
  for (Value operand : result.getOwner()->getOperands())
    mapping.map(operand, buildAt(builder, operand, loop, iv));
  return builder.clone(*result.getOwner(), mapping)
      ->getResult(result.getResultNumber());
}
