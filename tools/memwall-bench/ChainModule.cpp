//===- ChainModule.cpp - Modules of any number of operations --------------===//

#include "ChainModule.h"
#include "memwall/Work/BuildLoopTree.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

/// The text of op `index`, which reads %`index` and defines %`index + 1`.
static void writeOp(raw_ostream &os, int64_t index) {
  os << "  %" << index + 1 << " = ";
  // Each third of the chain: fill, product, elementwise.
  switch (index % 3) {
  case 0:
    os << "linalg.fill ins(%zero : f32) outs(%empty : !t) -> !t\n";
    return;
  case 1:
    os << "linalg.matmul ins(%" << index - 1 << ", %w" << index / 3 % 8
       << " : !t, !t) outs(%" << index << " : !t) -> !t\n";
    return;
  default:
    os << "math.tanh %" << index << " : !t\n";
  }
}

OwningOpRef<ModuleOp> memwall::buildChainModule(MLIRContext &context,
                                                int64_t ops) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "!t = tensor<64x64xf32>\nfunc.func @chain(%0: !t";
  for (int weight = 0; weight != 8; ++weight)
    os << ", %w" << weight << ": !t";
  os << ") -> !t {\n  %zero = arith.constant 0.0 : f32\n"
        "  %empty = tensor.empty() : !t\n";
  for (int64_t index = 0; index != ops; ++index)
    writeOp(os, index);
  os << "  return %" << ops << " : !t\n}\n";
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  if (!module)
    llvm::report_fatal_error("the chain module does not parse");
  return module;
}

llvm::SmallVector<memwall::LoopTree, 1>
memwall::buildTrees(mlir::ModuleOp module) {
  llvm::SmallVector<LoopTree, 1> trees;
  for (FunctionOpInterface function : getEntryFunctions(module)) {
    FailureOr<LoopTree> tree = buildLoopTree(function);
    if (failed(tree))
      llvm::report_fatal_error("a function has no loop tree");
    trees.push_back(std::move(*tree));
  }
  return trees;
}
