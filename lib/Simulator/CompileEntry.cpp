//===- CompileEntry.cpp - A lowered function as machine code --------------===//

#include "CompileEntry.h"
#include "Callbacks.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/OpenMP/OpenMPToLLVMIRTranslation.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/Support/DynamicLibrary.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

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

/// The machine that this process runs on; null where LLVM does not know it.
static std::unique_ptr<llvm::TargetMachine> createHostMachine() {
  auto builder = llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!builder) {
    llvm::consumeError(builder.takeError());
    return nullptr;
  }
  builder->setCodeGenOptLevel(llvm::CodeGenOptLevel::Aggressive);
  auto machine = builder->createTargetMachine();
  if (machine)
    return std::move(*machine);
  llvm::consumeError(machine.takeError());
  return nullptr;
}

static llvm::Expected<std::unique_ptr<ExecutionEngine>>
createEngine(ModuleOp module, CodeEffort effort) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  registerBuiltinDialectTranslation(*module.getContext());
  registerLLVMDialectTranslation(*module.getContext());
  registerOpenMPDialectTranslation(*module.getContext());
  std::unique_ptr<llvm::TargetMachine> machine;
  if (effort == CodeEffort::Vectors)
    machine = createHostMachine();
  ExecutionEngineOptions options;
  auto optimize = makeOptimizingTransformer(effort == CodeEffort::None ? 0 : 3,
                                            /*sizeLevel=*/0, machine.get());
  options.transformer = optimize;
  if (machine)
    options.jitCodeGenOptLevel = llvm::CodeGenOptLevel::Aggressive;
  options.enableGDBNotificationListener = false;
  options.enablePerfNotificationListener = false;
  return ExecutionEngine::create(module, options, std::move(machine));
}

FailureOr<CompiledEntry> memwall::compileEntry(ModuleOp module, StringRef entry,
                                               Location location,
                                               CodeEffort effort) {
  if (failed(checkNames(module)))
    return failure();
  llvm::Expected<std::unique_ptr<ExecutionEngine>> engine =
      createEngine(module, effort);
  if (!engine)
    return emitError(location, "cannot compile: ")
           << llvm::toString(engine.takeError());
  Recording::registerCallbacks(**engine);
  llvm::Expected<void (*)(void **)> code =
      (*engine)->lookupPacked(("_mlir_ciface_" + entry).str());
  if (!code)
    return emitError(location, "cannot compile: ")
           << llvm::toString(code.takeError());
  return CompiledEntry{std::move(*engine), *code};
}
