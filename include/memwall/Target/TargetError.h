//===- TargetError.h - A mistake in a target file ---------------*- C++ -*-===//
//
// What is wrong in a target file is wrong there, and not in the program that a
// pass looks at: the error carries its place, and diagnostics are emitted at
// it.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TARGET_TARGETERROR_H
#define MEMWALL_TARGET_TARGETERROR_H

#include "mlir/IR/Location.h"
#include "mlir/Support/LLVM.h"
#include "llvm/Support/Error.h"
#include <string>

namespace memwall {

/// The first mistake of a target file. As text: "path:line:column: message".
class TargetError : public llvm::ErrorInfo<TargetError> {
public:
  static char ID;

  TargetError(std::string path, unsigned line, unsigned column,
              std::string message)
      : path(std::move(path)), line(line), column(column),
        message(std::move(message)) {}

  void log(llvm::raw_ostream &os) const override;
  std::error_code convertToErrorCode() const override {
    return llvm::inconvertibleErrorCode();
  }

  std::string path;
  unsigned line, column; ///< From 1; 0 where the place is not known.
  std::string message;
};

/// Emits `error`, of which there must be one, at its place in a target file, or
/// at `location` where it is of another kind.
mlir::LogicalResult emitTargetError(mlir::Location location, llvm::Error error);

} // namespace memwall

#endif // MEMWALL_TARGET_TARGETERROR_H
