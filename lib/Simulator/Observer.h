//===- Observer.h - Instruments one function --------------------*- C++ -*-===//
//
// How ObserveAccesses.h is done. ObserveAccesses.cpp decides what each op does,
// ObserveVectors.cpp knows ops on vectors, Observer.cpp computes addresses and
// builds the calls.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_SIMULATOR_OBSERVER_H
#define MEMWALL_LIB_SIMULATOR_OBSERVER_H

#include "Storage.h"
#include "memwall/Simulator/ObserveAccesses.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Interfaces/VectorInterfaces.h"

namespace memwall {

/// An access that an op makes whenever it is executed.
struct ObservedAccess {
  mlir::Operation *op;
  mlir::Value addressBits; ///< i64, computed before `op`.
  int64_t what;            ///< As packAccess.
};

/// Instruments one function.
class Observer {
public:
  Observer(mlir::func::FuncOp function, Hierarchy &memory, Storage &storage)
      : function(function), memory(memory), storage(storage) {}

  mlir::LogicalResult observe(mlir::Operation *op);
  void report();
  void observeDeaths();
  void observeUnits(int64_t units);

private:
  using Builder = mlir::ImplicitLocOpBuilder;
  /// Builds the indices of a lane, whose number is an index.
  using IndexBuilder = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      Builder &b, mlir::Value lane)>;

  mlir::LogicalResult observeElement(mlir::Operation *op, mlir::Value memref,
                                     mlir::ValueRange indices,
                                     MemoryAccess::Kind kind);
  mlir::LogicalResult observeVector(mlir::Operation *op, mlir::Value memref,
                                    mlir::ValueRange indices,
                                    mlir::VectorType vector,
                                    MemoryAccess::Kind kind);
  mlir::LogicalResult observeTransfer(mlir::VectorTransferOpInterface transfer);
  std::optional<mlir::LogicalResult> observeMasked(mlir::Operation *op);
  mlir::LogicalResult
  observeMaskedTransfer(mlir::VectorTransferOpInterface transfer);
  mlir::LogicalResult observeLanes(mlir::Operation *op, mlir::Value memref,
                                   mlir::Value mask, MemoryAccess::Kind kind,
                                   IndexBuilder indices);
  mlir::LogicalResult observePacked(mlir::Operation *op, mlir::Value memref,
                                    mlir::ValueRange indices, mlir::Value mask,
                                    MemoryAccess::Kind kind);

  mlir::FailureOr<mlir::Value> buildAddress(Builder &b, mlir::Value memref,
                                            mlir::ValueRange indices,
                                            int64_t elementBits);
  mlir::Value getBase(Builder &b, mlir::Value memref);
  mlir::Value buildPointer(Builder &b, mlir::Value memref);
  void reportLoop(mlir::scf::ForOp loop,
                  llvm::ArrayRef<ObservedAccess> accesses);
  void call(Builder &b, llvm::StringRef callback, mlir::ValueRange operands);
  mlir::func::FuncOp getCallback(llvm::StringRef name, mlir::TypeRange operands,
                                 mlir::TypeRange results);
  void bindRoots();

  mlir::Value constant(Builder &b, int64_t value) {
    return mlir::arith::ConstantOp::create(b, b.getI64IntegerAttr(value));
  }
  mlir::Value toI64(Builder &b, mlir::Value index) {
    return mlir::arith::IndexCastOp::create(b, b.getI64Type(), index);
  }

  mlir::func::FuncOp function;
  Hierarchy &memory;
  Storage &storage;
  /// Accesses of one op each, by the block they are in.
  llvm::MapVector<mlir::Block *, llvm::SmallVector<ObservedAccess>> observed;
  llvm::DenseMap<mlir::Value, mlir::Value> foundBases;
  bool rootsAreBound = false;
};

/// Emits that the simulator does not understand accesses to `type`.
mlir::LogicalResult rejectType(mlir::Operation *op, mlir::Type type);

} // namespace memwall

#endif // MEMWALL_LIB_SIMULATOR_OBSERVER_H
