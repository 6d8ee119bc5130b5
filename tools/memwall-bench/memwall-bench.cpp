//===- memwall-bench.cpp - How long an analysis takes ---------------------===//
//
//   memwall-bench                         generated chains of 10 to 100000 ops
//   memwall-bench model.mlir ...          and these models (linalg; not TOSA)
//
// Time per op should not grow with the number of ops. Parsing is not measured.
//
//===----------------------------------------------------------------------===//

#include "ChainModule.h"
#include "memwall/Bounds/Bounds.h"
#include "memwall/Report/Report.h"
#include "memwall/Target/Registry.h"
#include "memwall/Traffic/Traffic.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/Path.h"
#include <benchmark/benchmark.h>

using namespace memwall;

static mlir::MLIRContext &getContext() {
  static mlir::DialectRegistry registry;
  static mlir::MLIRContext context = [] {
    mlir::registerAllDialects(registry);
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

/// From IR to a report for one HBM and one DDR target.
static void reportModule(benchmark::State &state, mlir::ModuleOp module) {
  llvm::SmallVector<Target, 2> targets = {getTarget("h100-sxm"),
                                          getTarget("ddr5-2ch")};
  int64_t ops = 0;
  for (const LoopTree &tree : buildTrees(module))
    ops += tree.ops.size();
  measure(state, ops, [&] {
    benchmark::DoNotOptimize(
        computeReport(buildTrees(module), targets, BandwidthChoice::Peak));
  });
}

static void reportChain(benchmark::State &state) {
  reportModule(state, *buildChainModule(getContext(), state.range(0)));
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

/// One evaluation of a product of 4096x4096 matrices, untiled: what a search
/// pays per candidate.
static void trafficProduct(benchmark::State &state) {
  auto module = mlir::parseSourceString<mlir::ModuleOp>(R"(
    !t = tensor<4096x4096xbf16>
    func.func @product(%a: !t, %b: !t, %c: !t) -> !t {
      %0 = linalg.matmul ins(%a, %b : !t, !t) outs(%c : !t) -> !t
      return %0 : !t
    })",
                                                        &getContext());
  LoopTree tree = buildTrees(*module).front();
  Target target = getTarget(state.range(0) ? "h100-sxm" : "ddr5-2ch");
  measure(state, 1,
          [&] { benchmark::DoNotOptimize(computeTraffic(tree, target)); });
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
BENCHMARK(trafficProduct)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

int main(int argc, char **argv) {
  benchmark::Initialize(&argc, argv);
  for (int i = 1; i != argc; ++i) {
    std::string path = argv[i];
    std::string name = "report/" + llvm::sys::path::stem(path).str();
    benchmark::RegisterBenchmark(
        name.c_str(),
        [path](benchmark::State &state) {
          auto module =
              mlir::parseSourceFile<mlir::ModuleOp>(path, &getContext());
          if (!module)
            return state.SkipWithError("does not parse");
          reportModule(state, *module);
        })
        ->Unit(benchmark::kMillisecond)
        ->MeasureProcessCPUTime();
  }
  benchmark::RunSpecifiedBenchmarks();
}
