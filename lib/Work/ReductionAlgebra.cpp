//===- ReductionAlgebra.cpp - One pass over dependent reductions ----------===//

#include "memwall/Work/ReductionAlgebra.h"
#include "DeadRows.h"
#include "ReductionForms.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
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

bool StreamKernel::reads(unsigned row) const {
  return llvm::any_of(
      inputs, [&](const KernelInput &input) { return input.row == row; });
}

std::optional<StreamKernel>
memwall::releaseKernel(llvm::function_ref<const StreamRole &(unsigned)> getRole,
                       StreamKernel kernel) {
  bool isReleased = false;
  for (KernelInput &input : kernel.inputs) {
    isReleased |= input.row && (getRole(*input.row).isClamped ||
                                getRole(*input.row).keepsInfinity);
    input.isHeld &= kernel.isSignUnknown;
  }
  if (!isReleased || kernel.isMasked)
    return std::nullopt;
  kernel.isHeld &= kernel.isSignUnknown;
  kernel.isReleased = kernel.isSignUnknown;
  return kernel;
}

namespace {

/// Analyzes the ops of one group.
class Analyzer {
public:
  explicit Analyzer(llvm::ArrayRef<StreamedOp> ops)
      : ops(ops), roles(ops.size()), reader(ops) {}

  llvm::Expected<llvm::SmallVector<StreamRole, 8>> run();

private:
  void findNeeded();
  llvm::Error analyzeOp(unsigned op);
  llvm::Error analyzeReduction(unsigned op, const BodyResult &result,
                               Form form);
  llvm::Error addReferences(unsigned op, const Form &form);
  llvm::Error addReference(const StreamKernel &kernel,
                           const KernelInput &input);
  llvm::Error placeReference(unsigned row, llvm::StringRef user);
  llvm::Error checkDerived(unsigned row, llvm::StringRef user) const;
  std::optional<unsigned> findForwarded(unsigned op, unsigned node) const;

  llvm::ArrayRef<StreamedOp> ops;
  llvm::SmallVector<StreamRole, 8> roles;
  FormReader reader;
};

} // namespace

/// Sets the places: reductions and the columns that they need are in the first
/// loop; columns for others alone, and what others need of rows, in the second.
void Analyzer::findNeeded() {
  llvm::SmallVector<bool, 8> isFirst(ops.size()), isSecond(ops.size());
  for (unsigned op = ops.size(); op-- > 0;) {
    const StreamedOp &each = ops[op];
    isFirst[op] |= each.isReduction;
    if (each.isColumn && !each.isReduction)
      isSecond[op] |= each.isSink && (reader.needsRows(op) || !isFirst[op]);
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
      role.place =
          reader.needsRows(op) ? StreamPlace::After : StreamPlace::Before;
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
  llvm::Expected<std::vector<Form>> forms = reader.read(row);
  if (!forms)
    return forms.takeError();
  if ((*forms)[each.body->results.front().value].growth < 0)
    return refuseStream("{0} refers to {1}, which falls where its rows grow",
                        user, each.where);
  return llvm::Error::success();
}

/// A row that kernels refer to is computed in the loop, as are the rows that it
/// is made of.
llvm::Error Analyzer::placeReference(unsigned row, llvm::StringRef user) {
  StreamRole &role = roles[row];
  if (!role.factors.empty())
    return refuseStream("{0} refers to {1}, which is known after the loop only",
                        user, ops[row].where);
  if (ops[row].isReduction)
    return llvm::Error::success();
  role.place = StreamPlace::Inside;
  for (std::optional<unsigned> source : ops[row].sources) {
    if (!source || !reader.isRow(*source))
      continue;
    const StreamedOp &made = ops[*source];
    if (made.isReduction && roles[*source].kernels.empty() &&
        made.body->results.front().combiner == Combiner::Add)
      return refuseStream("{0} refers to {1}, a sum that is not complete", user,
                          made.where);
    if (llvm::Error error = placeReference(*source, user))
      return error;
  }
  return checkDerived(row, user);
}

/// Sets the role of a row that the kernel refers to.
llvm::Error Analyzer::addReference(const StreamKernel &kernel,
                                   const KernelInput &input) {
  const StreamedOp &row = ops[*input.row];
  StreamRole &role = roles[*input.row];
  const std::string &user = ops[kernel.op].where;
  if (llvm::Error error = placeReference(*input.row, user))
    return error;
  role.isReference = true;
  role.lowestDivisor = std::max(role.lowestDivisor, input.scale);
  role.isClamped = !row.isReduction;
  if (row.isReduction &&
      row.body->results.front().combiner != Combiner::Maximum)
    return refuseStream("{0} refers to {1}, which is no maximum", user,
                        row.where);
  if (row.isReduction && !row.start)
    return refuseStream("{0} starts from what is no known number", row.where);
  role.startsFinite |= row.isReduction && !(*row.start > -FLT_MAX);
  if (kernel.isSignUnknown && !role.startsFinite)
    return refuseStream("{0} refers to {1} times what is no constant", user,
                        row.where);
  return llvm::Error::success();
}

llvm::Error Analyzer::addReferences(unsigned op, const Form &form) {
  for (const StreamKernel &kernel : form.kernels)
    for (const KernelInput &input : kernel.inputs)
      if (input.row)
        if (llvm::Error error = addReference(kernel, input))
          return error;
  return llvm::Error::success();
}

llvm::Error Analyzer::analyzeReduction(unsigned op, const BodyResult &result,
                                       Form form) {
  const StreamedOp &each = ops[op];
  bool isPlain = form.has(Shape::Plain) || form.has(Shape::Constant);
  if (each.startsUndefined)
    return refuseStream("{0} starts from undefined content", each.where);
  switch (result.combiner) {
  case Combiner::Maximum:
  case Combiner::Minimum:
    if (!isPlain)
      return refuseStream(
          "{0} takes the largest or smallest of what refers to rows",
          each.where);
    return llvm::Error::success();
  case Combiner::Add:
    break;
  case Combiner::Multiply:
    return refuseStream("{0} reduces by a product", each.where);
  default:
    return refuseStream("{0} reduces in a way that is not known", each.where);
  }
  if (isPlain)
    return llvm::Error::success();
  if (!form.has(Shape::Product))
    return refuseStream("{0} sums a row with what is reduced", each.where);
  if (each.start != 0.0)
    return refuseStream(
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
    number = body.nodes[number].operands[factor->kept];
  }
  return body.nodes[number].access;
}

/// Sees what an op in the first loop computes.
llvm::Error Analyzer::analyzeOp(unsigned op) {
  const StreamedOp &each = ops[op];
  if (!each.body)
    return refuseStream("what {0} computes is not known", each.where);
  if (each.body->results.size() != 1)
    return refuseStream("{0} has {1} results, expected one", each.where,
                        each.body->results.size());
  const BodyResult &result = each.body->results.front();
  llvm::Expected<std::vector<Form>> forms = reader.read(op);
  if (!forms)
    return forms.takeError();
  Form form = std::move((*forms)[result.value]);
  if (form.has(Shape::Rows))
    return refuseStream("{0} spreads a row over what is reduced", each.where);
  for (const RowFactor &factor : form.factors)
    if (factor.term.op == op)
      roles[op].dropped.push_back(factor);
  if (result.combiner == Combiner::None)
    roles[op].forwarded = findForwarded(op, result.value);
  if (each.isReduction)
    return analyzeReduction(op, result, std::move(form));
  // A contraction over another dimension sums what has to stay as it is.
  if (result.combiner != Combiner::None && !form.has(Shape::Plain))
    return refuseStream("{0} reduces rows over another dimension", each.where);
  if (roles[op].isInSecondLoop && result.combiner != Combiner::None)
    return refuseStream(
        "what refers to {0} is used outside of the group, which would "
        "compute it twice",
        each.where);
  reader.setColumn(op, std::move(form));
  return llvm::Error::success();
}

llvm::Expected<llvm::SmallVector<StreamRole, 8>> Analyzer::run() {
  findNeeded();
  for (auto [op, each] : llvm::enumerate(ops))
    if (each.isColumn && roles[op].place == StreamPlace::Inside)
      if (llvm::Error error = analyzeOp(op))
        return std::move(error);
  keepDeadRows(ops, roles);
  return std::move(roles);
}

llvm::Expected<llvm::SmallVector<StreamRole, 8>>
memwall::analyzeReductions(llvm::ArrayRef<StreamedOp> ops) {
  return Analyzer(ops).run();
}
