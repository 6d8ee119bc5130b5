//===- MaskedTiles.cpp - Which iterations a mask makes idle ---------------===//

#include "memwall/Work/MaskedTiles.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace memwall;

namespace {

/// What a scalar is where the mask holds.
enum class Masked {
  Other, ///< Not known.
  Row,   ///< A row times constants: finite, or what makes sums no number
         ///< in any iteration.
  Zero,  ///< 0.
  MinusInfinity, ///< Exactly.
};

/// Follows one mask through the ops of a stream.
class MaskFollower {
public:
  MaskFollower(llvm::ArrayRef<StreamedOp> ops, llvm::ArrayRef<StreamRole> roles,
               unsigned op, const MaskBound &mask)
      : ops(ops), roles(roles), maskedOp(op), mask(mask),
        values(ops.size(), Masked::Other) {}

  bool run();

private:
  bool isIdle(unsigned op);
  Masked evaluate(unsigned op, unsigned number,
                  llvm::ArrayRef<Masked> before) const;
  Masked evaluateInput(unsigned op, const ScalarNode &node) const;
  Masked multiply(unsigned op, const ScalarNode &node,
                  llvm::ArrayRef<Masked> of) const;

  llvm::ArrayRef<StreamedOp> ops;
  llvm::ArrayRef<StreamRole> roles;
  unsigned maskedOp;
  const MaskBound &mask;
  llvm::SmallVector<Masked, 8> values; ///< Of the results of columns.
};

} // namespace

Masked MaskFollower::evaluateInput(unsigned op, const ScalarNode &node) const {
  std::optional<unsigned> source = ops[op].sources[node.access];
  if (!source)
    return Masked::Other;
  const StreamedOp &made = ops[*source];
  if (made.isColumn && !made.isReduction)
    return values[*source];
  return roles[*source].isReference ? Masked::Row : Masked::Other;
}

/// Whether a cast keeps 0 and minus infinity.
static bool keepsInfinity(const ScalarNode &node) {
  if (!node.operation)
    return true;
  auto type =
      mlir::dyn_cast<mlir::FloatType>(node.operation->getResult(0).getType());
  return type && llvm::APFloat::semanticsHasInf(type.getFloatSemantics());
}

/// A product or a quotient. Factors that the loop leaves out do not matter.
Masked MaskFollower::multiply(unsigned op, const ScalarNode &node,
                              llvm::ArrayRef<Masked> of) const {
  const BodyExpression &body = *ops[op].body;
  auto isDropped = [&](unsigned operand) {
    return llvm::any_of(roles[op].dropped, [&](const RowFactor &factor) {
      return factor.term.node == operand;
    });
  };
  bool isDivided = node.kind == ScalarKind::Divide;
  for (unsigned side : {0u, 1u}) {
    const ScalarNode &other = body.nodes[node.operands[1 - side]];
    bool isConstant = other.kind == ScalarKind::Constant;
    bool isFactor =
        isConstant && std::isfinite(other.constant) && other.constant != 0;
    if (isDivided && side == 1)
      break;
    if (of[side] == Masked::Row && isFactor)
      return Masked::Row;
    if (of[side] == Masked::MinusInfinity && isFactor && other.constant > 0)
      return Masked::MinusInfinity;
    // A quotient of 0 and what the loop computes could be 0 / 0.
    bool isFinite = isConstant ? std::isfinite(other.constant)
                               : of[1 - side] != Masked::MinusInfinity;
    if (of[side] == Masked::Zero && (isDropped(node.operands[1 - side]) ||
                                     (isDivided ? isFactor : isFinite)))
      return Masked::Zero;
  }
  return Masked::Other;
}

Masked MaskFollower::evaluate(unsigned op, unsigned number,
                              llvm::ArrayRef<Masked> before) const {
  const ScalarNode &node = ops[op].body->nodes[number];
  llvm::SmallVector<Masked, 3> of;
  for (unsigned operand : node.operands)
    of.push_back(before[operand]);
  auto all = [&](llvm::ArrayRef<Masked> allowed) {
    return llvm::all_of(
        of, [&](Masked value) { return llvm::is_contained(allowed, value); });
  };
  bool hasInfinity = llvm::is_contained(of, Masked::MinusInfinity);
  switch (node.kind) {
  case ScalarKind::Input:
    return evaluateInput(op, node);
  case ScalarKind::Constant:
    return node.constant == 0             ? Masked::Zero
           : node.constant == -INFINITY   ? Masked::MinusInfinity
           : std::isfinite(node.constant) ? Masked::Row
                                          : Masked::Other;
  case ScalarKind::Add:
  case ScalarKind::Subtract:
    if (node.kind == ScalarKind::Subtract && of[1] == Masked::MinusInfinity)
      return Masked::Other;
    if (!all({Masked::Row, Masked::Zero, Masked::MinusInfinity}))
      return Masked::Other;
    return hasInfinity           ? Masked::MinusInfinity
           : all({Masked::Zero}) ? Masked::Zero
                                 : Masked::Row;
  case ScalarKind::Multiply:
  case ScalarKind::Divide:
    return multiply(op, node, of);
  case ScalarKind::Negate:
    return hasInfinity ? Masked::Other : of[0];
  case ScalarKind::FloatCast:
    return hasInfinity && !keepsInfinity(node) ? Masked::Other : of[0];
  case ScalarKind::Exp:
  case ScalarKind::Exp2:
    return hasInfinity ? Masked::Zero : Masked::Other;
  case ScalarKind::Maximum:
    return all({Masked::MinusInfinity}) ? Masked::MinusInfinity : Masked::Other;
  case ScalarKind::Select:
    if (op == maskedOp && number == mask.select)
      return of[mask.side];
    return of[1] == of[2] ? of[1] : Masked::Other;
  default:
    return Masked::Other;
  }
}

/// Follows the mask through the body of a column in the loop; whether it adds
/// nothing where the mask holds.
bool MaskFollower::isIdle(unsigned op) {
  const StreamedOp &each = ops[op];
  const BodyResult &result = each.body->results.front();
  llvm::SmallVector<Masked, 16> nodes;
  for (unsigned number = 0; number < each.body->nodes.size(); ++number)
    nodes.push_back(evaluate(op, number, nodes));
  Masked value = nodes[result.value];
  if (each.isReduction)
    return (result.combiner == Combiner::Add && value == Masked::Zero) ||
           (result.combiner == Combiner::Maximum &&
            value == Masked::MinusInfinity);
  if (result.combiner == Combiner::None)
    values[op] = value;
  return !each.isSink || roles[op].isInSecondLoop;
}

bool MaskFollower::run() {
  for (unsigned op = 0; op < ops.size(); ++op)
    if (ops[op].isColumn && roles[op].place == StreamPlace::Inside &&
        !isIdle(op))
      return false;
  return true;
}

bool memwall::isIdleWhereMasked(llvm::ArrayRef<StreamedOp> ops,
                                llvm::ArrayRef<StreamRole> roles, unsigned op,
                                const MaskBound &mask) {
  return MaskFollower(ops, roles, op, mask).run();
}
