//===- RunProgram.cpp - Execute a module and watch its memory -------------===//

#include "memwall/Simulator/RunProgram.h"
#include "Callbacks.h"
#include "CompileEntry.h"
#include "FillArguments.h"
#include "PhaseLine.h"
#include "RuntimeChecks.h"
#include "memwall/Simulator/LowerProgram.h"
#include "memwall/Simulator/ObserveAccesses.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Format.h"
#include <chrono>

using namespace mlir;
using namespace memwall;

/// Arguments that were memory before lowering are outputs too.
static SmallVector<unsigned> findMemrefArguments(FunctionType source) {
  SmallVector<unsigned> positions;
  for (auto [i, type] : llvm::enumerate(source.getInputs()))
    if (isa<MemRefType>(type))
      positions.push_back(i);
  return positions;
}

using Clock = std::chrono::steady_clock;

static double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Outputs of the first call: later ones find what it left in its arguments.
static std::vector<HostTensor> getOutputs(EntryCall &call,
                                          ArrayRef<unsigned> memrefArguments) {
  std::vector<HostTensor> outputs = call.getResults();
  for (unsigned position : memrefArguments)
    outputs.push_back(call.getArgument(position));
  return outputs;
}

static LogicalResult checkLength(func::FuncOp function, int64_t accesses,
                                 int64_t maxAccesses) {
  if (accesses <= maxAccesses)
    return success();
  std::string estimate;
  llvm::raw_string_ostream(estimate) << llvm::format("%.3g", double(accesses));
  return function.emitError("makes about ")
         << estimate << " accesses, more than --max-accesses=" << maxAccesses;
}

static void beginPhase(const RunOptions &options, StringRef phase) {
  if (options.onPhase)
    options.onPhase(phase);
}

/// One run that `memory` watches.
static std::optional<FailedCheck>
simulate(EntryCall &call, const CompiledEntry &compiled,
         const RunOptions &options, Hierarchy &memory, int64_t expected,
         int64_t lengthCheck, RunResult &result) {
  beginPhase(options, "simulating");
  PhaseLine line(options.showProgress, "simulated", "accesses", expected);
  Recording recording(memory, line, options.trace, options.maxAccesses,
                      lengthCheck);
  Clock::time_point begin = Clock::now();
  std::optional<FailedCheck> failed = call.invoke(compiled.function);
  result.seconds = secondsSince(begin);
  result.accesses = recording.getAccesses();
  memory.finish();
  return failed;
}

/// Runs until `repeatSeconds` have passed; the shortest time counts.
static std::optional<FailedCheck>
time(EntryCall &call, const CompiledEntry &compiled, const RunOptions &options,
     ArrayRef<unsigned> memrefArguments, RunResult &result) {
  beginPhase(options, "running");
  PhaseLine line(options.showProgress, "running", "runs", 0);
  result.seconds = std::numeric_limits<double>::infinity();
  Clock::time_point begin = Clock::now();
  for (int64_t runs = 1;; ++runs) {
    Clock::time_point start = Clock::now();
    if (std::optional<FailedCheck> failed = call.invoke(compiled.function))
      return failed;
    result.seconds = std::min(result.seconds, secondsSince(start));
    line.advance(runs);
    if (runs == 1)
      result.outputs = getOutputs(call, memrefArguments);
    if (secondsSince(begin) >= options.repeatSeconds)
      return std::nullopt;
    call.freeResults();
  }
}

/// A run that makes fewer accesses takes less than 0.05 s longer in code that
/// is not optimized; to optimize takes 0.05 s (one product) to 1 s (a layer).
constexpr uint64_t minAccessesToOptimize = 20'000'000;

/// Timed code is as good as it gets, other code as good as its run needs.
static CodeEffort chooseEffort(ModuleOp module, const RunOptions &options) {
  if (options.repeatSeconds > 0)
    return CodeEffort::Full;
  uint64_t accesses = 0;
  for (auto function : module.getOps<func::FuncOp>())
    accesses =
        llvm::SaturatingAdd<uint64_t>(accesses, estimateAccesses(function));
  return accesses < minAccessesToOptimize ? CodeEffort::None : CodeEffort::Full;
}

/// Lowers and compiles the module that `function` is in.
static FailureOr<CompiledEntry> compile(func::FuncOp function,
                                        const RunOptions &options) {
  beginPhase(options, "compiling");
  PhaseLine line(options.showProgress, "compiling", "", 0);
  auto module = function->getParentOfType<ModuleOp>();
  Location location = function.getLoc();
  std::string entry = function.getName().str();
  function->setAttr("llvm.emit_c_interface",
                    UnitAttr::get(module.getContext()));
  CodeEffort effort = chooseEffort(module, options);
  if (failed(lowerToLLVM(module)))
    return failure();
  return compileEntry(module, entry, location, effort);
}

/// The type that a function on tensors has in memory.
static FunctionType convertToMemory(FunctionType type) {
  auto convert = [](Type each) -> Type {
    auto tensor = dyn_cast<RankedTensorType>(each);
    return tensor ? MemRefType::get(tensor.getShape(), tensor.getElementType())
                  : each;
  };
  return FunctionType::get(type.getContext(),
                           llvm::map_to_vector(type.getInputs(), convert),
                           llvm::map_to_vector(type.getResults(), convert));
}

/// Whether the program divides, asserts or computes indices in a way that may
/// go wrong.
static FailureOr<bool> needsChecks(ModuleOp module, StringRef entry) {
  OwningOpRef<ModuleOp> clone = module.clone();
  if (failed(lowerToLoops(*clone, entry)))
    return failure();
  return !insertRuntimeChecks(*clone).empty();
}

/// Lowers as `options.lowering` does. Where it cannot, the errors that say why
/// become one warning.
static LogicalResult lowerOrWarn(ModuleOp module, const RunOptions &options) {
  std::string reason;
  std::optional<Location> place;
  LogicalResult result = failure();
  {
    ScopedDiagnosticHandler handler(
        module.getContext(), [&](Diagnostic &diagnostic) {
          if (diagnostic.getSeverity() == DiagnosticSeverity::Error && !place) {
            reason = diagnostic.str();
            place = diagnostic.getLocation();
          }
          return success();
        });
    result = options.lowering(module);
  }
  if (failed(result))
    emitWarning(place.value_or(module.getLoc()),
                "there is no vector code, plain loops run instead: ")
        << reason;
  return result;
}

/// A run in the code of `options.lowering`, which has no checks: a program that
/// needs any is run in loops before, which have them.
static FailureOr<RunResult> runLowered(ModuleOp module,
                                       const RunOptions &options,
                                       ArrayRef<unsigned> memrefArguments,
                                       ArrayRef<int64_t> gatherExtents) {
  FailureOr<bool> isUnsafe = needsChecks(module, options.entry);
  if (failed(isUnsafe))
    return failure();
  RunOptions inLoops = options;
  inLoops.lowering = nullptr;
  if (*isUnsafe) {
    RunOptions once = inLoops;
    once.repeatSeconds = 0;
    OwningOpRef<ModuleOp> clone = module.clone();
    if (failed(runProgram(*clone, once, nullptr)))
      return failure();
  }
  OwningOpRef<ModuleOp> untouched = module.clone();
  FailureOr<LoweredEntry> entry = isolateEntry(module, options.entry);
  if (failed(entry))
    return failure();
  func::FuncOp function = entry->function;
  Location location = function.getLoc();
  llvm::Expected<EntryCall> call =
      EntryCall::create(convertToMemory(function.getFunctionType()));
  if (!call)
    return function.emitError(llvm::toString(call.takeError()));
  Clock::time_point begin = Clock::now();
  beginPhase(options, "compiling");
  function->setAttr("llvm.emit_c_interface",
                    UnitAttr::get(module.getContext()));
  if (failed(lowerOrWarn(module, options)))
    return runProgram(*untouched, inLoops, nullptr);
  FailureOr<CompiledEntry> compiled =
      compileEntry(module, options.entry, location, CodeEffort::Vectors);
  if (failed(compiled))
    return failure();
  RunResult result;
  result.compileSeconds = secondsSince(begin);
  if (llvm::Error error = fillArguments(*call, *entry, gatherExtents, options))
    return emitError(location, llvm::toString(std::move(error)));
  time(*call, *compiled, options, memrefArguments, result);
  return result;
}

FailureOr<RunResult> memwall::runProgram(ModuleOp module,
                                         const RunOptions &options,
                                         Hierarchy *memory) {
  // 1. Down to loops over memory.
  auto source = module.lookupSymbol<func::FuncOp>(options.entry);
  SmallVector<unsigned> memrefArguments;
  SmallVector<int64_t> gatherExtents;
  if (source) {
    memrefArguments = findMemrefArguments(source.getFunctionType());
    gatherExtents = findGatherExtents(source);
  }
  if (!memory && options.lowering)
    return runLowered(module, options, memrefArguments, gatherExtents);
  FailureOr<LoweredEntry> entry = lowerToLoops(module, options.entry);
  if (failed(entry))
    return failure();
  func::FuncOp function = entry->function;

  // 2. Checked, and watched if anybody does.
  std::vector<RuntimeCheck> checks = insertRuntimeChecks(module);
  llvm::Expected<EntryCall> call =
      EntryCall::create(function.getFunctionType());
  if (!call)
    return function.emitError(llvm::toString(call.takeError()));
  int64_t expected = 0, lengthCheck = checks.size();
  checks.push_back(
      {function.getLoc(), "makes more than --max-accesses={0} accesses"});
  if (memory) {
    expected = estimateAccesses(function);
    if (failed(checkLength(function, expected, options.maxAccesses)) ||
        failed(observeAccesses(function, *memory, options.units)))
      return failure();
  }
  freeTemporaries(function);

  // 3. To machine code.
  Location loc = function.getLoc();
  Clock::time_point begin = Clock::now();
  FailureOr<CompiledEntry> compiled = compile(function, options);
  if (failed(compiled))
    return failure();

  // 4. Run.
  if (llvm::Error error = fillArguments(*call, *entry, gatherExtents, options))
    return emitError(loc, llvm::toString(std::move(error)));
  RunResult result;
  result.compileSeconds = secondsSince(begin);
  std::optional<FailedCheck> failedCheck =
      memory ? simulate(*call, *compiled, options, *memory, expected,
                        lengthCheck, result)
             : time(*call, *compiled, options, memrefArguments, result);
  if (failedCheck)
    return emitError(checks[failedCheck->check].location)
           << "@" << options.entry << " " << failedCheck->describe(checks);
  if (memory)
    result.outputs = getOutputs(*call, memrefArguments);
  return result;
}
