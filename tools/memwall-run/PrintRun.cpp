//===- PrintRun.cpp - Measurements for people and for programs ------------===//

#include "PrintRun.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"

using namespace memwall;

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

/// |predicted - measured| / measured.
static std::string formatError(int64_t predicted, int64_t measured) {
  if (predicted == measured)
    return "0.0%";
  if (measured == 0)
    return "-";
  std::string text;
  llvm::raw_string_ostream(text)
      << llvm::format("%+.1f%%", 100.0 * (predicted - measured) / measured);
  return text;
}

static void printPair(std::optional<int64_t> predicted, int64_t measured,
                      llvm::raw_ostream &os) {
  std::string text = predicted ? std::to_string(*predicted) : "-";
  std::string error = predicted ? formatError(*predicted, measured) : "-";
  os << llvm::format(" | %15s %15lld %8s", text.c_str(), (long long)measured,
                     error.c_str());
}

static void printLevels(const Measurement &program, llvm::raw_ostream &os) {
  os << llvm::format("%-10s", "level");
  for (const char *direction : {"read", "written"})
    os << llvm::format(" | %15s %15s %8s",
                       (std::string(direction) + " predicted").c_str(),
                       "measured", "error");
  os << '\n';
  for (size_t i = 0; i < program.levels.size(); ++i) {
    const SimulatedLevel &level = program.levels[i];
    std::optional<int64_t> read, written;
    if (program.prediction) {
      read = program.prediction->levels[i].read;
      written = program.prediction->levels[i].written;
    }
    os << llvm::format("%-10s", level.name.c_str());
    printPair(read, level.total.read, os);
    printPair(written, level.total.written, os);
    os << '\n';
  }
}

/// " (12% of peak)" where the peak is known.
static void printShare(double rate, std::optional<double> peak,
                       llvm::raw_ostream &os) {
  if (peak && *peak > 0)
    os << llvm::format(" (%.2g%% of peak)", 100 * rate / *peak);
}

/// Time of the real run. Bytes are those of the last level where the model
/// knows a target, else the function's floor.
static void printTime(const Measurement &program, const MeasureOptions &options,
                      llvm::raw_ostream &os) {
  os << llvm::format("time: %.6g s", *program.seconds);
  if (const std::optional<Prediction> &prediction = program.prediction) {
    double flopsPerSecond = prediction->flops / *program.seconds;
    os << llvm::format(", %.3g GFLOP/s", flopsPerSecond / 1e9);
    std::optional<double> peakFlops, peakBytes;
    int64_t bytes = prediction->floorBytes;
    if (options.target) {
      const ServedBytes &dram = prediction->levels.back();
      bytes = dram.read + dram.written;
      peakFlops = options.target->vectorPeak("f32");
      peakBytes = options.target->dram().readBytesPerSecond.peak;
    }
    printShare(flopsPerSecond, peakFlops, os);
    double bytesPerSecond = bytes / *program.seconds;
    os << llvm::format(", %.3g GB/s", bytesPerSecond / 1e9);
    printShare(bytesPerSecond, peakBytes, os);
    if (!options.target)
      os << " of the floor";
  }
  os << '\n';
}

static void printProgram(const Measurement &program,
                         const MeasureOptions &options, llvm::raw_ostream &os) {
  os << "@" << program.entry;
  if (options.target) {
    os << " on " << options.target->name << ", "
       << (options.stacking == Stacking::Independent
               ? "every level sees every access"
               : "every level sees the misses of the one above")
       << "; bytes\n";
    printLevels(program, os);
    os << llvm::format("%lld accesses simulated in %.3g s\n",
                       (long long)program.accesses, program.simulationSeconds);
  } else {
    os << '\n';
  }
  if (program.seconds)
    printTime(program, options, os);
}

void memwall::printText(const RunReport &report, llvm::raw_ostream &os) {
  printProgram(report.program, report.options, os);
  if (!report.other)
    return;
  os << "\ncompared with ";
  printProgram(*report.other, report.options, os);
  if (report.difference)
    os << llvm::format("largest relative error: %.3g (tolerance %.3g)\n",
                       report.difference->largest,
                       report.difference->tolerance);
  else
    os << "the outputs differ in number, shape or type\n";
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static void writeBytes(llvm::StringRef key, const ServedBytes &bytes,
                       llvm::json::OStream &json) {
  json.attributeObject(key, [&] {
    json.attribute("read", bytes.read);
    json.attribute("written", bytes.written);
  });
}

static void writeProgram(const Measurement &program,
                         llvm::json::OStream &json) {
  json.attribute("entry", program.entry);
  json.attributeArray("levels", [&] {
    for (size_t i = 0; i < program.levels.size(); ++i)
      json.object([&] {
        json.attribute("name", program.levels[i].name);
        if (program.prediction)
          writeBytes("predicted", program.prediction->levels[i], json);
        writeBytes("measured", program.levels[i].total, json);
      });
  });
  if (!program.levels.empty())
    json.attribute("accesses", program.accesses);
  json.attribute("seconds",
                 program.seconds.value_or(program.simulationSeconds));
}

void memwall::printJSON(const RunReport &report, llvm::raw_ostream &os) {
  llvm::json::OStream json(os, /*IndentSize=*/2);
  json.object([&] {
    json.attribute("schema", "memwall.run/1");
    if (report.options.target) {
      json.attribute("target", report.options.target->name);
      json.attribute("stack", report.options.stacking == Stacking::Independent
                                  ? "independent"
                                  : "filtered");
    }
    writeProgram(report.program, json);
    if (!report.other)
      return;
    json.attributeObject("compared_with",
                         [&] { writeProgram(*report.other, json); });
    if (report.difference) {
      json.attribute("largest_relative_error", report.difference->largest);
      json.attribute("tolerance", report.difference->tolerance);
    }
    json.attribute("equal",
                   report.difference && report.difference->isAcceptable());
  });
  os << '\n';
}
