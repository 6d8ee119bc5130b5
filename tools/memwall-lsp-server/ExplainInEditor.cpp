//===- ExplainInEditor.cpp - Why an op moves what it moves ----------------===//

#include "ExplainInEditor.h"
#include "memwall/IR/MemWallDialect.h"
#include "memwall/Report/Explain.h"
#include "memwall/Target/Registry.h"
#include "memwall/Work/BuildLoopTree.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace memwall;

namespace {
/// A copy of the module around an op that asks for no explanations, so that it
/// can be verified while the op itself is.
struct Copy {
  OwningOpRef<ModuleOp> module;
  Operation *op = nullptr;
};
} // namespace

/// Null while the module is not well formed.
static Copy copyModule(Operation *op) {
  Operation *root = op;
  while (Operation *parent = root->getParentOp())
    root = parent;
  auto module = dyn_cast<ModuleOp>(root);
  if (!module)
    return {};
  IRMapping mapping;
  Copy copy{cast<ModuleOp>(module->clone(mapping)), mapping.lookup(op)};
  copy.module->walk([](Operation *any) { any->removeAttr(kExplainAttrName); });
  if (failed(verify(*copy.module)))
    return {};
  return copy;
}

/// What is to be said of `op`, or why nothing can be.
static std::string explain(Operation *op, const Target &target) {
  auto function = op->getParentOfType<FunctionOpInterface>();
  if (!function || target.levels.size() < 2)
    return "cannot be explained: expected an op of a function and a target "
           "with caches";
  FailureOr<LoopTree> tree = buildLoopTree(function);
  if (failed(tree))
    return "cannot be explained: memwall-report says why";
  auto *record = llvm::find_if(
      tree->ops, [&](const OpRecord &any) { return any.operation == op; });
  if (record == tree->ops.end())
    return "cannot be explained: it is no operation that memwall counts";
  OpId id = record - tree->ops.begin();
  ReportOptions options;
  FunctionFigures figures = computeFunctionFigures(*tree, {target}, options);
  std::string text;
  llvm::raw_string_ostream os(text);
  renderExplanation(explainOp(*tree, target, options, figures, id,
                              chooseLevel(figures.ops[id], 0)),
                    os);
  return text;
}

/// The target called `name`, or what is wrong with it.
static llvm::Expected<Target> findTarget(Operation *module, StringRef name) {
  llvm::Expected<Registry> registry = createRegistry();
  if (!registry)
    return registry.takeError();
  SmallVector<std::string> ofModule;
  if (failed(registry->addModule(module, ofModule)))
    return llvm::createStringError("the module describes a target wrongly");
  llvm::Expected<const Target *> target = registry->find(name);
  if (!target)
    return target.takeError();
  return **target;
}

LogicalResult memwall::explainInEditor(Operation *op, StringAttr name) {
  std::string text, mistake;
  {
    // What is wrong with the copy is said of the original.
    ScopedDiagnosticHandler silence(op->getContext(),
                                    [](Diagnostic &) { return success(); });
    Copy copy = copyModule(op);
    if (!copy.module)
      return success();
    llvm::Expected<Target> target = findTarget(*copy.module, name.getValue());
    if (target)
      text = explain(copy.op, *target);
    else
      mistake = llvm::toString(target.takeError());
  }
  if (!mistake.empty())
    return emitError(op->getLoc()) << "'" << op->getName() << "' op '"
                                   << kExplainAttrName << "': " << mistake;
  emitRemark(op->getLoc()) << StringRef(text).rtrim();
  return success();
}
