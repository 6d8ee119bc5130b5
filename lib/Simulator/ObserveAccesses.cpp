//===- ObserveAccesses.cpp - Calls beside every load and store ------------===//

#include "memwall/Simulator/ObserveAccesses.h"
#include "Observer.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace memwall;

//===----------------------------------------------------------------------===//
// Loads and stores
//===----------------------------------------------------------------------===//

LogicalResult memwall::rejectType(Operation *op, Type type) {
  return op->emitError("accesses ")
         << type << ", which the simulator does not understand";
}

LogicalResult Observer::observeElement(Operation *op, Value memref,
                                       ValueRange indices,
                                       MemoryAccess::Kind kind) {
  Builder b(op->getLoc(), op);
  auto type = cast<MemRefType>(memref.getType());
  std::optional<int64_t> bits = getSimulatedBits(type.getElementType());
  if (!bits)
    return rejectType(op, type);
  FailureOr<Value> address = buildAddress(b, memref, indices, *bits);
  if (failed(address))
    return rejectType(op, type);
  observed[op->getBlock()].push_back({op, *address, packAccess(*bits, kind)});
  return success();
}

LogicalResult Observer::observe(Operation *op) {
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return observeElement(op, load.getMemRef(), load.getIndices(),
                          MemoryAccess::Load);
  if (auto store = dyn_cast<memref::StoreOp>(op))
    return observeElement(op, store.getMemRef(), store.getIndices(),
                          store.getNontemporal() ? MemoryAccess::StoreAround
                                                 : MemoryAccess::Store);
  if (auto load = dyn_cast<vector::LoadOp>(op))
    return observeVector(op, load.getBase(), load.getIndices(),
                         load.getVectorType(), MemoryAccess::Load);
  if (auto store = dyn_cast<vector::StoreOp>(op))
    return observeVector(op, store.getBase(), store.getIndices(),
                         store.getVectorType(),
                         store.getNontemporal() ? MemoryAccess::StoreAround
                                                : MemoryAccess::Store);
  if (auto transfer = dyn_cast<VectorTransferOpInterface>(op))
    return observeTransfer(transfer);
  if (std::optional<LogicalResult> masked = observeMasked(op))
    return *masked;
  if (auto atomic = dyn_cast<memref::AtomicRMWOp>(op))
    return failure(
        failed(observeElement(op, atomic.getMemref(), atomic.getIndices(),
                              MemoryAccess::Load)) ||
        failed(observeElement(op, atomic.getMemref(), atomic.getIndices(),
                              MemoryAccess::Store)));
  if (isa<memref::CopyOp, memref::GenericAtomicRMWOp, memref::DmaStartOp,
          linalg::LinalgOp>(op))
    return op->emitError("'")
           << op->getName() << "' moves data that the simulator cannot observe";
  return success();
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

/// Loads every element of what goes to a function that is defined elsewhere:
/// what that function does cannot be seen, and is taken to be one look at all
/// of it.
static void readOperandsOfCalls(func::FuncOp function) {
  function.walk([](func::CallOp call) {
    for (Value operand : call.getOperands()) {
      if (auto cast = operand.getDefiningOp<memref::CastOp>())
        operand = cast.getSource();
      auto type = dyn_cast<MemRefType>(operand.getType());
      if (!type)
        continue;
      ImplicitLocOpBuilder b(call.getLoc(), call);
      Value zero = arith::ConstantIndexOp::create(b, 0);
      Value one = arith::ConstantIndexOp::create(b, 1);
      SmallVector<Value> extents;
      for (int64_t dim = 0; dim < type.getRank(); ++dim)
        extents.push_back(memref::DimOp::create(b, operand, dim));
      scf::buildLoopNest(
          b, call.getLoc(), SmallVector<Value>(type.getRank(), zero), extents,
          SmallVector<Value>(type.getRank(), one),
          [&](OpBuilder &inner, Location location, ValueRange position) {
            memref::LoadOp::create(inner, location, operand, position);
          });
    }
  });
}

//===----------------------------------------------------------------------===//
// Deaths and units
//===----------------------------------------------------------------------===//

void Observer::observeDeaths() {
  for (auto [root, buffer] : storage.roots) {
    if (!isa_and_nonnull<memref::AllocOp, memref::AllocaOp>(
            root.getDefiningOp()))
      continue;
    if (std::optional<LastUse> last = findLastUse(root, storage.aliases)) {
      Builder b(root.getLoc(), function.getContext());
      b.setInsertionPointAfter(last->op);
      call(b, "memwall_die", constant(b, buffer));
    }
  }
}

/// Number of the iteration, row-major over the dimensions of the loop.
static Value buildIteration(ImplicitLocOpBuilder &b, ValueRange ivs,
                            ArrayRef<OpFoldResult> lower,
                            ArrayRef<OpFoldResult> upper,
                            ArrayRef<OpFoldResult> step) {
  Value iteration = arith::ConstantIndexOp::create(b, 0);
  for (size_t dim = 0; dim < ivs.size(); ++dim) {
    auto get = [&](OpFoldResult value) {
      return getValueOrCreateConstantIndexOp(b, b.getLoc(), value);
    };
    Value begin = get(lower[dim]), end = get(upper[dim]), by = get(step[dim]);
    Value trips =
        arith::CeilDivSIOp::create(b, arith::SubIOp::create(b, end, begin), by);
    Value number = arith::DivSIOp::create(
        b, arith::SubIOp::create(b, ivs[dim], begin), by);
    iteration = arith::AddIOp::create(
        b, arith::MulIOp::create(b, iteration, trips), number);
  }
  return iteration;
}

/// The outermost parallel loop distributes; what is inside of an iteration
/// stays on its unit, and what follows the loop is on unit 0 again.
void Observer::observeUnits(int64_t units) {
  function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    auto loop = dyn_cast<LoopLikeOpInterface>(op);
    if (!loop || !isa<scf::ForallOp, scf::ParallelOp>(op))
      return WalkResult::advance();
    Builder b(op->getLoc(), function.getContext());
    b.setInsertionPointToStart(&loop.getLoopRegions().front()->front());
    Value iteration = buildIteration(
        b, *loop.getLoopInductionVars(), *loop.getLoopLowerBounds(),
        *loop.getLoopUpperBounds(), *loop.getLoopSteps());
    Value unit =
        arith::RemSIOp::create(b, toI64(b, iteration), constant(b, units));
    call(b, "memwall_unit", unit);
    b.setInsertionPointAfter(op);
    call(b, "memwall_unit", constant(b, 0));
    return WalkResult::skip();
  });
}

LogicalResult memwall::observeAccesses(func::FuncOp function, Hierarchy &memory,
                                       int64_t units) {
  readOperandsOfCalls(function);
  FailureOr<Storage> storage = Storage::assign(function, memory);
  if (failed(storage))
    return failure();
  SmallVector<Operation *> ops;
  function.walk([&](Operation *op) { ops.push_back(op); });
  Observer observer(function, memory, *storage);
  observer.observeDeaths();
  for (Operation *op : ops)
    if (failed(observer.observe(op)))
      return failure();
  observer.report();
  if (units > 1)
    observer.observeUnits(units);
  return success();
}

void memwall::freeTemporaries(func::FuncOp function) {
  BufferViewFlowAnalysis aliases(function);
  SmallVector<std::pair<memref::AllocOp, Operation *>> temporaries;
  function.walk([&](memref::AllocOp alloc) {
    std::optional<LastUse> last = findLastUse(alloc, aliases);
    bool isFreed = llvm::any_of(aliases.resolve(alloc), [](Value alias) {
      return llvm::any_of(alias.getUsers(), llvm::IsaPred<memref::DeallocOp>);
    });
    if (last && last->inAllocationsBlock && !isFreed)
      temporaries.emplace_back(alloc, last->op);
  });
  for (auto [alloc, last] : temporaries) {
    OpBuilder b(alloc.getContext());
    b.setInsertionPointAfter(last);
    memref::DeallocOp::create(b, alloc.getLoc(), alloc);
  }
}
