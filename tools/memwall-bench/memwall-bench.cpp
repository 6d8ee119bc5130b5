//===- memwall-bench.cpp - How long an analysis takes ---------------------===//
//
//   memwall-bench                         generated chains of 10 to 100000 ops
//   memwall-bench model.mlir ...          and these models (linalg; not TOSA):
//                                         reports, fast and as usual, search,
//                                         and reports once optimized
//   memwall-bench --tilings [--output=f]  what schedules of matmuls move
//
// Time per op should not grow with the number of ops. Parsing is not measured;
// `parse_ms` says what that takes for a model.
//
//===----------------------------------------------------------------------===//

#include "ChainModule.h"
#include "Tilings.h"
#include "TilingsCell.h"
#include "memwall/Bounds/Bounds.h"
#include "memwall/IR/MemWallDialect.h"
#include "memwall/Passes/Passes.h"
#include "memwall/Report/Report.h"
#include "memwall/Search/Search.h"
#include "memwall/Target/Registry.h"
#include "memwall/Traffic/Traffic.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Path.h"
#include <benchmark/benchmark.h>
#include <chrono>
#include <ctime>

using namespace memwall;

static mlir::MLIRContext &getContext() {
  static mlir::DialectRegistry registry;
  static mlir::MLIRContext context = [] {
    mlir::registerAllDialects(registry);
    mlir::registerAllExtensions(registry);
    registerMemWallDialect(registry);
    return mlir::MLIRContext(registry);
  }();
  return context;
}

static Target getTarget(llvm::StringRef name) {
  static Registry registry = llvm::cantFail(createRegistry());
  return *llvm::cantFail(registry.find(name));
}

/// Runs `work` in a loop and reports seconds per op.
template <typename Work>
static void measure(benchmark::State &state, int64_t ops, Work work) {
  for (auto _ : state)
    work();
  state.SetComplexityN(ops);
  state.counters["ops"] = (double)ops;
  state.counters["per_op"] = benchmark::Counter(
      (double)ops, benchmark::Counter::kIsIterationInvariantRate |
                       benchmark::Counter::kInvert);
}

static int64_t countOps(llvm::ArrayRef<LoopTree> trees) {
  int64_t ops = 0;
  for (const LoopTree &tree : trees)
    ops += tree.ops.size();
  return ops;
}

/// From IR to a report for one HBM and one DDR target.
static void reportModule(benchmark::State &state, mlir::ModuleOp module,
                         Accuracy accuracy) {
  llvm::SmallVector<Target, 2> targets = {getTarget("h100-sxm"),
                                          getTarget("ddr5-2ch")};
  int64_t ops = countOps(buildTrees(module));
  ReportOptions options = BandwidthChoice::Peak;
  options.accuracy = accuracy;
  measure(state, ops, [&] {
    benchmark::DoNotOptimize(
        computeReport(buildTrees(module), targets, options));
  });
}

/// The same report with operands and without, by turns; the counter
/// `of_plain` is the ratio of the times of this process.
static void recordOperands(benchmark::State &state, mlir::ModuleOp module,
                           Accuracy accuracy) {
  llvm::SmallVector<Target, 2> targets = {getTarget("h100-sxm"),
                                          getTarget("ddr5-2ch")};
  llvm::SmallVector<LoopTree, 1> trees = buildTrees(module);
  double seconds[2] = {0, 0};
  auto report = [&](bool recordsOperands) {
    ReportOptions options(BandwidthChoice::Peak, accuracy);
    options.recordsOperands = recordsOperands;
    std::clock_t begin = std::clock();
    benchmark::DoNotOptimize(computeReport(trees, targets, options));
    seconds[recordsOperands] += double(std::clock() - begin) / CLOCKS_PER_SEC;
  };
  for (auto _ : state) {
    report(false);
    report(true);
  }
  state.counters["of_plain"] = seconds[1] / seconds[0];
}

/// Schedules for all functions, for one DDR target.
static void searchModule(benchmark::State &state, mlir::ModuleOp module) {
  llvm::SmallVector<LoopTree, 1> trees = buildTrees(module);
  Target target = getTarget("ddr5-2ch");
  measure(state, countOps(trees), [&] {
    for (const LoopTree &tree : trees)
      benchmark::DoNotOptimize(searchSchedules(tree, target));
  });
}

/// The same with groups and without, by turns; the counter `of_unfused` is the
/// ratio of the times of this process.
static void searchGroupsOf(benchmark::State &state, mlir::ModuleOp module) {
  llvm::SmallVector<LoopTree, 1> trees = buildTrees(module);
  Target target = getTarget("ddr5-2ch");
  double seconds[2] = {0, 0};
  for (auto _ : state)
    for (bool fuse : {false, true}) {
      SearchOptions options;
      options.fuse = fuse;
      std::clock_t begin = std::clock();
      for (const LoopTree &tree : trees)
        benchmark::DoNotOptimize(searchSchedules(tree, target, options));
      seconds[fuse] += double(std::clock() - begin) / CLOCKS_PER_SEC;
    }
  state.counters["of_unfused"] = seconds[1] / seconds[0];
}

/// The reports of what `memwall-optimize` makes of the module for the DDR
/// target, which it takes some times as long as a search to make, once.
static void reportOptimized(benchmark::State &state, mlir::ModuleOp module) {
  static llvm::StringMap<mlir::OwningOpRef<mlir::ModuleOp>> known;
  std::string name =
      mlir::cast<mlir::FileLineColLoc>(module.getLoc()).getFilename().str();
  auto [optimized, isNew] = known.try_emplace(name);
  if (isNew) {
    optimized->second = module.clone();
    mlir::PassManager manager(module.getContext());
    OptimizeOptions options;
    options.target = "ddr5-2ch";
    manager.addPass(createOptimize(options));
    if (failed(manager.run(*optimized->second)))
      optimized->second = nullptr;
  }
  if (!optimized->second)
    return state.SkipWithError("cannot be optimized");
  reportModule(state, *optimized->second, Accuracy::Default);
}

static void reportChain(benchmark::State &state) {
  reportModule(state, *buildChainModule(getContext(), state.range(0)),
               Accuracy::Default);
}

static void buildChain(benchmark::State &state) {
  auto module = buildChainModule(getContext(), state.range(0));
  measure(state, state.range(0),
          [&] { benchmark::DoNotOptimize(buildTrees(*module)); });
}

static void boundChain(benchmark::State &state) {
  auto module = buildChainModule(getContext(), state.range(0));
  LoopTree tree = buildTrees(*module).front();
  Target target = getTarget("ddr5-2ch");
  measure(state, state.range(0),
          [&] { benchmark::DoNotOptimize(computeBounds(tree, target)); });
}

static void trafficChain(benchmark::State &state) {
  auto module = buildChainModule(getContext(), state.range(0));
  LoopTree tree = buildTrees(*module).front();
  Target target = getTarget("ddr5-2ch");
  measure(state, state.range(0),
          [&] { benchmark::DoNotOptimize(computeTraffic(tree, target)); });
}

static constexpr const char *kProduct = R"(
  !t = tensor<4096x4096xbf16>
  func.func @product(%a: !t, %b: !t, %c: !t) -> !t {
    %0 = linalg.matmul ins(%a, %b : !t, !t) outs(%c : !t) -> !t
    return %0 : !t
  })";

/// Tiles of 128x256, kept over k in steps of 48, which leave a remainder.
static constexpr const char *kTiledProduct = R"(
  !t = tensor<4096x4096xbf16>
  !c = tensor<128x256xbf16>
  func.func @product(%a: !t, %b: !t, %c: !t) -> !t {
    %c0 = arith.constant 0 : index
    %c48 = arith.constant 48 : index
    %c128 = arith.constant 128 : index
    %c256 = arith.constant 256 : index
    %n = arith.constant 4096 : index
    %0 = scf.for %i = %c0 to %n step %c128 iter_args(%ci = %c) -> !t {
      %1 = scf.for %j = %c0 to %n step %c256 iter_args(%cj = %ci) -> !t {
        %2 = scf.for %k = %c0 to %n step %c48 iter_args(%ck = %cj) -> !t {
          %s = affine.min affine_map<(d0) -> (48, 4096 - d0)>(%k)
          %at = tensor.extract_slice %a[%i, %k][128, %s][1, 1]
            : !t to tensor<128x?xbf16>
          %bt = tensor.extract_slice %b[%k, %j][%s, 256][1, 1]
            : !t to tensor<?x256xbf16>
          %ct = tensor.extract_slice %ck[%i, %j][128, 256][1, 1] : !t to !c
          %d = linalg.matmul ins(%at, %bt : tensor<128x?xbf16>,
            tensor<?x256xbf16>) outs(%ct : !c) -> !c
          %r = tensor.insert_slice %d into %ck[%i, %j][128, 256][1, 1]
            : !c into !t
          scf.yield %r : !t
        }
        scf.yield %2 : !t
      }
      scf.yield %1 : !t
    }
    return %0 : !t
  })";

/// One evaluation of a product of 4096x4096 matrices at all levels of a target,
/// and per cache: what a search pays per candidate.
static void evaluate(benchmark::State &state, const char *source,
                     const char *target) {
  auto module = mlir::parseSourceString<mlir::ModuleOp>(source, &getContext());
  LoopTree tree = buildTrees(*module).front();
  Target machine = getTarget(target);
  measure(state, 1,
          [&] { benchmark::DoNotOptimize(computeTraffic(tree, machine)); });
  state.counters["per_cache"] =
      benchmark::Counter(double(machine.levels.size() - 1),
                         benchmark::Counter::kIsIterationInvariantRate |
                             benchmark::Counter::kInvert);
}
BENCHMARK_CAPTURE(evaluate, product_h100, kProduct, "h100-sxm")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(evaluate, product_ddr5, kProduct, "ddr5-2ch")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(evaluate, tiled_product_h100, kTiledProduct, "h100-sxm")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(evaluate, tiled_product_ddr5, kTiledProduct, "ddr5-2ch")
    ->Unit(benchmark::kMicrosecond);

/// The schedule of one matmul of the table of tilings: what a search costs per
/// distinct op.
static void searchMatmul(benchmark::State &state) {
  const tilings::Shape &shape = tilings::getShapes()[state.range(1)];
  LoopTree tree = tilings::makeTree(shape, tilings::getWidths()[1]);
  Target target = getTarget(state.range(0) ? "h100-sxm" : "ddr5-2ch");
  state.SetLabel(target.name + " " + shape.name);
  measure(state, 1,
          [&] { benchmark::DoNotOptimize(searchSchedules(tree, target)); });
}

/// Matmuls of one-byte elements on explicit levels of 4 Ki to 4 Mi elements, a
/// curve per shape: what exhaustive mappers take seconds for (docs/Search.md).
static void searchCurves(benchmark::State &state) {
  const tilings::Shape shapes[] = {{"", 1, 128, 128, 128},
                                   {"", 1, 1, 4096, 4096},
                                   {"", 1, 2048, 12288, 4096},
                                   {"", 1, 2048, 4096, 4096},
                                   {"", 1, 512, 768, 768}};
  const tilings::Widths bytes{"", 8, 8, 8, 8};
  llvm::SmallVector<std::pair<LoopTree, Target>, 0> cells;
  for (const tilings::Shape &shape : shapes)
    for (int64_t capacity = 4 << 10; capacity <= 4 << 20; capacity *= 4)
      cells.push_back({tilings::makeTree(shape, bytes),
                       tilings::makeTarget(capacity, true)});
  measure(state, cells.size(), [&] {
    for (const auto &[tree, target] : cells)
      benchmark::DoNotOptimize(searchSchedules(tree, target));
  });
}

#define CHAIN(function)                                                        \
  BENCHMARK(function)                                                          \
      ->RangeMultiplier(10)                                                    \
      ->Range(10, 100000)                                                      \
      ->Unit(benchmark::kMillisecond)                                          \
      ->MeasureProcessCPUTime()                                                \
      ->Complexity()
CHAIN(reportChain);
CHAIN(buildChain);
CHAIN(boundChain);
CHAIN(trafficChain);

static void operandsOfChain(benchmark::State &state) {
  Accuracy accuracy = Accuracy(state.range(1));
  state.SetLabel(getAccuracyName(accuracy).str());
  recordOperands(state, *buildChainModule(getContext(), state.range(0)),
                 accuracy);
}
BENCHMARK(operandsOfChain)
    ->ArgsProduct({{10, 1000},
                   {int(Accuracy::Fast), int(Accuracy::Default),
                    int(Accuracy::Exact)}})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();
BENCHMARK(searchCurves)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();
BENCHMARK(searchMatmul)
    ->ArgsProduct({{0, 1}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15}})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();

/// Writes the table of tilings to a file, or to stdout.
static int runTilings(llvm::ArrayRef<const char *> arguments) {
  llvm::StringRef output = "-";
  for (llvm::StringRef argument : arguments)
    if (!argument.consume_front("--output=") || argument.empty()) {
      llvm::errs() << "unknown option '" << argument << "'\n";
      return 1;
    } else {
      output = argument;
    }
  std::error_code error;
  llvm::raw_fd_ostream stream(output, error);
  if (error) {
    llvm::errs() << "cannot write '" << output << "': " << error.message()
                 << "\n";
    return 1;
  }
  tilings::writeTilings(stream);
  return 0;
}

/// A benchmark `what/<name of the file>` of the model in a file.
static void addModel(llvm::StringRef what, std::string path,
                     void (*run)(benchmark::State &, mlir::ModuleOp)) {
  std::string name = (what + "/" + llvm::sys::path::stem(path)).str();
  benchmark::RegisterBenchmark(
      name.c_str(),
      [path, run](benchmark::State &state) {
        using Clock = std::chrono::steady_clock;
        auto begin = Clock::now();
        auto module =
            mlir::parseSourceFile<mlir::ModuleOp>(path, &getContext());
        std::chrono::duration<double> parsing = Clock::now() - begin;
        if (!module)
          return state.SkipWithError("does not parse");
        run(state, *module);
        state.counters["parse_ms"] = 1e3 * parsing.count();
      })
      ->Unit(benchmark::kMillisecond)
      ->MeasureProcessCPUTime()
      ->UseRealTime();
}

int main(int argc, char **argv) {
  if (argc > 1 && llvm::StringRef(argv[1]) == "--tilings")
    return runTilings(llvm::ArrayRef(argv + 2, argc - 2));
  benchmark::Initialize(&argc, argv);
  for (int i = 1; i != argc; ++i) {
    addModel("fast", argv[i], [](auto &state, mlir::ModuleOp module) {
      reportModule(state, module, Accuracy::Fast);
    });
    addModel("report", argv[i], [](auto &state, mlir::ModuleOp module) {
      reportModule(state, module, Accuracy::Default);
    });
    addModel("optimized", argv[i], reportOptimized);
    addModel("search", argv[i], searchModule);
    addModel("groups", argv[i], searchGroupsOf);
    addModel("operands_fast", argv[i], [](auto &state, mlir::ModuleOp module) {
      recordOperands(state, module, Accuracy::Fast);
    });
    addModel("operands", argv[i], [](auto &state, mlir::ModuleOp module) {
      recordOperands(state, module, Accuracy::Default);
    });
    addModel("operands_exact", argv[i], [](auto &state, mlir::ModuleOp module) {
      recordOperands(state, module, Accuracy::Exact);
    });
  }
  benchmark::RunSpecifiedBenchmarks();
}
