//===- FigureAttributes.cpp - Figures as attributes -----------------------===//

#include "FigureAttributes.h"
#include "ModuleTrees.h"
#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace memwall;

static constexpr StringLiteral kFlops = "memwall.flops";
static constexpr StringLiteral kIntOps = "memwall.int_ops";
static constexpr StringLiteral kUnmodelled = "memwall.unmodelled";
static constexpr StringLiteral kCompulsory = "memwall.compulsory";
static constexpr StringLiteral kFloor = "memwall.floor";
static constexpr StringLiteral kResidentBytes = "memwall.resident_bytes";
static constexpr StringLiteral kBound = "memwall.bound";
static constexpr StringLiteral kScheduled = "memwall.scheduled";

/// Counts by name; more than fits 64 bits is left out.
class Counts {
public:
  explicit Counts(Builder &builder) : builder(builder) {}

  void add(StringRef name, int64_t count) {
    if (count != kTooManyBytes)
      entries.push_back(
          builder.getNamedAttr(name, builder.getI64IntegerAttr(count)));
  }
  DictionaryAttr get() const { return builder.getDictionaryAttr(entries); }

private:
  Builder &builder;
  SmallVector<NamedAttribute> entries;
};

static DictionaryAttr toAttribute(Builder &builder, Bytes bytes) {
  Counts counts(builder);
  counts.add("read", bytes.read);
  counts.add("written", bytes.written);
  return counts.get();
}

/// {level = {read = .., written = ..}, ...} and {level = bytes, ...}.
static void setLevels(Operation *op, const TargetFigures &target) {
  Builder builder(op->getContext());
  SmallVector<NamedAttribute> scheduled;
  Counts bound(builder);
  for (const LevelFigures &level : target.levels) {
    scheduled.push_back(builder.getNamedAttr(
        level.name, toAttribute(builder, level.scheduled)));
    bound.add(level.name, level.boundBytes);
  }
  op->setAttr(kScheduled, builder.getDictionaryAttr(scheduled));
  op->setAttr(kBound, bound.get());
}

static void setArithmetic(Operation *op, const Arithmetic &arithmetic) {
  Builder builder(op->getContext());
  if (arithmetic.flops != kTooManyBytes)
    op->setAttr(kFlops, builder.getI64IntegerAttr(arithmetic.flops));
  if (arithmetic.intOps && arithmetic.intOps != kTooManyBytes)
    op->setAttr(kIntOps, builder.getI64IntegerAttr(arithmetic.intOps));
}

static void attachToFunction(Operation *function,
                             const FunctionFigures &figures) {
  Builder builder(function->getContext());
  setArithmetic(function, figures.arithmetic);
  int64_t unmodelled = 0;
  for (const UnmodelledFigures &entry : figures.unmodelled)
    unmodelled += entry.places;
  if (unmodelled)
    function->setAttr(kUnmodelled, builder.getI64IntegerAttr(unmodelled));
  function->setAttr(kFloor, toAttribute(builder, figures.floor));
  function->setAttr(kResidentBytes,
                    builder.getI64IntegerAttr(figures.residentBytes));
  setLevels(function, figures.targets.front());
}

static void attachToOp(Operation *op, const OpFigures &figures) {
  Builder builder(op->getContext());
  setArithmetic(op, figures.arithmetic);
  op->setAttr(kCompulsory, toAttribute(builder, figures.compulsory));
  setLevels(op, figures.targets.front());
}

void memwall::attachFigures(ModuleOp module, const Report &report) {
  module.walk([](Operation *op) {
    for (StringRef name : {kFlops, kIntOps, kCompulsory, kFloor, kResidentBytes,
                           kBound, kScheduled, kUnmodelled})
      op->removeDiscardableAttr(name);
  });
  // All call sites of an op, over all functions, are one group.
  FunctionFigures all;
  llvm::MapVector<Operation *, OpGroup> groups;
  for (const FunctionFigures &function : report.functions) {
    if (Operation *symbol = findFunction(module, function.name))
      attachToFunction(symbol, function);
    for (const OpFigures &op : function.ops) {
      if (op.operation)
        groups[op.operation].ops.push_back(all.ops.size());
      all.ops.push_back(op);
    }
  }
  for (auto &[op, group] : groups)
    attachToOp(op, computeGroupFigures(all, group));
}
