//===- BuildUnmodelled.cpp - What can be said of unknown ops --------------===//
//
// An op without a rule is listed, and counted as far as it can be: what it
// contains, where that is understood, or else its operands, read once, and its
// results, written once. Memory that it hands out is somebody else's.
//
//===----------------------------------------------------------------------===//

#include "Describe.h"
#include "LoopTreeBuilder.h"
#include "memwall/Work/Advice.h"
#include "memwall/Work/BuildLoopTree.h"
#include "memwall/Work/ElementType.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace memwall;

/// "vtensor<[64,128],f32>", as the torch dialect prints it.
static ShapedType parseTorchTensor(OpaqueType type) {
  StringRef text = type.getTypeData();
  if (!text.consume_front("vtensor<[") || !text.consume_back(">"))
    return {};
  auto [sizes, element] = text.split("],");
  SmallVector<StringRef> parts;
  sizes.split(parts, ',', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  SmallVector<int64_t> shape;
  for (StringRef part : parts)
    if (part.trim().getAsInteger(10, shape.emplace_back()))
      return {};
  // What follows a comma is a sparse encoding.
  Type elementType = element.contains(',')
                         ? Type()
                         : parseType(element, type.getContext(), nullptr,
                                     /*isKnownNullTerminated=*/false);
  return elementType && RankedTensorType::isValidElementType(elementType)
             ? RankedTensorType::get(shape, elementType)
             : ShapedType();
}

ShapedType memwall::getStorageType(Type type) {
  if (auto opaque = dyn_cast<OpaqueType>(type))
    return opaque.getDialectNamespace() == "torch" ? parseTorchTensor(opaque)
                                                   : ShapedType();
  auto shaped = dyn_cast<ShapedType>(type);
  return shaped && !isa<VectorType>(shaped) ? shaped : ShapedType();
}

void LoopTreeBuilder::addUnmodelled(Operation *op, StringRef name) {
  Unmodelled entry;
  entry.name = name.empty() ? op->getName().getStringRef().str() : name.str();
  entry.location = printLocation(op->getLoc());
  entry.count = std::max<int64_t>(countEnclosing(), 0);
  entry.advice = adviseOn(op);
  tree.unmodelled.push_back(std::move(entry));
}

/// The type of the storage of a value that an unknown op makes; null where
/// there is none, and where its size in bits does not fit 64 bits: the op is
/// listed already, and the rest of the program has figures.
static ShapedType getCountableStorage(Type type) {
  ShapedType storage = getStorageType(type);
  if (!storage || !isCountable(storage) || !storage.hasStaticShape())
    return storage;
  int64_t bits = *getElementBits(storage.getElementType());
  for (int64_t extent : storage.getShape())
    if (llvm::MulOverflow(bits, extent, bits))
      return nullptr;
  return storage;
}

/// Storage whose content comes from outside of what is modelled, like that of
/// an argument.
LogicalResult LoopTreeBuilder::makeUnknownStorage(Operation *op, Value value,
                                                  const Twine &name) {
  viewOf.erase(value);
  setIndex(value, IndexValue::data(enclosing));
  ShapedType type = getCountableStorage(value.getType());
  if (!type)
    return success();
  FailureOr<std::optional<View>> view =
      makeStorage(op, type, {}, BufferKind::Argument, name.str());
  if (failed(view))
    return failure();
  if (!*view)
    return success();
  if (isa<BaseMemRefType>(type))
    foreignMemory.push_back((*view)->buffer);
  setView(value, **view);
  return success();
}

/// Buffers that ops inside of `op` may write, if nobody looks into it.
static llvm::SmallSetVector<BufferId, 4>
findUnseenWrites(Operation *op,
                 llvm::function_ref<const View *(Value)> getView) {
  llvm::SmallSetVector<BufferId, 4> buffers;
  op->walk([&](Operation *inner) {
    auto effects = dyn_cast<MemoryEffectOpInterface>(inner);
    for (Value operand : inner->getOperands()) {
      const View *view = getView(operand);
      bool writes =
          !effects || effects.getEffectOnValue<MemoryEffects::Write>(operand);
      if (inner != op && view && writes && !isMemoryEffectFree(inner) &&
          isa<BaseMemRefType>(operand.getType()))
        buffers.insert(view->buffer);
    }
  });
  return buffers;
}

LogicalResult LoopTreeBuilder::makeUnmodelled(Operation *op, StringRef name) {
  addUnmodelled(op, name);
  std::string storage = tree.unmodelled.back().name + "#result";
  // 1. From here on memory that the op may have written holds something that
  //    does not come from outside: other storage at the same place.
  auto lookUp = [&](Value value) { return getView(value); };
  for (BufferId old : findUnseenWrites(op, lookUp)) {
    Buffer changed = tree.buffers[old];
    changed.storage = changed.storage.value_or(old);
    changed.kind = BufferKind::Intermediate;
    changed.scope = LoopTree::root;
    // What is written before and after may be the same: one of them counts.
    bool isOutside = tree.buffers[old].isLiveIn();
    tree.buffers[old].liveOut |= isOutside && written.contains(old);
    changed.liveOut |= isOutside && !written.contains(old);
    for (auto &[value, view] : viewOf)
      if (view->buffer == old) {
        views.push_back(*view);
        views.back().buffer = tree.buffers.size();
        view = &views.back();
      }
    for (auto &[symbol, buffer] : globals)
      if (buffer == old)
        buffer = tree.buffers.size();
    written.insert(tree.buffers.size());
    tree.buffers.push_back(std::move(changed));
  }
  // 2. What control flow computes is no input of the function either.
  for (Value result : op->getResults()) {
    if (failed(makeUnknownStorage(op, result, storage)))
      return failure();
    const View *view = getView(result);
    if (view && isa<RegionBranchOpInterface>(op) &&
        isa<TensorType>(result.getType()))
      tree.buffers[view->buffer].kind = BufferKind::Intermediate;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Bodies
//===----------------------------------------------------------------------===//

/// Whether some op inside of `op` is one that may be understood and has to do
/// with storage. Bodies on scalars, as of a reduction, say nothing about what
/// is moved.
static bool containsKnownOps(Operation *op) {
  auto isStorage = [](Type type) { return getStorageType(type) != nullptr; };
  return op
      ->walk([&](Operation *inner) {
        bool isKnown = inner != op && inner->isRegistered() &&
                       !inner->hasTrait<OpTrait::IsTerminator>() &&
                       !inner->hasTrait<OpTrait::ConstantLike>() &&
                       (llvm::any_of(inner->getOperandTypes(), isStorage) ||
                        llvm::any_of(inner->getResultTypes(), isStorage));
        return isKnown ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

/// Visits the regions of an op that is listed already, one after another. Their
/// arguments are the operands where the types say so; what the only region ends
/// with are the results.
LogicalResult LoopTreeBuilder::visitBody(Operation *op) {
  StringRef name = op->getName().getStringRef();
  for (Region &region : op->getRegions()) {
    if (region.empty())
      continue;
    Block &entry = region.front();
    bool areOperands =
        llvm::equal(entry.getArgumentTypes(), op->getOperandTypes());
    for (BlockArgument argument : entry.getArguments()) {
      Value operand =
          areOperands ? op->getOperand(argument.getArgNumber()) : Value();
      const View *view = operand ? getView(operand) : nullptr;
      if (!view && failed(makeUnknownStorage(op, argument, name + "#argument")))
        return failure();
      if (view)
        setView(argument, View(*view));
      if (operand && operand.getType().isIntOrIndex())
        setIndex(argument, getIndex(operand));
    }
    if (failed(visitBlock(entry)))
      return failure();
  }
  Region &first = op->getRegion(0);
  if (op->getNumRegions() == 1 && first.hasOneBlock() &&
      !first.front().empty() &&
      llvm::equal(first.front().back().getOperandTypes(),
                  op->getResultTypes())) {
    bindResults(op, first.front().back().getOperands());
    return success();
  }
  for (Value result : op->getResults())
    if (failed(makeUnknownStorage(op, result, name + "#result")))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// Operands and results
//===----------------------------------------------------------------------===//

/// Bytes of `elements`, over `count` executions.
static int64_t countBytes(const Buffer &buffer, double elements,
                          int64_t count) {
  double bytes = elements * (double)buffer.elementBits / 8 * (double)count;
  constexpr double limit = 9.2e18;
  return bytes < limit ? (int64_t)std::ceil(bytes) : kTooManyBytes;
}

/// A nest that touches every element of `view`.
LogicalResult LoopTreeBuilder::touchOnce(Operation *op, OpId record,
                                         const View &view, bool isWrite) {
  Nest nest;
  nest.op = record;
  SmallVector<IndexValue, 4> position;
  double elements = 1;
  for (const ViewDim &dim : view.dims) {
    nest.loops.push_back(addLoop(LoopKind::Dimension, dim.extent, 1));
    position.push_back(IndexValue::loop(nest.loops.back()));
    elements *= (double)tree.loops[nest.loops.back()].maxTripCount;
  }
  nest.accesses.push_back(makeAccess(view, position, isWrite));
  Unmodelled &entry = tree.unmodelled.back();
  entry.countedBytes =
      addCounts(entry.countedBytes,
                countBytes(tree.buffers[view.buffer], elements, entry.count));
  if (failed(checkOverflow(op)))
    return failure();
  return addNest(op, std::move(nest));
}

/// Storage of a result that its op writes; absent where the op only says where
/// memory is, or where its content comes from outside.
FailureOr<std::optional<View>> LoopTreeBuilder::placeUnknown(OpResult result,
                                                             bool hasOperands) {
  Operation *op = result.getOwner();
  ShapedType type = getCountableStorage(result.getType());
  if (!type || isa<BaseMemRefType>(type) || isa<CallOpInterface>(op) ||
      !hasOperands)
    return std::optional<View>();
  auto destination = dyn_cast<DestinationStyleOpInterface>(op);
  OpOperand *tied =
      destination ? destination.getTiedOpOperand(result) : nullptr;
  const View *view = tied ? getView(tied->get()) : nullptr;
  if (!view)
    return makeStorage(op, type, {}, BufferKind::Intermediate);
  if (inPlace.get(*tied) == Storage::Shared)
    return std::optional<View>(*view);
  FailureOr<View> fresh = makeStorageLike(op, *view);
  if (failed(fresh))
    return failure();
  return std::optional<View>(std::move(*fresh));
}

/// How `op` touches an operand. A tensor is read unless it is only overwritten;
/// of a memref the effects say it, where there are any.
static std::pair<bool, bool> getTouches(OpOperand &operand) {
  Operation *op = operand.getOwner();
  if (!isa<BaseMemRefType>(operand.get().getType())) {
    auto destination = dyn_cast<DestinationStyleOpInterface>(op);
    return {!(destination && destination.isDpsInit(&operand)), false};
  }
  auto interface = dyn_cast<MemoryEffectOpInterface>(op);
  if (!interface)
    return {true, false};
  SmallVector<MemoryEffects::EffectInstance> effects;
  interface.getEffectsOnValue(operand.get(), effects);
  auto has = [&](auto isWhat) { return llvm::any_of(effects, isWhat); };
  return {has([](const auto &effect) {
            return isa<MemoryEffects::Read>(effect.getEffect());
          }),
          has([](const auto &effect) {
            return isa<MemoryEffects::Write>(effect.getEffect());
          })};
}

/// Reads what the operands of `op` are, each value once.
FailureOr<bool> LoopTreeBuilder::readOperands(Operation *op, OpId record) {
  bool hasResults = llvm::any_of(op->getResultTypes(), [](Type type) {
    return getStorageType(type) != nullptr;
  });
  llvm::SmallSetVector<Value, 4> seen;
  for (OpOperand &operand : op->getOpOperands()) {
    const View *view = getView(operand.get());
    if (!view || !seen.insert(operand.get()))
      continue;
    bool isMemRef = isa<BaseMemRefType>(operand.get().getType());
    // What goes into an op without results, or into a function elsewhere, is
    // seen by somebody.
    if (!isMemRef && (!hasResults || isa<CallOpInterface>(op)))
      tree.buffers[view->buffer].liveOut = true;
    auto [reads, writes] = getTouches(operand);
    if (reads && failed(touchOnce(op, record, *view, /*isWrite=*/false)))
      return failure();
    if (writes && failed(touchOnce(op, record, *view, /*isWrite=*/true)))
      return failure();
    if (isMemRef) {
      filledBy.erase(view->buffer);
      written.insert(view->buffer);
    }
  }
  return !seen.empty();
}

LogicalResult LoopTreeBuilder::touchOperands(Operation *op) {
  OpId record = addOp(op, OpKind::Unmodelled, "");
  tree.ops[record].name = tree.unmodelled.back().name;
  size_t nodesBefore = tree.nodes.size();
  Handled hasOperands = readOperands(op, record);
  if (failed(hasOperands))
    return failure();
  bool isCounted = *hasOperands;
  for (OpResult result : op->getResults()) {
    FailureOr<std::optional<View>> view = placeUnknown(result, *hasOperands);
    if (failed(view))
      return failure();
    if (*view) {
      (*view)->isDefined = true;
      (*view)->isFill = false;
      if (failed(touchOnce(op, record, **view, /*isWrite=*/true)))
        return failure();
      setIndex(result, IndexValue::data(enclosing));
      setView(result, std::move(**view));
    } else if (failed(makeUnknownStorage(op, result,
                                         tree.ops[record].name + "#result"))) {
      return failure();
    }
    isCounted |= getView(result) != nullptr;
  }
  if (isCounted)
    tree.unmodelled.back().counted = CountedPart::Operands;
  // An op that moves nothing itself is no row.
  if (tree.nodes.size() == nodesBefore)
    tree.ops.pop_back();
  return success();
}

LogicalResult LoopTreeBuilder::visitUnknown(Operation *op, StringRef name) {
  if (failed(flushScalars()))
    return failure();
  if (isa<ViewLikeOpInterface>(op))
    return makeUnmodelled(op, name);
  addUnmodelled(op, name);
  // The region of an op with destinations computes elements.
  if (!op->getNumRegions() || isa<DestinationStyleOpInterface>(op) ||
      !containsKnownOps(op))
    return touchOperands(op);
  tree.unmodelled.back().counted = CountedPart::Body;
  return visitBody(op);
}
