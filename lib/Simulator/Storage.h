//===- Storage.h - Which buffer is behind a memref --------------*- C++ -*-===//

#ifndef MEMWALL_LIB_SIMULATOR_STORAGE_H
#define MEMWALL_LIB_SIMULATOR_STORAGE_H

#include "memwall/Simulator/Hierarchy.h"
#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/MapVector.h"

namespace memwall {

/// The place where the life of a value's storage ends.
struct LastUse {
  mlir::Operation *op;     ///< The last op that may touch the storage.
  bool inAllocationsBlock; ///< `op` is in the block of the allocation.
};

/// The last use of the storage that `allocation` returns, in the innermost
/// block that sees all of it; nullopt when the function returns it.
std::optional<LastUse> findLastUse(mlir::Value allocation,
                                   const mlir::BufferViewFlowAnalysis &aliases);

/// Where LowerToLoops.cpp notes the bytes of an allocation of dynamic size.
constexpr llvm::StringLiteral storageBytesName = "memwall.storage_bytes";

/// Bytes of the storage that `root` (an argument, global or allocation) brings;
/// a dynamic size counts with its largest value. Nullopt when that is not
/// known.
std::optional<int64_t> computeStorageBytes(mlir::Value root);

/// The buffers of a function, by the values that bring them into being.
class Storage {
public:
  /// Adds the buffers of `function` to `memory`, in program order.
  static mlir::FailureOr<Storage> assign(mlir::func::FuncOp function,
                                         Hierarchy &memory);

  /// The buffer that `memref` is a view of; nullopt when it may be several.
  std::optional<unsigned> getBuffer(mlir::Value memref) const;

  /// Arguments, globals and allocations, in program order.
  llvm::MapVector<mlir::Value, unsigned> roots;
  mlir::BufferViewFlowAnalysis aliases;

private:
  explicit Storage(mlir::func::FuncOp function) : aliases(function) {}
};

} // namespace memwall

#endif // MEMWALL_LIB_SIMULATOR_STORAGE_H
