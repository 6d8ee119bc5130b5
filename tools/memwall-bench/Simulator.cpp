//===- Simulator.cpp - The simulator's speed beside cachegrind's ----------===//
//
//   memwall-bench-simulator [--benchmark_repetitions=5]
//
// Every program runs natively, compiled from IR at -O1, under valgrind's
// cachegrind, and is observed in this process by our simulator: with the two
// levels of sets that cachegrind simulates, and with three fully associative
// levels. Both report data accesses per second of CPU time; cachegrind's time
// is without its start, ours has the lowering and compiling in it.
// `of_cachegrind` is the ratio to the run of cachegrind before it.
//
//===----------------------------------------------------------------------===//

#include "NativeProgram.h"
#include "memwall/Simulator/RunProgram.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Parser/Parser.h"
#include <benchmark/benchmark.h>
#include <ctime>

using namespace memwall;

/// Functions of three matrices; %a, %b and %c are `!t`.
static constexpr std::pair<const char *, const char *> programs[] = {
    // Walks down the columns of %b: one access in four misses the first cache.
    {"columns", R"(
       %r = linalg.matmul ins(%a, %b : !t, !t) outs(%c : !t) -> !t)"},
    // Walks along rows only.
    {"rows", R"(
       %r = linalg.matmul
         indexing_maps = [affine_map<(i, j, k) -> (i, k)>,
                          affine_map<(i, j, k) -> (j, k)>,
                          affine_map<(i, j, k) -> (i, j)>]
         ins(%a, %b : !t, !t) outs(%c : !t) -> !t)"},
};
static constexpr int64_t extent = 384;

static mlir::OwningOpRef<mlir::ModuleOp> parseProgram(llvm::StringRef body) {
  static mlir::DialectRegistry registry;
  static mlir::MLIRContext context = [] {
    mlir::registerAllDialects(registry);
    mlir::registerAllExtensions(registry);
    mlir::registerAllPasses();
    return mlir::MLIRContext(registry, mlir::MLIRContext::Threading::DISABLED);
  }();
  std::string shape = std::to_string(extent) + "x" + std::to_string(extent);
  std::string text = "!t = tensor<" + shape +
                     "xf32>\n"
                     "func.func @program(%a: !t, %b: !t, %c: !t) -> !t {" +
                     body.str() + "\n return %r : !t\n}";
  return mlir::parseSourceString<mlir::ModuleOp>(text, &context);
}

//===----------------------------------------------------------------------===//
// Caches
//===----------------------------------------------------------------------===//

static Target makeTarget(llvm::ArrayRef<std::pair<int64_t, int64_t>> caches) {
  Target target;
  target.name = "bench";
  for (auto [bytes, ways] : caches) {
    Level level;
    level.name = "l" + std::to_string(target.levels.size() + 1);
    level.capacityBytes = bytes;
    level.associativity = ways;
    target.levels.push_back(level);
  }
  Level memory;
  memory.name = "memory";
  memory.kind = LevelKind::Memory;
  memory.capacityBytes = int64_t(1) << 40;
  target.levels.push_back(memory);
  return target;
}

static Target twoLevelsOfSets() {
  return makeTarget({{32 << 10, 8}, {2 << 20, 16}});
}
static Target threeFullLevels() {
  return makeTarget({{32 << 10, 0}, {1 << 20, 0}, {32 << 20, 0}});
}

//===----------------------------------------------------------------------===//
// Benchmarks
//===----------------------------------------------------------------------===//

/// Accesses per second of cachegrind's last run.
static double cachegrindRate = 0;

static void report(benchmark::State &state, double accesses, double seconds) {
  state.SetIterationTime(seconds);
  state.counters["accesses_per_second"] = accesses / seconds;
}

static void runCachegrind(benchmark::State &state, const char *body) {
  mlir::OwningOpRef<mlir::ModuleOp> module = parseProgram(body);
  llvm::Expected<NativeProgram> program =
      NativeProgram::compile(*module, "program", extent);
  if (!program)
    return state.SkipWithError(llvm::toString(program.takeError()).c_str());
  for (auto _ : state) {
    llvm::Expected<NativeProgram::Run> run =
        program->runCachegrind("32768,8,64", "2097152,16,64");
    if (!run)
      return state.SkipWithError(llvm::toString(run.takeError()).c_str());
    cachegrindRate = run->accesses / run->seconds;
    report(state, run->accesses, run->seconds);
  }
}

static void runSimulator(benchmark::State &state, const char *body,
                         const Target &target) {
  RunOptions options;
  options.entry = "program";
  for (auto _ : state) {
    mlir::OwningOpRef<mlir::ModuleOp> module = parseProgram(body);
    auto memory =
        llvm::cantFail(Hierarchy::create(target, Stacking::Independent));
    std::clock_t begin = std::clock();
    mlir::FailureOr<RunResult> run = runProgram(*module, options, memory.get());
    if (failed(run))
      return state.SkipWithError("cannot run the program");
    double seconds = double(std::clock() - begin) / CLOCKS_PER_SEC;
    report(state, run->accesses, seconds);
    if (cachegrindRate > 0)
      state.counters["of_cachegrind"] =
          run->accesses / seconds / cachegrindRate;
  }
}

int main(int argc, char **argv) {
  benchmark::Initialize(&argc, argv);
  auto add = [](std::string name, auto function) {
    benchmark::RegisterBenchmark(name.c_str(), function)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  };
  for (auto [name, text] : programs) {
    const char *body = text;
    add(std::string(name) + "/cachegrind",
        [body](benchmark::State &state) { runCachegrind(state, body); });
    add(std::string(name) + "/two_levels_of_sets",
        [body](benchmark::State &state) {
          runSimulator(state, body, twoLevelsOfSets());
        });
    add(std::string(name) + "/three_full_levels",
        [body](benchmark::State &state) {
          runSimulator(state, body, threeFullLevels());
        });
  }
  benchmark::RunSpecifiedBenchmarks();
}
