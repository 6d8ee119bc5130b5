//===- RenderTarget.cpp - A machine in JSON -------------------------------===//

#include "RenderTarget.h"
#include "WriteJSON.h"
#include "llvm/ADT/SetVector.h"

using namespace memwall;
using llvm::json::OStream;

static llvm::StringRef getName(LevelKind kind) {
  switch (kind) {
  case LevelKind::Cached:
    return "cached";
  case LevelKind::Explicit:
    return "explicit";
  case LevelKind::Memory:
    return "memory";
  }
  llvm_unreachable("all kinds are named");
}

static void writeBandwidth(OStream &json, llvm::StringRef key,
                           const Bandwidth &bandwidth) {
  json.attributeObject(key, [&] {
    writeOptional(json, "peak", bandwidth.peak);
    writeOptional(json, "achievable", bandwidth.achievable);
  });
}

/// FLOP per byte from which the arithmetic on a type takes longer than `level`.
static void writeRidges(OStream &json, const Level &level, const Target &target,
                        BandwidthChoice bandwidth) {
  llvm::SetVector<llvm::StringRef> types;
  for (const Peak &peak : target.matrixPeaks)
    types.insert(peak.elementType);
  for (const Peak &peak : target.vectorPeaks)
    types.insert(peak.elementType);
  json.attributeArray("ridges", [&] {
    for (llvm::StringRef type : types)
      json.object([&] {
        auto compute = [&](bool onMatrixUnits) {
          return computeRidge({type.str(), onMatrixUnits, 1}, level, target,
                              bandwidth);
        };
        json.attribute("element_type", type);
        writeOptional(json, "matrix", compute(true));
        writeOptional(json, "vector", compute(false));
      });
  });
}

static void writeLevel(OStream &json, const Level &level, const Target &target,
                       BandwidthChoice bandwidth) {
  json.object([&] {
    json.attribute("name", level.name);
    json.attribute("kind", getName(level.kind));
    json.attribute("capacity_bytes", level.capacityBytes);
    json.attribute("line_bytes", level.lineBytes);
    json.attribute("sector_bytes", level.sectorBytes);
    json.attribute("ways", level.associativity);
    json.attribute("units_per_instance", level.unitsPerInstance);
    writeBandwidth(json, "read_bytes_per_second", level.readBytesPerSecond);
    writeBandwidth(json, "write_bytes_per_second", level.writeBytesPerSecond);
    writeRidges(json, level, target, bandwidth);
  });
}

static void writePeaks(OStream &json, llvm::StringRef key,
                       llvm::ArrayRef<Peak> peaks) {
  json.attributeArray(key, [&] {
    for (const Peak &peak : peaks)
      json.object([&] {
        json.attribute("element_type", peak.elementType);
        json.attribute("ops_per_second", peak.opsPerSecond);
      });
  });
}

void memwall::writeTarget(OStream &json, const Target &target,
                          BandwidthChoice bandwidth) {
  json.object([&] {
    json.attribute("name", target.name);
    json.attribute("units", target.units);
    json.attributeArray("levels", [&] {
      for (const Level &level : target.levels)
        writeLevel(json, level, target, bandwidth);
    });
    writePeaks(json, "matrix_peaks", target.matrixPeaks);
    writePeaks(json, "vector_peaks", target.vectorPeaks);
  });
}
