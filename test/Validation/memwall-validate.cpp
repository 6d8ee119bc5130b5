//===- memwall-validate.cpp - Predict and measure a stream of programs ----===//
//
// memwall-validate [--buffers] [--halve-largest-operand] programs.mlir
//
// The programs are separated by lines "// ----- name"; each has a function `f`
// and a target on its module. Prints a table (CSV); a program that fails has a
// row "name,failed" and its diagnostic on standard error. For tests: not
// installed.
//
//===----------------------------------------------------------------------===//

#include "MeasurePrograms.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"

namespace cl = llvm::cl;
using namespace mlir;
using namespace memwall;

static cl::opt<std::string> inputPath(cl::Positional, cl::init("-"),
                                      cl::desc("<programs.mlir>"));
static cl::opt<bool> showBuffers("buffers",
                                 cl::desc("Print every buffer at every level"));
static cl::opt<bool> breakModel("halve-largest-operand",
                                cl::desc("Break the model on purpose"));

static void processProgram(StringRef name, StringRef text,
                           MLIRContext *context) {
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, context);
  FailureOr<Comparison> comparison = failure();
  if (module)
    comparison = comparePrediction(*module);
  if (failed(comparison)) {
    llvm::errs() << "program " << name << " failed\n";
    llvm::outs() << name << ",failed\n";
  } else {
    if (breakModel)
      halveLargestOperand(comparison->predicted);
    showBuffers ? printBuffers(*comparison, llvm::outs())
                : printRows(name, *comparison, llvm::outs());
  }
  llvm::outs().flush(); // Progress, and a crash names its program.
}

int main(int argc, char **argv) {
  llvm::InitLLVM initialize(argc, argv);
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerAllPasses();
  cl::ParseCommandLineOptions(argc, argv, "memwall: predicted and measured\n");
  auto file = llvm::MemoryBuffer::getFileOrSTDIN(inputPath);
  if (!file) {
    llvm::errs() << "cannot read '" << inputPath
                 << "': " << file.getError().message() << '\n';
    return EXIT_FAILURE;
  }
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  if (!showBuffers)
    printHeader(llvm::outs());
  SmallVector<StringRef> programs;
  (*file)->getBuffer().split(programs, "// ----- ");
  for (StringRef program : ArrayRef(programs).drop_front()) {
    auto [name, text] = program.split('\n');
    processProgram(name, text, &context);
  }
  return EXIT_SUCCESS;
}
