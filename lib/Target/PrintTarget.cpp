//===- PrintTarget.cpp - Target -> DLTI -----------------------------------===//

#include "Keys.h"
#include "memwall/Target/DLTI.h"
#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace memwall;
using namespace memwall::keys;
using namespace mlir;

namespace {
/// Collects the entries of one map in order.
class MapBuilder {
public:
  explicit MapBuilder(MLIRContext *context) : builder(context) {}

  void add(StringRef key, Attribute value) {
    entries.push_back(
        DataLayoutEntryAttr::get(builder.getStringAttr(key), value));
  }
  void add(StringRef key, StringRef text) {
    add(key, builder.getStringAttr(text));
  }
  void add(StringRef key, bool value) { add(key, builder.getBoolAttr(value)); }
  void add(StringRef key, int64_t number) {
    add(key, builder.getI64IntegerAttr(number));
  }
  void add(StringRef key, std::optional<double> rate) {
    if (rate)
      add(key, builder.getF64FloatAttr(*rate));
  }
  MapAttr getMap() { return MapAttr::get(builder.getContext(), entries); }
  ArrayRef<DataLayoutEntryInterface> getEntries() const { return entries; }

private:
  Builder builder;
  SmallVector<DataLayoutEntryInterface> entries;
};
} // namespace

template <typename Names, typename Enum>
static StringRef getName(const Names &names, Enum value) {
  for (auto [name, candidate] : names)
    if (candidate == value)
      return name;
  llvm_unreachable("every value of the enumeration has a name");
}

static void addRates(MapBuilder &map, const Bandwidth &read,
                     const Bandwidth &write) {
  map.add(kPeakRead, read.peak);
  map.add(kAchievableRead, read.achievable);
  map.add(kPeakWrite, write.peak);
  map.add(kAchievableWrite, write.achievable);
}

static MapAttr buildLevel(MLIRContext *context, const Level &level) {
  MapBuilder map(context);
  map.add(kKind, getName(kKindNames, level.kind));
  map.add(kCapacity, level.capacityBytes);
  map.add(kLine, level.lineBytes);
  map.add(kSector, level.sectorBytes);
  map.add(kAssociativity, level.associativity);
  if (level.kind == LevelKind::Cached && level.associativity > 0)
    map.add(kIndex, getName(kIndexNames, level.index));
  map.add(kStorePolicy, getName(kStorePolicyNames, level.storePolicy));
  map.add(kDeadLines, getName(kDeadLinesNames, level.deadLines));
  map.add(kUnitsPerInstance, level.unitsPerInstance);
  if (level.kind == LevelKind::Cached)
    map.add(kInclusive, level.inclusive);
  addRates(map, level.readBytesPerSecond, level.writeBytesPerSecond);
  map.add(kPicojoules, level.picojoulesPerBit);
  return map.getMap();
}

static void addPeaks(MapBuilder &device, MLIRContext *context, StringRef key,
                     ArrayRef<Peak> peaks) {
  if (peaks.empty())
    return;
  MapBuilder map(context);
  for (const Peak &peak : peaks)
    map.add(peak.elementType, std::optional<double>(peak.opsPerSecond));
  device.add(key, map.getMap());
}

static void addLinks(MapBuilder &device, MLIRContext *context,
                     ArrayRef<Link> links) {
  if (links.empty())
    return;
  MapBuilder map(context);
  for (const Link &link : links) {
    MapBuilder entries(context);
    addRates(entries, link.readBytesPerSecond, link.writeBytesPerSecond);
    if (link.devices)
      entries.add(kDevices, *link.devices);
    map.add(link.name, entries.getMap());
  }
  device.add(kLinks, map.getMap());
}

static void addPages(MapBuilder &device, MLIRContext *context,
                     ArrayRef<PageCache> caches) {
  if (caches.empty())
    return;
  MapBuilder map(context);
  for (const PageCache &cache : caches) {
    MapBuilder entries(context);
    entries.add(kCount, cache.pages);
    entries.add(kPageBytes, cache.pageBytes);
    if (cache.secondsPerMiss != 0)
      entries.add(kSecondsPerMiss, std::optional<double>(cache.secondsPerMiss));
    if (cache.secondsPerLine != 0)
      entries.add(kSecondsPerLine, std::optional<double>(cache.secondsPerLine));
    map.add(cache.name, entries.getMap());
  }
  device.add(kPages, map.getMap());
}

TargetDeviceSpecAttr memwall::buildTargetSpec(MLIRContext *context,
                                              const Target &target) {
  MapBuilder device(context), levels(context);
  if (!target.description.empty())
    device.add(kDescription, target.description);
  device.add(kUnits, target.units);
  if (target.vectorRegisters)
    device.add(kVectorRegisters, *target.vectorRegisters);
  if (target.vectorBits)
    device.add(kVectorBits, *target.vectorBits);
  if (target.dotInstructions.any())
    device.add(kDotInstructions, target.dotInstructions.print());
  device.add(kInstructions, target.instructionsPerSecond);
  addPages(device, context, target.pageCaches);
  for (const Level &level : target.levels)
    levels.add(level.name, buildLevel(context, level));
  device.add(kLevels, levels.getMap());
  addPeaks(device, context, kMatrixPeaks, target.matrixPeaks);
  addPeaks(device, context, kVectorPeaks, target.vectorPeaks);
  addLinks(device, context, target.links);
  return TargetDeviceSpecAttr::get(context, device.getEntries());
}

/// Prints entries one a line, maps indented by two more columns.
static void printEntries(raw_ostream &os,
                         ArrayRef<DataLayoutEntryInterface> entries,
                         unsigned columns) {
  llvm::ListSeparator separator(",");
  for (DataLayoutEntryInterface entry : entries) {
    os << separator << '\n';
    os.indent(columns) << cast<StringAttr>(entry.getKey()) << " = ";
    if (auto map = dyn_cast<MapAttr>(entry.getValue())) {
      os << "#dlti.map<";
      printEntries(os, map.getEntries(), columns + 2);
      os << '>';
      continue;
    }
    os << entry.getValue();
  }
}

void memwall::printTargets(raw_ostream &os, ArrayRef<Target> targets) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  context.loadDialect<DLTIDialect>();
  os << "module attributes {dlti.target_system_spec = "
        "#dlti.target_system_spec<";
  llvm::ListSeparator separator(",");
  for (const Target &target : targets) {
    os << separator << "\n  " << StringAttr::get(&context, target.name)
       << " = #dlti.target_device_spec<";
    printEntries(os, buildTargetSpec(&context, target).getEntries(), 4);
    os << '>';
  }
  os << ">} {}\n";
}
