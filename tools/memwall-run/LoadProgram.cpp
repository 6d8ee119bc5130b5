//===- LoadProgram.cpp - From a file to a module of linalg ----------------===//

#include "LoadProgram.h"
#include "memwall/Passes/BindDims.h"
#include "memwall/Passes/Passes.h"
#include "memwall/Target/Registry.h"
#include "memwall/Target/TargetError.h"
#include "memwall/Work/Advice.h"
#include "memwall/Work/EmitError.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

static bool usesTosa(ModuleOp module) {
  WalkResult result = module.walk([](Operation *op) {
    return isa_and_nonnull<tosa::TosaDialect>(op->getDialect())
               ? WalkResult::interrupt()
               : WalkResult::advance();
  });
  return result.wasInterrupted();
}

/// Ops of other frontends have no lowering here: the first one says what to do.
static LogicalResult refuseForeign(ModuleOp module) {
  WalkResult result =
      module.walk<WalkOrder::PreOrder>([](Operation *op) -> WalkResult {
        StringRef dialect = op->getName().getDialectNamespace();
        auto advice = memwall::findDialectAdvice(dialect);
        if (!advice || dialect == tosa::TosaDialect::getDialectNamespace())
          return WalkResult::advance();
        return memwall::emitErrorAt(op, "cannot be run; ") << *advice;
      });
  return failure(result.wasInterrupted());
}

static LogicalResult import(ModuleOp module, ArrayRef<std::string> bindings) {
  if (failed(refuseForeign(module)))
    return failure();
  llvm::Expected<memwall::DimBindings> dims =
      memwall::parseDimBindings(bindings);
  if (!dims)
    return module.emitError(llvm::toString(dims.takeError()));
  if (!dims->empty() && failed(memwall::bindDims(module, *dims)))
    return failure();
  if (!usesTosa(module))
    return success();
  PassManager manager(module.getContext());
  memwall::buildImportTosaPipeline(manager);
  return manager.run(module);
}

OwningOpRef<ModuleOp> memwall::loadProgram(StringRef path,
                                           llvm::SourceMgr &sources,
                                           ArrayRef<std::string> bindings,
                                           MLIRContext *context) {
  OwningOpRef<ModuleOp> module =
      parseSourceFile<ModuleOp>(path, sources, context);
  if (module && failed(import(*module, bindings)))
    return nullptr;
  return module;
}

FailureOr<std::string> memwall::chooseEntry(ModuleOp module, StringRef entry) {
  if (!entry.empty())
    return entry.str();
  SmallVector<StringRef> candidates;
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isExternal() &&
        SymbolTable::symbolKnownUseEmpty(function, module))
      candidates.push_back(function.getName());
  if (candidates.size() == 1)
    return candidates[0].str();
  return module.emitError("expected --entry to name one of the functions that "
                          "nothing calls: ")
         << (candidates.empty() ? "none" : llvm::join(candidates, ", "));
}

FailureOr<memwall::Target> memwall::findTarget(ModuleOp module,
                                               StringRef name) {
  llvm::Expected<Registry> registry = createRegistry();
  if (!registry)
    return emitTargetError(module.getLoc(), registry.takeError());
  SmallVector<std::string> moduleNames;
  if (failed(registry->addModule(module, moduleNames)))
    return failure();
  llvm::Expected<const Target *> target = registry->find(name);
  if (!target)
    return emitTargetError(module.getLoc(), target.takeError());
  return **target;
}
