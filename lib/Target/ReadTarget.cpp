//===- ReadTarget.cpp - DLTI -> Target ------------------------------------===//

#include "FindDevice.h"
#include "Keys.h"
#include "MapReader.h"
#include "ReadLevels.h"
#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;
using namespace memwall::keys;
using namespace mlir;

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
                               SmallVectorImpl<Peak> &peaks) {
  FailureOr<Entries> map = device.readMap(key);
  if (failed(map))
    return failure();
  MapReader reader = device.getInner("'" + key.str() + "'", *map);
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

static LogicalResult readDotInstructions(const MapReader &reader,
                                         DotInstructions &dots) {
  std::string text;
  if (!reader.find(kDotInstructions))
    return success();
  if (failed(reader.readText(kDotInstructions, text)))
    return failure();
  std::optional<DotInstructions> parsed = DotInstructions::parse(text);
  if (!parsed)
    return reader.failKind(kDotInstructions, DotInstructions::getSyntax(),
                           reader.find(kDotInstructions));
  dots = *parsed;
  return success();
}

static LogicalResult readLinks(const MapReader &device, Target &target) {
  FailureOr<Entries> links = device.readMap(kLinks);
  if (failed(links))
    return failure();
  for (DataLayoutEntryInterface entry : *links) {
    Link link;
    link.name = getKeyText(entry).str();
    auto map = dyn_cast<MapAttr>(entry.getValue());
    if (link.name.empty() || !map)
      return device.fail("'links' expects names with a #dlti.map each");
    MapReader reader =
        device.getInner("link '" + link.name + "'", map.getEntries());
    if (failed(reader.checkKeys(kLinkKeys)) ||
        failed(readRates(reader, link.readBytesPerSecond,
                         link.writeBytesPerSecond)) ||
        failed(readOptionalInteger(reader, kDevices, link.devices)))
      return failure();
    target.links.push_back(std::move(link));
  }
  return success();
}

static LogicalResult readPages(const MapReader &device, Target &target) {
  FailureOr<Entries> all = device.readMap(kPages);
  if (failed(all))
    return failure();
  for (DataLayoutEntryInterface entry : *all) {
    PageCache pages;
    pages.name = getKeyText(entry).str();
    auto map = dyn_cast<MapAttr>(entry.getValue());
    if (pages.name.empty() || !map)
      return device.fail("'pages' expects names with a #dlti.map each");
    MapReader reader =
        device.getInner("pages '" + pages.name + "'", map.getEntries());
    std::optional<double> perMiss, perLine;
    if (failed(reader.checkKeys(kPageKeys)) || failed(reader.require(kCount)) ||
        failed(reader.readInteger(kCount, pages.pages)) ||
        failed(reader.readInteger(kPageBytes, pages.pageBytes)) ||
        failed(reader.readRate(kSecondsPerMiss, perMiss)) ||
        failed(reader.readRate(kSecondsPerLine, perLine)))
      return failure();
    if (!perMiss && !perLine)
      return reader.require(kSecondsPerMiss);
    pages.secondsPerMiss = perMiss.value_or(0);
    pages.secondsPerLine = perLine.value_or(0);
    target.pageCaches.push_back(std::move(pages));
  }
  return success();
}

/// What a device and a cluster say alike, but for the levels.
static LogicalResult readUnits(const MapReader &reader, Target &target) {
  return success(
      succeeded(reader.readText(kDescription, target.description)) &&
      succeeded(reader.readInteger(kUnits, target.units)) &&
      succeeded(readOptionalInteger(reader, kVectorRegisters,
                                    target.vectorRegisters)) &&
      succeeded(readOptionalInteger(reader, kVectorBits, target.vectorBits)) &&
      succeeded(readDotInstructions(reader, target.dotInstructions)) &&
      succeeded(reader.readRate(kInstructions, target.instructionsPerSecond)) &&
      succeeded(readPages(reader, target)) &&
      succeeded(readPeaks(reader, kMatrixPeaks, target.matrixPeaks)) &&
      succeeded(readPeaks(reader, kVectorPeaks, target.vectorPeaks)));
}

static FailureOr<Target> check(const MapReader &reader, Target target) {
  if (llvm::Error error = target.check())
    return reader.fail(llvm::toString(std::move(error)));
  return target;
}

bool memwall::describesTarget(TargetDeviceSpecInterface device) {
  return llvm::any_of(device.getEntries(), [](DataLayoutEntryInterface entry) {
    StringRef key = getKeyText(entry);
    return llvm::is_contained(kDeviceKeys, key) ||
           llvm::is_contained(kUpstreamCacheKeys, key);
  });
}

/// One cluster of a device, inside of the levels that all of them share.
static FailureOr<Target> readCluster(const MapReader &device, StringRef name,
                                     const MapReader &cluster) {
  Target target;
  target.name = name.str();
  if (failed(cluster.checkKeys(kClusterKeys)) ||
      failed(device.readText(kDescription, target.description)) ||
      failed(readUnits(cluster, target)) ||
      failed(readLevels(cluster, /*isShared=*/false, target)) ||
      failed(readLevels(device, /*isShared=*/true, target)) ||
      failed(readLinks(device, target)))
    return failure();
  return check(cluster, std::move(target));
}

/// A device of several clusters is a target for each.
static LogicalResult readClusters(const MapReader &device, StringRef name,
                                  llvm::SmallVectorImpl<Target> &targets) {
  for (StringRef key : kClusterKeys)
    if (device.find(key) && !llvm::is_contained(kSharedKeys, key))
      return device.fail("'" + key + "' belongs into each of the clusters");
  FailureOr<Entries> clusters = device.readMap(kClusters);
  if (failed(clusters) || failed(device.checkKeys(kSharedKeys)))
    return failure();
  if (clusters->empty())
    return device.fail("'clusters' expects at least one cluster");
  for (DataLayoutEntryInterface entry : *clusters) {
    std::string ofCluster = (name + "-" + getKeyText(entry)).str();
    auto map = dyn_cast<MapAttr>(entry.getValue());
    if (getKeyText(entry).empty() || !map)
      return device.fail("'clusters' expects names with a #dlti.map each");
    FailureOr<Target> target = readCluster(
        device, ofCluster,
        device.getInner(("cluster '" + getKeyText(entry) + "'").str(),
                        map.getEntries()));
    if (failed(target))
      return failure();
    // The device as a whole is its first cluster.
    if (entry == clusters->front())
      targets.emplace_back(*target).name = name.str();
    targets.push_back(std::move(*target));
  }
  return success();
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
  if (failed(readUnits(reader, target)) ||
      failed(isUpstream ? readUpstreamCaches(reader, target)
                        : readLevels(reader, /*isShared=*/false, target)) ||
      failed(readLinks(reader, target)))
    return failure();
  return check(reader, std::move(target));
}

LogicalResult memwall::readDevice(StringRef name,
                                  TargetDeviceSpecInterface device,
                                  EmitErrorFn emitError,
                                  llvm::SmallVectorImpl<Target> &targets) {
  MapReader reader(("target '" + name + "'").str(), device.getEntries(),
                   emitError);
  if (reader.find(kClusters))
    return readClusters(reader, name, targets);
  FailureOr<Target> target = readTarget(name, device, emitError);
  if (failed(target))
    return failure();
  targets.push_back(std::move(*target));
  return success();
}

FailureOr<llvm::SmallVector<Target, 0>> memwall::readTargets(Operation *op,
                                                             StringRef text) {
  llvm::SmallVector<Target, 0> targets;
  auto system = op->getAttrOfType<TargetSystemSpecInterface>(
      DLTIDialect::kTargetSystemDescAttrName);
  if (!system)
    return targets;
  for (DataLayoutEntryInterface entry : system.getEntries()) {
    auto device = dyn_cast<TargetDeviceSpecInterface>(entry.getValue());
    if (!device || !describesTarget(device))
      continue;
    StringRef name = getKeyText(entry);
    if (failed(readDevice(
            name, device,
            [&] { return emitError(findDevice(op->getLoc(), text, name)); },
            targets)))
      return failure();
  }
  return targets;
}
