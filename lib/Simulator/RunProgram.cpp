//===- RunProgram.cpp - Execute a module and watch its memory -------------===//

#include "memwall/Simulator/RunProgram.h"
#include "Callbacks.h"
#include "FillArguments.h"
#include "PhaseLine.h"
#include "memwall/Simulator/LowerProgram.h"
#include "memwall/Simulator/ObserveAccesses.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "llvm/Support/DynamicLibrary.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/TargetSelect.h"
#include <chrono>

using namespace mlir;
using namespace memwall;

/// Every name that the program calls must lead somewhere; the JIT's own message
/// names neither the place nor the libraries.
static LogicalResult checkNames(ModuleOp module) {
  llvm::sys::DynamicLibrary::LoadLibraryPermanently(nullptr);
  for (auto function : module.getOps<LLVM::LLVMFuncOp>()) {
    StringRef name = function.getName();
    bool isKnown =
        !function.isExternal() || name.starts_with("llvm.") ||
        Recording::isCallback(name) ||
        llvm::sys::DynamicLibrary::SearchForAddressOfSymbol(name.str());
    if (!isKnown)
      return function.emitError("'")
             << name
             << "' is called but defined neither in the module nor in MLIR's "
                "runner libraries";
  }
  return success();
}

static llvm::Expected<std::unique_ptr<ExecutionEngine>>
createEngine(ModuleOp module) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  registerBuiltinDialectTranslation(*module.getContext());
  registerLLVMDialectTranslation(*module.getContext());
  ExecutionEngineOptions options;
  auto optimize = makeOptimizingTransformer(/*optLevel=*/3, /*sizeLevel=*/0,
                                            /*targetMachine=*/nullptr);
  options.transformer = optimize;
  options.enableGDBNotificationListener = false;
  options.enablePerfNotificationListener = false;
  return ExecutionEngine::create(module, options);
}

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

namespace {
/// An entry function as machine code.
struct CompiledEntry {
  std::unique_ptr<ExecutionEngine> engine; ///< Owns the code.
  void (*function)(void **) = nullptr;
};
} // namespace

static void beginPhase(const RunOptions &options, StringRef phase) {
  if (options.onPhase)
    options.onPhase(phase);
}

/// Compiles the module that `function` is in.
static FailureOr<CompiledEntry> compile(func::FuncOp function,
                                        const RunOptions &options) {
  beginPhase(options, "compiling");
  PhaseLine line(options.showProgress, "compiling", "", 0);
  auto module = function->getParentOfType<ModuleOp>();
  Location loc = function.getLoc();
  std::string name = "_mlir_ciface_" + function.getName().str();
  function->setAttr("llvm.emit_c_interface",
                    UnitAttr::get(module.getContext()));
  if (failed(lowerToLLVM(module)) || failed(checkNames(module)))
    return failure();
  llvm::Expected<std::unique_ptr<ExecutionEngine>> engine =
      createEngine(module);
  if (!engine)
    return emitError(loc, "cannot compile: ")
           << llvm::toString(engine.takeError());
  Recording::registerCallbacks(**engine);
  llvm::Expected<void (*)(void **)> code = (*engine)->lookupPacked(name);
  if (!code)
    return emitError(loc, "cannot compile: ")
           << llvm::toString(code.takeError());
  return CompiledEntry{std::move(*engine), *code};
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
  }
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
  FailureOr<CompiledEntry> compiled = compile(function, options);
  if (failed(compiled))
    return failure();

  // 4. Run.
  if (llvm::Error error = fillArguments(*call, *entry, gatherExtents, options))
    return emitError(loc, llvm::toString(std::move(error)));
  RunResult result;
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
