//===- BuildScalars.cpp - Loads, stores and arithmetic outside of leaves --===//
//
// A straight line of scalar code (no loop, leaf or copy in between) is one op
// in the tree, named after its last store, else its first load.
//
//===----------------------------------------------------------------------===//

#include "Describe.h"
#include "LoopTreeBuilder.h"
#include "memwall/Work/CountArithmetic.h"
#include "memwall/Work/ElementType.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace memwall;

static bool isStorageType(Type type) {
  return isa<ShapedType>(type) && !isa<VectorType>(type);
}

//===----------------------------------------------------------------------===//
// The run
//===----------------------------------------------------------------------===//

/// A value in registers.
void LoopTreeBuilder::ScalarRun::addValue(Type type) {
  int64_t elements = 1;
  if (auto vector = dyn_cast<VectorType>(type))
    elements = vector.getNumElements();
  values += 1;
  valueBits +=
      elements * getElementBits(getElementTypeOrSelf(type)).value_or(64);
}

LogicalResult LoopTreeBuilder::flushScalars() {
  ScalarRun run = std::move(scalars);
  scalars = ScalarRun();
  if (!run.named)
    return success();
  // Scalars that are computed once, from scalars (a time, a size), are not work
  // on data.
  if (run.nests.empty() && enclosing.empty())
    return success();
  const Arithmetic &total = run.arithmetic;
  if (total.flops || total.transcendentals || total.intOps) {
    auto plain = llvm::find_if(llvm::reverse(run.nests), [](const Nest &nest) {
      return nest.loops.empty();
    });
    if (plain == run.nests.rend()) {
      run.nests.emplace_back();
      run.nests.back().perIteration = total;
    } else {
      plain->perIteration = total;
    }
  }
  if (run.nests.empty())
    return success();
  OpId id = addOp(run.named, OpKind::Other, run.computeType);
  OpRecord &record = tree.ops[id];
  record.isStraightLine = true;
  record.values = multiplyCounts(run.values, record.executions);
  record.valueBits = multiplyCounts(run.valueBits, record.executions);
  for (Nest &nest : run.nests) {
    nest.op = id;
    if (failed(addNest(run.named, std::move(nest))))
      return failure();
  }
  return success();
}

/// A run is named after its last store, else its first load.
void LoopTreeBuilder::nameScalars(Operation *op, const View &view,
                                  bool isWrite) {
  if (!scalars.named || isWrite)
    scalars.named = op;
  if (scalars.computeType.empty() || (isWrite && !scalars.arithmetic.flops))
    scalars.computeType = tree.buffers[view.buffer].elementType;
}

LogicalResult LoopTreeBuilder::addElementAccess(Operation *op, const View &view,
                                                ArrayRef<IndexValue> position,
                                                bool isWrite) {
  if (scalars.nests.empty() || !scalars.nests.back().loops.empty())
    scalars.nests.emplace_back();
  Nest &nest = scalars.nests.back();
  nest.accesses.push_back(makeAccess(view, position, isWrite));
  nest.accesses.back().isNontemporal = isWrite && storesAround(op);
  scalars.values += 1;
  scalars.valueBits += tree.buffers[view.buffer].elementBits;
  if (!isWrite && failed(setDistinctRows(op, getDistinctRows(op), view,
                                         nest.accesses.back())))
    return failure();
  nameScalars(op, view, isWrite);
  return checkOverflow(op);
}

//===----------------------------------------------------------------------===//
// Element accesses
//===----------------------------------------------------------------------===//

namespace {
/// A load or store of one element.
struct ElementAccess {
  Value storage;
  SmallVector<IndexValue> position;
  bool reads = true;
  bool writes = false;
};
} // namespace

LoopTreeBuilder::Handled LoopTreeBuilder::visitElementAccess(Operation *op) {
  ElementAccess access;
  auto get = [&](ValueRange values) {
    SmallVector<IndexValue> result;
    for (Value value : values)
      result.push_back(getIndex(value));
    return result;
  };
  auto map = [&](AffineMap map, ValueRange operands) {
    SmallVector<IndexValue, 4> mapped = arithmetic.evaluate(map, get(operands));
    return SmallVector<IndexValue>(mapped.begin(), mapped.end());
  };
  if (auto load = dyn_cast<memref::LoadOp>(op))
    access = {load.getMemref(), get(load.getIndices())};
  else if (auto store = dyn_cast<memref::StoreOp>(op))
    access = {store.getMemref(), get(store.getIndices()), false, true};
  else if (auto load = dyn_cast<affine::AffineLoadOp>(op))
    access = {load.getMemref(),
              map(load.getAffineMap(), load.getMapOperands())};
  else if (auto store = dyn_cast<affine::AffineStoreOp>(op))
    access = {store.getMemref(),
              map(store.getAffineMap(), store.getMapOperands()), false, true};
  else if (auto extract = dyn_cast<tensor::ExtractOp>(op))
    access = {extract.getTensor(), get(extract.getIndices())};
  else if (auto atomic = dyn_cast<memref::AtomicRMWOp>(op))
    access = {atomic.getMemref(), get(atomic.getIndices()), true, true};
  else
    return false;
  const View *view = getView(access.storage);
  if (!view || view->dims.size() != access.position.size())
    return false;
  if (isa<VectorType>(getElementTypeOrSelf(access.storage.getType())))
    return false;
  for (bool isWrite : {false, true})
    if ((isWrite ? access.writes : access.reads) &&
        failed(addElementAccess(op, *view, access.position, isWrite)))
      return failure();
  // What is loaded varies with what its place varies with.
  IndexValue loaded = arithmetic.merge(access.position);
  for (Value result : op->getResults()) {
    SmallVector<LoopId, 2> loops = loaded.loops;
    for (const Term &term : view->offset.terms)
      loops.push_back(term.loop);
    setIndex(result, IndexValue::data(loops));
  }
  // A counter in a tensor of rank 0.
  if (auto it = indices.find(access.storage); it != indices.end() &&
                                              isa<tensor::ExtractOp>(op) &&
                                              access.position.empty())
    setIndex(op->getResult(0), it->second);
  return true;
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

/// Whether all that `op` computes is where other accesses are.
static bool isAddressArithmetic(Operation *op,
                                llvm::function_ref<bool(Value)> isKnown) {
  return llvm::all_of(op->getResults(), [&](Value result) {
    return result.getType().isIndex() ||
           (result.getType().isInteger() && isKnown(result));
  });
}

LoopTreeBuilder::Handled LoopTreeBuilder::visitScalar(Operation *op) {
  if (dead.contains(op))
    return true;
  for (auto visitSome : {&LoopTreeBuilder::visitElementAccess,
                         &LoopTreeBuilder::visitVectorAccess}) {
    Handled handled = (this->*visitSome)(op);
    if (failed(handled))
      return handled;
    if (*handled) {
      // An atomic update computes as well.
      if (isa<memref::AtomicRMWOp>(op)) {
        bool isFloat = isa<FloatType>(op->getResult(0).getType());
        (isFloat ? scalars.arithmetic.flops : scalars.arithmetic.intOps) += 1;
      }
      return true;
    }
  }
  if (op->getNumRegions() ||
      llvm::any_of(op->getOperandTypes(), isStorageType) ||
      llvm::any_of(op->getResultTypes(), isStorageType))
    return false;
  visitInteger(op);
  auto isKnown = [&](Value value) { return getIndex(value).isKnown(); };
  std::optional<Arithmetic> count = countArithmetic(op);
  if (!count)
    return false;
  if (isAddressArithmetic(op, isKnown) ||
      !(count->flops || count->intOps || count->transcendentals))
    return true;
  // What is added up across lanes is as wide as they are.
  bool isReduced = isa<vector::ReductionOp, vector::MultiDimReductionOp>(op);
  if (op->getNumResults())
    scalars.addValue(isReduced ? op->getOperand(0).getType()
                               : op->getResult(0).getType());
  scalars.arithmetic.flops += count->flops;
  scalars.arithmetic.transcendentals += count->transcendentals;
  scalars.arithmetic.intOps += count->intOps;
  if (!scalars.named)
    scalars.named = op;
  if (op->getNumResults() &&
      isa<FloatType>(getElementTypeOrSelf(op->getResult(0).getType())))
    scalars.computeType =
        getElementTypeName(getElementTypeOrSelf(op->getResult(0).getType()));
  return true;
}
