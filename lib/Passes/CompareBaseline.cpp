//===- CompareBaseline.cpp - A report against an earlier one --------------===//

#include "CompareBaseline.h"
#include "memwall/Report/Baseline.h"
#include "memwall/Report/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cmath>

using namespace mlir;
using namespace memwall;

/// 0.02 of "2%".
static FailureOr<double> parseGrowth(ModuleOp module, StringRef text) {
  StringRef number = text;
  double percent;
  if (number.consume_back("%") && !number.trim().getAsDouble(percent) &&
      percent >= 0)
    return percent / 100;
  return emitError(module.getLoc(), "expected max-growth in percent, such as "
                                    "2%, found '")
         << text << "'";
}

static FailureOr<Baseline> readBaseline(ModuleOp module, StringRef path) {
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (std::error_code error = file.getError())
    return emitError(module.getLoc(), "cannot read the baseline '")
           << path << "': " << error.message();
  llvm::Expected<Baseline> baseline = parseBaseline((*file)->getBuffer());
  if (!baseline)
    return emitError(module.getLoc(), "cannot use the baseline '")
           << path << "': " << llvm::toString(baseline.takeError());
  return std::move(*baseline);
}

/// Figures of other options differ without any change of the program.
static void warnOfOptions(ModuleOp module, const Report &report,
                          const Baseline &baseline) {
  auto warn = [&](StringRef option, StringRef then, StringRef now) {
    if (!then.empty() && then != now)
      emitWarning(module.getLoc(), "the baseline was made with ")
          << option << "=" << then << ", this report with " << option << "="
          << now;
  };
  warn("bandwidth", baseline.bandwidth,
       report.options.bandwidth == BandwidthChoice::Peak ? "peak"
                                                         : "achievable");
  warn("accuracy", baseline.accuracy,
       report.options.accuracy == Accuracy::Fast      ? "fast"
       : report.options.accuracy == Accuracy::Default ? "default"
                                                      : "exact");
}

LogicalResult memwall::checkGrowth(ModuleOp module, const Compared &compared) {
  const auto &[changes, allowed] = compared;
  const FunctionChange *function = nullptr;
  const TargetChange *target = nullptr;
  for (const FunctionChange &each : changes.functions)
    for (const TargetChange &on : each.targets)
      if (on.growth() > allowed &&
          (!target || on.growth() > target->growth())) {
        function = &each;
        target = &on;
      }
  if (!target)
    return success();
  const LevelChange &dram = target->levels.back();
  InFlightDiagnostic error =
      emitError(module.getLoc(), "@")
      << function->name << " grew by "
      << (std::isinf(target->growth())
              ? "more than can be said"
              : formatRatio(100 * target->growth()) + " %")
      << " on " << target->name << ", expected at most "
      << formatRatio(100 * allowed) << " %: " << dram.name << " moves "
      << formatBytes(dram.after.total()) << ", was "
      << formatBytes(dram.before.total()) << ", in "
      << formatSeconds(target->secondsAfter) << ", was "
      << formatSeconds(target->secondsBefore);
  for (const OpChange &op : target->ops)
    if (op.levels.back().after.total() > op.levels.back().before.total())
      return error << "; most of it by " << op.label << " (" << op.location
                   << ")" << (op.operand.empty() ? "" : ", of " + op.operand);
  return error;
}

FailureOr<Compared> memwall::compare(ModuleOp module, const Report &report,
                                     const BaselineOptions &options) {
  if (options.path.empty())
    return emitError(module.getLoc(), "max-growth needs a baseline=FILE");
  FailureOr<double> allowed = options.maxGrowth.empty()
                                  ? FailureOr<double>(INFINITY)
                                  : parseGrowth(module, options.maxGrowth);
  FailureOr<Baseline> baseline = readBaseline(module, options.path);
  if (failed(allowed) || failed(baseline))
    return failure();
  llvm::Expected<Comparison> changes =
      compareReports(makeBaseline(report), *baseline, options.path);
  if (!changes)
    return emitError(module.getLoc(), llvm::toString(changes.takeError()));
  warnOfOptions(module, report, *baseline);
  return Compared{std::move(*changes), *allowed};
}

LogicalResult memwall::compareWithBaseline(
    ModuleOp module, const Report &report, const BaselineOptions &options,
    ReportFormat format, const RenderOptions &render, StringRef output) {
  if (format != ReportFormat::Text && format != ReportFormat::Markdown)
    return emitError(module.getLoc(), "a baseline needs format=text, format=md "
                                      "or format=html");
  FailureOr<Compared> found = compare(module, report, options);
  if (failed(found))
    return failure();
  LogicalResult written =
      writeOutput(module, "comparison", output, [&](llvm::raw_ostream &os) {
        if (format == ReportFormat::Text)
          renderComparisonText(found->changes, os, render);
        else
          renderComparisonMarkdown(found->changes, os, render);
      });
  if (failed(written))
    return failure();
  return checkGrowth(module, *found);
}
