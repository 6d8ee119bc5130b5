//===- BindDims.h - Numbers for dynamic dimensions --------------*- C++ -*-===//
//
// memwall counts bytes, so every size has to be a number. Binding specialises
// a module to the sizes that a user gives.
//
// Usage:
//   Expected<DimBindings> bindings =
//   parseDimBindings({"@prefill:arg0:1=2048"}); if (failed(bindDims(module,
//   *bindings))) ...
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_PASSES_BINDDIMS_H
#define MEMWALL_PASSES_BINDDIMS_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <optional>
#include <string>

namespace mlir {
class ModuleOp;
} // namespace mlir

namespace memwall {

/// One binding: "@prefill:arg0:1=2048" or, for an argument that is an integer
/// or an index itself, "@prefill:arg2=2048".
struct DimBinding {
  std::string function;
  unsigned argument = 0;
  std::optional<unsigned> dimension;
  int64_t value = 0;
};

/// Everything that a `dims` option says.
struct DimBindings {
  llvm::SmallVector<DimBinding, 4> named;
  /// For all that is not named in functions that nothing calls: dimensions of
  /// arguments, and arguments that are sizes of what the function allocates or
  /// say how often a loop runs.
  std::optional<int64_t> rest;

  bool empty() const { return named.empty() && !rest; }
};

/// Parses the elements of a `dims` option. Fails on anything that is not one
/// of the forms above with a number from 0, on a binding that is given twice,
/// and on two bare numbers.
llvm::Expected<DimBindings> parseDimBindings(llvm::ArrayRef<std::string> texts);

/// Specialises `module`: argument types become static, and sizes follow through
/// bodies, calls (a callee that is called with several shapes is cloned for
/// each) and results, with the folding that this needs. Also with no bindings:
/// static sizes at calls reach the callees. Fails, with a diagnostic, when a
/// binding names a function, an argument or a dimension that does not exist or
/// is not dynamic, on recursion, and where the sizes contradict each other.
mlir::LogicalResult bindDims(mlir::ModuleOp module,
                             const DimBindings &bindings);

/// Whether any function with a body has an argument with a dynamic dimension,
/// or that is the size of what it allocates.
bool hasDynamicArguments(mlir::ModuleOp module);

/// Fails, with one error that lists the dimensions and says how to set them,
/// when arguments of functions that nothing calls have dynamic dimensions or
/// are sizes.
mlir::LogicalResult checkDimsAreBound(mlir::ModuleOp module);

} // namespace memwall

#endif // MEMWALL_PASSES_BINDDIMS_H
