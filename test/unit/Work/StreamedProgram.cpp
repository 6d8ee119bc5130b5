//===- StreamedProgram.cpp - One row of a group of reductions -------------===//

#include "StreamedProgram.h"
#include "llvm/ADT/STLExtras.h"
#include <cfloat>
#include <cmath>
#include <functional>
#include <limits>

namespace memwall::test {

namespace {

using Inputs = std::function<double(unsigned access)>;

constexpr double kLowest = -FLT_MAX;

/// `value` as far as f32 can hold it.
double limit(double value) {
  if (std::fabs(value) > FLT_MAX)
    return std::copysign(INFINITY, value);
  return std::fabs(value) < std::numeric_limits<float>::denorm_min() ? 0
                                                                     : value;
}

double combine(Combiner combiner, double sum, double value) {
  switch (combiner) {
  case Combiner::Add:
    return limit(sum + value);
  case Combiner::Maximum:
    return std::fmax(sum, value);
  case Combiner::Minimum:
    return std::fmin(sum, value);
  case Combiner::Multiply:
    return limit(sum * value);
  default:
    return value;
  }
}

double computeOther(llvm::StringRef name, llvm::ArrayRef<double> of) {
  if (name == "math.tanh")
    return std::tanh(of[0]);
  if (name == "math.rsqrt")
    return 1 / std::sqrt(of[0]);
  if (name == "arith.cmpf")
    return of[0] < of[1];
  if (name == "arith.fptosi")
    return std::trunc(of[0]);
  return NAN;
}

double computeScalar(const ScalarNode &node, llvm::ArrayRef<double> of) {
  switch (node.kind) {
  case ScalarKind::Constant:
    return node.constant;
  case ScalarKind::Add:
    return of[0] + of[1];
  case ScalarKind::Subtract:
    return of[0] - of[1];
  case ScalarKind::Multiply:
    return of[0] * of[1];
  case ScalarKind::Divide:
    return of[0] / of[1];
  case ScalarKind::Negate:
    return -of[0];
  case ScalarKind::Exp:
    return std::exp(of[0]);
  case ScalarKind::Exp2:
    return std::exp2(of[0]);
  case ScalarKind::Log:
    return std::log(of[0]);
  case ScalarKind::Maximum:
    return std::fmax(of[0], of[1]);
  case ScalarKind::Minimum:
    return std::fmin(of[0], of[1]);
  case ScalarKind::Select:
    return of[0] != 0 ? of[1] : of[2];
  case ScalarKind::FloatCast:
    return of[0];
  default:
    return computeOther(node.name, of);
  }
}

double pick(const RowValues &values, unsigned element) {
  return values.size() == 1 ? values[0] : values[element];
}

/// Node `number` of a body at one element. Factors in `dropped` are left out of
/// the products that they are in.
double evaluateNode(const ProgramOp &op, unsigned number, unsigned element,
                    const Inputs &inputs,
                    llvm::ArrayRef<RowFactor> dropped = {}) {
  std::vector<double> values;
  for (unsigned n = 0; n <= number; ++n) {
    const ScalarNode &node = op.body->nodes[n];
    std::vector<double> of;
    for (unsigned operand : node.operands)
      of.push_back(values[operand]);
    if (node.kind == ScalarKind::Input)
      values.push_back(inputs(node.access));
    else if (node.kind == ScalarKind::Index)
      values.push_back(pick(op.indices.at(n), element));
    else if (const RowFactor *factor = llvm::find_if(
                 dropped,
                 [&](const RowFactor &each) { return each.product == n; });
             factor != dropped.end())
      values.push_back(of[factor->kept]);
    else
      values.push_back(limit(computeScalar(node, of)));
  }
  return values[number];
}

/// Evaluates the part of the exponent of a kernel that rows make.
class RowPartEvaluator {
public:
  RowPartEvaluator(const StreamedProgram &program, const StreamKernel &kernel,
                   std::function<double(const KernelInput &)> getInput)
      : program(program), kernel(kernel), getInput(std::move(getInput)) {}

  /// Of a node; none when it does not depend on rows.
  std::optional<double> evaluate(unsigned op, unsigned number) const;

private:
  const KernelColumn *findColumn(unsigned op, unsigned access) const {
    for (const KernelColumn &column : kernel.columns)
      if (column.op == op && column.access == access)
        return &column;
    return nullptr;
  }
  const KernelInput *findInput(unsigned op, unsigned access) const {
    for (const KernelInput &input : kernel.inputs)
      if (input.op == op && input.access == access)
        return &input;
    return nullptr;
  }
  double compute(unsigned op, unsigned number) const {
    return evaluateNode(program.ops[op], number, 0, [&](unsigned access) {
      const KernelInput *input = findInput(op, access);
      return input ? getInput(*input) : NAN;
    });
  }

  const StreamedProgram &program;
  const StreamKernel &kernel;
  std::function<double(const KernelInput &)> getInput;
};

std::optional<double> RowPartEvaluator::evaluate(unsigned op,
                                                 unsigned number) const {
  const BodyExpression &body = *program.ops[op].body;
  const ScalarNode &node = body.nodes[number];
  llvm::SmallVector<bool> isReached(number + 1, false);
  isReached[number] = true;
  bool hasRow = false, hasOthers = false;
  for (unsigned n = number + 1; n-- > 0;) {
    if (!isReached[n])
      continue;
    const ScalarNode &each = body.nodes[n];
    bool isInput = each.kind == ScalarKind::Input;
    const KernelInput *input = isInput ? findInput(op, each.access) : nullptr;
    bool isRow = input && input->row;
    bool isColumn = isInput && findColumn(op, each.access);
    hasRow |= isRow || isColumn;
    hasOthers |=
        (isInput && !isRow) || each.kind == ScalarKind::Index || isColumn;
    for (unsigned operand : each.operands)
      isReached[operand] = true;
  }
  if (!hasRow)
    return std::nullopt;
  if (!hasOthers)
    return compute(op, number);
  if (node.kind == ScalarKind::Input) {
    unsigned made = findColumn(op, node.access)->made;
    return evaluate(made, program.ops[made].body->results[0].value);
  }
  llvm::SmallVector<std::optional<double>> of;
  for (unsigned operand : node.operands)
    of.push_back(evaluate(op, operand));
  auto getFactor = [&](unsigned side) {
    return compute(op, node.operands[side]);
  };
  switch (node.kind) {
  case ScalarKind::Add:
    return limit(of[0].value_or(0) + of[1].value_or(0));
  case ScalarKind::Subtract:
    return limit(of[0].value_or(0) - of[1].value_or(0));
  case ScalarKind::Negate:
    return -*of[0];
  case ScalarKind::FloatCast:
    return of[0];
  case ScalarKind::Select:
    return of[1] ? of[1] : of[2];
  case ScalarKind::Multiply:
    return limit(of[0] ? *of[0] * getFactor(1) : *of[1] * getFactor(0));
  case ScalarKind::Divide:
    return limit(*of[0] / getFactor(1));
  default:
    return NAN;
  }
}

/// Evaluates a program in one pass, by its roles.
class TileEvaluator {
public:
  TileEvaluator(const StreamedProgram &program,
                llvm::ArrayRef<StreamRole> roles, unsigned tile)
      : program(program), roles(roles), tile(tile) {}

  std::vector<RowValues> run();

private:
  void begin();
  void addTile(unsigned first, unsigned end);
  void addFinal(unsigned op);
  void keepExponents(unsigned op);
  void correct(unsigned op, bool isReleased = false);
  void releaseRows();
  double evaluateAt(unsigned op, unsigned node, unsigned element,
                    llvm::ArrayRef<RowFactor> dropped = {}) const;
  double evaluateResult(unsigned op, unsigned element,
                        llvm::ArrayRef<RowFactor> dropped = {}) const {
    return evaluateAt(op, program.ops[op].body->results[0].value, element,
                      dropped);
  }
  /// The elements [first, end) of a column are known, and no others.
  void setElements(unsigned op, unsigned first, unsigned end,
                   llvm::ArrayRef<RowFactor> dropped);
  double evaluateExponent(const StreamKernel &kernel) const;
  double getLowest(unsigned op) const {
    return kLowest / roles[op].lowestDivisor;
  }

  const StreamedProgram &program;
  llvm::ArrayRef<StreamRole> roles;
  unsigned tile;
  bool isInLoop = true; ///< The first one.
  std::vector<RowValues> values, outside;
  /// Of a kernel (op, node): its exponent at the old row.
  std::map<std::pair<unsigned, unsigned>, double> exponents;
};

} // namespace

double TileEvaluator::evaluateAt(unsigned op, unsigned node, unsigned element,
                                 llvm::ArrayRef<RowFactor> dropped) const {
  const ProgramOp &each = program.ops[op];
  auto needed = findInputsWithout(*each.body, node, dropped);
  return evaluateNode(
      each, node, element,
      [&](unsigned access) {
        // What the loop does not read is not there.
        if (!llvm::is_contained(needed, access))
          return double(NAN);
        std::optional<unsigned> source = each.streamed.sources[access];
        double value =
            pick(source ? values[*source] : each.data[access], element);
        bool isHeld =
            isInLoop && llvm::is_contained(roles[op].heldAccesses, access);
        return isHeld ? std::fmax(value, getLowest(*source)) : value;
      },
      dropped);
}

void TileEvaluator::setElements(unsigned op, unsigned first, unsigned end,
                                llvm::ArrayRef<RowFactor> dropped) {
  RowValues made(program.extent, NAN);
  const ProgramOp &each = program.ops[op];
  const std::optional<unsigned> &forwarded = roles[op].forwarded;
  for (unsigned element = first; element < end; ++element) {
    if (!forwarded || dropped.empty()) {
      made[element] = evaluateResult(op, element, dropped);
      continue;
    }
    std::optional<unsigned> source = each.streamed.sources[*forwarded];
    made[element] =
        pick(source ? values[*source] : each.data[*forwarded], element);
  }
  // One element more, so that a row of one element is told from one value.
  made.push_back(NAN);
  values[op] = std::move(made);
}

double TileEvaluator::evaluateExponent(const StreamKernel &kernel) const {
  const ProgramOp &op = program.ops[kernel.op];
  bool isAtStart = false, isLower = false;
  auto getInput = [&](const KernelInput &input) {
    if (!input.row)
      return program.ops[input.op].data[input.access][0];
    double row = values[*input.row][0];
    isLower |= input.isHeld && row < getLowest(*input.row);
    if (input.isHeld)
      row = std::fmax(row, getLowest(*input.row));
    isAtStart |= row == getLowest(*input.row);
    return row;
  };
  double exponent =
      RowPartEvaluator(program, kernel, getInput)
          .evaluate(kernel.op, op.body->nodes[kernel.node].operands[0])
          .value_or(NAN);
  if (kernel.isReleased && isLower)
    return INFINITY;
  if (kernel.isSignUnknown && isAtStart)
    return FLT_MAX;
  return kernel.isHeld ? std::fmin(exponent, FLT_MAX) : exponent;
}

void TileEvaluator::keepExponents(unsigned row) {
  for (const StreamRole &role : roles)
    for (const StreamKernel &kernel : role.kernels)
      if (kernel.reads(row))
        exponents.insert({{kernel.op, kernel.node}, evaluateExponent(kernel)});
}

void TileEvaluator::correct(unsigned op, bool isReleased) {
  for (const StreamKernel &inLoop : roles[op].kernels) {
    StreamKernel kernel = inLoop;
    if (isReleased) {
      auto released = releaseKernel(
          [&](unsigned row) -> const StreamRole & { return roles[row]; },
          kernel);
      if (!released)
        continue;
      kernel = *released;
    }
    double change = limit(evaluateExponent(kernel) -
                          exponents.at({kernel.op, kernel.node}));
    const ScalarNode &node = program.ops[kernel.op].body->nodes[kernel.node];
    values[op][0] = limit(values[op][0] * limit(computeScalar(node, change)));
  }
}

/// Takes the bound off rows that the loop held above minus infinity.
void TileEvaluator::releaseRows() {
  exponents.clear();
  for (unsigned op = 0; op < program.ops.size(); ++op) {
    if (roles[op].isClamped || roles[op].keepsInfinity)
      keepExponents(op);
    if (roles[op].isClamped)
      values[op] = {evaluateResult(op, 0)};
    correct(op, /*isReleased=*/true);
  }
}

/// What the loop carries, and what is there before it.
void TileEvaluator::begin() {
  for (auto [op, each] : llvm::enumerate(program.ops)) {
    const StreamRole &role = roles[op];
    double lowest = getLowest(op);
    if (role.keepsInfinity)
      lowest = std::isnan(each.start) ? -INFINITY : each.start;
    values.emplace_back();
    if (role.place == StreamPlace::Before)
      values[op] = {evaluateResult(op, 0)};
    else if (each.streamed.isReduction)
      values[op] = {role.startsFinite ? lowest : each.start};
    else if (!each.streamed.isColumn)
      values[op] = {role.place == StreamPlace::Inside ? lowest : NAN};
  }
}

void TileEvaluator::addTile(unsigned first, unsigned end) {
  exponents.clear();
  for (auto [op, each] : llvm::enumerate(program.ops)) {
    const StreamRole &role = roles[op];
    if (role.place != StreamPlace::Inside)
      continue;
    if (role.isReference)
      keepExponents(op);
    if (each.streamed.isReduction) {
      correct(op);
      for (unsigned element = first; element < end; ++element)
        values[op][0] = combine(each.body->results[0].combiner, values[op][0],
                                evaluateResult(op, element, role.dropped));
    } else if (each.streamed.isColumn) {
      setElements(op, first, end, role.dropped);
      for (unsigned element = first; element < end; ++element)
        outside[op].push_back(values[op][element]);
    } else {
      values[op] = {evaluateResult(op, 0)};
    }
    if (role.isClamped)
      values[op][0] = std::fmax(values[op][0], getLowest(op));
  }
}

/// After the loop, in the order of the program: what was deferred, and rows.
void TileEvaluator::addFinal(unsigned op) {
  const ProgramOp &each = program.ops[op];
  for (const RowFactor &factor : roles[op].factors) {
    double by = evaluateAt(factor.term.op, factor.term.node, 0);
    double &sum = values[op][0];
    if (factor.isCondition)
      sum = (by != 0) == (factor.kept == 1) ? sum : 0;
    else
      sum = limit(factor.isDivided ? sum / by : sum * by);
  }
  if (!each.streamed.isColumn && roles[op].place == StreamPlace::After)
    values[op] = {evaluateResult(op, 0)};
}

std::vector<RowValues> TileEvaluator::run() {
  begin();
  outside.resize(program.ops.size());
  for (unsigned first = 0; first < program.extent; first += tile)
    addTile(first, std::min(first + tile, program.extent));
  isInLoop = false;
  releaseRows();
  for (unsigned op = 0; op < program.ops.size(); ++op)
    addFinal(op);
  for (auto [op, role] : llvm::enumerate(roles))
    if (role.isInSecondLoop)
      outside[op].clear();
  for (unsigned first = 0; first < program.extent; first += tile) {
    unsigned end = std::min(first + tile, program.extent);
    for (auto [op, role] : llvm::enumerate(roles)) {
      if (!role.isInSecondLoop)
        continue;
      setElements(op, first, end, {});
      for (unsigned element = first; element < end; ++element)
        outside[op].push_back(values[op][element]);
    }
  }
  for (auto [op, each] : llvm::enumerate(program.ops)) {
    if (!each.streamed.isColumn || each.streamed.isReduction)
      outside[op] = values[op];
    if (!each.streamed.isSink)
      outside[op].clear();
  }
  return outside;
}

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

std::vector<StreamedOp> StreamedProgram::describe() const {
  std::vector<StreamedOp> described;
  for (const ProgramOp &op : ops) {
    described.push_back(op.streamed);
    described.back().body = op.body.get();
  }
  return described;
}

std::string StreamedProgram::getRefusal() const {
  auto roles = analyze();
  return roles ? "" : llvm::toString(roles.takeError());
}

std::vector<RowValues> StreamedProgram::evaluate() const {
  std::vector<RowValues> values;
  for (const ProgramOp &op : ops) {
    const BodyResult &result = op.body->results[0];
    RowValues made;
    for (unsigned element = 0; element < (op.streamed.isColumn ? extent : 1);
         ++element)
      made.push_back(
          evaluateNode(op, result.value, element, [&](unsigned access) {
            std::optional<unsigned> source = op.streamed.sources[access];
            return pick(source ? values[*source] : op.data[access], element);
          }));
    if (op.streamed.isReduction) {
      double sum = op.start;
      for (double value : made)
        sum = combine(result.combiner, sum, value);
      made = {sum};
    }
    values.push_back(std::move(made));
  }
  return values;
}

std::vector<RowValues>
StreamedProgram::evaluateInTiles(llvm::ArrayRef<StreamRole> roles,
                                 unsigned tile) const {
  return TileEvaluator(*this, roles, tile).run();
}

OpBuilder::OpBuilder(StreamedProgram &program, Kind kind) : program(program) {
  op.body = std::make_unique<BodyExpression>();
  op.streamed.isColumn = kind != Row;
  op.streamed.isReduction = kind == Reduction;
  op.streamed.where = "op " + std::to_string(program.ops.size());
}

unsigned OpBuilder::addAccess(std::optional<unsigned> source, RowValues data) {
  ScalarNode node;
  node.kind = ScalarKind::Input;
  node.access = op.streamed.sources.size();
  op.streamed.sources.push_back(source);
  op.streamed.isFixed.push_back(!source && data.size() == 1);
  op.data.push_back(std::move(data));
  op.body->nodes.push_back(std::move(node));
  return op.body->nodes.size() - 1;
}

unsigned OpBuilder::read(unsigned source) { return addAccess(source, {}); }

unsigned OpBuilder::read(RowValues outside) {
  return addAccess(std::nullopt, std::move(outside));
}

unsigned OpBuilder::constant(double value) {
  unsigned node = make(ScalarKind::Constant, {});
  op.body->nodes[node].constant = value;
  return node;
}

unsigned OpBuilder::index(RowValues values) {
  unsigned node = make(ScalarKind::Index, {});
  op.indices[node] = std::move(values);
  return node;
}

unsigned OpBuilder::make(ScalarKind kind, llvm::ArrayRef<unsigned> operands) {
  ScalarNode node;
  node.kind = kind;
  node.operands.assign(operands.begin(), operands.end());
  node.name = "scalar " + std::to_string(op.body->nodes.size());
  op.body->nodes.push_back(std::move(node));
  return op.body->nodes.size() - 1;
}

unsigned OpBuilder::other(llvm::StringRef name,
                          llvm::ArrayRef<unsigned> operands) {
  unsigned node = make(ScalarKind::Other, operands);
  op.body->nodes[node].name = name.str();
  return node;
}

unsigned OpBuilder::finish(unsigned value, Combiner combiner, double start) {
  unsigned write = op.streamed.sources.size();
  op.body->results.push_back({write, combiner, value});
  op.streamed.sources.push_back(std::nullopt);
  op.streamed.isFixed.push_back(false);
  op.data.emplace_back();
  op.start = start;
  if (op.streamed.isReduction)
    op.streamed.start = start;
  program.ops.push_back(std::move(op));
  return program.ops.size() - 1;
}

} // namespace memwall::test
