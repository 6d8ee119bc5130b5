//===- FindMasks.cpp - Where selects surely take a constant ---------------===//

#include "FindMasks.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"
#include <map>

using namespace mlir;

namespace memwall {

namespace {

/// Finds what makes one condition hold, or not hold.
class ConditionReader {
public:
  ConditionReader(Block &body, IndexAnalysis &analysis)
      : body(body), analysis(analysis) {}

  /// Bounds each of which is enough for `condition` to be `holds`; `like` says
  /// which select they are of.
  std::vector<MaskBound> read(Value condition, bool holds, MaskBound like);

private:
  void readComparison(arith::CmpIOp compare, bool holds);
  /// Adds the bound lhs - rhs + `more` > 0.
  void addDifference(Value lhs, Value rhs, int64_t more);

  Block &body;
  IndexAnalysis &analysis;
  MaskBound like;
  std::vector<MaskBound> bounds;
};

} // namespace

void ConditionReader::addDifference(Value lhs, Value rhs, int64_t more) {
  NestIndex form = analysis.subtract(analysis.evaluate(lhs, body),
                                     analysis.evaluate(rhs, body));
  if (form.gatherDims || !form.outerTerms.empty())
    return;
  std::map<unsigned, int64_t> coefficients;
  for (auto [dim, coefficient] : form.terms)
    coefficients[dim] += coefficient;
  MaskBound bound = like;
  if (llvm::AddOverflow(form.constant, more, bound.constant))
    return;
  for (auto [dim, coefficient] : coefficients)
    if (coefficient != 0)
      bound.terms.push_back({dim, coefficient});
  // Of bounds with the same terms the largest says it all.
  for (MaskBound &known : bounds)
    if (known.terms == bound.terms) {
      known.constant = std::max(known.constant, bound.constant);
      return;
    }
  bounds.push_back(std::move(bound));
}

void ConditionReader::readComparison(arith::CmpIOp compare, bool holds) {
  using Predicate = arith::CmpIPredicate;
  Value lhs = compare.getLhs(), rhs = compare.getRhs();
  Predicate predicate = compare.getPredicate();
  if (!holds)
    predicate = arith::invertPredicate(predicate);
  bool isUnsigned = predicate == Predicate::ult ||
                    predicate == Predicate::ule ||
                    predicate == Predicate::ugt || predicate == Predicate::uge;
  if (isUnsigned && !(analysis.isNonNegative(analysis.evaluate(lhs, body)) &&
                      analysis.isNonNegative(analysis.evaluate(rhs, body))))
    return;
  switch (predicate) {
  case Predicate::slt:
  case Predicate::ult:
    return addDifference(rhs, lhs, 0);
  case Predicate::sle:
  case Predicate::ule:
    return addDifference(rhs, lhs, 1);
  case Predicate::sgt:
  case Predicate::ugt:
    return addDifference(lhs, rhs, 0);
  case Predicate::sge:
  case Predicate::uge:
    return addDifference(lhs, rhs, 1);
  case Predicate::ne:
    addDifference(lhs, rhs, 0);
    return addDifference(rhs, lhs, 0);
  case Predicate::eq:
    return;
  }
}

std::vector<MaskBound> ConditionReader::read(Value condition, bool holds,
                                             MaskBound of) {
  like = std::move(of);
  bounds.clear();
  llvm::SetVector<std::pair<Value, unsigned>> wanted; // Value, whether true.
  wanted.insert({condition, unsigned(holds)});
  for (size_t next = 0; next < wanted.size(); ++next) {
    auto [value, isTrue] = wanted[next];
    Operation *op = value.getDefiningOp();
    if (!op || op->getBlock() != &body)
      continue;
    if (auto compare = dyn_cast<arith::CmpIOp>(op))
      readComparison(compare, isTrue);
    else if (auto flip = dyn_cast<arith::XOrIOp>(op);
             flip && matchPattern(flip.getRhs(), m_One()))
      wanted.insert({flip.getLhs(), unsigned(!isTrue)});
    else if (isa<arith::OrIOp>(op) ? isTrue : isa<arith::AndIOp>(op) && !isTrue)
      for (Value operand : op->getOperands())
        wanted.insert({operand, isTrue});
  }
  return std::move(bounds);
}

std::vector<MaskBound> findMasks(const BodyExpression &expression, Block &body,
                                 IndexAnalysis &analysis) {
  std::vector<MaskBound> masks;
  ConditionReader reader(body, analysis);
  for (auto [number, node] : llvm::enumerate(expression.nodes)) {
    auto select = dyn_cast_or_null<arith::SelectOp>(node.operation);
    if (!select || node.kind != ScalarKind::Select ||
        !select.getCondition().getType().isInteger(1))
      continue;
    for (unsigned side : {1u, 2u}) {
      MaskBound like;
      like.select = number;
      like.side = side;
      if (expression.nodes[node.operands[side]].kind == ScalarKind::Constant)
        llvm::append_range(masks, reader.read(select.getCondition(), side == 1,
                                              std::move(like)));
    }
  }
  return masks;
}

} // namespace memwall
