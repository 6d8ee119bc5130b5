//===- Clock.cpp - Predicted beside measured seconds ----------------------===//

#include "Clock.h"
#include "Race.h"
#include "Schedules.h"
#include "memwall/Lowering/HostRegisters.h"
#include "memwall/Passes/Passes.h"
#include "memwall/Passes/PredictVectorTime.h"
#include "memwall/Schedule/ConvertSchedule.h"
#include "memwall/Schedule/SplitDims.h"
#include "memwall/Search/Search.h"
#include "memwall/Target/Registry.h"
#include "memwall/Work/BuildLoopTree.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Format.h"
#include <cmath>
#include <cstring>
#include <numeric>

using namespace mlir;
using namespace memwall;
using Program = OwningOpRef<ModuleOp>;

namespace {
/// A line of a table.
struct ScheduledProgram {
  std::string name;
  Program program; ///< With the loops of its schedule.
  double predicted = 0, measured = 0;
  std::string boundBy;
};

/// What is said of an op.
struct Verdict {
  std::string name;
  double correlation = 0;
  double chosenOverBest = 0; ///< Measured.
};
} // namespace

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

static LogicalResult runPass(ModuleOp module, llvm::StringRef pass) {
  PassManager manager(module.getContext());
  return success(succeeded(parsePassPipeline(pass, manager)) &&
                 succeeded(manager.run(module)));
}

/// `module` in one of the ways that `annotated` says; null where it does not
/// fit.
static Program apply(ModuleOp module, const NamedSchedule &schedule) {
  Program program = module.clone();
  annotate(*program, schedule);
  // What does not fit is left out.
  ScopedDiagnosticHandler quiet(module.getContext(),
                                [](Diagnostic &) { return success(); });
  if (failed(runPass(*program, "memwall-apply-schedule")))
    return nullptr;
  return program;
}

/// What the search liked best of what it did not take, for the last op.
static std::optional<NamedSchedule> findRejected(ModuleOp module,
                                                 const Target &target) {
  FailureOr<LoopTree> tree = buildLoopTree(getEntryFunctions(module).front());
  if (failed(tree))
    return std::nullopt;
  SearchOptions options;
  options.parallel = options.split = options.fuse = false;
  options.forVectorCode = true;
  FunctionChoice choice = searchSchedules(*tree, target, options);
  Operation *last = findScheduledOps(module).back();
  for (const ScheduleChoice &op : choice.ops)
    if (tree->ops[op.op].operation == last && op.bestRejected)
      if (auto schedule = toOpDims(op.bestRejected->schedule, *tree, op.op))
        return NamedSchedule{"best rejected", *schedule};
  return std::nullopt;
}

/// All programs to time: as chosen, as it stands, and others, no two alike,
/// with their predictions.
static llvm::Expected<std::vector<ScheduledProgram>>
makePrograms(MLIRContext &context, const Case &c, const Target &target,
             const ClockOptions &options) {
  std::vector<ScheduledProgram> programs;
  llvm::StringSet<> seen;
  VectorCode code;
  code.registers = getVectorRegisters(target);
  auto add = [&](std::string name, Program program) {
    if (!program || programs.size() >= options.schedules)
      return;
    std::string text;
    llvm::raw_string_ostream os(text);
    program->print(os);
    if (!seen.insert(text).second)
      return;
    llvm::StringRef entry = getEntryFunctions(*program).front().getName();
    FailureOr<PredictedTime> time =
        predictVectorTime(*program, entry, target, code);
    if (succeeded(time))
      programs.push_back({std::move(name), std::move(program),
                          time->seconds.value_or(0), 0, time->boundBy});
  };
  Program module = parseSourceString<ModuleOp>(c.text, &context);
  if (!module)
    return llvm::createStringError("cannot parse " + c.name);
  Program chosen = module->clone();
  if (failed(optimize(*chosen, options.source)))
    return llvm::createStringError("cannot schedule " + c.name);
  add("chosen", std::move(chosen));
  add("as it stands", module->clone());
  // What fuses has one op per pass over data.
  if (failed(runPass(*module, "memwall-normalize")))
    return llvm::createStringError("cannot normalize " + c.name);
  if (auto rejected = findRejected(*module, target))
    add(rejected->name, apply(*module, *rejected));
  for (llvm::StringRef other : {"xeon-8592", "ddr5-2ch", "m4-max"}) {
    Program forOther = parseSourceString<ModuleOp>(c.text, &context);
    if (succeeded(optimize(*forOther, {other.str(), ""})))
      add("chosen for " + other.str(), std::move(forOther));
  }
  std::vector<std::string> levels;
  for (const Level &level : llvm::drop_begin(llvm::reverse(target.levels)))
    levels.push_back(level.name);
  for (const NamedSchedule &schedule :
       listSchedules(*module, levels, 4 * options.schedules))
    add(schedule.name, apply(*module, schedule));
  if (programs.empty() || programs.front().name != "chosen")
    return llvm::createStringError("no prediction for " + c.name);
  return std::move(programs);
}

//===----------------------------------------------------------------------===//
// Times
//===----------------------------------------------------------------------===//

static bool isSame(const Case &c, const void *a, const void *b) {
  int64_t count = 1;
  for (int64_t extent : c.resultShape)
    count *= extent;
  if (c.resultElement != "f32")
    return std::memcmp(a, b, 4 * count) == 0;
  // Roundings of sums of thousands of terms are far below this.
  return compare(static_cast<const float *>(a), static_cast<const float *>(b),
                 count) < 1e-3;
}

/// Sets the measured seconds.
static llvm::Error measure(const Case &c,
                           std::vector<ScheduledProgram> &programs,
                           double seconds) {
  std::vector<Kernel> kernels;
  for (ScheduledProgram &each : programs) {
    llvm::Expected<Kernel> kernel =
        Kernel::compile(*each.program, c.arguments, c.resultShape.size());
    if (!kernel)
      return kernel.takeError();
    kernels.push_back(std::move(*kernel));
  }
  // All write to the same memory: which pages a result has, and how far it is
  // from the inputs, would make up to a third of a difference between programs
  // that are alike.
  std::vector<Contestant> all;
  for (Kernel &kernel : kernels)
    all.push_back({[&kernel] {
      kernel.run();
      kernel.release();
    }});
  race(all, seconds);
  kernels.front().run();
  for (auto [each, kernel, contestant] :
       llvm::zip_equal(programs, kernels, all)) {
    each.measured = getMedian(contestant.seconds);
    kernel.run();
    if (!isSame(c, kernel.getResult(), kernels.front().getResult()))
      return llvm::createStringError("schedule '" + each.name + "' of " +
                                     c.name + " computes something else");
    if (&kernel != &kernels.front())
      kernel.release();
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

/// Ranks from 0; equal values share the mean of theirs.
static std::vector<double> rank(llvm::ArrayRef<double> values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (size_t i = 0, end = 0; i < order.size(); i = end) {
    while (end < order.size() && values[order[end]] == values[order[i]])
      ++end;
    for (size_t j = i; j < end; ++j)
      ranks[order[j]] = double(i + end - 1) / 2;
  }
  return ranks;
}

/// Spearman: the correlation of the ranks; 0 where all of either are equal.
static double correlate(llvm::ArrayRef<double> a, llvm::ArrayRef<double> b) {
  std::vector<double> x = rank(a), y = rank(b);
  double mean = double(x.size() - 1) / 2, xx = 0, yy = 0, xy = 0;
  for (auto [u, v] : llvm::zip_equal(x, y)) {
    xx += (u - mean) * (u - mean);
    yy += (v - mean) * (v - mean);
    xy += (u - mean) * (v - mean);
  }
  return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
}

static Verdict judge(const Case &c, llvm::ArrayRef<ScheduledProgram> programs) {
  std::vector<double> predicted, measured;
  for (const ScheduledProgram &each : programs) {
    predicted.push_back(each.predicted);
    measured.push_back(each.measured);
  }
  return {c.name, correlate(predicted, measured),
          measured.front() / *llvm::min_element(measured)};
}

static void writeTable(std::vector<ScheduledProgram> programs,
                       const Verdict &verdict, llvm::raw_ostream &os) {
  llvm::stable_sort(programs, [](const auto &a, const auto &b) {
    return a.measured < b.measured;
  });
  os << "\n## " << verdict.name
     << llvm::format("\n\nRank correlation %.2f; chosen / best %.2f.\n\n",
                     verdict.correlation, verdict.chosenOverBest)
     << "| schedule | predicted | by | measured |\n|---|--:|---|--:|\n";
  for (const ScheduledProgram &each : programs)
    os << "| " << each.name << " | "
       << llvm::format("%.3g ms", 1e3 * each.predicted) << " | " << each.boundBy
       << " | " << llvm::format("%.3g ms", 1e3 * each.measured) << " |\n";
}

static void writeSummary(llvm::ArrayRef<Verdict> verdicts,
                         llvm::raw_ostream &os) {
  std::vector<double> correlations;
  double logs = 0;
  os << "\n## All ops\n\nRank correlation (Spearman) of predicted and measured "
        "seconds; measured seconds of the schedule that is chosen over those "
        "of\nthe best.\n\n| | rank correlation | chosen / best |\n"
        "|---|--:|--:|\n";
  for (const Verdict &verdict : verdicts) {
    os << "| " << verdict.name
       << llvm::format(" | %.2f | %.2f |\n", verdict.correlation,
                       verdict.chosenOverBest);
    correlations.push_back(verdict.correlation);
    logs += std::log(verdict.chosenOverBest);
  }
  os << llvm::format("| median, geometric mean | %.2f | %.2f |\n",
                     getMedian(correlations),
                     std::exp(logs / double(verdicts.size())));
}

llvm::Error memwall::writeClock(MLIRContext &context,
                                const ClockOptions &options,
                                llvm::raw_ostream &os) {
  std::vector<std::string> files;
  if (!options.source.targetFile.empty())
    files.push_back(options.source.targetFile);
  llvm::Expected<Registry> registry = createRegistry(files);
  if (!registry)
    return registry.takeError();
  llvm::Expected<const Target *> target = registry->find(options.source.target);
  if (!target)
    return target.takeError();
  std::vector<Verdict> verdicts;
  std::string tables;
  llvm::raw_string_ostream tablesOS(tables);
  llvm::Error error = llvm::Error::success();
  forEachClockCase(options.shrink, [&](Case &c) {
    if (error || c.name.find(options.only) == std::string::npos)
      return;
    auto programs = makePrograms(context, c, **target, options);
    if (!programs) {
      error = programs.takeError();
      return;
    }
    if ((error = measure(c, *programs, options.seconds)))
      return;
    verdicts.push_back(judge(c, *programs));
    llvm::errs() << c.name
                 << llvm::format(": %.2f, %.2f\n", verdicts.back().correlation,
                                 verdicts.back().chosenOverBest);
    writeTable(std::move(*programs), verdicts.back(), tablesOS);
  });
  if (error)
    return error;
  if (verdicts.empty())
    return llvm::createStringError("no op has '" + options.only +
                                   "' in its name");
  os << "# Clock\n\nWritten by `memwall-bench-kernels --schedules="
     << options.schedules << " --target=" << options.source.target
     << "` with `--target-file` of `memwall-calibrate --cores=1`, on "
     << describeCPU()
     << ".\nSchedules of many ops as vector code on one thread: what a report "
        "predicts of that code ([Model.md](Model.md), \"Times of\nloops\"), "
        "beside the median of runs in turns, in one process. `chosen` is what "
        "memwall-optimize makes of the op with\n`vector-code`, for this "
        "machine and for others, `best rejected` what the search liked best "
        "of what it did not take. The\nothers are tiles of BLIS, of CUTLASS "
        "and by hand for products, usual ones for other ops, and random ones "
        "of fixed seeds, with\nthe sizes of their tiles by dimension. All "
        "compute the same. Vector code that the model does not understand "
        "(tiles of\ntiles, neither of which divides) is left out, and so are "
        "convolutions, which have no vector code.\n";
  writeSummary(verdicts, os);
  os << tables;
  return llvm::Error::success();
}
