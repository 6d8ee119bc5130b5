//===- MeasurePrograms.cpp - Predicted beside measured --------------------===//

#include "MeasurePrograms.h"
#include "memwall/Bounds/Bounds.h"
#include "memwall/Simulator/RunProgram.h"
#include "memwall/Target/Registry.h"
#include "memwall/Work/BuildLoopTree.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace memwall;

static FailureOr<Target> findModuleTarget(ModuleOp module) {
  Registry registry;
  SmallVector<std::string> names;
  if (failed(registry.addModule(module, names)))
    return failure();
  if (names.empty())
    return module.emitError("expected a target on the module, found none");
  return **registry.find(names.front());
}

FailureOr<Comparison> memwall::comparePrediction(ModuleOp module) {
  Comparison result;
  FailureOr<Target> target = findModuleTarget(module);
  auto function = module.lookupSymbol<FunctionOpInterface>("f");
  if (failed(target))
    return failure();
  if (!function)
    return module.emitError("expected a function named 'f'");
  result.target = std::move(*target);

  FailureOr<LoopTree> tree = buildLoopTree(function);
  if (failed(tree))
    return failure();
  result.tree = std::move(*tree);
  for (const Unmodelled &op : result.tree.unmodelled)
    return function.emitError("'") << op.name << "' is unmodelled";
  result.predicted = computeTraffic(result.tree, result.target);
  TrafficOptions noWalks;
  noWalks.accuracy = Accuracy::Fast;
  result.byDistances = computeTraffic(result.tree, result.target, noWalks);

  llvm::Expected<std::unique_ptr<Hierarchy>> memory =
      Hierarchy::create(result.target, Stacking::Independent);
  if (!memory)
    return module.emitError(llvm::toString(memory.takeError()));
  RunOptions options;
  options.entry = "f";
  options.units = result.target.units;
  FailureOr<RunResult> run = runProgram(module, options, memory->get());
  if (failed(run))
    return failure();
  result.measured = (*memory)->getTraffic();
  result.accesses = run->accesses;
  return result;
}

void memwall::halveLargestOperand(Traffic &traffic) {
  for (LevelTraffic &level : MutableArrayRef(traffic.levels).drop_front()) {
    auto *largest = std::max_element(
        level.buffers.begin(), level.buffers.end(),
        [](const Bytes &a, const Bytes &b) { return a.total() < b.total(); });
    if (largest == level.buffers.end())
      continue;
    Bytes lost = {largest->read / 2, largest->written / 2};
    for (Bytes *bytes : {&*largest, &level.total}) {
      bytes->read -= lost.read;
      bytes->written -= lost.written;
    }
  }
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

void memwall::printHeader(llvm::raw_ostream &os) {
  os << "program,cache,capacity,line,sector,ways,policy,predicted_read,"
        "predicted_written,distances_read,distances_written,measured_read,"
        "measured_written,compulsory_read,compulsory_written,accesses\n";
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

void memwall::printRows(StringRef program, const Comparison &comparison,
                        llvm::raw_ostream &os) {
  Bytes floor = computeFloor(comparison.tree);
  for (auto [i, measured] : llvm::enumerate(comparison.measured)) {
    const Bytes &predicted = comparison.predicted.levels[i].total;
    os << program << ',';
    if (i == 0) {
      os << "none,0,0,0,0,none,";
    } else {
      const Level &cache = comparison.target.levels[i - 1];
      os << cache.name << ',' << cache.capacityBytes << ',' << cache.lineBytes
         << ',' << cache.sectorBytes << ',' << cache.associativity << ','
         << getPolicyName(cache.storePolicy) << ',';
    }
    const Bytes &byDistances = comparison.byDistances.levels[i].total;
    os << predicted.read << ',' << predicted.written << ',' << byDistances.read
       << ',' << byDistances.written << ',' << measured.total.read << ','
       << measured.total.written << ',' << floor.read << ',' << floor.written
       << ',' << comparison.accesses << '\n';
  }
}

void memwall::printBuffers(const Comparison &comparison,
                           llvm::raw_ostream &os) {
  os << "cache     buffer  read predicted     measured  written predicted     "
        "measured  name\n";
  for (auto [i, measured] : llvm::enumerate(comparison.measured)) {
    const LevelTraffic &predicted = comparison.predicted.levels[i];
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
      if (b < comparison.tree.buffers.size())
        os << comparison.tree.buffers[b].name << ' '
           << comparison.tree.buffers[b].bytes() << " bytes";
      os << '\n';
    }
  }
}
