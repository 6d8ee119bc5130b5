//===- RenderJSON.cpp - The machine interface -----------------------------===//
//
// Keys are written through json::OStream and not collected in json::Objects,
// which would sort them: their order is part of what people read.
//
//===----------------------------------------------------------------------===//

#include "RenderJSON.h"
#include "RenderTarget.h"
#include "WriteJSON.h"
#include "memwall/Report/Render.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/JSON.h"

using namespace memwall;
using llvm::json::OStream;

static void writeArithmetic(OStream &json, const Arithmetic &arithmetic) {
  writeCount(json, "flops", arithmetic.flops);
  writeCount(json, "transcendentals", arithmetic.transcendentals);
  writeCount(json, "int_ops", arithmetic.intOps);
}

/// Where the scheduled bytes of a level come from.
static void writeProvenance(OStream &json, const Provenance &provenance) {
  json.attribute("method", getMethodName(provenance.method));
  json.attribute("sets_walked", provenance.setsWalked);
  json.attribute("sets", provenance.sets);
  json.attribute("sampled_in_time", provenance.sampledInTime);
  json.attributeObject("standard_error", [&] {
    writeOptional(json, "read", provenance.errorOfRead);
    writeOptional(json, "written", provenance.errorOfWritten);
  });
  json.attribute("reason", provenance.reason);
}

/// What moves of each operand, by its number.
static void writeOperandBytes(OStream &json, const LevelFigures &level) {
  json.attributeArray("operands", [&] {
    for (auto [number, operand] : llvm::enumerate(level.operands))
      json.object([&, number = number, &bytes = operand] {
        json.attribute("operand", int64_t(number));
        writeCount(json, "read", bytes.scheduled.read);
        writeCount(json, "written", bytes.scheduled.written);
        writeCount(json, "read_by_stores", bytes.readByStores);
        writeOptional(json, "times_fetched", bytes.timesFetched);
        writeCauses(json, bytes.causes);
      });
  });
}

/// A level; of a function with the sum of the ops' bounds, each alone and cold.
static void writeLevel(OStream &json, const LevelFigures &level, bool isOp) {
  json.object([&] {
    json.attribute("name", level.name);
    writeBytes(json, "scheduled", level.scheduled);
    json.attributeObject("bound", [&] {
      writeCount(json, "bytes", level.boundBytes);
      json.attribute("theorem", isOp ? llvm::StringRef(level.theorem)
                                     : "sum over the ops, each alone and cold");
    });
    writeOptional(json, "flop_per_byte", level.flopsPerByte);
    writeOptional(json, "flop_per_byte_at_bound", level.flopsPerByteAtBound);
    writeOptional(json, "ridge", level.ridge);
    writeOptional(json, "seconds", level.seconds);
    if (isOp)
      writeOperandBytes(json, level);
    if (level.provenance)
      writeProvenance(json, *level.provenance);
  });
}

static void writeRidge(OStream &json, llvm::StringRef key,
                       const std::optional<RidgeBatch> &ridge) {
  if (!ridge)
    return json.attribute(key, nullptr);
  json.attributeObject(key, [&] {
    json.attribute("crosses", ridge->crosses);
    if (ridge->crosses)
      json.attribute("batch", ridge->batch);
    else
      json.attribute("batch", nullptr);
  });
}

/// Bytes by role; with what is resident when that is given.
static void writeRoles(OStream &json, llvm::StringRef key,
                       const RoleBytes (&roles)[kRoles],
                       const int64_t *residentBytes) {
  json.attributeArray(key, [&] {
    for (size_t role = 0; role != kRoles; ++role)
      json.object([&] {
        json.attribute("role", getRoleName(Role(role)));
        if (residentBytes)
          json.attribute("resident_bytes", residentBytes[role]);
        writeCount(json, "read", roles[role].bytes.read);
        writeCount(json, "written", roles[role].bytes.written);
        json.attribute("share", roles[role].share);
      });
  });
}

static void writeModel(OStream &json, const ModelFigures &model) {
  json.attributeObject("model", [&] {
    json.attribute("tokens", model.tokens);
    json.attribute("sequences", model.sequences);
    json.attribute("interconnect_bytes", model.interconnectBytes);
    writeRoles(json, "compulsory", model.compulsory, model.residentBytes);
    writeRoles(json, "floor", model.floor, nullptr);
  });
}

static void writeModelOnTarget(OStream &json, const ModelOnTarget &model) {
  json.attributeObject("model", [&] {
    json.attributeObject("tokens_per_second", [&] {
      writeOptional(json, "at_bound", model.tokensPerSecondAtBound);
      writeOptional(json, "at_floor", model.tokensPerSecondAtFloor);
    });
    json.attribute("bound_by_at_floor", model.boundByAtFloor);
    writeOptional(json, "bytes_per_token", model.bytesPerToken);
    writeOptional(json, "joules_per_token", model.joulesPerToken);
    json.attribute("devices", model.devices);
    writeRoles(json, "scheduled", model.scheduled, nullptr);
    json.attributeObject("ridge", [&] {
      writeRidge(json, "at_bound", model.ridgeAtBound);
      writeRidge(json, "at_floor", model.ridgeAtFloor);
    });
  });
}

/// What memwall-optimize makes of it; null where nobody asked.
static void writeOptimized(OStream &json,
                           const std::optional<OptimizedFigures> &optimized) {
  if (!optimized)
    return json.attribute("optimized", nullptr);
  json.attributeObject("optimized", [&] {
    writeOptional(json, "seconds", optimized->seconds);
    json.attribute("bound_by", optimized->boundBy);
    writeBytes(json, "dram", optimized->dram);
  });
}

/// Targets of an op, or of a function with its model, if it is one.
static void writeTargets(OStream &json, llvm::ArrayRef<TargetFigures> targets,
                         bool isOp, const ModelFigures *model = nullptr) {
  json.attributeArray("targets", [&] {
    for (auto [position, figures] : llvm::enumerate(targets))
      json.object([&, index = position, &target = figures] {
        json.attribute("name", target.name);
        json.attributeArray("levels", [&] {
          for (const LevelFigures &level : target.levels)
            writeLevel(json, level, isOp);
        });
        json.attribute("bound_by", target.boundBy);
        json.attribute("bound_by_as_scheduled", target.boundByAsScheduled);
        if (!isOp)
          json.attribute("bound_by_at_floor", target.boundByAtFloor);
        json.attributeObject("seconds", [&] {
          writeOptional(json, "at_bound", target.secondsAtBound);
          writeOptional(json, "scheduled", target.secondsAsScheduled);
          if (!isOp)
            writeOptional(json, "at_floor", target.secondsAtFloor);
        });
        json.attributeArray("types_without_peak", [&] {
          for (const std::string &type : target.typesWithoutPeak)
            json.value(type);
        });
        if (!isOp) {
          json.attribute("bounds_exceed_scheduled",
                         llvm::any_of(target.levels, doBoundsExceedScheduled));
          json.attribute("fits", target.fits);
        }
        if (model)
          writeModelOnTarget(json, model->targets[index]);
        if (!isOp)
          writeOptimized(json, target.optimized);
      });
  });
}

static void writeOperands(OStream &json, const OpFigures &op) {
  json.attributeArray("operands", [&] {
    for (const OperandFigures &operand : op.operands)
      json.object([&] {
        json.attribute("name", operand.name);
        writeText(json, "role", operand.role);
        json.attribute("storage", operand.buffer);
        json.attribute("kind", getKindName(operand.kind));
        json.attribute("element_type", operand.elementType);
        json.attribute("access", !operand.isWritten ? "read"
                                 : operand.isRead   ? "read and written"
                                                    : "written");
        json.attribute("footprint_bytes", operand.footprintBytes);
      });
  });
}

void memwall::writeOpFields(OStream &json, const OpFigures &op) {
  json.attribute("index", op.index);
  json.attribute("name", op.name);
  writeText(json, "label", op.label);
  writeText(json, "step", op.step);
  json.attribute("loc", op.location);
  json.attributeArray("calls", [&] {
    for (const std::string &call : op.calls)
      json.value(call);
  });
  json.attribute("kind", getKindName(op.kind));
  json.attribute("shape", op.shape);
  json.attribute("compute_type", op.computeType);
  json.attribute("executions", op.executions);
  writeArithmetic(json, op.arithmetic);
  writeBytes(json, "compulsory", op.compulsory);
  writeOperands(json, op);
  writeTargets(json, op.targets, /*isOp=*/true);
}

static void writeCliff(OStream &json, const std::optional<Cliff> &cliff) {
  if (!cliff)
    return json.attribute("cliff", nullptr);
  json.attributeObject("cliff", [&] {
    json.attribute("capacity_bytes", cliff->capacityBytes);
    json.attribute("before_bytes", cliff->before);
    json.attribute("after_bytes", cliff->after);
  });
}

static void writeUnits(OStream &json, const FunctionFigures &function) {
  json.attributeArray("units", [&] {
    for (const UnitFigures &unit : function.units)
      json.object([&] {
        json.attribute("first", unit.first);
        json.attribute("second", unit.second);
        json.attributeArray("targets", [&] {
          for (auto [target, bounds] :
               llvm::zip_equal(function.targets, unit.bounds))
            json.object([&, &target = target, &bounds = bounds] {
              json.attribute("name", target.name);
              json.attributeArray("levels", [&] {
                for (auto [level, bound] :
                     llvm::zip_equal(target.levels, bounds))
                  json.object([&, &level = level, &bound = bound] {
                    json.attribute("name", level.name);
                    json.attribute("bound_bytes", bound.bytes);
                    json.attribute("theorem", bound.theorem);
                  });
              });
            });
        });
      });
  });
}

static void writeCurve(OStream &json, const FunctionFigures &function,
                       const CapacityCurve &curve) {
  json.attribute("cache", curve.cache);
  json.attribute("level", curve.level);
  json.attribute("capacity_bytes", curve.capacityBytes);
  json.attributeArray("points", [&] {
    for (const CurvePoint &point : curve.points)
      json.object([&] {
        json.attribute("capacity_bytes", point.capacityBytes);
        writeCount(json, "read", point.bytes.read);
        writeCount(json, "written", point.bytes.written);
        json.attributeObject("standard_error", [&] {
          writeOptional(json, "read", point.errorOfRead);
          writeOptional(json, "written", point.errorOfWritten);
        });
      });
  });
  writeCliff(json, curve.cliff);
  json.attributeArray("parts", [&] {
    for (auto [part, group] : llvm::zip_equal(curve.parts, function.groups))
      json.object([&, &part = part, &group = group] {
        json.attribute("index", group.ops.front());
        json.attribute("ops", int64_t(group.ops.size()));
        json.attributeArray("bytes", [&] {
          for (int64_t bytes : part.bytes)
            if (bytes == kTooManyBytes)
              json.value(nullptr);
            else
              json.value(bytes);
        });
        writeCliff(json, part.cliff);
      });
  });
}

static void writeCurves(OStream &json, const FunctionFigures &function) {
  json.attributeArray("curves", [&] {
    for (auto [target, curve] : llvm::zip(function.targets, function.curves))
      json.object([&, &target = target, &curve = curve] {
        json.attribute("target", target.name);
        if (curve)
          writeCurve(json, function, *curve);
      });
  });
}

/// Storage that is alive, step by step, and what of it there is at the peak.
static void writeLive(OStream &json, const FunctionFigures &function) {
  json.attributeObject("live", [&] {
    json.attribute("live_in_bytes", function.live.liveInBytes);
    json.attribute("peak_step", int64_t(function.live.peak));
    json.attribute("peak_bytes", function.live.peakBytes());
    json.attributeArray("ops", [&] {
      for (const LiveStep &step : function.live.steps)
        json.value(step.op);
    });
    json.attributeArray("bytes", [&] {
      for (const LiveStep &step : function.live.steps)
        json.value(step.bytes);
    });
    json.attributeArray("alive_at_peak", [&] {
      for (const AliveBytes &alive : function.aliveAtPeak)
        json.object([&] {
          json.attribute("name", alive.name);
          json.attribute("bytes", alive.bytes);
        });
    });
  });
}

void memwall::writeFunctionFields(OStream &json,
                                  const FunctionFigures &function,
                                  llvm::function_ref<void()> writeOps) {
  json.attribute("name", function.name);
  writeArithmetic(json, function.arithmetic);
  writeBytes(json, "floor", function.floor);
  json.attribute("resident_bytes", function.residentBytes);
  json.attributeArray("warnings", [&] {
    for (const ReportWarning &warning : listWarnings(function))
      json.value(warning.text);
  });
  json.attributeArray("unmodelled", [&] {
    for (const UnmodelledFigures &unmodelled : function.unmodelled)
      json.object([&] {
        json.attribute("op", unmodelled.name);
        json.attribute("count", unmodelled.count);
        json.attribute("places", unmodelled.places);
        json.attribute("loc", unmodelled.location);
        json.attribute("advice", unmodelled.advice);
        json.attribute("counted", getCountedPartName(unmodelled.counted));
        json.attribute("counted_bytes", unmodelled.countedBytes);
      });
  });
  json.attributeArray("ops", writeOps);
  writeUnits(json, function);
  const ModelFigures *model = function.model ? &*function.model : nullptr;
  writeTargets(json, function.targets, /*isOp=*/false, model);
  if (model)
    writeModel(json, *model);
  writeLive(json, function);
  writeCurves(json, function);
}

void memwall::writeReportFields(OStream &json, const Report &report) {
  json.attribute("bandwidth", report.options.bandwidth == BandwidthChoice::Peak
                                  ? "peak"
                                  : "achievable");
  json.attribute("accuracy", getAccuracyName(report.options.accuracy));
  json.attributeArray("targets", [&] {
    for (const Target &target : report.targets)
      writeTarget(json, target, report.options.bandwidth);
  });
}

void memwall::renderJSON(const Report &report, llvm::raw_ostream &os) {
  OStream json(os, /*IndentSize=*/2);
  json.object([&] {
    json.attribute("schema", "memwall.report/2");
    writeReportFields(json, report);
    json.attributeArray("functions", [&] {
      for (const FunctionFigures &function : report.functions)
        json.object([&] {
          writeFunctionFields(json, function, [&] {
            for (const OpFigures &op : function.ops)
              json.object([&] { writeOpFields(json, op); });
          });
        });
    });
  });
  os << "\n";
}
