//===- Advice.h - What to do about ops that are not modelled ----*- C++ -*-===//
//
// An op that is in no figure has a reason and, mostly, a remedy: IR of a
// frontend has to be lowered to linalg, sizes and trip counts have to be given.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_WORK_ADVICE_H
#define MEMWALL_WORK_ADVICE_H

#include "mlir/IR/Operation.h"
#include <optional>

namespace memwall {

/// A dialect that memwall does not read, since it says what to compute and not
/// what is moved.
struct ForeignDialect {
  llvm::StringLiteral dialect; ///< "stablehlo".
  llvm::StringLiteral advice;  ///< "lower StableHLO to linalg first (...)".
};

/// All of them that are known.
llvm::ArrayRef<ForeignDialect> listForeignDialects();

/// What to do about ops of this dialect, if it is one of those.
std::optional<llvm::StringRef> findDialectAdvice(llvm::StringRef dialect);

/// Why `op` is not modelled and what would help: never empty.
std::string adviseOn(mlir::Operation *op);

} // namespace memwall

#endif // MEMWALL_WORK_ADVICE_H
