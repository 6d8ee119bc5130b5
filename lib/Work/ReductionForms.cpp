//===- ReductionForms.cpp - How scalars depend on rows --------------------===//

#include "ReductionForms.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/STLExtras.h"
#include <cfloat>
#include <cmath>

using namespace memwall;

static bool isSame(const Form &a, const Form &b) {
  auto isSameKernel = [](const StreamKernel &x, const StreamKernel &y) {
    return x.op == y.op && x.node == y.node;
  };
  auto isSameFactor = [](const RowFactor &x, const RowFactor &y) {
    return x.term.op == y.term.op && x.term.node == y.term.node &&
           x.isDivided == y.isDivided && x.kept == y.kept;
  };
  return llvm::equal(a.kernels, b.kernels, isSameKernel) &&
         llvm::equal(a.factors, b.factors, isSameFactor);
}

FormReader::FormReader(llvm::ArrayRef<StreamedOp> ops)
    : ops(ops), columns(ops.size()), readsRows(ops.size(), false) {
  for (auto [op, each] : llvm::enumerate(ops))
    for (std::optional<unsigned> source : each.sources)
      readsRows[op] |=
          source && (ops[*source].isReduction || readsRows[*source]);
}

Form FormReader::evaluateInput(unsigned op, const ScalarNode &node) const {
  const StreamedOp &each = ops[op];
  std::optional<unsigned> source = node.access < each.sources.size()
                                       ? each.sources[node.access]
                                       : std::nullopt;
  Form form;
  if (source && isRow(*source)) {
    bool isMinimum =
        ops[*source].isReduction && ops[*source].body &&
        !ops[*source].body->results.empty() &&
        ops[*source].body->results[0].combiner == Combiner::Minimum;
    form.shape = Shape::Rows;
    form.growth = isMinimum ? -1 : 1;
    form.inputs.push_back({op, node.access, *source, 1});
    return form;
  }
  if (source && ops[*source].isColumn) {
    form = columns[*source];
    form.isFixed = false;
    if (form.has(Shape::Exponent))
      form.columns.push_back({op, node.access, *source});
    return form;
  }
  // All that a row op reads is one value.
  form.shape = each.isColumn ? Shape::Plain : Shape::Constant;
  form.isFixed = node.access < each.isFixed.size() && each.isFixed[node.access];
  return form;
}

/// By how much a cast lets a number come closer to overflow.
static double getLossOfRange(const ScalarNode &node) {
  if (!node.operation)
    return 1;
  auto getLargest = [](mlir::Type type) {
    auto isFloat = mlir::dyn_cast<mlir::FloatType>(type);
    if (!isFloat)
      return double(FLT_MAX);
    llvm::APFloat largest =
        llvm::APFloat::getLargest(isFloat.getFloatSemantics());
    bool isInexact;
    largest.convert(llvm::APFloat::IEEEdouble(),
                    llvm::APFloat::rmNearestTiesToEven, &isInexact);
    return largest.convertToDouble();
  };
  return getLargest(node.operation->getOperand(0).getType()) /
         getLargest(node.operation->getResult(0).getType());
}

/// Sets what the product or quotient `node` does to the row of `form`.
void FormReader::scaleRow(unsigned op, const ScalarNode &node,
                          llvm::ArrayRef<const Form *> of, Form &form) const {
  unsigned side = of[0]->dependsOnRow();
  bool isDivided = node.kind == ScalarKind::Divide;
  const ScalarNode &factor = ops[op].body->nodes[node.operands[side]];
  bool isKnown =
      factor.kind == ScalarKind::Constant && !(isDivided && side == 0);
  double size = isKnown ? std::fabs(factor.constant) : INFINITY;
  if (isKnown && isDivided)
    size = 1 / size;
  form.growth = !isKnown ? 0 : factor.constant < 0 ? -form.growth : form.growth;
  if (form.has(Shape::Exponent)) {
    form.isScaled |= !(size <= 1);
    form.isSignUnknown |= !isKnown;
    return;
  }
  // A second product is of what has been rounded, perhaps up.
  if (form.scale != 1)
    form.scale *= 1.01;
  form.scale *= size;
}

/// Sets how `form`, what `node` makes, grows with its rows and how it is
/// scaled.
void FormReader::followRow(unsigned op, const ScalarNode &node,
                           llvm::ArrayRef<const Form *> of, Form &form) const {
  // 1. What its operands do: the two sides of a select, not its condition.
  bool isFirst = true, isSum = node.kind == ScalarKind::Add ||
                               node.kind == ScalarKind::Subtract;
  double scale = 0;
  for (auto [side, operand] : llvm::enumerate(of)) {
    form.isScaled |= operand->isScaled;
    form.isSignUnknown |= operand->isSignUnknown;
    form.isMasked |= operand->isMasked;
    if (!operand->dependsOnRow() ||
        (node.kind == ScalarKind::Select && side == 0))
      continue;
    bool flips = node.kind == ScalarKind::Negate ||
                 (node.kind == ScalarKind::Subtract && side == 1);
    int growth = flips ? -operand->growth : operand->growth;
    form.growth = isFirst || form.growth == growth ? growth : 0;
    isFirst = false;
    scale = isSum ? scale + operand->scale : std::max(scale, operand->scale);
  }
  form.scale = scale;
  if (node.kind == ScalarKind::Other)
    form.growth = 0;
  if (node.kind == ScalarKind::FloatCast) {
    double loss = getLossOfRange(node);
    form.scale *= loss;
    form.isScaled |= form.has(Shape::Exponent) && loss > 1;
  }
  if (node.kind == ScalarKind::Multiply || node.kind == ScalarKind::Divide)
    scaleRow(op, node, of, form);
}

/// A sum or a difference.
llvm::Expected<Form> FormReader::add(unsigned op, const ScalarNode &node,
                                     llvm::ArrayRef<const Form *> of) const {
  const Form &a = *of[0], &b = *of[1];
  if (a.has(Shape::Product) || b.has(Shape::Product)) {
    if (a.has(Shape::Product) && b.has(Shape::Product) && isSame(a, b))
      return a;
    // At the lowest number of a row, both sides may be infinite.
    for (unsigned side : {0u, 1u})
      if (of[1 - side]->has(Shape::Plain) && of[side]->has(Shape::Product) &&
          of[side]->kernels.empty() && of[side]->factors.size() == 1)
        return refuseStream(
            "{0} in {1} refers to a row times what is no constant", node.name,
            ops[op].where);
    return mixes(op, node);
  }
  Form form;
  form.shape = Shape::Exponent;
  for (const Form *side : of) {
    // Where all is masked so far, the row has to be finite.
    if (side->has(Shape::Rows) && !(side->scale < FLT_MAX))
      return refuseStream(
          "{0} in {1} refers to a row times what is no constant", node.name,
          ops[op].where);
    for (KernelInput input : side->inputs) {
      if (side->has(Shape::Rows))
        input.scale = side->scale;
      form.inputs.push_back(input);
    }
    llvm::append_range(form.columns, side->columns);
  }
  followRow(op, node, of, form);
  return form;
}

llvm::Expected<Form>
FormReader::multiply(unsigned op, const ScalarNode &node,
                     llvm::ArrayRef<const Form *> of) const {
  bool isDivided = node.kind == ScalarKind::Divide;
  // 1. An exponent takes factors that do not change.
  for (unsigned side : {0u, 1u})
    if (of[side]->has(Shape::Exponent)) {
      const Form &factor = *of[1 - side];
      bool isFixed = factor.has(Shape::Constant) ||
                     (factor.has(Shape::Plain) && factor.isFixed);
      if (!isFixed || (isDivided && side))
        return mixes(op, node);
      Form form = *of[side];
      for (unsigned access : findInputs(*ops[op].body, node.operands[1 - side]))
        form.inputs.push_back({op, access, std::nullopt, 1});
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
      form.factors.push_back({{op, node.operands[side]},
                              isDivided && side == 1,
                              /*isCondition=*/false,
                              product,
                              1 - side});
  }
  return form;
}

/// An exponential.
llvm::Expected<Form> FormReader::raise(unsigned op, unsigned number,
                                       const Form &exponent) const {
  const ScalarNode &node = ops[op].body->nodes[number];
  if (!exponent.has(Shape::Exponent))
    return mixes(op, node);
  if (exponent.growth > 0) {
    const KernelInput *row = llvm::find_if(
        exponent.inputs, [](const KernelInput &input) { return input.row; });
    return refuseStream("{0} in {1} grows with the row of {2}", node.name,
                        ops[op].where, ops[*row->row].where);
  }
  Form form;
  form.shape = Shape::Product;
  StreamKernel &kernel = form.kernels.emplace_back();
  kernel.op = op;
  kernel.node = number;
  kernel.inputs = exponent.inputs;
  kernel.columns = exponent.columns;
  auto isRow = [](const KernelInput &input) { return input.row.has_value(); };
  kernel.isHeld =
      exponent.isScaled || llvm::count_if(exponent.inputs, isRow) > 1;
  kernel.isSignUnknown = exponent.isSignUnknown;
  kernel.isMasked = exponent.isMasked;
  return form;
}

/// Where the condition does not hold, nothing is added: 0 instead of a product,
/// minus infinity instead of an exponent.
llvm::Expected<Form> FormReader::select(unsigned op, const ScalarNode &node,
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
        form.isMasked = true;
        return form;
      }
  if (isPlain && of[1]->has(Shape::Product) && of[2]->has(Shape::Product) &&
      isSame(*of[1], *of[2]))
    return *of[1];
  // A row decides for all elements.
  for (unsigned side : {1u, 2u})
    if (of[0]->has(Shape::Rows) && isNothing(3 - side, Shape::Product) &&
        (of[side]->has(Shape::Product) || of[side]->has(Shape::Plain))) {
      Form form = *of[side];
      form.shape = Shape::Product;
      unsigned product = &node - body.nodes.data();
      form.factors.push_back({{op, node.operands[0]},
                              /*isDivided=*/false,
                              /*isCondition=*/true,
                              product,
                              side});
      return form;
    }
  return mixes(op, node);
}

llvm::Expected<Form> FormReader::evaluate(unsigned op, unsigned number,
                                          llvm::ArrayRef<Form> before) const {
  const ScalarNode &node = ops[op].body->nodes[number];
  Form form;
  if (node.kind == ScalarKind::Input)
    return evaluateInput(op, node);
  if (node.kind == ScalarKind::Constant)
    return form;
  if (node.kind == ScalarKind::Index || node.kind == ScalarKind::Outside) {
    form.shape = Shape::Plain;
    form.isFixed = node.kind == ScalarKind::Outside;
    return form;
  }
  // 1. Functions of one kind of values alone.
  llvm::SmallVector<const Form *, 3> of;
  bool hasPlain = node.operands.empty(), hasRows = false, isSimple = true;
  bool isFixed = !node.operands.empty();
  for (unsigned operand : node.operands) {
    const Form &each = before[operand];
    of.push_back(&each);
    hasPlain |= each.has(Shape::Plain);
    hasRows |= each.has(Shape::Rows);
    isSimple &= !each.has(Shape::Product) && !each.has(Shape::Exponent);
    isFixed &= each.has(Shape::Constant) || each.isFixed;
    llvm::append_range(form.inputs, each.inputs);
  }
  if (isSimple && !(hasPlain && hasRows)) {
    form.shape = hasPlain  ? Shape::Plain
                 : hasRows ? Shape::Rows
                           : Shape::Constant;
    form.isFixed = hasPlain && isFixed;
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

llvm::Expected<std::vector<Form>> FormReader::read(unsigned op) const {
  std::vector<Form> forms;
  for (unsigned number = 0; number < ops[op].body->nodes.size(); ++number) {
    llvm::Expected<Form> form = evaluate(op, number, forms);
    if (!form)
      return form.takeError();
    forms.push_back(std::move(*form));
  }
  return std::move(forms);
}
