//===- NativeProgram.cpp - IR as a program of its own ---------------------===//

#include "NativeProgram.h"
#include "memwall/Simulator/LowerProgram.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/Regex.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>

using namespace memwall;

/// Calls the function unless it gets an argument. {0}: extent, {1}: function.
static constexpr const char *mainSource = R"(
#include <stdlib.h>
struct Matrix {{ float *allocated, *aligned; long offset, sizes[2], strides[2]; };
void _mlir_ciface_{1}(struct Matrix *result, struct Matrix *a, struct Matrix *b,
                      struct Matrix *c);
static struct Matrix make(void) {{
  float *data = calloc({0} * {0}, sizeof(float));
  struct Matrix matrix = {{data, data, 0, {{{0}, {0}}, {{{0}, 1}};
  return matrix;
}
int main(int argc, char **argv) {{
  if (argc > 1)
    return 0;
  struct Matrix a = make(), b = make(), c = make(), result;
  _mlir_ciface_{1}(&result, &a, &b, &c);
  return 0;
}
)";

static llvm::Error writeFile(const llvm::Twine &path,
                             llvm::function_ref<void(llvm::raw_ostream &)> f) {
  std::error_code error;
  llvm::raw_fd_ostream os(path.str(), error);
  if (error)
    return llvm::createStringError("cannot write '" + path +
                                   "': " + error.message());
  f(os);
  return llvm::Error::success();
}

/// Runs a program found on PATH, or by its path; its output goes to `output`.
/// Returns the seconds of CPU time it took.
static llvm::Expected<double> execute(llvm::ArrayRef<llvm::StringRef> command,
                                      llvm::StringRef output = "") {
  llvm::ErrorOr<std::string> program =
      llvm::sys::findProgramByName(command.front());
  if (!program)
    return llvm::createStringError("cannot find '" + command.front() + "'");
  std::optional<llvm::StringRef> redirects[] = {std::nullopt, output, output};
  llvm::ArrayRef<std::optional<llvm::StringRef>> files;
  if (!output.empty())
    files = redirects;
  std::optional<llvm::sys::ProcessStatistics> statistics;
  int status = llvm::sys::ExecuteAndWait(
      *program, command, /*Env=*/std::nullopt, files, /*SecondsToWait=*/0,
      /*MemoryLimit=*/0, /*ErrMsg=*/nullptr, /*ExecutionFailed=*/nullptr,
      &statistics);
  if (status != 0 || !statistics)
    return llvm::createStringError("'" + command.front() + "' failed with " +
                                   llvm::Twine(status));
  return std::chrono::duration<double>(statistics->TotalTime).count();
}

NativeProgram::NativeProgram(NativeProgram &&other)
    : directory(std::exchange(other.directory, {})) {}

NativeProgram::~NativeProgram() {
  if (!directory.empty())
    llvm::sys::fs::remove_directories(directory);
}

llvm::Expected<NativeProgram> NativeProgram::compile(mlir::ModuleOp module,
                                                     llvm::StringRef entry,
                                                     int64_t extent) {
  // 1. To LLVM IR.
  mlir::FailureOr<LoweredEntry> lowered = lowerToLoops(module, entry);
  if (failed(lowered))
    return llvm::createStringError("cannot lower the program to loops");
  lowered->function->setAttr("llvm.emit_c_interface",
                             mlir::UnitAttr::get(module.getContext()));
  if (failed(lowerToLLVM(module)))
    return llvm::createStringError("cannot lower the program to LLVM");
  mlir::registerBuiltinDialectTranslation(*module.getContext());
  mlir::registerLLVMDialectTranslation(*module.getContext());
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> ir =
      mlir::translateModuleToLLVMIR(module, context);
  if (!ir)
    return llvm::createStringError("cannot translate the program");

  // 2. To a file that runs.
  NativeProgram program;
  if (std::error_code error = llvm::sys::fs::createUniqueDirectory(
          "memwall-bench", program.directory))
    return llvm::createStringError("cannot make a temporary directory: " +
                                   error.message());
  std::string path = program.directory.str().str() + "/";
  if (llvm::Error error = writeFile(path + "program.ll",
                                    [&](llvm::raw_ostream &os) { os << *ir; }))
    return error;
  if (llvm::Error error = writeFile(path + "main.c", [&](auto &os) {
        os << llvm::formatv(mainSource, extent, entry);
      }))
    return error;
  std::string ll = path + "program.ll", c = path + "main.c";
  llvm::Expected<double> compiled =
      execute({MEMWALL_BENCH_CC, "-O1", "-w", ll, c, "-o", path + "program"});
  if (!compiled)
    return compiled.takeError();
  return program;
}

/// The number in a line like "==42== D   refs:      170,055,482  (...)".
static llvm::Expected<double> readDataReferences(llvm::StringRef path) {
  auto file = llvm::MemoryBuffer::getFile(path);
  if (!file)
    return llvm::createStringError("cannot read '" + path + "'");
  llvm::SmallVector<llvm::StringRef> groups;
  if (!llvm::Regex("D +refs: +([0-9,]+)").match((*file)->getBuffer(), &groups))
    return llvm::createStringError("cachegrind printed no data references");
  std::string digits = groups[1].str();
  llvm::erase(digits, ',');
  return std::stod(digits);
}

llvm::Expected<NativeProgram::Run>
NativeProgram::runCachegrind(llvm::StringRef d1, llvm::StringRef ll) {
  std::string path = directory.str().str() + "/";
  Run run;
  for (bool isStart : {false, true}) {
    std::string d1Flag = "--D1=" + d1.str(), llFlag = "--LL=" + ll.str();
    llvm::SmallVector<llvm::StringRef> command = {
        "valgrind",
        "--tool=cachegrind",
        "--cache-sim=yes",
        d1Flag,
        llFlag,
        "--cachegrind-out-file=/dev/null"};
    std::string program = path + "program", output = path + "output";
    command.push_back(program);
    if (isStart)
      command.push_back("start only");
    llvm::Expected<double> seconds = execute(command, output);
    if (!seconds)
      return seconds.takeError();
    llvm::Expected<double> accesses = readDataReferences(output);
    if (!accesses)
      return accesses.takeError();
    run.seconds += isStart ? -*seconds : *seconds;
    run.accesses += isStart ? -*accesses : *accesses;
  }
  return run;
}
