//===- RunProgram.h - Execute a module and watch its memory -----*- C++ -*-===//
//
// Lowers a module with upstream passes, executes one function of it in this
// process on random data, and, if a hierarchy is given, feeds it every load and
// store of tensor data.
//
//   auto memory = cantFail(Hierarchy::create(target, Stacking::Independent));
//   FailureOr<RunResult> result = runProgram(module, options, memory.get());
//   memory->getTraffic();
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_SIMULATOR_RUNPROGRAM_H
#define MEMWALL_SIMULATOR_RUNPROGRAM_H

#include "memwall/Simulator/Hierarchy.h"
#include "memwall/Simulator/HostTensor.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include <functional>

namespace mlir {
class ModuleOp;
} // namespace mlir

namespace memwall {

/// Numbers of arguments by position; empty: filled at random.
using InputNumbers = std::vector<std::vector<double>>;

struct RunOptions {
  std::string entry;
  /// Instead of random data; as many numbers as the argument has elements.
  InputNumbers inputs;
  uint64_t seed = 0; ///< Of arguments and of constants without data.
  /// Integer arguments are 0 ... integerRange-1, those that index a gather are
  /// distinct rows of its table.
  int64_t integerRange = 2;
  int64_t maxAccesses = 10'000'000'000; ///< Of an observed run.
  int64_t units = 1; ///< That parallel loops are distributed over.
  /// Shows every phase on standard error, which is a terminal.
  bool showProgress = false;
  /// Told what comes next: "compiling", "filling the arguments of", "running",
  /// "simulating". For whoever watches a process that may not survive.
  std::function<void(llvm::StringRef phase)> onPhase;
  /// Where an observed run prints what it does, a line each:
  ///   load <buffer> <first bit in it> <bits>      or "store"
  ///   die <buffer>
  ///   unit <what follows runs here>
  llvm::raw_ostream *trace = nullptr;
  /// An unobserved run is repeated until this many seconds have passed, and
  /// the fastest counts.
  double repeatSeconds = 0;
  /// How an unobserved run is brought to the llvm dialect, where that is not
  /// one loop per dimension. The module has one public function, on tensors;
  /// tensors in its signature become memrefs of identity layout. Where it
  /// fails, a warning says why, and loops run instead.
  std::function<mlir::LogicalResult(mlir::ModuleOp)> lowering;
};

struct RunResult {
  double seconds = 0;        ///< Inside of the program.
  double compileSeconds = 0; ///< Before it: lowering, LLVM and linking.
  int64_t accesses = 0;
  /// The results, then arguments that are memory themselves (memrefs).
  std::vector<HostTensor> outputs;
};

/// Runs `module`, which is lowered in place. Fails with a diagnostic: no such
/// entry, dynamic sizes, argument types without data, an op that is not
/// understood, a name that no library defines, too many accesses; or, at the op
/// that does it, a program that divides an integer by zero, fails an assertion,
/// or accesses an element that its buffer does not have.
mlir::FailureOr<RunResult>
runProgram(mlir::ModuleOp module, const RunOptions &options, Hierarchy *memory);

/// For every argument of `function` that indexes a gather, the rows of the
/// table; 0 for the others.
llvm::SmallVector<int64_t>
findGatherExtents(mlir::FunctionOpInterface function);

/// How much rounding is behind an output. A number that is rounded to a type of
/// unit roundoff u is off by u at most; n of them, one after another and
/// independent, by about sqrt(n) u.
struct SumRounding {
  double variance = 0;     ///< Sum of u * u over what is rounded.
  double terms = 0;        ///< How often.
  std::string elementType; ///< Of the largest part of it: "f16".
};

/// How two outputs of the same program differ.
struct Difference {
  double largest = 0;   ///< |a - b| / max(|a|, |b|, scale), over all elements.
  double tolerance = 0; ///< What rounding explains.
  std::string reason;   ///< Why it is this tolerance.
  bool isAcceptable() const { return largest <= tolerance; }
};

/// Compares outputs; the scale is the root mean square of the first tensor, so
/// that sums which cancel do not count as errors. Fails, as nullopt, when
/// number, shapes or types differ. NaNs are equal to NaNs. The tolerance of a
/// float is that of its type, or 4 sqrt(sums.variance) if that is more: two
/// orders of n random terms differ by sqrt(n/3) u (each is off by u/sqrt(3) in
/// every partial sum, and those have half of the variance of the whole on
/// average), so that 4 sqrt(n) u is 7 standard deviations, which no element of
/// 10^11 exceeds.
std::optional<Difference> compareOutputs(llvm::ArrayRef<HostTensor> before,
                                         llvm::ArrayRef<HostTensor> after,
                                         const SumRounding &sums);

} // namespace memwall

#endif // MEMWALL_SIMULATOR_RUNPROGRAM_H
