//===- ObserveAccesses.cpp - Calls beside every load and store ------------===//

#include "memwall/Simulator/ObserveAccesses.h"
#include "LinearAddress.h"
#include "Storage.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace memwall;

namespace {

/// An access that an op makes whenever it is executed.
struct ObservedAccess {
  Operation *op;
  Value addressBits; ///< i64, computed before `op`.
  int64_t what;      ///< As packAccess.
};

/// Instruments one function.
class Observer {
public:
  Observer(func::FuncOp function, Hierarchy &memory, Storage &storage)
      : function(function), memory(memory), storage(storage) {}

  LogicalResult observe(Operation *op);
  void report();
  void observeDeaths();
  void observeUnits(int64_t units);

private:
  using Builder = ImplicitLocOpBuilder;

  LogicalResult observeElement(Operation *op, Value memref, ValueRange indices,
                               MemoryAccess::Kind kind);
  LogicalResult observeVector(Operation *op, Value memref, ValueRange indices,
                              VectorType vector, MemoryAccess::Kind kind);
  LogicalResult observeTransfer(VectorTransferOpInterface transfer);

  FailureOr<Value> buildAddress(Builder &b, Value memref, ValueRange indices,
                                int64_t elementBits);
  Value getBase(Builder &b, Value memref);
  Value buildPointer(Builder &b, Value memref);
  void reportLoop(scf::ForOp loop, ArrayRef<ObservedAccess> accesses);
  void call(Builder &b, StringRef callback, ValueRange operands);
  func::FuncOp getCallback(StringRef name, TypeRange operands,
                           TypeRange results);
  void bindRoots();

  Value constant(Builder &b, int64_t value) {
    return arith::ConstantOp::create(b, b.getI64IntegerAttr(value));
  }
  Value toI64(Builder &b, Value index) {
    return arith::IndexCastOp::create(b, b.getI64Type(), index);
  }

  func::FuncOp function;
  Hierarchy &memory;
  Storage &storage;
  /// Accesses of one op each, by the block they are in.
  llvm::MapVector<Block *, SmallVector<ObservedAccess>> observed;
  DenseMap<Value, Value> foundBases;
  bool rootsAreBound = false;
};

} // namespace

//===----------------------------------------------------------------------===//
// Callbacks
//===----------------------------------------------------------------------===//

func::FuncOp Observer::getCallback(StringRef name, TypeRange operands,
                                   TypeRange results) {
  auto module = function->getParentOfType<ModuleOp>();
  if (auto callback = module.lookupSymbol<func::FuncOp>(name))
    return callback;
  OpBuilder b(module.getBodyRegion());
  auto callback = func::FuncOp::create(b, function.getLoc(), name,
                                       b.getFunctionType(operands, results));
  callback.setPrivate();
  return callback;
}

void Observer::call(Builder &b, StringRef callback, ValueRange operands) {
  func::CallOp::create(b, getCallback(callback, operands.getTypes(), {}),
                       operands);
}

//===----------------------------------------------------------------------===//
// Addresses
//===----------------------------------------------------------------------===//

Value Observer::buildPointer(Builder &b, Value memref) {
  return toI64(b, memref::ExtractAlignedPointerAsIndexOp::create(b, memref));
}

/// Tells the callbacks where every buffer really is, once.
void Observer::bindRoots() {
  if (std::exchange(rootsAreBound, true))
    return;
  for (auto [root, buffer] : storage.roots) {
    Builder b(root.getLoc(), function.getContext());
    b.setInsertionPointAfterValue(root);
    call(b, "memwall_bind",
         {buildPointer(b, root), constant(b, memory.getBase(buffer) * 8)});
  }
}

/// First bit of the buffer behind `memref`: a constant, or looked up by pointer
/// where the memref is defined.
Value Observer::getBase(Builder &b, Value memref) {
  if (std::optional<unsigned> buffer = storage.getBuffer(memref))
    return constant(b, memory.getBase(*buffer) * 8);
  Value &base = foundBases[memref];
  if (base)
    return base;
  bindRoots();
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointAfterValue(memref);
  Type i64 = b.getI64Type();
  base = func::CallOp::create(b, getCallback("memwall_find", i64, i64),
                              buildPointer(b, memref))
             .getResult(0);
  return base;
}

/// base + (offset + sum of index * stride) * elementBits.
FailureOr<Value> Observer::buildAddress(Builder &b, Value memref,
                                        ValueRange indices,
                                        int64_t elementBits) {
  auto type = cast<MemRefType>(memref.getType());
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(type.getStridesAndOffset(strides, offset)))
    return failure();
  memref::ExtractStridedMetadataOp metadata;
  if (ShapedType::isDynamic(offset) || ShapedType::isDynamicShape(strides))
    metadata = memref::ExtractStridedMetadataOp::create(b, memref);
  Value element = ShapedType::isDynamic(offset)
                      ? metadata.getOffset()
                      : arith::ConstantIndexOp::create(b, offset).getResult();
  for (auto [dim, index] : llvm::enumerate(indices)) {
    Value stride =
        ShapedType::isDynamic(strides[dim])
            ? metadata.getStrides()[dim]
            : arith::ConstantIndexOp::create(b, strides[dim]).getResult();
    element = arith::AddIOp::create(b, element,
                                    arith::MulIOp::create(b, index, stride));
  }
  Value bits =
      arith::MulIOp::create(b, toI64(b, element), constant(b, elementBits));
  return arith::AddIOp::create(b, bits, getBase(b, memref)).getResult();
}

//===----------------------------------------------------------------------===//
// Loads and stores
//===----------------------------------------------------------------------===//

static LogicalResult rejectType(Operation *op, Type type) {
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

/// A vector of consecutive elements is one wide access.
LogicalResult Observer::observeVector(Operation *op, Value memref,
                                      ValueRange indices, VectorType vector,
                                      MemoryAccess::Kind kind) {
  Builder b(op->getLoc(), op);
  auto type = cast<MemRefType>(memref.getType());
  std::optional<int64_t> element = getSimulatedBits(type.getElementType());
  std::optional<int64_t> bits = getSimulatedBits(vector);
  if (!element || !bits || vector.getRank() != 1)
    return rejectType(op, type);
  FailureOr<Value> address = buildAddress(b, memref, indices, *element);
  if (failed(address))
    return rejectType(op, type);
  observed[op->getBlock()].push_back({op, *address, packAccess(*bits, kind)});
  return success();
}

/// A transfer is, for every index of the outer vector dimensions, a range along
/// the innermost one; what lies outside of the memref is not touched.
LogicalResult Observer::observeTransfer(VectorTransferOpInterface transfer) {
  Operation *op = transfer;
  auto type = dyn_cast<MemRefType>(transfer.getShapedType());
  if (!type || transfer.getMask())
    return op->emitError("expected a transfer of a memref without a mask");
  auto kind = isa<vector::TransferWriteOp>(op) ? MemoryAccess::Store
                                               : MemoryAccess::Load;
  std::optional<int64_t> bits = getSimulatedBits(type.getElementType());
  if (!bits)
    return rejectType(op, type);

  Builder b(op->getLoc(), op);
  SmallVector<Value> indices(transfer.getIndices());
  VectorType vector = transfer.getVectorType();
  AffineMap map = transfer.getPermutationMap();
  Value count = arith::ConstantIndexOp::create(b, 1);
  Value stride = constant(b, 0);
  for (int64_t dim = 0; dim < vector.getRank(); ++dim) {
    auto expr = dyn_cast<AffineDimExpr>(map.getResult(dim));
    if (!expr)
      continue; // A broadcast reads one element.
    unsigned position = expr.getPosition();
    Value extent = arith::ConstantIndexOp::create(b, vector.getDimSize(dim));
    if (!transfer.isDimInBounds(dim)) {
      Value size = memref::DimOp::create(b, transfer.getBase(), position);
      Value left = arith::SubIOp::create(b, size, indices[position]);
      Value zero = arith::ConstantIndexOp::create(b, 0);
      extent = arith::MinSIOp::create(b, extent,
                                      arith::MaxSIOp::create(b, left, zero));
    }
    if (dim + 1 < vector.getRank()) {
      Value zero = arith::ConstantIndexOp::create(b, 0);
      Value one = arith::ConstantIndexOp::create(b, 1);
      auto loop = scf::ForOp::create(b, zero, extent, one);
      b.setInsertionPointToStart(loop.getBody());
      indices[position] =
          arith::AddIOp::create(b, indices[position], loop.getInductionVar());
      continue;
    }
    count = extent;
    SmallVector<Value> next = indices;
    next[position] = arith::AddIOp::create(
        b, next[position], arith::ConstantIndexOp::create(b, 1));
    FailureOr<Value> here = buildAddress(b, transfer.getBase(), indices, *bits);
    FailureOr<Value> there = buildAddress(b, transfer.getBase(), next, *bits);
    if (failed(here) || failed(there))
      return rejectType(op, type);
    stride = arith::SubIOp::create(b, *there, *here);
  }
  FailureOr<Value> address =
      buildAddress(b, transfer.getBase(), indices, *bits);
  if (failed(address))
    return rejectType(op, type);
  call(b, "memwall_stream",
       {*address, constant(b, packAccess(*bits, kind)), stride});
  call(b, "memwall_loop", toI64(b, count));
  return success();
}

LogicalResult Observer::observe(Operation *op) {
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return observeElement(op, load.getMemRef(), load.getIndices(),
                          MemoryAccess::Load);
  if (auto store = dyn_cast<memref::StoreOp>(op))
    return observeElement(op, store.getMemRef(), store.getIndices(),
                          MemoryAccess::Store);
  if (auto load = dyn_cast<vector::LoadOp>(op))
    return observeVector(op, load.getBase(), load.getIndices(),
                         load.getVectorType(), MemoryAccess::Load);
  if (auto store = dyn_cast<vector::StoreOp>(op))
    return observeVector(op, store.getBase(), store.getIndices(),
                         store.getVectorType(), MemoryAccess::Store);
  if (auto transfer = dyn_cast<VectorTransferOpInterface>(op))
    return observeTransfer(transfer);
  if (auto atomic = dyn_cast<memref::AtomicRMWOp>(op))
    return failure(
        failed(observeElement(op, atomic.getMemref(), atomic.getIndices(),
                              MemoryAccess::Load)) ||
        failed(observeElement(op, atomic.getMemref(), atomic.getIndices(),
                              MemoryAccess::Store)));
  if (isa<memref::CopyOp, memref::GenericAtomicRMWOp, memref::DmaStartOp,
          vector::MaskedLoadOp, vector::MaskedStoreOp, vector::GatherOp,
          vector::ScatterOp, vector::ExpandLoadOp, vector::CompressStoreOp,
          linalg::LinalgOp>(op))
    return op->emitError("'")
           << op->getName() << "' moves data that the simulator cannot observe";
  return success();
}

//===----------------------------------------------------------------------===//
// Reports
//===----------------------------------------------------------------------===//

/// Whether `accesses` are all that the loop does to memory.
static bool isObservedWhole(scf::ForOp loop,
                            ArrayRef<ObservedAccess> accesses) {
  llvm::DenseSet<Operation *> known;
  for (const ObservedAccess &access : accesses)
    known.insert(access.op);
  return llvm::all_of(loop.getBody()->without_terminator(), [&](Operation &op) {
    return op.getNumRegions() == 0 && (isPure(&op) || known.contains(&op));
  });
}

/// Before the loop: where every access begins, and how far it moves.
void Observer::reportLoop(scf::ForOp loop, ArrayRef<ObservedAccess> accesses) {
  Builder b(loop.getLoc(), loop);
  Value lower = loop.getLowerBound(), step = loop.getStep();
  Value second = arith::AddIOp::create(b, lower, step);
  for (const ObservedAccess &access : accesses) {
    Value first = buildAt(b, access.addressBits, loop, lower);
    Value next = buildAt(b, access.addressBits, loop, second);
    call(b, "memwall_stream",
         {first, constant(b, access.what),
          arith::SubIOp::create(b, next, first)});
  }
  Value span = arith::SubIOp::create(b, loop.getUpperBound(), lower);
  call(b, "memwall_loop", toI64(b, arith::CeilDivSIOp::create(b, span, step)));
}

/// Reports the accesses that were observed, by loop where that is possible.
void Observer::report() {
  for (auto &[block, accesses] : observed) {
    auto loop = dyn_cast<scf::ForOp>(block->getParentOp());
    if (loop && isObservedWhole(loop, accesses) &&
        llvm::all_of(accesses, [&](const ObservedAccess &access) {
          return isLinear(access.addressBits, loop);
        })) {
      reportLoop(loop, accesses);
      continue;
    }
    for (const ObservedAccess &access : accesses) {
      Builder b(access.op->getLoc(), access.op);
      call(b, "memwall_access", {access.addressBits, constant(b, access.what)});
    }
  }
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
