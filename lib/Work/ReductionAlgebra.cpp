//===- ReductionAlgebra.cpp - One pass over dependent reductions ----------===//

#include "memwall/Work/ReductionAlgebra.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <cfloat>
#include <cmath>

using namespace memwall;

/// "1", "-1e+30".
static std::string printNumber(double number) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%g", number);
  return text;
}

template <typename... Ts>
static llvm::Error refuse(const char *format, const Ts &...values) {
  return llvm::createStringError(llvm::formatv(format, values...).str());
}

namespace {

/// How a scalar depends on rows, r, and on what is reduced, x.
enum class Shape {
  Constant,
  Plain,    ///< a(x): no rows.
  Rows,     ///< h(r): rows and constants alone.
  Exponent, ///< L(x) + R(r), for an exponential.
  Product,  ///< a(x) exp(...) r1 / r2: see `Form`.
};

/// A scalar as a product: of a part without rows, kernels and row factors.
struct Form {
  Shape shape = Shape::Constant;
  llvm::SmallVector<StreamKernel, 1> kernels; ///< Of a product.
  llvm::SmallVector<RowFactor, 2> factors;    ///< Of a product.
  llvm::SmallVector<StreamKernel, 1> rows; ///< Of an exponent: what it reads.
  /// Of rows and exponents: 1 where the value grows when the row does in the
  /// course of the loop, -1 where it falls, 0 where that is not known.
  int growth = 0;
  /// Of rows and exponents: what the row is multiplied by before it is added to
  /// something; infinite where that is not known.
  double scale = 1;
  /// Of an exponent: it is multiplied by more than 1.
  bool isScaled = false;

  bool has(Shape other) const { return shape == other; }
  bool dependsOnRow() const { return has(Shape::Rows) || has(Shape::Exponent); }
};

} // namespace

static bool isSame(const Form &a, const Form &b) {
  auto isSameKernel = [](const StreamKernel &x, const StreamKernel &y) {
    return x.op == y.op && x.node == y.node;
  };
  auto isSameFactor = [](const RowFactor &x, const RowFactor &y) {
    return x.term.op == y.term.op && x.term.node == y.term.node &&
           x.isDivided == y.isDivided;
  };
  return llvm::equal(a.kernels, b.kernels, isSameKernel) &&
         llvm::equal(a.factors, b.factors, isSameFactor);
}

namespace {

/// Analyzes the ops of one group.
class Analyzer {
public:
  explicit Analyzer(llvm::ArrayRef<StreamedOp> ops)
      : ops(ops), roles(ops.size()), values(ops.size()),
        needsRows(ops.size(), false) {}

  llvm::Expected<llvm::SmallVector<StreamRole, 8>> run();

private:
  void findDependences();
  void findNeeded();
  llvm::Error analyzeOp(unsigned op);
  llvm::Error analyzeReduction(unsigned op, const BodyResult &result,
                               Form form);
  llvm::Error addReferences(unsigned op, const Form &form);
  llvm::Error placeReference(unsigned row, llvm::StringRef user);
  llvm::Error checkDerived(unsigned row, llvm::StringRef user) const;

  std::optional<unsigned> findForwarded(unsigned op, unsigned node) const;
  llvm::Expected<Form> evaluate(unsigned op, unsigned node,
                                llvm::ArrayRef<Form> before) const;
  llvm::Expected<Form> evaluateInput(unsigned op, const ScalarNode &node) const;
  void followRow(unsigned op, const ScalarNode &node,
                 llvm::ArrayRef<const Form *> of, Form &form) const;
  llvm::Expected<Form> add(unsigned op, const ScalarNode &node,
                           llvm::ArrayRef<const Form *> of) const;
  llvm::Expected<Form> multiply(unsigned op, const ScalarNode &node,
                                llvm::ArrayRef<const Form *> of) const;
  llvm::Expected<Form> raise(unsigned op, unsigned number,
                             const Form &exponent) const;
  llvm::Expected<Form> select(unsigned op, const ScalarNode &node,
                              llvm::ArrayRef<const Form *> of) const;
  llvm::Error mixes(unsigned op, const ScalarNode &node) const {
    return refuse("{0} in {1} mixes a row with what is reduced", node.name,
                  ops[op].where);
  }

  /// Whether it is a row that is final only at the end of the loop.
  bool isRow(unsigned op) const {
    return ops[op].isReduction || (!ops[op].isColumn && needsRows[op]);
  }

  llvm::ArrayRef<StreamedOp> ops;
  llvm::SmallVector<StreamRole, 8> roles;
  std::vector<Form> values; ///< Of the results of columns in the first loop.
  llvm::SmallVector<bool, 8> needsRows; ///< Reads a reduction, at any distance.
};

} // namespace

void Analyzer::findDependences() {
  for (auto [op, each] : llvm::enumerate(ops))
    for (std::optional<unsigned> source : each.sources)
      needsRows[op] |=
          source && (ops[*source].isReduction || needsRows[*source]);
}

/// Sets the places: reductions and the columns that they need are in the first
/// loop; columns for others alone, and what others need of rows, in the second.
void Analyzer::findNeeded() {
  llvm::SmallVector<bool, 8> isFirst(ops.size()), isSecond(ops.size());
  for (unsigned op = ops.size(); op-- > 0;) {
    const StreamedOp &each = ops[op];
    isFirst[op] |= each.isReduction;
    if (each.isColumn && !each.isReduction)
      isSecond[op] |= each.isSink && (needsRows[op] || !isFirst[op]);
    for (std::optional<unsigned> source : each.sources) {
      if (!source || !ops[*source].isColumn || ops[*source].isReduction)
        continue;
      isFirst[*source] |= isFirst[op];
      isSecond[*source] |= isSecond[op];
    }
  }
  for (auto [op, each] : llvm::enumerate(ops)) {
    StreamRole &role = roles[op];
    role.isInSecondLoop = isSecond[op];
    role.isInSecondLoop |= each.isColumn && !isFirst[op];
    if (each.isColumn)
      role.place = isFirst[op] ? StreamPlace::Inside : StreamPlace::After;
    else
      role.place = needsRows[op] ? StreamPlace::After : StreamPlace::Before;
  }
}

//===----------------------------------------------------------------------===//
// Bodies
//===----------------------------------------------------------------------===//

llvm::Expected<Form> Analyzer::evaluateInput(unsigned op,
                                             const ScalarNode &node) const {
  std::optional<unsigned> source = node.access < ops[op].sources.size()
                                       ? ops[op].sources[node.access]
                                       : std::nullopt;
  // All that a row op reads is one value.
  Form form;
  form.shape = ops[op].isColumn ? Shape::Plain : Shape::Constant;
  if (!source)
    return form;
  if (isRow(*source)) {
    bool isMinimum =
        ops[*source].isReduction && ops[*source].body &&
        !ops[*source].body->results.empty() &&
        ops[*source].body->results[0].combiner == Combiner::Minimum;
    form.shape = Shape::Rows;
    form.growth = isMinimum ? -1 : 1;
    form.rows.push_back({op, 0, node.access, *source});
    return form;
  }
  return ops[*source].isColumn ? values[*source] : form;
}

/// Sets how `form`, what `node` makes, grows with its row and how it is scaled.
void Analyzer::followRow(unsigned op, const ScalarNode &node,
                         llvm::ArrayRef<const Form *> of, Form &form) const {
  // 1. What its operands do: the two sides of a select, not its condition.
  bool isFirst = true;
  for (auto [side, operand] : llvm::enumerate(of)) {
    form.scale = std::max(form.scale, operand->scale);
    form.isScaled |= operand->isScaled;
    if (!operand->dependsOnRow() ||
        (node.kind == ScalarKind::Select && side == 0))
      continue;
    bool flips = node.kind == ScalarKind::Negate ||
                 (node.kind == ScalarKind::Subtract && side == 1);
    int growth = flips ? -operand->growth : operand->growth;
    form.growth = isFirst || form.growth == growth ? growth : 0;
    isFirst = false;
  }
  if (node.kind == ScalarKind::Other)
    form.growth = 0;
  if (node.kind != ScalarKind::Multiply && node.kind != ScalarKind::Divide)
    return;
  // 2. What a constant factor does.
  unsigned side = of[0]->dependsOnRow();
  bool isDivided = node.kind == ScalarKind::Divide;
  const ScalarNode &factor = ops[op].body->nodes[node.operands[side]];
  bool isKnown =
      factor.kind == ScalarKind::Constant && !(isDivided && side == 0);
  double size = isKnown ? std::fabs(factor.constant) : INFINITY;
  if (isKnown && isDivided)
    size = 1 / size;
  form.growth = !isKnown ? 0 : factor.constant < 0 ? -form.growth : form.growth;
  if (form.has(Shape::Rows))
    form.scale *= size;
  else
    form.isScaled |= !(size <= 1);
}

/// A sum or a difference.
llvm::Expected<Form> Analyzer::add(unsigned op, const ScalarNode &node,
                                   llvm::ArrayRef<const Form *> of) const {
  const Form &a = *of[0], &b = *of[1];
  if (a.has(Shape::Product) || b.has(Shape::Product)) {
    if (a.has(Shape::Product) && b.has(Shape::Product) && isSame(a, b))
      return a;
    return mixes(op, node);
  }
  // Where all is masked so far, the row has to be finite.
  for (const Form *side : of)
    if (side->has(Shape::Rows) && !(side->scale < FLT_MAX))
      return refuse("{0} in {1} refers to a row times what is no constant",
                    node.name, ops[op].where);
  Form form;
  form.shape = Shape::Exponent;
  form.rows = a.rows;
  llvm::append_range(form.rows, b.rows);
  followRow(op, node, of, form);
  return form;
}

llvm::Expected<Form> Analyzer::multiply(unsigned op, const ScalarNode &node,
                                        llvm::ArrayRef<const Form *> of) const {
  bool isDivided = node.kind == ScalarKind::Divide;
  // 1. An exponent takes constant factors.
  for (unsigned side : {0u, 1u})
    if (of[side]->has(Shape::Exponent)) {
      if (!of[1 - side]->has(Shape::Constant) || (isDivided && side))
        return mixes(op, node);
      Form form = *of[side];
      followRow(op, node, of, form);
      return form;
    }
  // 2. A product takes everything; nothing is divided by one.
  if (isDivided && (of[1]->has(Shape::Product) ||
                    (of[0]->has(Shape::Rows) && !of[1]->has(Shape::Constant))))
    return mixes(op, node);
  Form form;
  form.shape = Shape::Product;
  unsigned product = &node - ops[op].body->nodes.data();
  for (unsigned side : {0u, 1u}) {
    llvm::append_range(form.kernels, of[side]->kernels);
    llvm::append_range(form.factors, of[side]->factors);
    if (of[side]->has(Shape::Rows))
      form.factors.push_back(
          {{op, node.operands[side]}, isDivided && side == 1, product});
  }
  return form;
}

/// An exponential.
llvm::Expected<Form> Analyzer::raise(unsigned op, unsigned number,
                                     const Form &exponent) const {
  const ScalarNode &node = ops[op].body->nodes[number];
  if (!exponent.has(Shape::Exponent))
    return mixes(op, node);
  if (exponent.rows.size() != 1)
    return refuse("{0} in {1} refers to {2} rows, expected one", node.name,
                  ops[op].where, exponent.rows.size());
  const StreamKernel &reference = exponent.rows.front();
  if (exponent.growth > 0)
    return refuse("{0} in {1} grows with the row of {2}", node.name,
                  ops[op].where, ops[reference.row].where);
  Form form;
  form.shape = Shape::Product;
  form.kernels.push_back(reference);
  form.kernels.back().node = number;
  form.kernels.back().isHeld = exponent.isScaled;
  form.kernels.back().rowScale = exponent.scale;
  return form;
}

/// Where the condition does not hold, nothing is added: 0 instead of a product,
/// minus infinity instead of an exponent.
llvm::Expected<Form> Analyzer::select(unsigned op, const ScalarNode &node,
                                      llvm::ArrayRef<const Form *> of) const {
  const BodyExpression &body = *ops[op].body;
  auto isNothing = [&](unsigned side, Shape shape) {
    const ScalarNode &other = body.nodes[node.operands[side]];
    return other.kind == ScalarKind::Constant &&
           other.constant == (shape == Shape::Product ? 0.0 : -INFINITY);
  };
  bool isPlain = of[0]->has(Shape::Plain) || of[0]->has(Shape::Constant);
  for (unsigned side : {1u, 2u})
    for (Shape shape : {Shape::Product, Shape::Exponent})
      if (isPlain && of[side]->has(shape) && isNothing(3 - side, shape)) {
        Form form = *of[side];
        for (StreamKernel &kernel : form.kernels)
          kernel.isMasked = true;
        for (StreamKernel &row : form.rows)
          row.isMasked = true;
        return form;
      }
  if (isPlain && of[1]->has(Shape::Product) && of[2]->has(Shape::Product) &&
      isSame(*of[1], *of[2]))
    return *of[1];
  return mixes(op, node);
}

llvm::Expected<Form> Analyzer::evaluate(unsigned op, unsigned number,
                                        llvm::ArrayRef<Form> before) const {
  const ScalarNode &node = ops[op].body->nodes[number];
  Form form;
  if (node.kind == ScalarKind::Input)
    return evaluateInput(op, node);
  if (node.kind == ScalarKind::Constant)
    return form;
  if (node.kind == ScalarKind::Index) {
    form.shape = Shape::Plain;
    return form;
  }
  // 1. Functions of one kind of values alone.
  llvm::SmallVector<const Form *, 3> of;
  bool hasPlain = node.operands.empty(), hasRows = false, isSimple = true;
  for (unsigned operand : node.operands) {
    of.push_back(&before[operand]);
    hasPlain |= before[operand].has(Shape::Plain);
    hasRows |= before[operand].has(Shape::Rows);
    isSimple &= !before[operand].has(Shape::Product) &&
                !before[operand].has(Shape::Exponent);
    llvm::append_range(form.rows, before[operand].rows);
  }
  if (isSimple && !(hasPlain && hasRows)) {
    form.shape = hasPlain  ? Shape::Plain
                 : hasRows ? Shape::Rows
                           : Shape::Constant;
    if (hasRows)
      followRow(op, node, of, form);
    return form;
  }
  // 2. What may mix them.
  switch (node.kind) {
  case ScalarKind::Add:
  case ScalarKind::Subtract:
    return add(op, node, of);
  case ScalarKind::Multiply:
  case ScalarKind::Divide:
    return multiply(op, node, of);
  case ScalarKind::Exp:
  case ScalarKind::Exp2:
    return raise(op, number, *of[0]);
  case ScalarKind::Select:
    return select(op, node, of);
  case ScalarKind::Negate:
  case ScalarKind::FloatCast:
    form = *of[0];
    followRow(op, node, of, form);
    return form;
  default:
    return mixes(op, node);
  }
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

/// Checks that a row op makes a reference that does not fall in the course of
/// the loop: sums at the rows before it would be infinitely small.
llvm::Error Analyzer::checkDerived(unsigned row, llvm::StringRef user) const {
  const StreamedOp &each = ops[row];
  if (!each.body || each.body->results.size() != 1)
    return llvm::Error::success();
  std::vector<Form> forms;
  for (unsigned number = 0; number < each.body->nodes.size(); ++number) {
    llvm::Expected<Form> form = evaluate(row, number, forms);
    if (!form)
      return form.takeError();
    forms.push_back(std::move(*form));
  }
  if (forms[each.body->results.front().value].growth < 0)
    return refuse("{0} refers to {1}, which falls where its rows grow", user,
                  each.where);
  return llvm::Error::success();
}

/// A row that kernels refer to is computed in the loop, as are the rows that it
/// is made of.
llvm::Error Analyzer::placeReference(unsigned row, llvm::StringRef user) {
  StreamRole &role = roles[row];
  if (!role.factors.empty())
    return refuse("{0} refers to {1}, which is known after the loop only", user,
                  ops[row].where);
  if (ops[row].isSink)
    return refuse("the result of {0} is used outside, and corrects sums inside",
                  ops[row].where);
  if (ops[row].isReduction)
    return llvm::Error::success();
  role.place = StreamPlace::Inside;
  for (std::optional<unsigned> source : ops[row].sources) {
    if (!source || !isRow(*source))
      continue;
    const StreamedOp &made = ops[*source];
    if (made.isReduction && roles[*source].kernels.empty() &&
        made.body->results.front().combiner == Combiner::Add)
      return refuse("{0} refers to {1}, a sum that is not complete", user,
                    made.where);
    if (llvm::Error error = placeReference(*source, user))
      return error;
  }
  return checkDerived(row, user);
}

llvm::Error Analyzer::addReferences(unsigned op, const Form &form) {
  for (const StreamKernel &kernel : form.kernels) {
    const StreamedOp &row = ops[kernel.row];
    StreamRole &role = roles[kernel.row];
    if (llvm::Error error = placeReference(kernel.row, ops[kernel.op].where))
      return error;
    role.isReference = true;
    // Twice, so that rounding does not make the product infinite.
    if (kernel.rowScale > 1)
      role.lowestDivisor = std::max(role.lowestDivisor, 2 * kernel.rowScale);
    bool isMaximum = row.isReduction &&
                     row.body->results.front().combiner == Combiner::Maximum;
    if (row.isReduction && !isMaximum)
      return refuse("{0} refers to {1}, which is no maximum",
                    ops[kernel.op].where, row.where);
    role.isClamped = !row.isReduction;
    if (isMaximum && !row.start)
      return refuse("{0} starts from what is no known number", row.where);
    role.startsFinite |= isMaximum && !(*row.start > -FLT_MAX);
  }
  return llvm::Error::success();
}

llvm::Error Analyzer::analyzeReduction(unsigned op, const BodyResult &result,
                                       Form form) {
  const StreamedOp &each = ops[op];
  bool isPlain = form.has(Shape::Plain) || form.has(Shape::Constant);
  if (each.startsUndefined)
    return refuse("{0} starts from undefined content", each.where);
  switch (result.combiner) {
  case Combiner::Maximum:
  case Combiner::Minimum:
    if (!isPlain)
      return refuse("{0} takes the largest or smallest of what refers to rows",
                    each.where);
    return llvm::Error::success();
  case Combiner::Add:
    break;
  case Combiner::Multiply:
    return refuse("{0} reduces by a product", each.where);
  default:
    return refuse("{0} reduces in a way that is not known", each.where);
  }
  if (isPlain)
    return llvm::Error::success();
  if (!form.has(Shape::Product))
    return refuse("{0} sums a row with what is reduced", each.where);
  if (each.start != 0.0)
    return refuse(
        "{0} starts from {1}, not from the identity of its sum", each.where,
        each.start ? printNumber(*each.start) : "what is no known number");
  roles[op].kernels = form.kernels;
  roles[op].factors = form.factors;
  return addReferences(op, form);
}

/// The input that node `number` is when the factors of its body are left out.
std::optional<unsigned> Analyzer::findForwarded(unsigned op,
                                                unsigned number) const {
  const BodyExpression &body = *ops[op].body;
  if (roles[op].dropped.empty())
    return std::nullopt;
  while (body.nodes[number].kind != ScalarKind::Input) {
    const RowFactor *factor =
        llvm::find_if(roles[op].dropped, [&](const RowFactor &each) {
          return each.product == number;
        });
    if (factor == roles[op].dropped.end())
      return std::nullopt;
    const ScalarNode &node = body.nodes[number];
    number = node.operands[node.operands[0] == factor->term.node ? 1 : 0];
  }
  return body.nodes[number].access;
}

/// Sees what an op in the first loop computes.
llvm::Error Analyzer::analyzeOp(unsigned op) {
  const StreamedOp &each = ops[op];
  if (!each.body)
    return refuse("what {0} computes is not known", each.where);
  if (each.body->results.size() != 1)
    return refuse("{0} has {1} results, expected one", each.where,
                  each.body->results.size());
  const BodyResult &result = each.body->results.front();
  std::vector<Form> forms;
  for (unsigned number = 0; number < each.body->nodes.size(); ++number) {
    llvm::Expected<Form> form = evaluate(op, number, forms);
    if (!form)
      return form.takeError();
    forms.push_back(std::move(*form));
  }
  Form form = forms[result.value];
  if (form.has(Shape::Rows))
    return refuse("{0} spreads a row over what is reduced", each.where);
  for (const RowFactor &factor : form.factors)
    if (factor.term.op == op)
      roles[op].dropped.push_back(factor);
  if (result.combiner == Combiner::None)
    roles[op].forwarded = findForwarded(op, result.value);
  if (each.isReduction)
    return analyzeReduction(op, result, std::move(form));
  // A contraction over another dimension sums what has to stay as it is.
  if (result.combiner != Combiner::None && !form.has(Shape::Plain))
    return refuse("{0} reduces rows over another dimension", each.where);
  if (roles[op].isInSecondLoop && result.combiner != Combiner::None)
    return refuse(
        "what refers to {0} is used outside of the group, which would "
        "compute it twice",
        each.where);
  if (form.has(Shape::Exponent))
    return refuse("{0} is a sum of a row and of what is reduced, and no "
                  "exponential",
                  each.where);
  values[op] = std::move(form);
  return llvm::Error::success();
}

llvm::Expected<llvm::SmallVector<StreamRole, 8>> Analyzer::run() {
  findDependences();
  findNeeded();
  for (auto [op, each] : llvm::enumerate(ops))
    if (each.isColumn && roles[op].place == StreamPlace::Inside)
      if (llvm::Error error = analyzeOp(op))
        return std::move(error);
  return std::move(roles);
}

llvm::Expected<llvm::SmallVector<StreamRole, 8>>
memwall::analyzeReductions(llvm::ArrayRef<StreamedOp> ops) {
  return Analyzer(ops).run();
}
