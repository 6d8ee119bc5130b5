//===- ForeignFunctions.h - Functions of dialects nobody knows --*- C++ -*-===//
//
// util.func, tt.func and the like are not registered, so nothing says that they
// are functions. A pass that looks at functions holds a RaisedFunctions while
// it runs:
//
//   RaisedFunctions raised(module);
//
// They are func.func for that long, and what they were afterwards.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_PASSES_FOREIGNFUNCTIONS_H
#define MEMWALL_LIB_PASSES_FOREIGNFUNCTIONS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace memwall {

/// See the head of this file. The bodies move and are not copied, so pointers
/// to ops inside stay valid.
class RaisedFunctions {
public:
  explicit RaisedFunctions(mlir::ModuleOp module);
  ~RaisedFunctions();
  RaisedFunctions(const RaisedFunctions &) = delete;
  RaisedFunctions &operator=(const RaisedFunctions &) = delete;

private:
  /// An op that is out of the IR, and what stands for it.
  struct Raised {
    mlir::Operation *original;
    mlir::Operation *standIn;
  };

  void raise(mlir::Operation *function);
  void raiseReturn(mlir::Operation *end);

  llvm::SmallVector<Raised, 0> functions;
  llvm::SmallVector<Raised, 0> returns;
};

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_FOREIGNFUNCTIONS_H
