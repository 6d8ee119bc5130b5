//===- InPlace.h - Which tensor operands share storage ----------*- C++ -*-===//
//
// Decides, for every tensor operand that an op overwrites or makes a view of,
// whether the result lives in the operand's storage. The decisions are those of
// upstream's One-Shot Bufferize (bottom-up, with function boundaries), which a
// test compares with; the cost is about linear in the size of the program.
// Definitions: docs/Model.md, "Storage".
//
// Usage:
//   InPlaceAnalysis inPlace;
//   inPlace.analyze(function); // and every function it calls
//   inPlace.get(operand)
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_WORK_INPLACE_H
#define MEMWALL_WORK_INPLACE_H

#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/DenseMap.h"

namespace memwall {

/// What happens to the storage of a tensor operand.
enum class Storage {
  Shared, ///< The results use the operand's storage.
  Fresh,  ///< New storage; what the operand held is not needed.
  Copied, ///< New storage that starts as a copy of the operand.
};

/// See the head of this file.
class InPlaceAnalysis {
public:
  /// What a function does to one tensor argument.
  struct ArgumentUse {
    bool reads = true;
    bool writes = true;
  };
  /// What callers must know of a function.
  struct Summary {
    llvm::SmallVector<ArgumentUse> arguments;
    /// Per result: the argument whose storage it always is.
    llvm::SmallVector<std::optional<unsigned>> equivalentArgument;
    /// Per result: the arguments whose storage it may be.
    llvm::SmallVector<llvm::SmallVector<unsigned, 1>> aliasingArguments;
  };

  /// Analyzes `function` and, before it, the functions it calls. Functions
  /// that call themselves are treated like functions without a body.
  void analyze(mlir::FunctionOpInterface function);

  /// The decision for a tensor operand of an analyzed function; Shared for an
  /// operand that nothing was decided for (it is only read).
  Storage get(mlir::OpOperand &operand) const;

  /// Null while `function` is not analyzed or has no body.
  const Summary *getSummary(mlir::Operation *function) const;

private:
  llvm::DenseMap<mlir::OpOperand *, Storage> decisions;
  llvm::DenseMap<mlir::Operation *, Summary> summaries;
  llvm::DenseSet<mlir::Operation *> started;
  mlir::SymbolTableCollection symbols;
};

} // namespace memwall

#endif // MEMWALL_WORK_INPLACE_H
