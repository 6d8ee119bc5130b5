//===- RunProgram.cpp - Execute a module and watch its memory -------------===//

#include "memwall/Simulator/RunProgram.h"
#include "Callbacks.h"
#include "EntryCall.h"
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

/// Arguments from their numbers, constants from their data or their numbers:
/// two programs with the same signature see the same values.
static void fillArguments(EntryCall &call, const LoweredEntry &entry,
                          ArrayRef<int64_t> gatherExtents,
                          const RunOptions &options) {
  for (unsigned i = 0; i < entry.sourceArguments; ++i) {
    std::seed_seq seed{options.seed, uint64_t(0), uint64_t(i)};
    std::mt19937_64 random(seed);
    IntegerRange range{options.integerRange, false};
    if (i < gatherExtents.size() && gatherExtents[i] > 0)
      range = {gatherExtents[i], true};
    fillRandom(call.getArgument(i), random, range);
  }
  for (auto [i, constant] : llvm::enumerate(entry.constants)) {
    HostTensor &tensor = call.getArgument(entry.sourceArguments + i);
    std::seed_seq seed{options.seed, uint64_t(1), uint64_t(i)};
    std::mt19937_64 random(seed);
    if (!fillFrom(tensor, constant))
      fillRandom(tensor, random, {options.integerRange, false});
  }
}

/// Overwrites arguments with the numbers that the options give.
static llvm::Error setInputs(EntryCall &call, const LoweredEntry &entry,
                             const InputNumbers &inputs) {
  if (inputs.size() > entry.sourceArguments)
    return llvm::createStringError(
        "expected numbers for at most %u arguments, found %zu",
        unsigned(entry.sourceArguments), inputs.size());
  for (auto [position, numbers] : llvm::enumerate(inputs)) {
    HostTensor &tensor = call.getArgument(position);
    if (numbers.empty())
      continue;
    if (int64_t(numbers.size()) != tensor.elements())
      return llvm::createStringError(
          "expected %lld numbers for argument %zu, found %zu",
          (long long)tensor.elements(), size_t(position), numbers.size());
    for (auto [index, number] : llvm::enumerate(numbers))
      tensor.setNumber(index, number);
  }
  return llvm::Error::success();
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

/// Calls the function once; `seconds` becomes the time if it is shorter.
static llvm::Error timeCall(EntryCall &call, ExecutionEngine &engine,
                            StringRef name, double &seconds) {
  Clock::time_point start = Clock::now();
  llvm::Error error = call.invoke(engine, name);
  seconds = std::min(seconds, secondsSince(start));
  return error;
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

  // 2. Watched, if anybody does.
  int64_t expected = 0;
  if (memory) {
    expected = estimateAccesses(function);
    if (failed(checkLength(function, expected, options.maxAccesses)) ||
        failed(observeAccesses(function, *memory, options.units)))
      return failure();
  }
  llvm::Expected<EntryCall> call =
      EntryCall::create(function.getFunctionType());
  if (!call)
    return function.emitError(llvm::toString(call.takeError()));
  freeTemporaries(function);

  // 3. To machine code.
  function->setAttr("llvm.emit_c_interface",
                    UnitAttr::get(module.getContext()));
  Location loc = function.getLoc();
  std::string name = function.getName().str();
  if (failed(lowerToLLVM(module)) || failed(checkNames(module)))
    return failure();
  llvm::Expected<std::unique_ptr<ExecutionEngine>> engine =
      createEngine(module);
  if (!engine)
    return emitError(loc, "cannot compile: ")
           << llvm::toString(engine.takeError());
  Recording::registerCallbacks(**engine);

  // 4. Run.
  fillArguments(*call, *entry, gatherExtents, options);
  if (llvm::Error error = setInputs(*call, *entry, options.inputs))
    return emitError(loc, llvm::toString(std::move(error)));
  RunResult result;
  std::optional<Recording> recording;
  if (memory)
    recording.emplace(*memory, expected, options.showProgress, options.trace);
  result.seconds = std::numeric_limits<double>::infinity();
  Clock::time_point begin = Clock::now();
  do {
    if (llvm::Error error = timeCall(*call, **engine, name, result.seconds))
      return emitError(loc, "cannot run: ") << llvm::toString(std::move(error));
    if (result.outputs.empty())
      result.outputs = getOutputs(*call, memrefArguments);
  } while (!memory && secondsSince(begin) < options.repeatSeconds);
  if (recording) {
    result.accesses = recording->getAccesses();
    memory->finish();
  }
  return result;
}
