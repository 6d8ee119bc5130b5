//===- RuntimeChecks.h - Programs that stop before they do harm -*- C++ -*-===//
//
// A program may divide an integer by zero, assert what is false, or access an
// element that its buffer does not have. Executed as it is, it would take the
// process with it, or spoil its memory in silence. So the lowered program
// checks these conditions itself:
//
//   %q = arith.divsi %a, %b : i32
// becomes
//   scf.if (%b == 0) { func.call @memwall_fail(%number, ...) }
//   %q = arith.divsi %a, %b : i32
//
// Only what is not already certain is checked: the integer ranges of upstream's
// analysis decide, so that loops with constant bounds run at their full speed.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_SIMULATOR_RUNTIMECHECKS_H
#define MEMWALL_LIB_SIMULATOR_RUNTIMECHECKS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace memwall {

/// A condition that generated code checks; known to it by its position in a
/// list.
struct RuntimeCheck {
  mlir::Location location;
  /// What the program does when the condition does not hold: "divides by zero",
  /// or, with the two numbers that were found, "accesses element {0} ...".
  std::string complaint;
};

/// Marks the ops that check, which do nothing to memory.
constexpr llvm::StringLiteral runtimeCheckName = "memwall.runtime_check";

/// Inserts the checks that the functions of `module` (loops over memrefs) need,
/// and makes every `cf.assert` one of them.
std::vector<RuntimeCheck> insertRuntimeChecks(mlir::ModuleOp module);

/// A check that did not hold, and the numbers that it found.
struct FailedCheck {
  int64_t check = 0;
  int64_t found = 0;
  int64_t limit = 0;
  /// The complaint, with the numbers in it.
  std::string describe(llvm::ArrayRef<RuntimeCheck> checks) const;
};

/// Calls compiled code. Where one of its checks fails, the call ends there, and
/// what it was in the middle of is lost.
std::optional<FailedCheck> callChecked(void (*function)(void **),
                                       void **arguments);

/// The callback of generated code, by its C name:
///   memwall_fail(check, found, limit)
void failCheck(int64_t check, int64_t found, int64_t limit);

} // namespace memwall

#endif // MEMWALL_LIB_SIMULATOR_RUNTIMECHECKS_H
