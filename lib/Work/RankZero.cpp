//===- RankZero.cpp - Integers in tensors without dimensions --------------===//

#include "RankZero.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace memwall;

bool memwall::isScalarInteger(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return type.isIntOrIndex() || (tensor && tensor.getRank() == 0 &&
                                 tensor.getElementType().isIntOrIndex());
}

/// The input of `op` that the body's `value` is, or `value`.
static Value findInput(linalg::GenericOp op, Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  return argument && argument.getOwner() == op.getBlock()
             ? op->getOperand(argument.getArgNumber())
             : value;
}

ScalarSource memwall::findScalarSource(Value value) {
  // Chains of tensors that hand on one another are short.
  for (int steps = 0; steps < 16; ++steps) {
    Operation *op = value.getDefiningOp();
    if (auto load = dyn_cast_or_null<tensor::ExtractOp>(op);
        load && load.getIndices().empty()) {
      value = load.getTensor();
    } else if (auto elements = dyn_cast_or_null<tensor::FromElementsOp>(op);
               elements && elements.getType().getRank() == 0) {
      value = elements.getElements().front();
    } else if (auto generic = dyn_cast_or_null<linalg::GenericOp>(op);
               generic && generic.getNumLoops() == 0) {
      auto number = cast<OpResult>(value).getResultNumber();
      Value yielded = generic.getBlock()->getTerminator()->getOperand(number);
      Operation *inner = yielded.getDefiningOp();
      if (inner && inner->getBlock() == generic.getBlock()) {
        ScalarSource source{yielded, inner, {}};
        for (Value operand : inner->getOperands())
          source.operands.push_back(findInput(generic, operand));
        return source;
      }
      value = findInput(generic, yielded);
    } else {
      ScalarSource source{value, op, {}};
      if (op)
        source.operands.assign(op->operand_begin(), op->operand_end());
      return source;
    }
  }
  return {value, nullptr, {}};
}

std::optional<int64_t> memwall::findScalarConstant(Value value) {
  APInt constant;
  if (!isScalarInteger(value.getType()) ||
      !matchPattern(findScalarSource(value).value, m_ConstantInt(&constant)) ||
      constant.getSignificantBits() > 64)
    return std::nullopt;
  return constant.getSExtValue();
}
