//===- FunctionBuilder.h - A function whose arguments come as needed *- C++
//-*-===//

#ifndef MEMWALL_LIB_WORKLOAD_FUNCTIONBUILDER_H
#define MEMWALL_LIB_WORKLOAD_FUNCTIONBUILDER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringMap.h"

namespace memwall {

namespace role {
inline constexpr llvm::StringLiteral weight = "weight";
inline constexpr llvm::StringLiteral kv = "kv";
inline constexpr llvm::StringLiteral activation = "activation";
inline constexpr llvm::StringLiteral table = "table";
inline constexpr llvm::StringLiteral index = "index";
inline constexpr llvm::StringLiteral optimizer = "optimizer";
inline constexpr llvm::StringLiteral gradient = "gradient";
} // namespace role

/// A value that a function returns, or takes.
struct NamedTensor {
  mlir::Value value;
  std::string name;
  std::string role;
};

/// Builds one function at the end of a module. Arguments and results carry
/// memwall.name and memwall.role (Workload.h).
class FunctionBuilder {
public:
  FunctionBuilder(mlir::ModuleOp module, llvm::StringRef name);

  mlir::OpBuilder &getBuilder() { return builder; }
  mlir::Value addArgument(llvm::StringRef name, llvm::StringRef role,
                          llvm::ArrayRef<int64_t> shape, mlir::Type element);
  mlir::Value addArgument(llvm::StringRef name, llvm::StringRef role,
                          mlir::Type type);
  /// The argument of that name, or a new one.
  mlir::Value getArgument(llvm::StringRef name, llvm::StringRef role,
                          mlir::Type type);
  void addResult(mlir::Value value, llvm::StringRef name, llvm::StringRef role);
  /// The hidden state comes before the caches.
  void addFirstResult(mlir::Value value, llvm::StringRef name,
                      llvm::StringRef role);
  void addInterconnectBytes(int64_t bytes) { interconnectBytes += bytes; }

  /// Calls `callee`. `operands` are found by the name of the argument; an
  /// argument that is not among them becomes one of this function, shared by
  /// name for tables and indices, else called `prefix` + name; caches are
  /// called `cachePrefix` + name. Results come back by name; those of any other
  /// role than activation are returned from this function too.
  llvm::SmallVector<NamedTensor> call(mlir::func::FuncOp callee,
                                      llvm::StringRef prefix,
                                      llvm::ArrayRef<NamedTensor> operands,
                                      llvm::StringRef cachePrefix);
  llvm::SmallVector<NamedTensor> call(mlir::func::FuncOp callee,
                                      llvm::StringRef prefix,
                                      llvm::ArrayRef<NamedTensor> operands) {
    return call(callee, prefix, operands, prefix);
  }

  /// Writes the return; nothing can be added after.
  mlir::func::FuncOp finish(bool isPrivate);

private:
  mlir::func::FuncOp function;
  mlir::OpBuilder builder;
  llvm::SmallVector<NamedTensor> arguments, results;
  llvm::StringMap<mlir::Value> argumentOf;
  int64_t interconnectBytes = 0;
};

/// Name and role of argument or result `index`.
llvm::StringRef getArgumentName(mlir::func::FuncOp function, unsigned index);
llvm::StringRef getArgumentRole(mlir::func::FuncOp function, unsigned index);

} // namespace memwall

#endif // MEMWALL_LIB_WORKLOAD_FUNCTIONBUILDER_H
