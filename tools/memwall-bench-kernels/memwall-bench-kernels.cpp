//===- memwall-bench-kernels.cpp - Vector code beside libraries -----------===//
//
// Times programs in vector code, as they stand and with the schedule of the
// search, beside OpenBLAS, oneDNN and a stream of the same bytes: in one
// process, in turns, on one thread, whose CPU time counts. Medians and ratios:
// the machine may be busy with other work, which then slows all of them.
//
//===----------------------------------------------------------------------===//

#include "Cases.h"
#include "Clock.h"
#include "Race.h"
#include "memwall/IR/MemWallDialect.h"
#include "memwall/Passes/Passes.h"
#include "memwall/Target/DLTI.h"
#include "memwall/Target/Registry.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"
#include <cmath>
#include <limits>
#include <malloc.h>
#include <map>
#include <unistd.h>

namespace cl = llvm::cl;
using namespace memwall;

static cl::OptionCategory flags("What to measure");
static cl::opt<std::string> output("output", cl::init("-"),
                                   cl::desc("Where to write the tables"),
                                   cl::cat(flags));
static cl::opt<std::string>
    targetName("target", cl::init("xeon-8592"),
               cl::desc("Whose caches the search has in mind"), cl::cat(flags));
static cl::opt<std::string> targetFile("target-file",
                                       cl::desc("With that target in it"),
                                       cl::cat(flags));
static cl::opt<std::string>
    shapesFile("shapes",
               cl::desc("Products: name,batch,m,n,k; default: a "
                        "list of its own"),
               cl::cat(flags));
static cl::opt<bool> isLong("long",
                            cl::desc("All products, and 20 seconds a row"),
                            cl::cat(flags));
enum class Features { Host, AVX2 };
static cl::opt<Features> features(
    "features", cl::init(Features::Host),
    cl::desc("What vector code and libraries may use"),
    cl::values(clEnumValN(Features::Host, "host", "all that the CPU has"),
               clEnumValN(Features::AVX2, "avx2", "AVX2, no AVX-512")),
    cl::cat(flags));
static cl::opt<unsigned>
    schedules("schedules", cl::init(0),
              cl::desc("Instead: so many schedules of each op, their time "
                       "predicted and measured"),
              cl::cat(flags));
static cl::opt<int64_t> shrink("shrink", cl::init(1),
                               cl::desc("Divides the sizes of these ops"),
                               cl::cat(flags));
static cl::opt<double> seconds("seconds", cl::init(5),
                               cl::desc("Of measuring these, per op"),
                               cl::cat(flags));
static cl::opt<std::string> only("only",
                                 cl::desc("Rows with this in their "
                                          "name or table"),
                                 cl::cat(flags));

namespace {
/// A line of a table.
struct Row {
  std::string name;
  double asItStands = 0, searched = 0; ///< Seconds.
  double operations = 0;
  std::map<std::string, double> rivals; ///< Seconds, by library.
};

using Tables = std::vector<std::pair<std::string, std::vector<Row>>>;
} // namespace

/// Times a case; an error where it does not compute what a library does.
static llvm::Expected<Row> runCase(mlir::MLIRContext &context, Case &c) {
  llvm::Expected<Kernel> asItStands =
      Kernel::compile(context, c.text, c.arguments, c.resultShape.size(), {});
  if (!asItStands)
    return asItStands.takeError();
  llvm::Expected<Kernel> searched =
      Kernel::compile(context, c.text, c.arguments, c.resultShape.size(),
                      {targetName, targetFile});
  if (!searched)
    return searched.takeError();
  std::vector<Contestant> all;
  all.push_back({[&] { asItStands->run(); }});
  all.push_back({[&] { searched->run(); }});
  for (Rival &rival : c.rivals)
    all.push_back({rival.run});
  race(all, isLong ? 20 : 2);
  int64_t count = 1;
  for (int64_t extent : c.resultShape)
    count *= extent;
  // 4 sqrt(k) roundings of 2^-24 for sums of k terms are far below 1e-3. Layers
  // of bf16 round at other places, which moves the largest results, of four to
  // eight root mean squares, by one or two units in the last place, 2^-5 each.
  const double tolerance = c.resultElement == "bf16" ? 1e-1 : 1e-3;
  for (const Rival &rival : c.rivals)
    for (Kernel *kernel : {&*asItStands, &*searched})
      if (rival.result && !(compare(kernel->getResult(), rival.result, count,
                                    c.resultElement) < tolerance))
        return llvm::createStringError(c.name + " is not what " +
                                       rival.library + " computes");
  Row row;
  row.name = c.name;
  row.operations = c.operations;
  row.asItStands = getMedian(all[0].seconds);
  row.searched = getMedian(all[1].seconds);
  for (size_t i = 0; i < c.rivals.size(); ++i)
    row.rivals[c.rivals[i].library] = getMedian(all[i + 2].seconds);
  return row;
}

static void writeTable(llvm::raw_ostream &os, const std::vector<Row> &rows) {
  constexpr const char *kLibraries[] = {"OpenBLAS", "oneDNN", "stream"};
  double logs[6] = {};
  unsigned counts[6] = {};
  os << "| | OpenBLAS | oneDNN | stream | OpenBLAS | oneDNN | stream |\n"
     << "|---|--:|--:|--:|--:|--:|--:|\n";
  for (const Row &row : rows) {
    os << "| " << row.name;
    for (unsigned i = 0; i < 6; ++i) {
      auto rival = row.rivals.find(kLibraries[i % 3]);
      if (rival == row.rivals.end()) {
        os << " | -";
        continue;
      }
      double ratio = rival->second / (i < 3 ? row.searched : row.asItStands);
      os << llvm::format(" | %.2f", ratio);
      logs[i] += std::log(ratio);
      ++counts[i];
    }
    os << " |\n";
  }
  if (rows.size() < 2)
    return;
  os << "| geometric mean";
  for (unsigned i = 0; i < 6; ++i)
    if (counts[i])
      os << llvm::format(" | %.2f", std::exp(logs[i] / counts[i]));
    else
      os << " | -";
  os << " |\n";
}

/// Rows whose weights are narrower than bf16, beside the row of bf16.
static void writeWeightRates(llvm::raw_ostream &os,
                             const std::vector<Row> &rows) {
  auto wide = llvm::find_if(rows, [](const Row &row) {
    return llvm::StringRef(row.name).starts_with("bf16 ");
  });
  if (wide == rows.end() || rows.back().name.front() != 'i')
    return;
  os << "\nWeights per second, of those of bf16:";
  llvm::ListSeparator separator(",");
  for (const Row &row : rows)
    if (row.name.front() == 'i')
      os << separator << ' ' << llvm::StringRef(row.name).split(' ').first
         << llvm::format(" %.2f", row.operations / row.searched /
                                      (wide->operations / wide->searched));
  os << ". Weights of 4 bits have a byte each in memory, and a scale for 128 "
        "of "
        "them.\n";
}

static void writeAll(llvm::raw_ostream &os, const Tables &tables,
                     const std::map<std::string, std::string> &kernels) {
  os << "# Speed\n\nWritten by `memwall-bench-kernels"
     << (targetName.getNumOccurrences() > 0 ? " --target=" + targetName : "")
     << " --output=docs/Speed.md`" << (isLong ? " with `--long`" : "")
     << (features == Features::AVX2 ? " with `--features=avx2`" : "")
     << ". How many times as fast memwall's vector code is as a library, or as "
        "reading\nthe same bytes once (stream): left with the schedule of the "
        "search for `"
     << targetName
     << "`, right as the program stands. One thread, its CPU\nseconds, medians "
        "of interleaved runs in one process; the machine may have been busy. "
        "Packing is in all of them, and\nso is, in memwall's, the allocation "
        "of "
        "the result. Larger is better.\n\n"
     << "CPU: " << describeCPU() << ". OpenBLAS: " << describeOpenBLAS()
     << ". oneDNN: " << describeOneDNN() << ".\nKernels:";
  for (const auto &[kernel, library] : kernels)
    os << " " << library << " `" << kernel << "`,";
  os << " as the libraries name them.\n";
  for (const auto &[table, rows] : tables) {
    os << "\n## " << table << "\n\n";
    writeTable(os, rows);
    if (table == "A matrix times a vector")
      writeWeightRates(os, rows);
  }
  os << "\nSchedules of one op beside each other, and what was predicted of "
        "them: [Clock.md](Clock.md).\n\n## What stands beside what\n\n"
        "OpenBLAS runs its f32 kernel beside bf16. Attention stands beside "
        "oneDNN's product, softmax and product. A\ndecoder layer is 1024 wide, "
        "with 16 heads of 64, 4 of keys and values, and a SwiGLU of 2816; it "
        "stands beside\noneDNN's products, with what can be fused to them, and "
        "softmax, and loops of this tool for norms, rotary positions\nand the "
        "mask. Weights lie as checkpoints have them, [out, in], for both.\n";
}

/// Libraries read these when they are loaded: one thread each, and the kernel
/// of OpenBLAS for the vectors of the CPU, because an OpenBLAS that is older
/// than the CPU takes one from 2004 (Prescott), 3.7 times as slow.
static void prepareLibraries(int argc, char **argv) {
  // Options are read later, by the process that this one becomes.
  if (llvm::is_contained(llvm::ArrayRef(argv, argc),
                         llvm::StringRef("--features=avx2")) &&
      !std::getenv("ONEDNN_MAX_CPU_ISA")) {
    setenv("OPENBLAS_CORETYPE", "Haswell", 1);
    setenv("ONEDNN_MAX_CPU_ISA", "AVX2", 1);
    unsetenv("OMP_NUM_THREADS");
  }
  if (std::getenv("OMP_NUM_THREADS") && std::getenv("OPENBLAS_NUM_THREADS"))
    return;
  setenv("OMP_NUM_THREADS", "1", 1);
  setenv("OPENBLAS_NUM_THREADS", "1", 1);
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  if (features.lookup("avx512f"))
    setenv("OPENBLAS_CORETYPE", "SkylakeX", /*overwrite=*/0);
  else if (features.lookup("avx2"))
    setenv("OPENBLAS_CORETYPE", "Haswell", /*overwrite=*/0);
  execv("/proc/self/exe", argv);
}

/// Lets the search have the registers of AVX2 in mind, whatever the target has:
/// it then reads the target from a file, which lasts as long as the process.
static llvm::Error limitTarget() {
  std::vector<std::string> files;
  if (!targetFile.empty())
    files.push_back(targetFile);
  llvm::Expected<Registry> registry = createRegistry(files);
  if (!registry)
    return registry.takeError();
  llvm::Expected<const Target *> found = registry->find(targetName);
  if (!found)
    return found.takeError();
  Target limited = **found;
  limited.name += "-avx2";
  limited.vectorBits = 256;
  limited.vectorRegisters = 16;
  limited.dotInstructions = {};
  static std::optional<llvm::FileRemover> remover;
  llvm::SmallString<64> path;
  int descriptor;
  if (std::error_code code = llvm::sys::fs::createTemporaryFile(
          limited.name, "mlir", descriptor, path))
    return llvm::createStringError("cannot write '" + std::string(path) +
                                   "': " + code.message());
  remover.emplace(path);
  llvm::raw_fd_ostream os(descriptor, /*shouldClose=*/true);
  printTargets(os, limited);
  targetName = limited.name;
  targetFile = std::string(path);
  return llvm::Error::success();
}

/// Schedules of ops instead of ops beside libraries.
static int runClock(mlir::MLIRContext &context) {
  ClockOptions options;
  options.source = {targetName, targetFile};
  options.schedules = schedules;
  options.shrink = std::max<int64_t>(1, shrink);
  options.only = only;
  options.seconds = seconds;
  std::error_code code;
  llvm::raw_fd_ostream os(output, code);
  llvm::Error error = code ? llvm::createStringError("cannot write '" + output +
                                                     "': " + code.message())
                           : writeClock(context, options, os);
  if (!error)
    return EXIT_SUCCESS;
  llvm::errs() << "memwall-bench-kernels: error: "
               << llvm::toString(std::move(error)) << '\n';
  return EXIT_FAILURE;
}

int main(int argc, char **argv) {
  prepareLibraries(argc, argv);
  llvm::InitLLVM initialize(argc, argv);
  cl::HideUnrelatedOptions(flags);
  cl::ParseCommandLineOptions(argc, argv,
                              "memwall: vector code beside libraries\n");
  if (features == Features::AVX2) {
    limitToAVX2();
    if (llvm::Error error = limitTarget()) {
      llvm::errs() << "memwall-bench-kernels: error: "
                   << llvm::toString(std::move(error)) << '\n';
      return EXIT_FAILURE;
    }
  }
  // What one run gives back the next one finds mapped.
  mallopt(M_MMAP_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllPasses();
  registerMemWallDialect(registry);
  registerMemWallPasses();
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  // Remarks of the search are for others.
  mlir::ScopedDiagnosticHandler quiet(&context, [](mlir::Diagnostic &each) {
    return mlir::success(each.getSeverity() != mlir::DiagnosticSeverity::Error);
  });
  if (schedules > 0)
    return runClock(context);
  Tables tables;
  std::map<std::string, std::string> kernels;
  bool hasFailed = false;
  std::string table;
  if (!shapesFile.empty()) {
    auto file = llvm::MemoryBuffer::getFile(shapesFile);
    if (!file) {
      llvm::errs() << "memwall-bench-kernels: cannot read '" << shapesFile
                   << "': " << file.getError().message() << '\n';
      return EXIT_FAILURE;
    }
    table = (*file)->getBuffer().str();
  }
  forEachCase(table, isLong ? 1e12 : 1e10, [&](Case &c) {
    if (!only.empty() && c.name.find(only) == std::string::npos &&
        c.table.find(only) == std::string::npos)
      return;
    llvm::Expected<Row> row = runCase(context, c);
    if (!row) {
      llvm::errs() << "memwall-bench-kernels: "
                   << llvm::toString(row.takeError()) << '\n';
      hasFailed = true;
      return;
    }
    for (const Rival &rival : c.rivals)
      if (!rival.kernel.empty())
        kernels[rival.kernel] = rival.library;
    llvm::errs() << c.table << ": " << row->name
                 << llvm::format(", %.3g s", row->searched) << '\n';
    if (tables.empty() || tables.back().first != c.table)
      tables.push_back({c.table, {}});
    tables.back().second.push_back(std::move(*row));
  });
  std::error_code error;
  llvm::raw_fd_ostream os(output, error);
  if (error) {
    llvm::errs() << "memwall-bench-kernels: cannot write '" << output
                 << "': " << error.message() << '\n';
    return EXIT_FAILURE;
  }
  writeAll(os, tables, kernels);
  return hasFailed ? EXIT_FAILURE : EXIT_SUCCESS;
}
