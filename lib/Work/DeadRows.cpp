//===- DeadRows.cpp - Rows of which a mask hides all ----------------------===//
//
// Of a row of minus infinity alone, the maximum m is minus infinity, exp(x - m)
// is no number, and so is everything that is made of it. In a stream m starts
// finite, exp(x - m) is 0, and sums of it are. 0 / 0 and log 0 - log 0 are no
// numbers again; 0 / (l + eps) is 0, and m itself is the number it started
// from. Here the ops run with what a dead row makes of them, both ways at once.
//
//===----------------------------------------------------------------------===//

#include "DeadRows.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace memwall;

namespace {

/// What a scalar is as the ops stand, and in a stream.
enum Dead {
  Same,     ///< The same in both.
  NoNumber, ///< No number in both.
  Row,      ///< Minus infinity and a finite number, times constants.
  Below,    ///< No number and minus infinity.
  Zero,     ///< No number and 0.
  Infinite, ///< No number and infinity.
  Other,
};

/// Follows one dead row through the ops of a group.
class DeadRow {
public:
  DeadRow(llvm::ArrayRef<StreamedOp> ops, unsigned row)
      : ops(ops), row(row), values(ops.size(), Same) {}

  /// Whether it makes the same of all that is used outside.
  bool isSame();

private:
  Dead evaluateOp(unsigned op) const;
  Dead evaluateNode(unsigned op, const ScalarNode &node,
                    llvm::ArrayRef<Dead> before) const;

  llvm::ArrayRef<StreamedOp> ops;
  unsigned row;
  llvm::SmallVector<Dead, 8> values; ///< Of the results of ops.
};

} // namespace

static Dead evaluateSum(Dead a, Dead b, bool isDifference) {
  // Of a column that is minus infinity where the row is; or anything else,
  // which is the same in both.
  if (a == Same && b == Row)
    return Below;
  if (a == Row)
    return b == Row ? Row : b == Below && !isDifference ? Below : Other;
  if (a == Below && isDifference && (b == Below || b == Infinite))
    return b == Below ? NoNumber : Below;
  if (a == Below && (b == Row || b == Same || (b == Below && !isDifference)))
    return Below;
  // Minus infinity less minus infinity.
  if (a == Same && b == Below && isDifference)
    return NoNumber;
  return Other;
}

/// What is scaled by a negative number would be infinite where a mask hides it,
/// and the sum with it: nobody does that.
static Dead evaluateProduct(Dead a, Dead b, bool isByConstant) {
  if ((a == Zero && b == Infinite) || (a == Infinite && b == Zero))
    return NoNumber;
  for (auto [one, other] : {std::pair(a, b), std::pair(b, a)})
    if (other == Same &&
        (one == Zero || one == Below || (isByConstant && one == Row)))
      return one;
  return Other;
}

static Dead evaluateQuotient(Dead a, Dead b, bool isByConstant) {
  if (b == Zero)
    return a == Zero ? NoNumber : a == Same ? Infinite : Other;
  if (b == Same && (a == Zero || a == Below || (isByConstant && a == Row)))
    return a;
  return Other;
}

/// Whether the kind makes no number of one.
static bool keepsNoNumber(ScalarKind kind) {
  switch (kind) {
  case ScalarKind::Add:
  case ScalarKind::Subtract:
  case ScalarKind::Multiply:
  case ScalarKind::Divide:
  case ScalarKind::Negate:
  case ScalarKind::Exp:
  case ScalarKind::Exp2:
  case ScalarKind::Log:
  case ScalarKind::FloatCast:
    return true;
  default:
    return false;
  }
}

Dead DeadRow::evaluateNode(unsigned op, const ScalarNode &node,
                           llvm::ArrayRef<Dead> before) const {
  if (node.kind == ScalarKind::Input) {
    std::optional<unsigned> source = ops[op].sources[node.access];
    return source ? values[*source] : Same;
  }
  llvm::SmallVector<Dead, 3> of;
  bool isByConstant = false;
  for (unsigned operand : node.operands) {
    of.push_back(before[operand]);
    isByConstant |= ops[op].body->nodes[operand].kind == ScalarKind::Constant;
  }
  if (llvm::all_of(of, [](Dead value) { return value == Same; }))
    return Same;
  if (llvm::all_of(
          of, [](Dead value) { return value == Same || value == NoNumber; }))
    return keepsNoNumber(node.kind) ? NoNumber : Same;
  if (keepsNoNumber(node.kind) && llvm::is_contained(of, NoNumber))
    return NoNumber;
  switch (node.kind) {
  case ScalarKind::Add:
  case ScalarKind::Subtract: {
    bool isDifference = node.kind == ScalarKind::Subtract;
    Dead sum = evaluateSum(of[0], of[1], isDifference);
    return sum == Other && !isDifference ? evaluateSum(of[1], of[0], false)
                                         : sum;
  }
  case ScalarKind::Multiply:
    return evaluateProduct(of[0], of[1], isByConstant);
  case ScalarKind::Divide:
    return evaluateQuotient(of[0], of[1], isByConstant);
  case ScalarKind::Negate:
    return of[0] == Row || of[0] == Zero ? of[0] : Other;
  case ScalarKind::FloatCast:
    return of[0];
  case ScalarKind::Exp:
  case ScalarKind::Exp2:
    return of[0] == Below ? Zero : Other;
  case ScalarKind::Log:
    return of[0] == Zero ? Below : Other;
  case ScalarKind::Select:
    // A mask that hides all, after the row.
    if (of[0] == Same && (of[1] == Same || of[2] == Same) &&
        (of[1] == Zero || of[2] == Zero || of[1] == Below || of[2] == Below) &&
        isByConstant)
      return Same;
    return of[0] == Same && of[1] == of[2] ? of[1] : Other;
  default:
    return Other;
  }
}

Dead DeadRow::evaluateOp(unsigned op) const {
  const StreamedOp &each = ops[op];
  if (op == row)
    return Row;
  if (!each.body || each.body->results.size() != 1)
    return llvm::any_of(each.sources,
                        [&](std::optional<unsigned> source) {
                          return source && values[*source] != Same;
                        })
               ? Other
               : Same;
  std::vector<Dead> nodes;
  for (const ScalarNode &node : each.body->nodes)
    nodes.push_back(evaluateNode(op, node, nodes));
  const BodyResult &result = each.body->results.front();
  Dead value = nodes[result.value];
  bool isSum =
      result.combiner == Combiner::None || result.combiner == Combiner::Add;
  return isSum || value == Same ? value : Other;
}

bool DeadRow::isSame() {
  for (unsigned op = 0; op < ops.size(); ++op) {
    values[op] = evaluateOp(op);
    if (ops[op].isSink && values[op] != Same && values[op] != NoNumber)
      return false;
  }
  return true;
}

/// Lets the loop read the maximum held at or above the lowest finite number.
static void holdMaximum(llvm::ArrayRef<StreamedOp> ops,
                        llvm::MutableArrayRef<StreamRole> roles, unsigned row) {
  roles[row].keepsInfinity = true;
  for (auto [each, role] : llvm::zip_equal(ops, roles)) {
    for (auto [access, source] : llvm::enumerate(each.sources))
      if (source == row && role.place == StreamPlace::Inside)
        role.heldAccesses.push_back(access);
    for (StreamKernel &kernel : role.kernels)
      for (KernelInput &input : kernel.inputs)
        input.isHeld |= input.row == row;
  }
}

void memwall::keepDeadRows(llvm::ArrayRef<StreamedOp> ops,
                           llvm::MutableArrayRef<StreamRole> roles) {
  for (auto [op, role] : llvm::enumerate(roles)) {
    // As it stands the maximum of a dead row is minus infinity, or becomes that
    // when it is multiplied.
    bool isInfinite = role.startsFinite && (role.lowestDivisor > 1 ||
                                            !std::isfinite(*ops[op].start));
    if (isInfinite && !DeadRow(ops, op).isSame())
      holdMaximum(ops, roles, op);
  }
}
