//===- PrintRun.cpp - Measurements for people and for programs ------------===//

#include "PrintRun.h"
#include "memwall/Report/Format.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Unicode.h"
#include <cmath>

using namespace memwall;

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

/// (predicted - measured) / measured.
static std::string formatError(int64_t predicted, int64_t measured) {
  if (predicted == measured)
    return "0.0%";
  if (measured == 0)
    return "-";
  double percent = 100.0 * (predicted - measured) / measured;
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format(
      std::abs(percent) < 999.95 ? "%+.1f%%" : "%+.0f%%", percent);
  return text;
}

/// `text` in at least `columns` terminal columns, with blanks on the left.
static std::string alignRight(const std::string &text, size_t columns) {
  size_t width = llvm::sys::unicode::columnWidthUTF8(text);
  return std::string(columns - std::min(columns, width), ' ') + text;
}

/// A direction of a level: predicted, the error that the model states,
/// measured, and the error found.
static void printPair(std::optional<int64_t> predicted,
                      std::optional<double> stated, int64_t measured,
                      llvm::raw_ostream &os) {
  os << " | " << alignRight(predicted ? std::to_string(*predicted) : "-", 13)
     << ' '
     << alignRight(
            predicted ? formatStandardError(stated, double(*predicted)) : "", 7)
     << ' ' << alignRight(std::to_string(measured), 13) << ' '
     << alignRight(predicted ? formatError(*predicted, measured) : "-", 7);
}

static void printLevels(const Measurement &program, llvm::raw_ostream &os) {
  os << llvm::format("%-8s | %-44s | written\n", "", "read")
     << llvm::format("%-8s", "level");
  for (int direction = 0; direction < 2; ++direction)
    os << llvm::format(" | %13s %7s %13s %7s", "predicted", "stated",
                       "measured", "error");
  os << '\n';
  for (size_t i = 0; i < program.levels.size(); ++i) {
    const SimulatedLevel &level = program.levels[i];
    std::optional<int64_t> read, written;
    Provenance provenance;
    if (program.prediction) {
      read = program.prediction->levels[i].read;
      written = program.prediction->levels[i].written;
      provenance = program.prediction->provenances[i];
    }
    os << llvm::format("%-8s", level.name.c_str());
    printPair(read, provenance.errorOfRead, level.total.read, os);
    printPair(written, provenance.errorOfWritten, level.total.written, os);
    os << '\n';
  }
}

/// Whether the simulated buffers are the predicted ones: as many, of the same
/// sizes, in the same order.
static bool isSameStorage(const Measurement &program) {
  return program.prediction &&
         program.prediction->storage.size() == program.storageBytes.size() &&
         llvm::equal(program.prediction->storage, program.storageBytes,
                     [](const StorageBytes &predicted, int64_t bytes) {
                       return predicted.bytes == bytes;
                     });
}

/// A block of rows per level, one for each buffer.
static void printStorage(const Measurement &program, llvm::raw_ostream &os) {
  bool isKnown = isSameStorage(program);
  for (size_t i = 0; i < program.levels.size(); ++i) {
    const SimulatedLevel &level = program.levels[i];
    os << level.name << ", by operand\n";
    for (size_t b = 0; b < level.buffers.size(); ++b) {
      std::optional<int64_t> read, written;
      std::string name = "buffer " + std::to_string(b);
      if (isKnown) {
        const StorageBytes &storage = program.prediction->storage[b];
        name = storage.name;
        read = storage.levels[i].read;
        written = storage.levels[i].written;
      }
      os << "  " << name << ", " << formatBytes(program.storageBytes[b]) << '\n'
         << llvm::format("%-8s", "");
      printPair(read, 0.0, level.buffers[b].read, os);
      printPair(written, 0.0, level.buffers[b].written, os);
      os << '\n';
    }
  }
  if (!isKnown)
    os << "the lowered program has other buffers than the model: they are not "
          "set beside each other\n";
}

/// Explains the mark of a level whose error cannot be stated.
static void printUnstated(const Measurement &program, llvm::raw_ostream &os) {
  if (program.prediction &&
      llvm::any_of(program.prediction->provenances, [](const Provenance &from) {
        return !from.errorOfRead || !from.errorOfWritten;
      }))
    os << "~: the model can state no error (reuse distances, or a walk of "
          "parts "
          "of the loops)\n";
}

/// Which levels were not taken for what they are.
static void printExplicitLevels(const Target &target, llvm::raw_ostream &os) {
  for (const Level &level : target.levels)
    if (level.kind == LevelKind::Explicit)
      os << level.name
         << ": the program fills it on this machine; here both sides run it as "
            "a least recently used cache\n";
}

/// " (12% of peak: bf16 matrix, f32 vector)": what the arithmetic takes at the
/// peaks of the target, over what it took. Nothing where no peak is known.
static void printComputeShare(const Measurement &program, const Target &target,
                              llvm::raw_ostream &os) {
  llvm::ArrayRef<ComputeWork> work = program.prediction->work;
  Roofline roofline = computeRoofline(work, {}, target, BandwidthChoice::Peak);
  if (!roofline.computeSeconds)
    return;
  os << llvm::format(" (%.2g%% of peak:",
                     100 * *roofline.computeSeconds / *program.seconds);
  llvm::SmallSetVector<std::pair<llvm::StringRef, const char *>, 4> kinds;
  for (const ComputeWork &kind : work) {
    // Contractions run on the vector units where there are no others.
    std::optional<double> vector = target.vectorPeak(kind.elementType);
    std::optional<double> peak =
        kind.onMatrixUnits ? target.matrixPeak(kind.elementType) : vector;
    if (peak)
      kinds.insert({kind.elementType, peak == vector ? "vector" : "matrix"});
  }
  llvm::interleave(
      kinds, os,
      [&](auto &kind) { os << ' ' << kind.first << ' ' << kind.second; }, ",");
  os << ')';
}

/// "predicted: 0.0213 s for host, bound by l2; it took 1.1 times that".
static void printPredictedTime(const PredictedTime &time, double measured,
                               const Target &target, llvm::raw_ostream &os) {
  if (time.seconds)
    os << llvm::format("predicted: %.6g s for ", *time.seconds) << target.name
       << ", bound by " << time.boundBy
       << llvm::format("; it took %.2g times that\n", measured / *time.seconds);
}

/// Time of the real run. Bytes are those of the last level where the model
/// knows a target, else the function's floor.
static void printTime(const Measurement &program, const MeasureOptions &options,
                      llvm::raw_ostream &os) {
  const std::optional<Target> &target = options.predicted();
  os << llvm::format("compiled in %.2g s\n", program.compileSeconds);
  os << llvm::format("time: %.6g s", *program.seconds);
  const std::optional<Prediction> &prediction = program.prediction;
  if (!prediction) {
    os << '\n';
    return;
  }
  os << llvm::format(", %.3g GFLOP/s",
                     prediction->flops / *program.seconds / 1e9);
  if (target)
    printComputeShare(program, *target, os);
  int64_t bytes = prediction->floorBytes;
  if (target)
    bytes = prediction->levels.back().read + prediction->levels.back().written;
  os << llvm::format(", %.3g GB/s", bytes / *program.seconds / 1e9);
  if (!target) {
    os << " of the floor\n";
    return;
  }
  const ServedBytes &dram = prediction->levels.back();
  if (std::optional<double> seconds = computeLevelSeconds(
          {dram.read, dram.written}, target->dram(), BandwidthChoice::Peak))
    os << llvm::format(" (%.2g%% of peak)", 100 * *seconds / *program.seconds);
  os << '\n';
  if (prediction->time)
    printPredictedTime(*prediction->time, *program.seconds, *target, os);
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
    if (options.printStorage)
      printStorage(program, os);
    printUnstated(program, os);
    printExplicitLevels(*options.target, os);
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
    os << llvm::format("largest relative error: %.3g (tolerance %.3g): ",
                       report.difference->largest, report.difference->tolerance)
       << report.difference->reason << '\n';
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

/// How a prediction was made, and the error that the model states of it.
static void writeProvenance(const Provenance &provenance,
                            llvm::json::OStream &json) {
  auto write = [&](llvm::StringRef key, std::optional<double> error) {
    if (error)
      json.attribute(key, *error);
    else
      json.attribute(key, nullptr);
  };
  json.attribute("method", getMethodName(provenance.method));
  json.attributeObject("standard_error", [&] {
    write("read", provenance.errorOfRead);
    write("written", provenance.errorOfWritten);
  });
}

/// What moves of each buffer, level by level.
static void writeStorage(const Measurement &program,
                         llvm::json::OStream &json) {
  bool isKnown = isSameStorage(program);
  json.attributeArray("operands", [&] {
    for (size_t b = 0; b < program.storageBytes.size(); ++b)
      json.object([&] {
        if (isKnown)
          json.attribute("name", program.prediction->storage[b].name);
        else
          json.attribute("name", nullptr);
        json.attribute("bytes", program.storageBytes[b]);
        json.attributeArray("levels", [&] {
          for (size_t i = 0; i < program.levels.size(); ++i)
            json.object([&] {
              json.attribute("name", program.levels[i].name);
              if (isKnown)
                writeBytes("predicted",
                           program.prediction->storage[b].levels[i], json);
              writeBytes("measured", program.levels[i].buffers[b], json);
            });
        });
      });
  });
}

static void writeProgram(const Measurement &program, bool hasStorage,
                         llvm::json::OStream &json) {
  json.attribute("entry", program.entry);
  json.attributeArray("levels", [&] {
    for (size_t i = 0; i < program.levels.size(); ++i)
      json.object([&] {
        json.attribute("name", program.levels[i].name);
        if (program.prediction) {
          writeBytes("predicted", program.prediction->levels[i], json);
          writeProvenance(program.prediction->provenances[i], json);
        }
        writeBytes("measured", program.levels[i].total, json);
      });
  });
  if (hasStorage && !program.levels.empty())
    writeStorage(program, json);
  if (!program.levels.empty())
    json.attribute("accesses", program.accesses);
  if (program.seconds)
    json.attribute("compile_seconds", program.compileSeconds);
  if (program.prediction && program.prediction->time &&
      program.prediction->time->seconds)
    json.attribute("predicted_seconds", *program.prediction->time->seconds);
  json.attribute("seconds",
                 program.seconds.value_or(program.simulationSeconds));
}

/// JSON has no infinity: it is null, as where one output is a NaN and the other
/// is not.
static void writeReal(llvm::StringRef key, double value,
                      llvm::json::OStream &json) {
  if (std::isfinite(value))
    json.attribute(key, value);
  else
    json.attribute(key, nullptr);
}

void memwall::printJSON(const RunReport &report, llvm::raw_ostream &os) {
  if (report.options.target)
    printExplicitLevels(*report.options.target, llvm::errs());
  llvm::json::OStream json(os, /*IndentSize=*/2);
  json.object([&] {
    json.attribute("schema", "memwall.run/1");
    if (report.options.target) {
      json.attribute("target", report.options.target->name);
      json.attribute("stack", report.options.stacking == Stacking::Independent
                                  ? "independent"
                                  : "filtered");
    }
    writeProgram(report.program, report.options.printStorage, json);
    if (!report.other)
      return;
    json.attributeObject("compared_with",
                         [&] { writeProgram(*report.other, false, json); });
    if (report.difference) {
      writeReal("largest_relative_error", report.difference->largest, json);
      writeReal("tolerance", report.difference->tolerance, json);
      json.attribute("tolerance_reason", report.difference->reason);
    }
    json.attribute("equal",
                   report.difference && report.difference->isAcceptable());
  });
  os << '\n';
}
