//===- TargetError.cpp - A mistake in a target file -----------------------===//

#include "memwall/Target/TargetError.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/raw_ostream.h"

using namespace memwall;

char TargetError::ID = 0;

void TargetError::log(llvm::raw_ostream &os) const {
  if (line > 0)
    os << path << ':' << line << ':' << column << ": ";
  os << message;
}

mlir::LogicalResult memwall::emitTargetError(mlir::Location location,
                                             llvm::Error error) {
  llvm::handleAllErrors(
      std::move(error),
      [&](const TargetError &mistake) {
        mlir::Location place =
            mistake.line > 0
                ? mlir::FileLineColLoc::get(location.getContext(), mistake.path,
                                            mistake.line, mistake.column)
                : location;
        mlir::emitError(place) << mistake.message;
      },
      [&](const llvm::ErrorInfoBase &other) {
        mlir::emitError(location) << other.message();
      });
  return mlir::failure();
}
