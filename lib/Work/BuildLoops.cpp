//===- BuildControlFlow.cpp - Loops and branches --------------------------===//

#include "LoopTreeBuilder.h"
#include "PartialRows.h"
#include "SplitLoop.h"
#include "memwall/Work/EmitError.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"
#include <functional>
#include <numeric>

using namespace mlir;
using namespace memwall;

//===----------------------------------------------------------------------===//
// Entering a loop
//===----------------------------------------------------------------------===//

/// Enters a loop from `lower` to `upper`.
FailureOr<LoopTreeBuilder::LoopEntry>
LoopTreeBuilder::enterLoop(Operation *op, LoopKind kind,
                           const IndexValue &lower, const IndexValue &upper,
                           int64_t step, Value inductionVariable) {
  auto tripCount = op->getAttrOfType<IntegerAttr>(kTripCountName);
  IndexValue extent = arithmetic.subtract(upper, lower);
  if (tripCount) {
    extent = arithmetic.multiply(IndexValue::constant(step),
                                 IndexValue::constant(tripCount.getInt()));
  } else if (!extent.isKnown()) {
    return LoopEntry::Unknown;
  }
  if (failed(checkOverflow(op)))
    return failure();
  if (arithmetic.getUpperBound(extent.forms) <= 0)
    return LoopEntry::Never;
  // 1. A loop over positions that are divided is several loops.
  IndexValue iteration = IndexValue::constant(0);
  SmallVector<int64_t, 2> inner =
      findInnerTrips(inductionVariable, lower, extent, step);
  int64_t size = std::accumulate(inner.begin(), inner.end(), int64_t(1),
                                 std::multiplies<int64_t>());
  auto enter = [&](ArrayRef<AffineForm> trips, int64_t loopStep) {
    LoopId loop = addLoop(kind, trips, loopStep);
    beginLoop(loop);
    iteration = arithmetic.add(iteration,
                               arithmetic.multiply(IndexValue::loop(loop),
                                                   IndexValue::constant(size)));
  };
  if (inner.empty())
    enter(extent.forms, step);
  else
    enter(IndexValue::constant(*extent.getConstant() / step / size).forms, 1);
  for (int64_t trips : llvm::reverse(inner)) {
    size /= trips;
    enter(IndexValue::constant(trips).forms, 1);
  }
  if (countEnclosing() < 0) {
    emitErrorAt(op, "runs more often than fits 64 bits, or over bounds too "
                    "irregular to count");
    return failure();
  }
  // 2. Its value.
  setIndex(inductionVariable,
           arithmetic.add(lower, arithmetic.multiply(
                                     iteration, IndexValue::constant(step))));
  if (failed(checkOverflow(op)))
    return failure();
  return LoopEntry::Runs;
}

//===----------------------------------------------------------------------===//
// Tensors that loops carry
//===----------------------------------------------------------------------===//

/// Gives the region arguments of a loop the storage of its inits.
LogicalResult
LoopTreeBuilder::bindCarried(MutableArrayRef<OpOperand> inits,
                             ValueRange arguments,
                             SmallVectorImpl<CarriedTensor> &carried) {
  for (auto [position, init] : llvm::enumerate(inits)) {
    Value argument = arguments[position];
    viewOf.erase(argument);
    const View *view = getView(init.get());
    if (!view)
      continue;
    if (!isa<TensorType>(argument.getType())) {
      setView(argument, *view);
      continue;
    }
    FailureOr<View> storage = getDestination(init, std::nullopt);
    if (failed(storage))
      return failure();
    setView(argument, *storage);
    carried.push_back({static_cast<unsigned>(position), std::move(*storage)});
  }
  return success();
}

/// What the body yields has to be in the carried storage for the next
/// iteration: it is copied there unless it was built there.
LogicalResult LoopTreeBuilder::storeYielded(Operation *yield,
                                            ValueRange yielded,
                                            ArrayRef<CarriedTensor> carried) {
  for (const CarriedTensor &tensor : carried) {
    const View *view = getView(yielded[tensor.position]);
    if (!view) {
      addUnmodelled(yield);
      continue;
    }
    if (view->isDefined && !isSameStorage(*view, tensor.storage) &&
        failed(addCopy(yield, std::nullopt, *view, tensor.storage)))
      return failure();
  }
  return success();
}

/// A carried fill is still what an op reads in later iterations only if no
/// other op of the body writes the same place.
void LoopTreeBuilder::checkCarriedFills(NodeId firstNode,
                                        ArrayRef<CarriedTensor> carried) {
  for (const CarriedTensor &tensor : carried) {
    if (!tensor.storage.isFill)
      continue;
    SmallVector<std::pair<OpId, AffineForm>> writers;
    auto forEachAccess = [&](llvm::function_ref<void(OpId, Access &)> visit) {
      for (NodeId id = firstNode; id < tree.nodes.size(); ++id)
        if (tree.nodes[id].kind == Node::Kind::Nest)
          for (Access &access : tree.nodes[id].nest.accesses)
            if (access.buffer == tensor.storage.buffer)
              visit(tree.nodes[id].nest.op, access);
    };
    forEachAccess([&](OpId op, Access &access) {
      if (access.isWrite)
        writers.push_back({op, arithmetic.dropDimensions(access.element)});
    });
    forEachAccess([&](OpId op, Access &access) {
      AffineForm offset = arithmetic.dropDimensions(access.element);
      for (auto &[writer, written] : writers)
        if (writer != op && isSameForm(offset, written))
          access.readsFill = false;
    });
  }
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// Any loop op taken apart; one range per induction variable, outermost first.
struct LoopTreeBuilder::LoopParts {
  struct Range {
    IndexValue lower, upper, step;
    Value inductionVariable;
    bool isSerial = false; ///< Although the others may run at once.
  };
  LoopKind kind = LoopKind::Serial;
  SmallVector<Range, 1> ranges;
  MutableArrayRef<OpOperand> inits;
  ValueRange arguments; ///< Region arguments of the inits.
  Block *body = nullptr;
};

/// Bounds given by maps: the largest lower, the smallest upper one.
IndexValue LoopTreeBuilder::evaluateBound(AffineMap map, ValueRange operands,
                                          bool isUpper) {
  SmallVector<IndexValue> values;
  for (Value operand : operands)
    values.push_back(getIndex(operand));
  SmallVector<IndexValue, 4> results = arithmetic.evaluate(map, values);
  IndexValue bound = results.front();
  for (const IndexValue &other : ArrayRef(results).drop_front())
    bound = isUpper ? arithmetic.minimum(bound, other)
                    : arithmetic.maximum(bound, other);
  return bound;
}

/// A bound of a loop that compares without sign: 200 of type i8 is not -56.
static IndexValue makeUnsigned(IndexValue bound, Type type) {
  std::optional<int64_t> constant = bound.getConstant();
  if (!constant || *constant >= 0)
    return bound;
  if (type.isIndex() || type.getIntOrFloatBitWidth() >= 64)
    return IndexValue::data({});
  return IndexValue::constant(*constant +
                              (int64_t(1) << type.getIntOrFloatBitWidth()));
}

bool LoopTreeBuilder::matchSerial(Operation *op, LoopParts &parts) {
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    auto get = [&](Value bound) {
      IndexValue value = getIndex(bound);
      return loop.getUnsignedCmp() ? makeUnsigned(value, bound.getType())
                                   : value;
    };
    parts.ranges.push_back({get(loop.getLowerBound()),
                            get(loop.getUpperBound()), get(loop.getStep()),
                            loop.getInductionVar()});
    parts.inits = loop.getInitArgsMutable();
    parts.arguments = loop.getRegionIterArgs();
    parts.body = loop.getBody();
    return true;
  }
  if (auto loop = dyn_cast<affine::AffineForOp>(op)) {
    parts.ranges.push_back({evaluateBound(loop.getLowerBoundMap(),
                                          loop.getLowerBoundOperands(), false),
                            evaluateBound(loop.getUpperBoundMap(),
                                          loop.getUpperBoundOperands(), true),
                            IndexValue::constant(loop.getStepAsInt()),
                            loop.getInductionVar()});
    parts.inits = loop.getInitsMutable();
    parts.arguments = loop.getRegionIterArgs();
    parts.body = loop.getBody();
    return true;
  }
  return false;
}

/// A grid of known size: loops over its blocks, and in them over threads, which
/// share a unit, x innermost.
bool LoopTreeBuilder::matchLaunch(gpu::LaunchOp launch, LoopParts &parts) {
  if (!launch.getBody().hasOneBlock() || launch.hasClusterSize())
    return false;
  auto add = [&](gpu::KernelDim3 ids, gpu::KernelDim3 sizes,
                 gpu::KernelDim3 values, bool isSerial) {
    for (auto [id, size, value] : {std::tuple(ids.z, sizes.z, values.z),
                                   std::tuple(ids.y, sizes.y, values.y),
                                   std::tuple(ids.x, sizes.x, values.x)}) {
      setIndex(size, getIndex(value));
      parts.ranges.push_back({IndexValue::constant(0), getIndex(value),
                              IndexValue::constant(1), id, isSerial});
    }
  };
  add(launch.getBlockIds(), launch.getGridSize(),
      launch.getGridSizeOperandValues(), /*isSerial=*/false);
  add(launch.getThreadIds(), launch.getBlockSize(),
      launch.getBlockSizeOperandValues(), /*isSerial=*/true);
  parts.body = &launch.getBody().front();
  return llvm::all_of(parts.ranges, [](const LoopParts::Range &range) {
    return range.upper.isKnown();
  });
}

bool LoopTreeBuilder::matchParallel(Operation *op, LoopParts &parts) {
  parts.kind = LoopKind::Parallel;
  if (auto loop = dyn_cast<scf::ForallOp>(op)) {
    for (auto [lower, upper, step, variable] :
         llvm::zip_equal(loop.getMixedLowerBound(), loop.getMixedUpperBound(),
                         loop.getMixedStep(), loop.getInductionVars()))
      parts.ranges.push_back(
          {getIndex(lower), getIndex(upper), getIndex(step), variable});
    parts.inits = loop.getOutputsMutable();
    parts.arguments = loop.getRegionIterArgs();
    parts.body = loop.getBody();
    return true;
  }
  if (auto loop = dyn_cast<scf::ParallelOp>(op)) {
    for (auto [lower, upper, step, variable] :
         llvm::zip_equal(loop.getLowerBound(), loop.getUpperBound(),
                         loop.getStep(), loop.getInductionVars()))
      parts.ranges.push_back(
          {getIndex(lower), getIndex(upper), getIndex(step), variable});
    parts.body = loop.getBody();
    return true;
  }
  if (auto launch = dyn_cast<gpu::LaunchOp>(op))
    return matchLaunch(launch, parts);
  auto loop = dyn_cast<affine::AffineParallelOp>(op);
  if (!loop)
    return false;
  for (unsigned i = 0, e = loop.getNumDims(); i < e; ++i)
    parts.ranges.push_back({evaluateBound(loop.getLowerBoundMap(i),
                                          loop.getLowerBoundsOperands(), false),
                            evaluateBound(loop.getUpperBoundMap(i),
                                          loop.getUpperBoundsOperands(), true),
                            IndexValue::constant(loop.getSteps()[i]),
                            loop.getIVs()[i]});
  parts.body = loop.getBody();
  return true;
}

/// Enters all loops of `parts`; LoopEntry::Never after one that never runs.
FailureOr<LoopTreeBuilder::LoopEntry>
LoopTreeBuilder::enterLoops(Operation *op, const LoopParts &parts) {
  for (const LoopParts::Range &range : parts.ranges) {
    std::optional<int64_t> step = range.step.getConstant();
    if (!step || *step <= 0)
      return LoopEntry::Unknown;
    FailureOr<LoopEntry> entry =
        enterLoop(op, range.isSerial ? LoopKind::Serial : parts.kind,
                  range.lower, range.upper, *step, range.inductionVariable);
    if (failed(entry) || *entry != LoopEntry::Runs)
      return entry;
  }
  return LoopEntry::Runs;
}

/// The loop, or its full tiles and its last, partial one (PartialRows.h), or
/// the parts in which positions are affine (SplitLoop.h).
SmallVector<LoopTreeBuilder::LoopParts, 2>
LoopTreeBuilder::splitLoop(Operation *op, const LoopParts &parts) {
  SmallVector<LoopParts, 2> split = {parts};
  if (parts.kind != LoopKind::Serial || op->hasAttr(kTripCountName))
    return split;
  const LoopParts::Range &range = parts.ranges.front();
  std::optional<int64_t> lower = range.lower.getConstant(),
                         step = range.step.getConstant();
  IndexValue extent = arithmetic.subtract(range.upper, range.lower);
  std::optional<int64_t> whole = extent.getConstant();
  if (!lower || !step || *step <= 0 || !whole || *whole <= *step)
    return split;
  SmallVector<int64_t> breaks;
  if (*whole % *step != 0 &&
      hasPartialRows(*parts.body, range.inductionVariable))
    breaks.push_back(*whole / *step);
  else if (findInnerTrips(range.inductionVariable, range.lower, extent, *step)
               .empty())
    breaks =
        findBreaks(*parts.body, range.inductionVariable,
                   {*lower, *step, (int64_t)llvm::divideCeil(*whole, *step)},
                   [&](Value value) { return getIndex(value).getConstant(); });
  for (int64_t iteration : breaks) {
    IndexValue border = IndexValue::constant(*lower + iteration * *step);
    split.push_back(parts);
    split.end()[-2].ranges.front().upper = border;
    split.back().ranges.front().lower = border;
  }
  return split;
}

/// One loop node around the body, and what it hands to the next iteration.
/// `first` is where the whole loop starts, of which this may be a part.
FailureOr<LoopTreeBuilder::LoopEntry>
LoopTreeBuilder::visitIterations(Operation *op, const LoopParts &parts,
                                 const IndexValue &first,
                                 ArrayRef<CarriedTensor> carried) {
  size_t depth = enclosing.size();
  FailureOr<LoopEntry> entry = enterLoops(op, parts);
  if (failed(entry))
    return failure();
  if (*entry == LoopEntry::Runs) {
    Operation *yield = parts.body->getTerminator();
    if (parts.kind == LoopKind::Serial) {
      const LoopParts::Range &range = parts.ranges.front();
      followCounters(
          parts.inits, parts.arguments, yield->getOperands(),
          arithmetic.floorDivide(
              arithmetic.subtract(getIndex(range.inductionVariable), first),
              range.step));
    }
    if (failed(visitBlock(*parts.body)) ||
        (parts.kind == LoopKind::Serial &&
         failed(storeYielded(yield, yield->getOperands(), carried))))
      return failure();
  }
  while (enclosing.size() > depth)
    endLoop();
  return entry;
}

/// All parts of a loop allocate what its first one does: intermediates from
/// `second` on take the memory of those from `first` on, of which there are as
/// many before `firstEnd`.
void LoopTreeBuilder::shareStorage(BufferId first, BufferId firstEnd,
                                   BufferId second, BufferId secondEnd) {
  auto isAllocated = [&](BufferId id) {
    return tree.buffers[id].kind == BufferKind::Intermediate;
  };
  auto full = llvm::make_filter_range(llvm::seq(first, firstEnd), isAllocated);
  auto partial =
      llvm::make_filter_range(llvm::seq(second, secondEnd), isAllocated);
  // Loops inside of one part may be built more often than in another.
  if (std::distance(full.begin(), full.end()) !=
      std::distance(partial.begin(), partial.end()))
    return;
  for (auto [from, to] : llvm::zip_equal(full, partial)) {
    BufferId storage = tree.buffers[from].storage.value_or(from);
    if (tree.buffers[to].bytes() <= tree.buffers[storage].bytes())
      tree.buffers[to].storage = storage;
  }
}

LoopTreeBuilder::Handled LoopTreeBuilder::visitLoop(Operation *op) {
  LoopParts parts;
  if (!matchSerial(op, parts) && !matchParallel(op, parts))
    return false;
  // 1. Carried tensors, before the loop.
  SmallVector<CarriedTensor, 0> carried;
  if (failed(bindCarried(parts.inits, parts.arguments, carried)))
    return failure();
  NodeId firstNode = tree.nodes.size();
  // 2. The body, once for each part.
  FailureOr<LoopEntry> entry = LoopEntry::Never;
  SmallVector<BufferId> begins = {(BufferId)tree.buffers.size()};
  for (const LoopParts &part : splitLoop(op, parts)) {
    entry = visitIterations(op, part, parts.ranges.front().lower, carried);
    if (failed(entry))
      return failure();
    begins.push_back(tree.buffers.size());
  }
  for (size_t i = 1; i + 1 < begins.size(); ++i)
    shareStorage(begins[0], begins[1], begins[i], begins[i + 1]);
  // 3. Results.
  if (*entry == LoopEntry::Unknown) {
    if (failed(makeUnmodelled(op)))
      return failure();
    return true;
  }
  checkCarriedFills(firstNode, carried);
  bindLoopResults(op, parts.arguments, carried, *entry == LoopEntry::Runs);
  return true;
}

void LoopTreeBuilder::bindLoopResults(Operation *op, ValueRange arguments,
                                      MutableArrayRef<CarriedTensor> carried,
                                      bool runs) {
  bindResults(op, arguments);
  for (Value result : op->getResults())
    if (result.getType().isIntOrIndex())
      setIndex(result, IndexValue::data(enclosing));
  for (CarriedTensor &tensor : carried) {
    if (runs) {
      tensor.storage.isFill = false;
      tensor.storage.isDefined = true;
    }
    setView(op->getResult(tensor.position), tensor.storage);
  }
}
