//===- BuildLoopTree.cpp - From IR to LoopTree ----------------------------===//

#include "memwall/Work/BuildLoopTree.h"
#include "CheckExpansion.h"
#include "Describe.h"
#include "LoopTreeBuilder.h"
#include "memwall/Work/EmitError.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace memwall;

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

const View *LoopTreeBuilder::getView(Value value) const {
  return viewOf.lookup(value);
}

void LoopTreeBuilder::setView(Value value, View view) {
  views.push_back(std::move(view));
  viewOf[value] = &views.back();
}

void LoopTreeBuilder::shift(View &view, unsigned dim, const IndexValue &index,
                            int64_t extent) {
  const ViewDim &viewDim = view.dims[dim];
  if (index.isAffine()) {
    view.offset = arithmetic.add(
        view.offset, arithmetic.scale(index.forms.front(), viewDim.stride));
    return;
  }
  // The part that data decides, and what it is moved by. Where that begins
  // below 0, or data counts down, only the distances are kept.
  int64_t range = arithmetic.getUpperBound(viewDim.extent) - extent;
  AffineForm moved = index.moved;
  int64_t low = arithmetic.getLowerBound(moved);
  int64_t reach = arithmetic.getUpperBound(moved), stride = viewDim.stride;
  bool isMoved =
      index.forms.empty() && std::abs(index.scale) <= range && low > -range &&
      reach < range &&
      !llvm::MulOverflow(viewDim.stride, std::abs(index.scale), stride);
  bool isExact = isMoved && low >= 0 && index.scale > 0;
  if (isMoved && !isExact) {
    moved.constant -= low;
    reach -= low;
    isMoved = reach <= range;
  }
  IndexValue data = index;
  if (isMoved) {
    view.offset =
        arithmetic.add(view.offset, arithmetic.scale(moved, viewDim.stride));
    range = (range - reach) / std::abs(index.scale);
  } else {
    data = arithmetic.merge({index});
    stride = viewDim.stride;
  }
  GatherTerm &gather = view.gathers.emplace_back();
  gather.loops = data.loops;
  gather.stride = stride;
  gather.extent = std::max<int64_t>(range + 1, 1);
  if (data.extent != 0)
    gather.extent = std::min(gather.extent, data.extent);
  gather.distinct = std::min(data.distinct, gather.extent);
  view.gatherIdentities.push_back(isExact ? index.identity : nullptr);
}

Access LoopTreeBuilder::makeAccess(const View &view,
                                   ArrayRef<IndexValue> indices, bool isWrite) {
  View element = view;
  for (auto [dim, index] : llvm::enumerate(indices))
    shift(element, dim, index);
  Access access;
  access.buffer = view.buffer;
  access.isWrite = isWrite;
  access.element = std::move(element.offset);
  access.gathers = std::move(element.gathers);
  return access;
}

LogicalResult LoopTreeBuilder::setDistinctRows(Operation *op, int64_t rows,
                                               const View &view,
                                               Access &access) {
  if (rows == 0)
    return success();
  size_t dependent = access.gathers.size() - view.gathers.size();
  if (dependent != 1)
    return emitErrorAt(op) << "'" << kDistinctRowsName
                           << "' expects one index that depends on data, found "
                           << dependent;
  GatherTerm &gather = access.gathers.back();
  if (rows > gather.extent)
    return emitErrorAt(op) << "'" << kDistinctRowsName << "' expects at most "
                           << gather.extent << ", the rows of the table, found "
                           << rows;
  // A part of a split op meets fewer.
  int64_t executions = 1;
  for (LoopId loop : gather.loops)
    executions = std::min(
        rows, executions * std::min(rows, tree.loops[loop].maxTripCount));
  gather.extent = std::max<int64_t>(executions, 1);
  gather.hitsAll = true;
  return success();
}

LogicalResult LoopTreeBuilder::checkOverflow(Operation *op) {
  if (!arithmetic.overflowed)
    return success();
  return emitErrorAt(op, "has a position that does not fit 64 bits");
}

//===----------------------------------------------------------------------===//
// The walk
//===----------------------------------------------------------------------===//

/// Ops that neither move nor compute data.
static bool isNothing(Operation *op) {
  return isa<memref::DeallocOp, bufferization::DeallocTensorOp,
             bufferization::DeallocOp, memref::PrefetchOp, tensor::RankOp,
             memref::RankOp>(op) ||
         op->hasTrait<OpTrait::IsTerminator>();
}

/// The end of a region of an op that is not registered: nobody says that it is
/// a terminator.
static bool isUnknownTerminator(Operation *op) {
  return !op->isRegistered() && op->getNumResults() == 0 &&
         !op->getNextNode() && op->getParentOp() &&
         !op->getParentOp()->isRegistered();
}

/// Whether an op that nobody understands can touch data at all.
static bool touchesData(Operation *op) {
  auto isData = [](Type type) {
    return !type.isIntOrIndex() && !isa<NoneType, FunctionType>(type);
  };
  return op->getNumRegions() || llvm::any_of(op->getOperandTypes(), isData) ||
         llvm::any_of(op->getResultTypes(), isData);
}

/// memref.extract_strided_metadata: the storage and what is known of it.
static void bindMetadata(memref::ExtractStridedMetadataOp op, const View &view,
                         llvm::function_ref<void(Value, IndexValue)> set) {
  IndexValue offset;
  if (view.gathers.empty())
    offset.forms.push_back(view.offset);
  set(op.getOffset(), offset);
  for (auto [size, stride, dim] :
       llvm::zip(op.getSizes(), op.getStrides(), view.dims)) {
    IndexValue extent;
    extent.forms = dim.extent;
    set(size, extent);
    set(stride, IndexValue::constant(dim.stride));
  }
}

LogicalResult LoopTreeBuilder::visit(Operation *op) {
  if (op->getNumRegions() && failed(flushScalars()))
    return failure();
  for (auto visitSome :
       {&LoopTreeBuilder::visitControlFlow, &LoopTreeBuilder::visitCall,
        &LoopTreeBuilder::visitStorage, &LoopTreeBuilder::visitView,
        &LoopTreeBuilder::visitScalar, &LoopTreeBuilder::visitStructured}) {
    Handled handled = (this->*visitSome)(op);
    if (failed(handled))
      return failure();
    if (*handled)
      return success();
  }
  if (isa<tensor::DimOp, memref::DimOp>(op)) {
    visitInteger(op);
    return success();
  }
  if (auto metadata = dyn_cast<memref::ExtractStridedMetadataOp>(op)) {
    if (const View *view = getView(metadata.getSource())) {
      setView(metadata.getBaseBuffer(), *view);
      bindMetadata(metadata, *view, [&](Value value, IndexValue index) {
        setIndex(value, std::move(index));
      });
      return success();
    }
  }
  if (isNothing(op) || isUnknownTerminator(op) || !touchesData(op))
    return success();
  return visitUnknown(op);
}

LogicalResult LoopTreeBuilder::visitBlock(Block &block) {
  Block *next = &block;
  while (next) {
    for (Operation &op : *next)
      if (failed(visit(&op)))
        return failure();
    if (failed(flushScalars()))
      return failure();
    Operation *terminator =
        next->mightHaveTerminator() ? next->getTerminator() : nullptr;
    next = nullptr;
    if (!terminator)
      continue;
    if (isa<FunctionOpInterface>(terminator->getParentOp()))
      returned.assign(terminator->operand_begin(), terminator->operand_end());
    if (terminator->getNumSuccessors() == 0)
      continue;
    // A branch that is the only way to a block continues there; control flow
    // between blocks is otherwise not followed.
    auto branch = dyn_cast<cf::BranchOp>(terminator);
    if (!branch || !branch.getDest()->hasNoPredecessors() == false ||
        branch.getDest()->getSinglePredecessor() != terminator->getBlock()) {
      addUnmodelled(terminator);
      continue;
    }
    next = branch.getDest();
    for (auto [argument, value] :
         llvm::zip(next->getArguments(), branch.getDestOperands())) {
      if (const View *view = getView(value))
        setView(argument, *view);
      setIndex(argument, getIndex(value));
    }
  }
  return success();
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

LogicalResult LoopTreeBuilder::buildArguments() {
  SmallVector<std::string> unbound;
  for (BlockArgument argument : function.getArguments()) {
    ShapedType type = getStorageType(argument.getType());
    if (!type)
      continue;
    std::string name = "arg" + std::to_string(argument.getArgNumber());
    if (type.hasRank())
      for (int64_t d = 0; d < type.getRank(); ++d)
        if (type.isDynamicDim(d))
          unbound.push_back(name + ":" + std::to_string(d));
    FailureOr<std::optional<View>> view =
        makeStorage(function, type, {}, BufferKind::Argument, "%" + name);
    if (failed(view))
      return failure();
    if (*view)
      setView(argument, **view);
    else if (unbound.empty() && type.hasRank())
      addUnmodelled(
          function,
          (function->getName().getStringRef() + " argument %" + name).str());
  }
  if (unbound.empty())
    return success();
  return emitError(function.getLoc())
         << "function @" << function.getName()
         << " has unbound dynamic dimensions " << llvm::join(unbound, ", ")
         << "; bind them with dims=\"@" << function.getName() << ":"
         << unbound.front() << "=<size>\", or all with dims=<size>";
}

/// Returned tensors and the caller's storage that is written stay visible: an
/// argument that is overwritten in place, and globals.
void LoopTreeBuilder::finishReturn(ValueRange results) {
  bool isUndefined = false;
  for (auto [number, result] : llvm::enumerate(results))
    if (const View *view = getView(result)) {
      Buffer &buffer = tree.buffers[view->buffer];
      buffer.liveOut = true;
      buffer.result = buffer.result.value_or(number);
      isUndefined |= isNeverWritten(*view);
    }
  if (isUndefined) {
    Operation *exit = function.getFunctionBody().back().getTerminator();
    tree.undefinedReads.push_back(
        {exit->getName().getStringRef().str(), printLocation(exit->getLoc())});
  }
  llvm::SmallDenseSet<BufferId> written;
  for (const Node &node : tree.nodes)
    if (node.kind == Node::Kind::Nest)
      for (const Access &access : node.nest.accesses)
        if (access.isWrite)
          written.insert(access.buffer);
  auto markOutside = [&](BufferId buffer) {
    if (written.contains(buffer) && tree.buffers[buffer].isLiveIn())
      tree.buffers[buffer].liveOut = true;
  };
  for (BlockArgument argument : function.getArguments())
    if (const View *view = getView(argument))
      markOutside(view->buffer);
  for (auto [symbol, buffer] : globals)
    markOutside(buffer);
  for (BufferId buffer : foreignMemory)
    if (written.contains(buffer))
      tree.buffers[buffer].liveOut = true;
}

/// Drops storage that nothing touches (a tensor.empty whose users made their
/// own, constants that were only sizes) and numbers the rest in order.
void LoopTreeBuilder::removeUnusedBuffers() {
  SmallVector<bool> used(tree.buffers.size(), false);
  for (auto [i, buffer] : llvm::enumerate(tree.buffers))
    used[i] = buffer.kind == BufferKind::Argument || buffer.liveOut;
  auto forEachAccess = [&](llvm::function_ref<void(Access &)> visitAccess) {
    for (Node &node : tree.nodes)
      if (node.kind == Node::Kind::Nest)
        for (Access &access : node.nest.accesses)
          visitAccess(access);
  };
  forEachAccess([&](Access &access) { used[access.buffer] = true; });
  SmallVector<BufferId> renumbered(tree.buffers.size(), 0);
  BufferId next = 0;
  for (auto [i, isUsed] : llvm::enumerate(used)) {
    renumbered[i] = next;
    if (!isUsed)
      continue;
    if (next != i)
      tree.buffers[next] = std::move(tree.buffers[i]);
    if (tree.buffers[next].name.empty())
      tree.buffers[next].name = "storage#" + std::to_string(next);
    ++next;
  }
  tree.buffers.truncate(next);
  forEachAccess(
      [&](Access &access) { access.buffer = renumbered[access.buffer]; });
  for (Buffer &buffer : tree.buffers)
    if (buffer.storage)
      buffer.storage = used[*buffer.storage]
                           ? std::optional(renumbered[*buffer.storage])
                           : std::nullopt;
}

FailureOr<LoopTree> LoopTreeBuilder::build() {
  tree.function = function.getName().str();
  tree.operation = function;
  // Node 0: a loop that runs once.
  addNode(Node::Kind::Loop);
  tree.nodes.front().loop =
      addLoop(LoopKind::Serial, IndexValue::constant(1).forms, 1);
  callStack.push_back(function);
  dead.add(function);
  if (failed(buildArguments()) ||
      failed(visitBlock(function.getFunctionBody().front())))
    return failure();
  finishReturn(returned);
  for (auto [fill, readers] : fillReaders)
    tree.ops[fill].isInitFill |=
        tree.ops[fill].operation->getNumResults() == 0 && readers.asInit &&
        !readers.otherwise;
  removeUnusedBuffers();
  if (tree.countStorageBytes() == kTooManyBytes)
    return emitErrorAt(function, "has storage whose size does not fit 64 bits");
  return std::move(tree);
}

FailureOr<LoopTree> memwall::buildLoopTree(FunctionOpInterface function) {
  if (function.isExternal())
    return emitError(function.getLoc(), "function @")
           << function.getName() << " has no body";
  if (failed(checkExpansion(function)))
    return failure();
  InPlaceAnalysis inPlace;
  inPlace.analyze(function);
  return LoopTreeBuilder(function, inPlace).build();
}

SmallVector<FunctionOpInterface> memwall::getEntryFunctions(ModuleOp module) {
  // 1. Who calls whom, functions in order.
  llvm::MapVector<Operation *, llvm::SetVector<Operation *>> callees;
  llvm::DenseSet<Operation *> called;
  SymbolTableCollection symbols;
  module.walk<WalkOrder::PreOrder>([&](FunctionOpInterface function) {
    // Transform scripts are functions about the program, not of it.
    if (function.isExternal() ||
        function->getName().getDialectNamespace() == "transform")
      return WalkResult::skip();
    auto &mine = callees[function];
    function.walk([&](CallOpInterface call) {
      auto symbol = dyn_cast<SymbolRefAttr>(call.getCallableForCallee());
      Operation *callee =
          symbol ? symbols.lookupNearestSymbolFrom(call, symbol) : nullptr;
      if (callee && callee != function)
        called.insert(callee);
      if (callee)
        mine.insert(callee);
    });
    return WalkResult::skip();
  });
  // 2. Those nobody calls, then the first of every cycle that none of them
  //    reaches (so that it is diagnosed, not forgotten).
  llvm::DenseSet<Operation *> reached;
  auto reach = [&](Operation *from) {
    SmallVector<Operation *> worklist{from};
    while (!worklist.empty()) {
      Operation *function = worklist.pop_back_val();
      if (reached.insert(function).second)
        llvm::append_range(worklist, callees.lookup(function));
    }
  };
  SmallVector<FunctionOpInterface> entries;
  for (auto &[function, mine] : callees)
    if (!called.contains(function)) {
      entries.push_back(cast<FunctionOpInterface>(function));
      reach(function);
    }
  for (auto &[function, mine] : callees)
    if (!reached.contains(function)) {
      entries.push_back(cast<FunctionOpInterface>(function));
      reach(function);
    }
  return entries;
}
