//===- EntryCall.h - Calling a lowered function -----------------*- C++ -*-===//
//
// Memory for the arguments and results of a function that was lowered to the
// llvm dialect, laid out as its C interface expects them.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_SIMULATOR_ENTRYCALL_H
#define MEMWALL_LIB_SIMULATOR_ENTRYCALL_H

#include "RuntimeChecks.h"
#include "memwall/Simulator/HostTensor.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/Error.h"

namespace memwall {

/// Arguments and results of one entry function.
class EntryCall {
public:
  /// `type` is that of the function in memrefs and scalars. Fails when an
  /// argument or a result is neither.
  static llvm::Expected<EntryCall> create(mlir::FunctionType type);

  /// Argument by position, to be filled before the call. A scalar is a tensor
  /// of rank 0.
  HostTensor &getArgument(unsigned position) { return arguments[position]; }
  /// Calls compiled code, the packed C interface of the function, once. Says
  /// which check of the program failed, if any did.
  std::optional<FailedCheck> invoke(void (*function)(void **));
  /// Bytes of all arguments.
  int64_t getArgumentBytes() const;
  /// Gives back the memory of what the last call returned, but for results that
  /// are arguments.
  void freeResults();
  /// Copies of what the last call returned.
  std::vector<HostTensor> getResults() const;

private:
  mlir::FunctionType type;
  std::vector<HostTensor> arguments;
  std::vector<char> results; ///< The struct that the function returns.
};

} // namespace memwall

#endif // MEMWALL_LIB_SIMULATOR_ENTRYCALL_H
