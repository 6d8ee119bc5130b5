//===- ReadLevels.cpp - The levels of a device ----------------------------===//

#include "ReadLevels.h"
#include "Keys.h"
#include "ParseSize.h"
#include "memwall/Target/NearestName.h"
#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/StringExtras.h"

using namespace memwall;
using namespace memwall::keys;
using namespace mlir;

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

LogicalResult memwall::readRates(const MapReader &reader, Bandwidth &read,
                                 Bandwidth &write) {
  return success(
      succeeded(reader.readRate(kPeakRead, read.peak)) &&
      succeeded(reader.readRate(kAchievableRead, read.achievable)) &&
      succeeded(reader.readRate(kPeakWrite, write.peak)) &&
      succeeded(reader.readRate(kAchievableWrite, write.achievable)));
}

static LogicalResult readLevelRates(const MapReader &reader, Level &level) {
  if (failed(readRates(reader, level.readBytesPerSecond,
                       level.writeBytesPerSecond)))
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

/// Reads "capacity_bytes", a number, or "capacity", a text with a unit.
static LogicalResult readCapacity(const MapReader &reader, Level &level) {
  std::string text;
  if (!reader.find(kCapacityText))
    return failed(reader.require(kCapacity))
               ? failure()
               : reader.readInteger(kCapacity, level.capacityBytes);
  if (reader.find(kCapacity))
    return reader.fail("expects 'capacity' or 'capacity_bytes', found both");
  if (!isa<StringAttr>(reader.find(kCapacityText)))
    return reader.failKind(kCapacityText,
                           "a size with a unit, like \"512 KiB\" (a number "
                           "goes to 'capacity_bytes')",
                           reader.find(kCapacityText));
  if (failed(reader.readText(kCapacityText, text)))
    return failure();
  llvm::Expected<int64_t> bytes = parseSize(text);
  if (!bytes)
    return reader.fail("'capacity' " + llvm::toString(bytes.takeError()));
  level.capacityBytes = *bytes;
  return success();
}

static LogicalResult readLevel(const MapReader &reader, int64_t units,
                               bool isShared, Level &level) {
  if (failed(reader.checkKeys(kLevelKeys)) ||
      failed(readEnum<LevelKind>(reader, kKind, kKindNames, level.kind)) ||
      failed(readCapacity(reader, level)) ||
      failed(reader.readInteger(kLine, level.lineBytes)))
    return failure();
  level.sectorBytes = level.lineBytes;
  // A memory serves every unit; a cache is private unless it says otherwise.
  if (level.kind == LevelKind::Memory || isShared)
    level.unitsPerInstance = units;
  if (failed(reader.readInteger(kSector, level.sectorBytes)) ||
      failed(reader.readInteger(kAssociativity, level.associativity)) ||
      failed(readIndex(reader, level)) ||
      failed(reader.readInteger(kUnitsPerInstance, level.unitsPerInstance)) ||
      failed(reader.readBool(kInclusive, level.inclusive)) ||
      failed(readEnum<StorePolicy>(reader, kStorePolicy, kStorePolicyNames,
                                   level.storePolicy)) ||
      failed(readEnum<DeadLines>(reader, kDeadLines, kDeadLinesNames,
                                 level.deadLines)))
    return failure();
  return readLevelRates(reader, level);
}

LogicalResult memwall::readLevels(const MapReader &device, bool isShared,
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
    MapReader reader =
        device.getInner("level '" + level.name + "'", map.getEntries());
    if (failed(readLevel(reader, target.units, isShared, level)))
      return failure();
    target.levels.push_back(std::move(level));
  }
  return success();
}
