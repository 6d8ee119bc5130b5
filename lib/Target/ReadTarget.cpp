//===- ReadTarget.cpp - DLTI -> Target ------------------------------------===//

#include "Keys.h"
#include "MapReader.h"
#include "memwall/Target/NearestName.h"
#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/StringExtras.h"

using namespace memwall;
using namespace memwall::keys;
using namespace mlir;

//===----------------------------------------------------------------------===//
// Levels
//===----------------------------------------------------------------------===//

/// Reads a string that is one of the names of an enumeration.
template <typename Enum>
static LogicalResult readEnum(const MapReader &reader, StringRef key,
                              ArrayRef<std::pair<StringRef, Enum>> names,
                              Enum &value) {
  std::string text;
  if (failed(reader.readText(key, text)))
    return failure();
  if (!reader.find(key))
    return success();
  SmallVector<StringRef> known;
  for (auto [name, candidate] : names) {
    if (name == text) {
      value = candidate;
      return success();
    }
    known.push_back(name);
  }
  return reader.fail("'" + key + "' expects one of " + llvm::join(known, ", ") +
                     ", found '" + text + "'" + suggestName(text, known));
}

static LogicalResult readLevelRates(const MapReader &reader, Level &level) {
  if (failed(reader.readRate(kPeakRead, level.readBytesPerSecond.peak)) ||
      failed(reader.readRate(kAchievableRead,
                             level.readBytesPerSecond.achievable)) ||
      failed(reader.readRate(kPeakWrite, level.writeBytesPerSecond.peak)) ||
      failed(reader.readRate(kAchievableWrite,
                             level.writeBytesPerSecond.achievable)))
    return failure();
  return reader.readRate(kPicojoules, level.picojoulesPerBit);
}

/// Reads the index of a cache with sets; others have none.
static LogicalResult readIndex(const MapReader &reader, Level &level) {
  if (!reader.find(kIndex))
    return success();
  if (level.kind != LevelKind::Cached)
    return reader.fail("'index' expects a level of kind 'cached'");
  if (level.associativity == 0)
    return reader.fail("'index' expects a level with 'associativity': a fully "
                       "associative cache has one set");
  return readEnum<SetIndex>(reader, kIndex, kIndexNames, level.index);
}

static LogicalResult readLevel(const MapReader &reader, int64_t units,
                               Level &level) {
  if (failed(reader.checkKeys(kLevelKeys)) ||
      failed(reader.require(kCapacity)) ||
      failed(readEnum<LevelKind>(reader, kKind, kKindNames, level.kind)) ||
      failed(reader.readInteger(kCapacity, level.capacityBytes)) ||
      failed(reader.readInteger(kLine, level.lineBytes)))
    return failure();
  level.sectorBytes = level.lineBytes;
  // A memory serves every unit; a cache is private unless it says otherwise.
  if (level.kind == LevelKind::Memory)
    level.unitsPerInstance = units;
  if (failed(reader.readInteger(kSector, level.sectorBytes)) ||
      failed(reader.readInteger(kAssociativity, level.associativity)) ||
      failed(readIndex(reader, level)) ||
      failed(reader.readInteger(kUnitsPerInstance, level.unitsPerInstance)) ||
      failed(readEnum<StorePolicy>(reader, kStorePolicy, kStorePolicyNames,
                                   level.storePolicy)) ||
      failed(readEnum<DeadLines>(reader, kDeadLines, kDeadLinesNames,
                                 level.deadLines)))
    return failure();
  return readLevelRates(reader, level);
}

static LogicalResult readLevels(const MapReader &device, EmitErrorFn emitError,
                                Target &target) {
  FailureOr<Entries> levels = device.readMap(kLevels);
  if (failed(levels))
    return failure();
  for (DataLayoutEntryInterface entry : *levels) {
    Level level;
    level.name = getKeyText(entry).str();
    if (level.name.empty())
      return device.fail("'levels' expects keys that are strings");
    auto map = dyn_cast<MapAttr>(entry.getValue());
    if (!map)
      return device.failKind(level.name, "a #dlti.map", entry.getValue());
    MapReader reader(device.getWhere() + ", level '" + level.name + "'",
                     map.getEntries(), emitError);
    if (failed(readLevel(reader, target.units, level)))
      return failure();
    target.levels.push_back(std::move(level));
  }
  return success();
}

/// Upstream's convention: sizes of caches and nothing else.
static LogicalResult readUpstreamCaches(const MapReader &device,
                                        Target &target) {
  for (StringRef key : kUpstreamCacheKeys) {
    if (!device.find(key))
      continue;
    Level level;
    level.name = key.take_front(2).lower(); // "L1_cache..." -> "l1"
    if (failed(device.readInteger(key, level.capacityBytes)))
      return failure();
    target.levels.push_back(std::move(level));
  }
  Level memory;
  memory.name = "dram";
  memory.kind = LevelKind::Memory;
  memory.capacityBytes = kUnknownCapacityBytes;
  target.levels.push_back(std::move(memory));
  return success();
}

//===----------------------------------------------------------------------===//
// Devices
//===----------------------------------------------------------------------===//

static LogicalResult readPeaks(const MapReader &device, StringRef key,
                               EmitErrorFn emitError,
                               SmallVectorImpl<Peak> &peaks) {
  FailureOr<Entries> map = device.readMap(key);
  if (failed(map))
    return failure();
  MapReader reader(device.getWhere() + ", '" + key.str() + "'", *map,
                   emitError);
  if (failed(reader.checkKeys(kPeakTypes)))
    return failure();
  for (DataLayoutEntryInterface entry : *map) {
    std::optional<double> rate;
    StringRef type = getKeyText(entry);
    if (failed(reader.readRate(type, rate)))
      return failure();
    peaks.push_back({type.str(), *rate});
  }
  return success();
}

static LogicalResult readOptionalInteger(const MapReader &reader, StringRef key,
                                         std::optional<int64_t> &number) {
  return reader.find(key) ? reader.readInteger(key, number.emplace())
                          : success();
}

bool memwall::describesTarget(TargetDeviceSpecInterface device) {
  return llvm::any_of(device.getEntries(), [](DataLayoutEntryInterface entry) {
    StringRef key = getKeyText(entry);
    return llvm::is_contained(kDeviceKeys, key) ||
           llvm::is_contained(kUpstreamCacheKeys, key);
  });
}

FailureOr<Target> memwall::readTarget(StringRef name,
                                      TargetDeviceSpecInterface device,
                                      EmitErrorFn emitError) {
  Target target;
  target.name = name.str();
  MapReader reader("target '" + target.name + "'", device.getEntries(),
                   emitError);
  bool isUpstream = !reader.find(kLevels) &&
                    llvm::any_of(kUpstreamCacheKeys, [&](StringRef key) {
                      return bool(reader.find(key));
                    });
  // Upstream devices have keys for other purposes, which are not ours.
  if (!isUpstream && (failed(reader.checkKeys(kDeviceKeys)) ||
                      failed(reader.require(kLevels))))
    return failure();
  if (failed(reader.readText(kDescription, target.description)) ||
      failed(reader.readInteger(kUnits, target.units)) ||
      failed(readOptionalInteger(reader, kVectorRegisters,
                                 target.vectorRegisters)) ||
      failed(readOptionalInteger(reader, kVectorBits, target.vectorBits)) ||
      failed(isUpstream ? readUpstreamCaches(reader, target)
                        : readLevels(reader, emitError, target)) ||
      failed(readPeaks(reader, kMatrixPeaks, emitError, target.matrixPeaks)) ||
      failed(readPeaks(reader, kVectorPeaks, emitError, target.vectorPeaks)))
    return failure();
  if (llvm::Error error = target.check())
    return reader.fail(llvm::toString(std::move(error)));
  return target;
}

FailureOr<llvm::SmallVector<Target, 0>> memwall::readTargets(Operation *op) {
  llvm::SmallVector<Target, 0> targets;
  auto system = op->getAttrOfType<TargetSystemSpecInterface>(
      DLTIDialect::kTargetSystemDescAttrName);
  if (!system)
    return targets;
  for (DataLayoutEntryInterface entry : system.getEntries()) {
    auto device = dyn_cast<TargetDeviceSpecInterface>(entry.getValue());
    if (!device || !describesTarget(device))
      continue;
    FailureOr<Target> target =
        readTarget(getKeyText(entry), device, [&] { return op->emitError(); });
    if (failed(target))
      return failure();
    targets.push_back(std::move(*target));
  }
  return targets;
}
