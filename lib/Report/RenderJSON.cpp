//===- RenderJSON.cpp - The machine interface -----------------------------===//
//
// Keys are written through json::OStream and not collected in json::Objects,
// which would sort them: their order is part of what people read.
//
//===----------------------------------------------------------------------===//

#include "memwall/Report/Render.h"
#include "llvm/Support/JSON.h"

using namespace memwall;
using llvm::json::OStream;

static void writeBytes(OStream &json, llvm::StringRef key, Bytes bytes) {
  json.attributeObject(key, [&] {
    json.attribute("read", bytes.read);
    json.attribute("written", bytes.written);
  });
}

static void writeOptional(OStream &json, llvm::StringRef key,
                          std::optional<double> value) {
  if (value)
    json.attribute(key, *value);
  else
    json.attribute(key, nullptr);
}

static void writeArithmetic(OStream &json, const Arithmetic &arithmetic) {
  json.attribute("flops", arithmetic.flops);
  json.attribute("transcendentals", arithmetic.transcendentals);
  json.attribute("int_ops", arithmetic.intOps);
}

/// A level; with its bound when it is an op's.
static void writeLevel(OStream &json, const LevelFigures &level, bool isOp) {
  json.object([&] {
    json.attribute("name", level.name);
    writeBytes(json, "scheduled", level.scheduled);
    if (isOp)
      json.attributeObject("bound", [&] {
        json.attribute("bytes", level.boundBytes);
        json.attribute("theorem", level.theorem);
      });
    writeOptional(json, "flop_per_byte", level.flopsPerByte);
  });
}

static void writeTargets(OStream &json, llvm::ArrayRef<TargetFigures> targets,
                         bool isOp) {
  json.attributeArray("targets", [&] {
    for (const TargetFigures &target : targets)
      json.object([&] {
        json.attribute("name", target.name);
        json.attributeArray("levels", [&] {
          for (const LevelFigures &level : target.levels)
            writeLevel(json, level, isOp);
        });
        json.attribute("bound_by", target.boundBy);
        json.attributeObject("seconds", [&] {
          writeOptional(json, "at_bound", target.secondsAtBound);
          writeOptional(json, "scheduled", target.secondsAsScheduled);
        });
        if (!isOp)
          json.attribute("fits", target.fits);
      });
  });
}

static void writeOp(OStream &json, const OpFigures &op) {
  json.object([&] {
    json.attribute("index", op.index);
    json.attribute("name", op.name);
    json.attribute("loc", op.location);
    json.attribute("kind", getKindName(op.kind));
    json.attribute("executions", op.executions);
    writeArithmetic(json, op.arithmetic);
    writeBytes(json, "compulsory", op.compulsory);
    writeTargets(json, op.targets, /*isOp=*/true);
  });
}

static void writeFunction(OStream &json, const FunctionFigures &function) {
  json.object([&] {
    json.attribute("name", function.name);
    writeArithmetic(json, function.arithmetic);
    writeBytes(json, "floor", function.floor);
    json.attribute("resident_bytes", function.residentBytes);
    json.attributeArray("unmodelled", [&] {
      for (const Unmodelled &unmodelled : function.unmodelled)
        json.object([&] {
          json.attribute("op", unmodelled.name);
          json.attribute("count", unmodelled.count);
          json.attribute("loc", unmodelled.location);
        });
    });
    json.attributeArray("ops", [&] {
      for (const OpFigures &op : function.ops)
        writeOp(json, op);
    });
    writeTargets(json, function.targets, /*isOp=*/false);
  });
}

void memwall::renderJSON(const Report &report, llvm::raw_ostream &os) {
  OStream json(os, /*IndentSize=*/2);
  json.object([&] {
    json.attribute("schema", "memwall.report/1");
    json.attribute("bandwidth", report.bandwidth == BandwidthChoice::Peak
                                    ? "peak"
                                    : "achievable");
    json.attributeArray("functions", [&] {
      for (const FunctionFigures &function : report.functions)
        writeFunction(json, function);
    });
  });
  os << "\n";
}
