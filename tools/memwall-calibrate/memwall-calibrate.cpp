//===- memwall-calibrate.cpp - This machine as a target -------------------===//
//
//   memwall-calibrate -o host.mlir
//   memwall-opt f.mlir --memwall-target-file=host.mlir
//   --memwall-report=targets=host
//
//===----------------------------------------------------------------------===//

#include "HostTarget.h"
#include "WriteOrKeep.h"
#include "memwall/Target/Registry.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Process.h"
#include <cmath>

namespace cl = llvm::cl;
using namespace memwall;

static cl::OptionCategory flags("What to measure");
static cl::opt<std::string> output("o", cl::cat(flags), cl::init("-"),
                                   cl::value_desc("file.mlir"),
                                   cl::desc("The target file to write"));
static cl::opt<std::string> name("name", cl::cat(flags), cl::init("host"),
                                 cl::desc("What the target is called"));
static cl::opt<int64_t>
    cores("cores", cl::cat(flags), cl::init(0),
          cl::desc("The target is so many cores of this machine; default: "
                   "all"));
static cl::opt<bool>
    quick("quick", cl::cat(flags),
          cl::desc("Measure little, and the memory with a working set that the "
                   "last cache may hold: to see that it works"));

/// Says on a terminal what is being measured.
static void showProgress(const llvm::Twine &what) {
  if (llvm::sys::Process::StandardErrIsDisplayed())
    llvm::errs() << "\r\033[K" << what;
}

/// A working set of one thread that level `number` serves: four times the one
/// inside of it, or less where the level has no room for that; of the memory,
/// four times the last cache.
static int64_t chooseBytesPerThread(const Topology &topology, unsigned number,
                                    int64_t threads) {
  auto getShare = [&](unsigned cache) {
    const CacheFacts &facts = topology.caches[cache];
    return facts.capacityBytes / std::min(threads, facts.coresSharing);
  };
  if (number == topology.caches.size()) {
    int64_t bytes = quick ? 16 << 20 : 4 * getShare(number - 1);
    return std::min(bytes, topology.memoryBytes / 4 / threads);
  }
  if (number == 0)
    return getShare(0) / 2;
  int64_t bytes = std::min(4 * getShare(number - 1), getShare(number) * 3 / 4);
  return std::max(bytes, 2 * getShare(number - 1));
}

static LevelFacts measureLevel(const Topology &topology, const Kernels &kernels,
                               unsigned number, const Effort &effort) {
  LevelFacts level;
  level.name = "dram";
  if (number < topology.caches.size()) {
    level.name = "l" + std::to_string(number + 1);
    level.cache = topology.caches[number];
    showProgress("how " + llvm::Twine(level.name) + " places lines");
    level.index = quick ? IndexProbe{std::nullopt, "not probed (--quick)"}
                        : probeIndex(topology, number);
  }
  auto measure = [&](int64_t threads) {
    showProgress("bandwidth of " + llvm::Twine(level.name) +
                 ", cores: " + llvm::Twine(threads));
    return measureBandwidths(topology, kernels, threads,
                             chooseBytesPerThread(topology, number, threads),
                             effort);
  };
  level.oneCore = measure(1);
  level.allCores =
      topology.cores == 1 ? level.oneCore : measure(topology.cores);
  return level;
}

static HostFacts measureHost(const Topology &topology) {
  Effort effort;
  if (quick)
    effort = {3, 0.0005};
  Kernels kernels = getHostKernels();
  HostFacts facts;
  facts.name = name;
  facts.cpuModel = topology.cpuModel;
  facts.extension = kernels.extension;
  facts.cores = topology.cores;
  facts.memoryBytes = topology.memoryBytes;
  facts.vectorBits = kernels.vectorBits;
  facts.vectorRegisters = kernels.vectorRegisters;
  facts.dotInstructions = kernels.dotInstructions;
  for (const ArithmeticKernel &kernel : kernels.arithmetic) {
    showProgress(llvm::Twine("arithmetic of ") + kernel.elementType);
    facts.peaks.push_back(
        {kernel.elementType, kernel.instruction,
         measureArithmetic(topology, kernel, 1, effort),
         measureArithmetic(topology, kernel, topology.cores, effort)});
  }
  showProgress("instructions and pages");
  facts.instructions = {
      "", kernels.instructions.instruction,
      measureArithmetic(topology, kernels.instructions, 1, effort),
      measureArithmetic(topology, kernels.instructions, topology.cores,
                        effort)};
  facts.pages = probePages(topology, kernels,
                           topology.caches.back().capacityBytes, effort);
  if (auto step = probePrefetchers(
          topology, kernels, topology.caches.back().capacityBytes, effort))
    facts.pages.push_back(*step);
  for (unsigned level = 0; level <= topology.caches.size(); ++level)
    facts.levels.push_back(measureLevel(topology, kernels, level, effort));
  showProgress("");
  return facts;
}

static int fail(llvm::Error error) {
  llvm::errs() << "memwall-calibrate: error: "
               << llvm::toString(std::move(error)) << '\n';
  return EXIT_FAILURE;
}

int main(int argc, char **argv) {
  llvm::InitLLVM initialize(argc, argv);
  cl::HideUnrelatedOptions(flags);
  cl::ParseCommandLineOptions(
      argc, argv, "memwall: measures this machine and writes it as a target\n");
  llvm::Expected<Topology> topology = Topology::read();
  if (!topology)
    return fail(topology.takeError());
  if (cores < 0 || cores > topology->cores)
    return fail(llvm::createStringError(
        "expected at most %lld cores, found --cores=%lld",
        (long long)topology->cores, (long long)cores));
  if (cores > 0)
    topology->limitTo(cores);
  std::string text;
  llvm::raw_string_ostream os(text);
  writeHostTarget(measureHost(*topology), os);
  // What nobody could read is not written.
  Registry registry;
  if (llvm::Error error = registry.addText(text, "the measured target"))
    return fail(std::move(error));
  return writeOrKeep(output, [&](llvm::raw_ostream &file) {
    file << text;
    return mlir::success();
  });
}
