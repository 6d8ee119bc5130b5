//===- MeasurePrograms.cpp - Predicted beside measured --------------------===//

#include "MeasurePrograms.h"
#include "memwall/Bounds/Bounds.h"
#include "memwall/Simulator/RunProgram.h"
#include "memwall/Target/Registry.h"
#include "memwall/Work/BuildLoopTree.h"
#include "llvm/Support/Format.h"
#include <ctime>

using namespace mlir;
using namespace memwall;

FailureOr<Target> memwall::findModuleTarget(ModuleOp module) {
  Registry registry;
  SmallVector<std::string> names;
  if (failed(registry.addModule(module, names)))
    return failure();
  if (names.empty())
    return module.emitError("expected a target on the module, found none");
  return **registry.find(names.front());
}

/// Of the processor: others may be busy on the machine.
static double getSecondsSince(std::clock_t start) {
  return double(std::clock() - start) / CLOCKS_PER_SEC;
}

FailureOr<Prediction> memwall::predictProgram(ModuleOp module,
                                              const Target &target,
                                              Accuracy accuracy, Fault fault) {
  auto function = module.lookupSymbol<FunctionOpInterface>("f");
  if (!function)
    return module.emitError("expected a function named 'f'");
  FailureOr<LoopTree> tree = buildLoopTree(function);
  if (failed(tree))
    return failure();
  for (const Unmodelled &op : tree->unmodelled)
    return function.emitError("'") << op.name << "' is unmodelled";

  Prediction result;
  result.tree = std::move(*tree);
  TrafficOptions options;
  options.accuracy = accuracy;
  std::clock_t start = std::clock();
  result.traffic = computeFaultyTraffic(result.tree, target, options, fault);
  result.seconds = getSecondsSince(start);
  options.accuracy = Accuracy::Fast;
  result.byDistances = computeTraffic(result.tree, target, options);
  return result;
}

FailureOr<Measurement>
memwall::measureProgram(ModuleOp module, const Target &target, uint64_t seed) {
  llvm::Expected<std::unique_ptr<Hierarchy>> memory =
      Hierarchy::create(target, Stacking::Independent);
  if (!memory)
    return module.emitError(llvm::toString(memory.takeError()));
  RunOptions options;
  options.entry = "f";
  options.units = target.units;
  options.seed = seed;
  std::clock_t start = std::clock();
  FailureOr<RunResult> run = runProgram(module, options, memory->get());
  if (failed(run))
    return failure();
  return Measurement{(*memory)->getTraffic(), run->accesses,
                     getSecondsSince(start)};
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

void memwall::printHeader(llvm::raw_ostream &os) {
  os << "program,cache,capacity,line,sector,ways,sets,policy,instances,"
        "predicted_read,predicted_written,method,sets_walked,walked_of,"
        "sampled_in_time,error_of_read,error_of_written,predicting_seconds,"
        "distances_read,distances_written,compulsory_read,compulsory_written,"
        "measured_read,measured_written,accesses,measuring_seconds\n";
}

static StringRef getPolicyName(StorePolicy policy) {
  switch (policy) {
  case StorePolicy::Fetch:
    return "fetch";
  case StorePolicy::Allocate:
    return "allocate";
  case StorePolicy::Bypass:
    return "bypass";
  }
  return "";
}

static void printCache(const Target &target, const Level &cache,
                       llvm::raw_ostream &os) {
  os << cache.name << ',' << cache.capacityBytes << ',' << cache.lineBytes
     << ',' << cache.sectorBytes << ',' << cache.associativity << ','
     << cache.sets() << ',' << getPolicyName(cache.storePolicy) << ','
     << target.units / cache.unitsPerInstance;
}

/// Empty where the model makes no statement.
static void printError(std::optional<double> bytes, llvm::raw_ostream &os) {
  os << ',';
  if (bytes)
    os << llvm::format("%.6g", *bytes);
}

static void printPredicted(const Prediction &prediction, Bytes floor, size_t i,
                           llvm::raw_ostream &os) {
  const LevelTraffic &level = prediction.traffic.levels[i];
  const Bytes &total = level.total;
  const Provenance &from = level.provenance;
  os << total.read << ',' << total.written << ',' << getMethodName(from.method)
     << ',' << from.setsWalked << ',' << from.sets << ','
     << int(from.sampledInTime);
  printError(from.errorOfRead, os);
  printError(from.errorOfWritten, os);
  const Bytes &byDistances = prediction.byDistances.levels[i].total;
  os << llvm::format(",%.6f,", prediction.seconds) << byDistances.read << ','
     << byDistances.written << ',' << floor.read << ',' << floor.written;
}

void memwall::printRows(StringRef program, const Comparison &comparison,
                        llvm::raw_ostream &os) {
  const auto &[target, predicted, measured] = comparison;
  Bytes floor = predicted ? computeFloor(predicted->tree) : Bytes();
  for (size_t i = 0; i < target.levels.size(); ++i) {
    os << program << ',';
    if (i == 0)
      os << "none,0,0,0,0,0,none,0";
    else
      printCache(target, target.levels[i - 1], os);
    os << ',';
    if (predicted)
      printPredicted(*predicted, floor, i, os);
    else
      os << std::string(12, ',');
    os << ',';
    if (measured) {
      const ServedBytes &total = measured->levels[i].total;
      os << total.read << ',' << total.written << ',' << measured->accesses
         << llvm::format(",%.3f", measured->seconds);
    } else {
      os << ",,,";
    }
    os << '\n';
  }
}

void memwall::printBuffers(const Comparison &comparison,
                           llvm::raw_ostream &os) {
  os << "cache     buffer  read predicted     measured  written predicted     "
        "measured  name\n";
  const LoopTree &tree = comparison.predicted->tree;
  for (auto [i, measured] : llvm::enumerate(comparison.measured->levels)) {
    const LevelTraffic &predicted = comparison.predicted->traffic.levels[i];
    StringRef cache =
        i ? StringRef(comparison.target.levels[i - 1].name) : "none";
    size_t count = std::max(predicted.buffers.size(), measured.buffers.size());
    for (size_t b = 0; b < count; ++b) {
      Bytes p = b < predicted.buffers.size() ? predicted.buffers[b] : Bytes();
      ServedBytes m =
          b < measured.buffers.size() ? measured.buffers[b] : ServedBytes();
      os << llvm::format("%-8s %7zu %15lld %12lld %18lld %12lld  ",
                         cache.str().c_str(), b, (long long)p.read,
                         (long long)m.read, (long long)p.written,
                         (long long)m.written);
      if (b < tree.buffers.size())
        os << tree.buffers[b].name << ' ' << tree.buffers[b].bytes()
           << " bytes";
      os << '\n';
    }
  }
}
