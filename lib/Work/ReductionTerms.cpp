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

/// The part of a scalar that rows make.
struct ExponentPart {
  bool exists = false;
  bool isNegative = false;
  Arithmetic operations;
};

/// Counts what R(r) of a kernel takes.
class ExponentCounter {
public:
  ExponentCounter(llvm::function_ref<const BodyExpression &(unsigned)> getBody,
                  const StreamKernel &kernel)
      : getBody(getBody), kernel(kernel) {}

  ExponentPart read(unsigned op, unsigned node) const;

private:
  ExponentPart readOperands(unsigned op, const ScalarNode &node) const;
  bool isOfRowsAlone(unsigned op, unsigned node) const;
  const KernelColumn *findColumn(unsigned op, unsigned access) const {
    const KernelColumn *found =
        llvm::find_if(kernel.columns, [&](const KernelColumn &column) {
          return column.op == op && column.access == access;
        });
    return found == kernel.columns.end() ? nullptr : found;
  }
  bool isRow(unsigned op, unsigned access) const {
    return llvm::any_of(kernel.inputs, [&](const KernelInput &input) {
      return input.row && input.op == op && input.access == access;
    });
  }

  llvm::function_ref<const BodyExpression &(unsigned)> getBody;
  const StreamKernel &kernel;
};

} // namespace

static void add(Arithmetic &sum, const Arithmetic &more) {
  sum.flops += more.flops;
  sum.transcendentals += more.transcendentals;
}

bool ExponentCounter::isOfRowsAlone(unsigned op, unsigned number) const {
  const ScalarNode &node = getBody(op).nodes[number];
  switch (node.kind) {
  case ScalarKind::Input:
    return isRow(op, node.access);
  case ScalarKind::Constant:
  case ScalarKind::Outside:
    return true;
  default:
    return !node.operands.empty() &&
           llvm::all_of(node.operands, [&](unsigned operand) {
             return isOfRowsAlone(op, operand);
           });
  }
}

/// The parts of the operands of `node`, which has rows and others in it.
ExponentPart ExponentCounter::readOperands(unsigned op,
                                           const ScalarNode &node) const {
  bool isProduct =
      node.kind == ScalarKind::Multiply || node.kind == ScalarKind::Divide;
  ExponentPart sum;
  unsigned parts = 0;
  for (auto [side, operand] : llvm::enumerate(node.operands)) {
    ExponentPart part = read(op, operand);
    if (!part.exists) {
      if (isProduct) // A factor is computed anew.
        add(sum.operations, countOperations(getBody(op), operand));
      continue;
    }
    bool isSubtracted = node.kind == ScalarKind::Subtract && side == 1;
    bool flips = isSubtracted || node.kind == ScalarKind::Negate;
    if (parts++ == 0)
      sum.isNegative = part.isNegative != flips;
    sum.exists = true;
    add(sum.operations, part.operations);
  }
  sum.operations.flops += parts > 1 || isProduct;
  return sum;
}

ExponentPart ExponentCounter::read(unsigned op, unsigned number) const {
  const BodyExpression &body = getBody(op);
  const ScalarNode &node = body.nodes[number];
  if (node.kind == ScalarKind::Input) {
    if (const KernelColumn *column = findColumn(op, node.access))
      return read(column->made, getBody(column->made).results.front().value);
    return {isRow(op, node.access), false, {}};
  }
  llvm::SmallVector<unsigned, 2> inputs = findInputs(body, number);
  if (llvm::none_of(inputs, [&](unsigned access) {
        return isRow(op, access) || findColumn(op, access);
      }))
    return {};
  // What is made of rows alone is copied.
  if (isOfRowsAlone(op, number))
    return {true, false, countOperations(body, number)};
  return readOperands(op, node);
}

Arithmetic memwall::countExponentOfRows(
    llvm::function_ref<const BodyExpression &(unsigned)> getBody,
    const StreamKernel &kernel) {
  unsigned exponent = getBody(kernel.op).nodes[kernel.node].operands.front();
  ExponentPart part =
      ExponentCounter(getBody, kernel).read(kernel.op, exponent);
  part.operations.flops += part.isNegative + kernel.isHeld;
  for (const KernelInput &input : kernel.inputs)
    part.operations.flops += input.isHeld * (1 + kernel.isReleased) +
                             (kernel.isSignUnknown && input.row.has_value());
  return part.operations;
}
