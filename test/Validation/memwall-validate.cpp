//===- memwall-validate.cpp - Predict and measure a stream of programs ----===//
//
// memwall-validate [--buffers] [--only=predict|measure] [--accuracy=...]
//                  [--plant=<fault>] [--seed=N] programs.mlir
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
enum class Sides { Both, Predict, Measure };
static cl::opt<Sides>
    sides("only", cl::desc("Leave one side out"), cl::init(Sides::Both),
          cl::values(clEnumValN(Sides::Predict, "predict", "Run nothing"),
                     clEnumValN(Sides::Measure, "measure", "Predict nothing")));
static cl::opt<uint64_t> seed("seed", cl::desc("Of the arguments' values"),
                              cl::init(0));
static cl::opt<Accuracy> accuracy(
    "accuracy", cl::desc("Of the prediction"), cl::init(Accuracy::Default),
    cl::values(clEnumValN(Accuracy::Fast, "fast", "Reuse distances"),
               clEnumValN(Accuracy::Default, "default", "Within a budget"),
               clEnumValN(Accuracy::Exact, "exact", "All sets")));
static cl::opt<Fault>
    fault("plant", cl::desc("Break the model on purpose"),
          cl::init(Fault::None),
          cl::values(clEnumValN(Fault::HalfOperand, "half-operand",
                                "Halve the buffer that moves most"),
                     clEnumValN(Fault::LostWriteBack, "lost-write-back",
                                "Forget what the buffer written most writes"),
                     clEnumValN(Fault::ExtraWay, "extra-way",
                                "Give every set one way too many"),
                     clEnumValN(Fault::ColdOps, "cold-ops",
                                "Begin every op with empty caches")));

static FailureOr<Comparison> compareProgram(ModuleOp module) {
  Comparison result;
  FailureOr<Target> target = findModuleTarget(module);
  if (failed(target))
    return failure();
  result.target = std::move(*target);
  if (sides != Sides::Measure) {
    FailureOr<Prediction> prediction =
        predictProgram(module, result.target, accuracy, fault);
    if (failed(prediction))
      return failure();
    result.predicted = std::move(*prediction);
  }
  if (sides != Sides::Predict) {
    FailureOr<Measurement> measurement =
        measureProgram(module, result.target, seed);
    if (failed(measurement))
      return failure();
    result.measured = std::move(*measurement);
  }
  return result;
}

static void processProgram(StringRef name, StringRef text,
                           MLIRContext *context) {
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, context);
  FailureOr<Comparison> comparison = failure();
  if (module)
    comparison = compareProgram(*module);
  if (failed(comparison)) {
    llvm::errs() << "program " << name << " failed\n";
    llvm::outs() << name << ",failed\n";
  } else {
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
  if (showBuffers && sides != Sides::Both) {
    llvm::errs() << "expected no --only beside --buffers\n";
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
