//===- RunTool.cpp - memwall-run behind its command line ------------------===//

#include "RunTool.h"
#include "ExtractOp.h"
#include "LoadProgram.h"
#include "PrintRun.h"
#include "Supervise.h"
#include "TensorFile.h"
#include "memwall/Lowering/HostRegisters.h"
#include "memwall/Passes/Passes.h"
#include "memwall/Simulator/NativeTrace.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/DynamicLibrary.h"
#include "llvm/Support/Process.h"
#include <unistd.h>

namespace cl = llvm::cl;
using namespace mlir;
using namespace memwall;

static cl::OptionCategory runFlags("What to run, and what to say of it");
static cl::OptionCategory targetFlags("Targets");

static cl::opt<std::string> inputPath(cl::Positional, cl::cat(runFlags),
                                      cl::init("-"), cl::desc("<file.mlir>"));
static cl::opt<std::string> entry("entry", cl::cat(runFlags),
                                  cl::value_desc("function"),
                                  cl::desc("The function to run"));
static cl::opt<std::string>
    opName("op", cl::cat(runFlags), cl::value_desc("name"),
           cl::desc("Run one op alone, from cold, and say what moves of each "
                    "operand: its memwall.name, memwall.step, index or "
                    "file:line"));
static cl::opt<std::string>
    simulate("simulate", cl::cat(runFlags), cl::value_desc("target"),
             cl::desc("Count the bytes that every level of a target serves"));
static cl::opt<Stacking> stacking(
    "stack", cl::cat(runFlags), cl::desc("What a level sees:"),
    cl::values(clEnumValN(Stacking::Independent, "independent",
                          "every access (what the model predicts)"),
               clEnumValN(Stacking::Filtered, "filtered",
                          "the misses of the level above (what machines do)")),
    cl::init(Stacking::Independent));
static cl::opt<std::string>
    accuracy("memwall-accuracy", cl::cat(runFlags), cl::init("default"),
             cl::value_desc("fast|default|exact"),
             cl::desc("What is spent on the predicted bytes"));
static cl::opt<bool> timeIt("time", cl::cat(runFlags),
                            cl::desc("Run it for real, and time it (default "
                                     "beside --compare, but for --time=0)"));
namespace {
/// How a program that is not observed becomes machine code.
enum class CodeKind { Vector, Plain };
} // namespace
static cl::opt<CodeKind> lowering(
    "lowering", cl::cat(runFlags), cl::desc("Code of --time:"),
    cl::values(clEnumValN(CodeKind::Vector, "vector",
                          "vectors, and register tiles of products"),
               clEnumValN(CodeKind::Plain, "plain",
                          "one loop per dimension, one element at a time")),
    cl::init(CodeKind::Vector));
static cl::opt<bool>
    compareLowering("compare-lowering", cl::cat(runFlags),
                    cl::desc("Run the same program in plain loops too, on the "
                             "same inputs, and compare the outputs"));
static cl::opt<int64_t>
    vectorBits("vector-bits", cl::cat(runFlags), cl::init(0),
               cl::value_desc("n"),
               cl::desc("Bits of the vector registers that code is made for; "
                        "default: those of this machine"));
/// `--threads`. A flag of LLVM's link-time optimizer has the same name and
/// makes way.
static cl::opt<int64_t> &getThreads() {
  static const bool isFree = [] {
    if (cl::Option *other = cl::getRegisteredOptions().lookup("threads"))
      other->removeArgument();
    return true;
  }();
  (void)isFree;
  static cl::opt<int64_t> threads(
      "threads", cl::cat(runFlags), cl::init(1), cl::value_desc("n"),
      cl::desc("Run vector code on n threads, with OpenMP"));
  return threads;
}

static cl::opt<std::string>
    optimizeFor("optimize", cl::cat(runFlags), cl::value_desc("target"),
                cl::desc("Run what memwall-optimize makes of the program for a "
                         "target, and with --time hold it to its peaks"));
static cl::opt<std::string>
    comparePath("compare", cl::cat(runFlags), cl::value_desc("after.mlir"),
                cl::desc("Run this too, on the same inputs, and compare the "
                         "outputs; the exit status tells"));
static cl::opt<std::string> format("format", cl::cat(runFlags),
                                   cl::init("text"),
                                   cl::value_desc("text|json"),
                                   cl::desc("How to print"));
static cl::opt<uint64_t> seed("seed", cl::cat(runFlags), cl::init(0),
                              cl::desc("Of the random inputs"));
static cl::opt<int64_t>
    intRange("int-range", cl::cat(runFlags), cl::init(2), cl::value_desc("n"),
             cl::desc("Integer arguments are 0 ... n-1 (default 2); indices of "
                      "gathers are distinct rows in any case"));
static cl::opt<std::string>
    loadInputs("load-inputs", cl::cat(runFlags), cl::value_desc("file.json"),
               cl::desc("Arguments: [{\"data\": [0.5, ...]}, ...] by position, "
                        "null for random numbers"));
static cl::opt<std::string>
    saveOutputs("save-outputs", cl::cat(runFlags), cl::value_desc("file.json"),
                cl::desc("Write the results: [{\"type\", \"shape\", "
                         "\"data\"}, ...]"));
static cl::opt<double>
    maxAccesses("max-accesses", cl::cat(runFlags), cl::init(1e10),
                cl::desc("Refuse to simulate more (default 1e10)"));
static cl::list<std::string>
    dimBindings("memwall-bind-dims", cl::cat(runFlags), cl::CommaSeparated,
                cl::value_desc("@function:argN:dim=size,..."),
                cl::desc("Sizes of dynamic dimensions"));

static cl::opt<bool>
    printOutput("print-output", cl::cat(runFlags),
                cl::desc("Show what the program prints, on standard error"));
static cl::opt<std::string>
    accessesPath("print-accesses", cl::cat(runFlags), cl::value_desc("file"),
                 cl::desc("Write every access that --simulate sees: load or "
                          "store, buffer, first bit in it, bits"));

static cl::opt<std::string>
    tracePath("trace", cl::cat(runFlags), cl::value_desc("file"),
              cl::desc("Simulate a native run instead: what valgrind "
                       "--tool=lackey --trace-mem=yes wrote"));
static cl::opt<std::string>
    traceCode("trace-code", cl::cat(runFlags), cl::value_desc("begin,bytes"),
              cl::desc("Count only while this code of the trace runs"));

void memwall::hideOtherFlags() {
  (void)getThreads();
  auto &flags = cl::getRegisteredOptions();
  for (llvm::StringRef name :
       {"memwall-list-targets", "memwall-print-target", "memwall-target-file"})
    if (cl::Option *flag = flags.lookup(name))
      flag->addCategory(targetFlags);
  cl::HideUnrelatedOptions({&runFlags, &targetFlags});
}

namespace {
/// A program that was read, and whose entry is known.
struct Program {
  std::string path;
  llvm::SourceMgr sources;
  OwningOpRef<ModuleOp> module;
  std::string entry;
};
} // namespace

/// Loads one of the programs; null, with a diagnostic, when it cannot be run.
static std::unique_ptr<Program> load(StringRef path, MLIRContext &context) {
  auto program = std::make_unique<Program>();
  program->path = path.str();
  noteActivity(("reading '" + path + "'").str());
  SourceMgrDiagnosticHandler diagnostics(program->sources, &context);
  program->module = loadProgram(
      path, program->sources, std::vector<std::string>(dimBindings), &context);
  if (!program->module)
    return nullptr;
  FailureOr<std::string> chosen = chooseEntry(*program->module, entry);
  if (failed(chosen))
    return nullptr;
  program->entry = *chosen;
  return program;
}

static FailureOr<Measurement> measure(Program &program,
                                      const MeasureOptions &base) {
  SourceMgrDiagnosticHandler diagnostics(program.sources,
                                         program.module->getContext());
  MeasureOptions options = base;
  options.run.entry = program.entry;
  options.run.onPhase = [&](StringRef phase) {
    noteActivity(
        (phase + " @" + program.entry + " of '" + program.path + "'").str());
  };
  return measureProgram(*program.module, options);
}

/// The code range of `--trace-code`: two numbers, "0x401130,0xdf".
static FailureOr<CodeRange> parseCodeRange() {
  CodeRange range;
  StringRef text = traceCode;
  uint64_t bytes;
  if (text.empty())
    return range;
  if (text.consumeInteger(0, range.begin) || !text.consume_front(",") ||
      text.getAsInteger(0, bytes)) {
    llvm::errs() << "memwall-run: expected --trace-code=begin,bytes, found '"
                 << traceCode << "'\n";
    return failure();
  }
  range.end = range.begin + bytes;
  return range;
}

/// `--trace`: the caches of `--simulate` on somebody else's addresses.
static FailureOr<RunReport> measureTrace(MLIRContext &context) {
  OwningOpRef<ModuleOp> none = ModuleOp::create(UnknownLoc::get(&context));
  FailureOr<CodeRange> code = parseCodeRange();
  FailureOr<Target> target = findTarget(*none, simulate);
  if (failed(code) || failed(target))
    return failure();
  llvm::Expected<std::unique_ptr<Hierarchy>> memory =
      Hierarchy::create(*target, stacking);
  if (!memory)
    return none->emitError(llvm::toString(memory.takeError()));
  llvm::Expected<NativeTraffic> traffic =
      simulateTrace(tracePath, *code, **memory);
  if (!traffic)
    return none->emitError(llvm::toString(traffic.takeError()));
  RunReport report;
  report.options.target = std::move(*target);
  report.options.stacking = stacking;
  report.program.entry = "trace";
  report.program.levels = std::move(traffic->levels);
  report.program.accesses = traffic->accesses;
  return report;
}

/// Programs on several threads call LLVM's OpenMP runtime, which is loaded when
/// a program needs it.
static LogicalResult loadOpenMP() {
  std::string reason;
  for (const char *name : {"libomp.so", "libomp.so.5", MEMWALL_LIBOMP})
    if (!llvm::sys::DynamicLibrary::LoadLibraryPermanently(name, &reason))
      return success();
  llvm::errs() << "memwall-run: --threads needs LLVM's OpenMP runtime (Debian "
                  "package libomp-22-dev): "
               << reason << '\n';
  return failure();
}

static LogicalResult checkFlags() {
  auto reject = [](const llvm::Twine &message) {
    llvm::errs() << "memwall-run: " << message << '\n';
    return failure();
  };
  if (format != "text" && format != "json")
    return reject("expected --format to be text or json, found '" + format +
                  "'");
  if (!findAccuracy(accuracy))
    return reject("expected --memwall-accuracy to be fast, default or exact, "
                  "found '" +
                  accuracy + "'");
  if (intRange < 1)
    return reject("expected --int-range to be at least 1, found " +
                  llvm::Twine(intRange));
  if (!accessesPath.empty() && simulate.empty())
    return reject("expected --simulate beside --print-accesses");
  if (!tracePath.empty() && simulate.empty())
    return reject("expected --simulate beside --trace");
  if (compareLowering && !comparePath.empty())
    return reject("expected --compare-lowering without --compare: it runs one "
                  "program twice");
  if (vectorBits != 0 && (vectorBits < 64 || !llvm::isPowerOf2_64(vectorBits)))
    return reject("expected --vector-bits to be a power of two of at least 64, "
                  "found " +
                  llvm::Twine(vectorBits));
  if (getThreads() < 1 || getThreads() > 1024)
    return reject("expected --threads to be between 1 and 1024, found " +
                  llvm::Twine(int64_t(getThreads())));
  if (getThreads() > 1 && (lowering == CodeKind::Plain || !tracePath.empty()))
    return reject("expected --threads without --lowering=plain and --trace: "
                  "only vector code runs on several threads");
  if (getThreads() > 1 && failed(loadOpenMP()))
    return failure();
  if (!opName.empty() && !comparePath.empty())
    return reject("expected --op without --compare: it runs one op of one "
                  "program");
  if (!(maxAccesses >= 0 && maxAccesses <= 1e18))
    return reject("expected --max-accesses to be between 0 and 1e18");
  return success();
}

/// Says what is wrong with a file.
static LogicalResult rejectFile(llvm::Error error) {
  llvm::errs() << "memwall-run: " << llvm::toString(std::move(error)) << '\n';
  return failure();
}

/// Opens the file of `--print-accesses`; null when there is none to write.
static llvm::Expected<std::unique_ptr<llvm::raw_fd_ostream>> openAccesses() {
  if (accessesPath.empty())
    return nullptr;
  // Programs lose standard output while they run, this keeps it.
  if (accessesPath == "-")
    return std::make_unique<llvm::raw_fd_ostream>(dup(STDOUT_FILENO),
                                                  /*shouldClose=*/true);
  std::error_code error;
  auto os = std::make_unique<llvm::raw_fd_ostream>(accessesPath, error);
  if (error)
    return llvm::createStringError("cannot write '" + accessesPath +
                                   "': " + error.message());
  return os;
}

/// Writes what is buffered; fails when the disk did not take it all.
static llvm::Error finishWriting(llvm::raw_fd_ostream &os, StringRef path) {
  os.flush();
  if (!os.has_error())
    return llvm::Error::success();
  std::error_code error = os.error();
  os.clear_error();
  std::string name = path == "-" ? "standard output" : "'" + path.str() + "'";
  return llvm::createStringError("cannot write " + name + ": " +
                                 error.message());
}

/// The program that rounds more may explain a difference.
static SumRounding getRounding(const RunReport &report) {
  SumRounding rounding;
  for (const Measurement *program : {&report.program, &*report.other})
    if (program->prediction &&
        program->prediction->rounding.variance > rounding.variance)
      rounding = program->prediction->rounding;
  return rounding;
}

/// What the flags ask for, apart from the programs.
static llvm::Expected<MeasureOptions> readOptions() {
  MeasureOptions options;
  options.run.seed = seed;
  options.run.integerRange = intRange;
  options.run.maxAccesses = maxAccesses;
  options.run.showProgress = llvm::sys::Process::StandardErrIsDisplayed();
  options.stacking = stacking;
  options.accuracy = *findAccuracy(accuracy);
  options.printOutput = printOutput;
  options.time = timeIt.getNumOccurrences() ? timeIt : !comparePath.empty();
  // Times beside --compare that nobody asked for come with the loops.
  bool wantsTime = timeIt || lowering.getNumOccurrences() || compareLowering ||
                   getThreads() > 1;
  options.vectorize = wantsTime && lowering == CodeKind::Vector;
  options.registers = detectVectorRegisters();
  options.threads = getThreads();
  // Only AVX-512 has 32 of them on x86, whatever their width, and instructions
  // for dot products.
  if (vectorBits != 0)
    options.registers = {
        vectorBits,
        vectorBits < options.registers.bits ? 16 : options.registers.count,
        {}};
  if (!loadInputs.empty()) {
    llvm::Expected<InputNumbers> inputs = readInputs(loadInputs);
    if (!inputs)
      return inputs.takeError();
    options.run.inputs = std::move(*inputs);
  }
  return options;
}

/// Rewrites the program for the target of `--optimize`.
static LogicalResult optimize(Program &program, MeasureOptions &options) {
  SourceMgrDiagnosticHandler diagnostics(program.sources,
                                         program.module->getContext());
  FailureOr<Target> machine = findTarget(*program.module, optimizeFor);
  if (failed(machine))
    return failure();
  options.machine = std::move(*machine);
  noteActivity("optimizing '" + program.path + "'");
  OptimizeOptions flags;
  flags.target = optimizeFor;
  flags.vectorCode = options.time && options.vectorize;
  // What is timed on one thread has no use for tiles of several units.
  flags.parallel = !options.time || options.threads > 1;
  PassManager manager(program.module->getContext());
  manager.addPass(createOptimize(std::move(flags)));
  return manager.run(*program.module);
}

/// Puts the op of `--op` in the place of the program.
static LogicalResult keepOp(Program &program, MeasureOptions &options) {
  SourceMgrDiagnosticHandler diagnostics(program.sources,
                                         program.module->getContext());
  std::optional<Target> target = options.target;
  if (!target) {
    FailureOr<Target> any = findTarget(*program.module, "ddr5-2ch");
    if (failed(any))
      return failure();
    target = std::move(*any);
  }
  FailureOr<OwningOpRef<ModuleOp>> alone =
      extractOp(*program.module, program.entry, opName, *target);
  if (failed(alone))
    return failure();
  program.module = std::move(*alone);
  program.entry = "op";
  options.printStorage = true;
  return success();
}

/// One program, or two that should compute the same.
static FailureOr<RunReport> measurePrograms(MLIRContext &context) {
  RunReport report;
  llvm::Expected<MeasureOptions> options = readOptions();
  if (!options)
    return rejectFile(options.takeError());
  report.options = std::move(*options);
  llvm::Expected<std::unique_ptr<llvm::raw_fd_ostream>> accesses =
      openAccesses();
  if (!accesses)
    return rejectFile(accesses.takeError());
  report.options.run.trace = accesses->get();

  // 1. Both programs, before the first one runs for minutes.
  std::unique_ptr<Program> program = load(inputPath, context);
  if (!program)
    return failure();
  std::unique_ptr<Program> other;
  if (!comparePath.empty() && !(other = load(comparePath, context)))
    return failure();
  if (!simulate.empty()) {
    SourceMgrDiagnosticHandler diagnostics(program->sources, &context);
    FailureOr<Target> target = findTarget(*program->module, simulate);
    if (failed(target))
      return failure();
    report.options.target = std::move(*target);
  }

  // 2. One op of it, or its optimum, where that is asked for.
  if (!opName.empty() && failed(keepOp(*program, report.options)))
    return failure();
  if (!optimizeFor.empty() && failed(optimize(*program, report.options)))
    return failure();

  // 3. Run them.
  FailureOr<Measurement> measured = measure(*program, report.options);
  if (failed(measured))
    return failure();
  report.program = std::move(*measured);
  if (!saveOutputs.empty())
    if (llvm::Error error = writeTensors(saveOutputs, report.program.outputs))
      return rejectFile(std::move(error));
  if (other || compareLowering) {
    MeasureOptions options = report.options;
    options.vectorize &= !compareLowering;
    FailureOr<Measurement> measuredOther =
        measure(other ? *other : *program, options);
    if (failed(measuredOther))
      return failure();
    report.other = std::move(*measuredOther);
    report.difference = compareOutputs(
        report.program.outputs, report.other->outputs, getRounding(report));
  }
  if (*accesses)
    if (llvm::Error error = finishWriting(**accesses, accessesPath))
      return rejectFile(std::move(error));
  return report;
}

int memwall::runTool(MLIRContext &context) {
  if (failed(checkFlags()))
    return EXIT_FAILURE;
  FailureOr<RunReport> report =
      tracePath.empty() ? measurePrograms(context) : measureTrace(context);
  if (failed(report))
    return EXIT_FAILURE;
  (format == "json" ? printJSON : printText)(*report, llvm::outs());
  if (llvm::Error error = finishWriting(llvm::outs(), "-")) {
    (void)rejectFile(std::move(error));
    return EXIT_FAILURE;
  }
  bool differ = report->other &&
                !(report->difference && report->difference->isAcceptable());
  return differ ? EXIT_FAILURE : EXIT_SUCCESS;
}
