//===- Observer.cpp - Addresses, and calls that tell them -----------------===//

#include "Observer.h"
#include "LinearAddress.h"
#include "RuntimeChecks.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace memwall;

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
// Reports
//===----------------------------------------------------------------------===//

/// Whether `accesses` are all that the loop does to memory.
static bool isObservedWhole(scf::ForOp loop,
                            ArrayRef<ObservedAccess> accesses) {
  llvm::DenseSet<Operation *> known;
  for (const ObservedAccess &access : accesses)
    known.insert(access.op);
  return llvm::all_of(loop.getBody()->without_terminator(), [&](Operation &op) {
    return op.hasAttr(runtimeCheckName) ||
           (op.getNumRegions() == 0 && (isPure(&op) || known.contains(&op)));
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
