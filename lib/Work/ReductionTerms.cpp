//===- ReductionTerms.cpp - Inputs and operations of terms ----------------===//

#include "memwall/Work/ReductionAlgebra.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

/// The nodes that `node` depends on, itself included, but for what only the
/// factors `dropped` of products depend on.
static llvm::SmallVector<bool, 16>
findNeededNodes(const BodyExpression &body, unsigned node,
                llvm::ArrayRef<RowFactor> dropped = {}) {
  llvm::SmallVector<bool, 16> isNeeded(body.nodes.size(), false);
  isNeeded[node] = true;
  auto isDropped = [&](unsigned product, unsigned operand) {
    return llvm::any_of(dropped, [&](const RowFactor &factor) {
      return factor.product == product && factor.term.node == operand;
    });
  };
  for (unsigned number = node + 1; number-- > 0;)
    if (isNeeded[number])
      for (unsigned operand : body.nodes[number].operands)
        isNeeded[operand] |= !isDropped(number, operand);
  return isNeeded;
}

Arithmetic memwall::countOperations(const BodyExpression &body, unsigned node) {
  llvm::SmallVector<bool, 16> isNeeded = findNeededNodes(body, node);
  Arithmetic count;
  for (auto [number, each] : llvm::enumerate(body.nodes)) {
    bool isFunction = each.kind == ScalarKind::Exp ||
                      each.kind == ScalarKind::Exp2 ||
                      each.kind == ScalarKind::Log;
    if (!isNeeded[number] || each.operands.empty() ||
        each.kind == ScalarKind::FloatCast || each.kind == ScalarKind::Select)
      continue;
    ++count.flops;
    count.transcendentals += isFunction;
  }
  return count;
}

llvm::SmallVector<unsigned, 2> memwall::findInputs(const BodyExpression &body,
                                                   unsigned node) {
  return findInputsWithout(body, node, {});
}

llvm::SmallVector<unsigned, 2>
memwall::findInputsWithout(const BodyExpression &body, unsigned node,
                           llvm::ArrayRef<RowFactor> dropped) {
  llvm::SmallVector<bool, 16> isNeeded = findNeededNodes(body, node, dropped);
  llvm::SmallVector<unsigned, 2> accesses;
  for (auto [number, each] : llvm::enumerate(body.nodes))
    if (isNeeded[number] && each.kind == ScalarKind::Input)
      accesses.push_back(each.access);
  llvm::sort(accesses);
  accesses.erase(llvm::unique(accesses), accesses.end());
  return accesses;
}

namespace {

/// The part of a scalar that one row makes.
struct ExponentPart {
  bool exists = false;
  bool isNegative = false;
  Arithmetic operations;
};

} // namespace

static ExponentPart readExponent(const BodyExpression &body, unsigned number,
                                 unsigned access) {
  const ScalarNode &node = body.nodes[number];
  if (node.kind == ScalarKind::Input)
    return {node.access == access, false, {}};
  llvm::SmallVector<unsigned, 2> inputs = findInputs(body, number);
  if (!llvm::is_contained(inputs, access))
    return {};
  if (inputs.size() == 1 && node.kind != ScalarKind::Subtract &&
      node.kind != ScalarKind::Negate)
    return {true, false, countOperations(body, number)};
  ExponentPart sum;
  unsigned parts = 0;
  for (auto [side, operand] : llvm::enumerate(node.operands)) {
    ExponentPart part = readExponent(body, operand, access);
    if (!part.exists)
      continue;
    bool isSubtracted = node.kind == ScalarKind::Subtract && side == 1;
    bool flips = isSubtracted || node.kind == ScalarKind::Negate;
    if (parts++ == 0)
      sum.isNegative = part.isNegative != flips;
    sum.exists = true;
    sum.operations.flops += part.operations.flops;
    sum.operations.transcendentals += part.operations.transcendentals;
  }
  bool isCounted = parts > 1 || node.kind == ScalarKind::Multiply ||
                   node.kind == ScalarKind::Divide;
  sum.operations.flops += isCounted;
  return sum;
}

Arithmetic memwall::countExponentOfRow(const BodyExpression &body,
                                       const StreamKernel &kernel) {
  unsigned exponent = body.nodes[kernel.node].operands.front();
  ExponentPart part = readExponent(body, exponent, kernel.access);
  part.operations.flops += part.isNegative + kernel.isHeld;
  return part.operations;
}
