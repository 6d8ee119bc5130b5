//===- Storage.cpp - Which buffer is behind a memref ----------------------===//

#include "Storage.h"
#include "memwall/Simulator/HostTensor.h"
#include "memwall/Simulator/ObserveAccesses.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace memwall;

std::optional<int64_t> memwall::getSimulatedBits(Type type) {
  if (type.isIntOrFloat())
    return isa<FloatTF32Type>(type) ? 32 : type.getIntOrFloatBitWidth();
  if (isa<IndexType>(type))
    return 64;
  if (auto complex = dyn_cast<ComplexType>(type)) {
    std::optional<int64_t> part = getSimulatedBits(complex.getElementType());
    return part ? std::optional(*part * 2) : std::nullopt;
  }
  auto vector = dyn_cast<VectorType>(type);
  if (!vector || vector.isScalable())
    return std::nullopt;
  std::optional<int64_t> lane = getSimulatedBits(vector.getElementType());
  return lane ? llvm::checkedMul(*lane, vector.getNumElements()) : std::nullopt;
}

std::optional<int64_t> memwall::computeStorageBytes(Value root) {
  if (Operation *op = root.getDefiningOp())
    if (auto noted = op->getAttrOfType<IntegerAttr>(storageBytesName))
      return noted.getInt();
  auto type = cast<MemRefType>(root.getType());
  std::optional<int64_t> bits = getSimulatedBits(type.getElementType());
  for (int64_t dim = 0; bits && dim < type.getRank(); ++dim) {
    FailureOr<int64_t> extent = type.getDimSize(dim);
    if (type.isDynamicDim(dim))
      extent = ValueBoundsConstraintSet::computeConstantBound(
          presburger::BoundType::UB, {root, dim}, /*stopCondition=*/nullptr,
          /*closedUB=*/true);
    bits = succeeded(extent) ? llvm::checkedMul(*bits, *extent) : std::nullopt;
  }
  return bits ? std::optional((*bits + 7) / 8) : std::nullopt;
}

FailureOr<Storage> Storage::assign(func::FuncOp function, Hierarchy &memory) {
  Storage storage(function);
  llvm::StringMap<unsigned> globals;
  double total = 0; ///< Bytes.
  auto addRoot = [&](Value root) -> LogicalResult {
    std::optional<int64_t> bytes = computeStorageBytes(root);
    if (!bytes)
      return emitError(root.getLoc(),
                       "expected storage with a constant bound of its size, "
                       "found ")
             << root.getType();
    total += double(*bytes);
    if (total > getMachineBytes())
      return emitError(root.getLoc(), "the program's storage takes more memory "
                                      "than this machine has, up to here ")
             << llvm::formatv("{0:e2} bytes", total).str();
    storage.roots[root] = memory.addBuffer(*bytes);
    return success();
  };
  for (Value argument : function.getArguments())
    if (isa<MemRefType>(argument.getType()) && failed(addRoot(argument)))
      return failure();
  WalkResult result = function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (auto global = dyn_cast<memref::GetGlobalOp>(op)) {
      auto known = globals.find(global.getName());
      if (known != globals.end()) {
        storage.roots[global.getResult()] = known->second;
        return WalkResult::advance();
      }
      if (failed(addRoot(global.getResult())))
        return WalkResult::interrupt();
      globals[global.getName()] = storage.roots[global.getResult()];
    } else if (isa<memref::AllocOp, memref::AllocaOp>(op)) {
      if (failed(addRoot(op->getResult(0))))
        return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  return storage;
}

std::optional<unsigned> Storage::getBuffer(Value memref) const {
  std::optional<unsigned> buffer;
  for (Value origin : aliases.resolveReverse(memref)) {
    auto root = roots.find(origin);
    if (root == roots.end())
      continue;
    if (buffer && *buffer != root->second)
      return std::nullopt;
    buffer = root->second;
  }
  return buffer;
}

std::optional<LastUse>
memwall::findLastUse(Value allocation, const BufferViewFlowAnalysis &aliases) {
  Region *body = allocation.getDefiningOp()
                     ->getParentOfType<func::FuncOp>()
                     .getCallableRegion();
  Block *home = allocation.getDefiningOp()->getBlock();
  Block *block = home;
  Operation *last = allocation.getDefiningOp();
  for (Value alias : aliases.resolve(allocation)) {
    // Storage that is carried by a loop outlives the block it is made in.
    while (!block->getParent()->isAncestor(alias.getParentRegion()) &&
           block->getParent() != body)
      block = block->getParentOp()->getBlock();
    for (Operation *user : alias.getUsers()) {
      // A function that is called may keep the storage.
      if (isa<func::ReturnOp, func::CallOp>(user))
        return std::nullopt;
      while (!block->findAncestorOpInBlock(*user) && block->getParent() != body)
        block = block->getParentOp()->getBlock();
    }
  }
  last = block->findAncestorOpInBlock(*last);
  for (Value alias : aliases.resolve(allocation))
    for (Operation *user : alias.getUsers()) {
      Operation *ancestor = block->findAncestorOpInBlock(*user);
      if (!ancestor) // Several blocks: unstructured code lives to the end.
        return std::nullopt;
      if (last->isBeforeInBlock(ancestor))
        last = ancestor;
    }
  return LastUse{last, block == home};
}
