//===- Target.cpp - Queries and checks of a machine -----------------------===//

#include "memwall/Target/Target.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace memwall;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;

int64_t memwall::findPrimeUpTo(int64_t n) {
  auto isPrime = [](int64_t candidate) {
    for (int64_t divisor = 2; divisor <= candidate / divisor; ++divisor)
      if (candidate % divisor == 0)
        return false;
    return true;
  };
  while (n > 1 && !isPrime(n))
    --n;
  return std::max<int64_t>(n, 1);
}

int64_t Level::sets() const {
  if (associativity == 0)
    return 1;
  int64_t count = lines() / associativity;
  return index == SetIndex::Hashed ? findPrimeUpTo(count) : count;
}

int64_t Level::usableLines() const {
  return index == SetIndex::Hashed ? sets() * associativity : lines();
}

const Level *Target::findLevel(StringRef name) const {
  for (const Level &level : levels)
    if (level.name == name)
      return &level;
  return nullptr;
}

int64_t Target::countHeldBytes(size_t depth, bool areAllUnitsUsed) const {
  const Level &level = levels[depth];
  if (level.inclusive)
    return level.capacityBytes;
  assert(depth > 0 && "the innermost level has no victims to take");
  int64_t served = level.unitsPerInstance / levels[depth - 1].unitsPerInstance;
  return level.capacityBytes + (areAllUnitsUsed ? served : 1) *
                                   countHeldBytes(depth - 1, areAllUnitsUsed);
}

//===----------------------------------------------------------------------===//
// Peaks
//===----------------------------------------------------------------------===//

/// The name under which peaks are listed: every 8-bit float is "f8", and the
/// sign of an integer does not matter.
static StringRef getPeakType(StringRef elementType) {
  // f8E4M3FN, but not f64.
  for (StringRef prefix : {"f4E", "f6E", "f8E"})
    if (elementType.starts_with(prefix))
      return prefix.drop_back();
  if (elementType.starts_with("si") || elementType.starts_with("ui"))
    return elementType.drop_front();
  return elementType;
}

/// The type whose units can also do this one's work, or "" for none.
static StringRef getWiderType(StringRef elementType) {
  return llvm::StringSwitch<StringRef>(elementType)
      .Case("f4", "f6")
      .Case("f6", "f8")
      .Case("f8", "f16")
      .Cases({"f16", "bf16", "tf32"}, "f32")
      .Case("f32", "f64")
      .Cases({"i1", "i2", "i4"}, "i8")
      .Case("i8", "i16")
      .Case("i16", "i32")
      .Case("i32", "i64")
      .Default("");
}

static std::optional<double> findPeak(llvm::ArrayRef<Peak> peaks,
                                      StringRef elementType) {
  for (const Peak &peak : peaks)
    if (peak.elementType == elementType)
      return peak.opsPerSecond;
  return std::nullopt;
}

std::optional<double> Target::matrixPeak(StringRef elementType) const {
  for (StringRef type = getPeakType(elementType); !type.empty();
       type = getWiderType(type)) {
    if (auto peak = findPeak(matrixPeaks, type))
      return peak;
    if (auto peak = findPeak(vectorPeaks, type))
      return peak;
  }
  return std::nullopt;
}

std::optional<double> Target::vectorPeak(StringRef elementType) const {
  for (StringRef type = getPeakType(elementType); !type.empty();
       type = getWiderType(type))
    if (auto peak = findPeak(vectorPeaks, type))
      return peak;
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

static Error fail(const Twine &message) {
  return llvm::createStringError(message);
}

static std::string toText(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%g", value);
  return text;
}

static Error checkRate(const Twine &what, std::optional<double> rate) {
  if (rate && !(*rate > 0 && std::isfinite(*rate)))
    return fail(what + " must be positive, found " + toText(*rate));
  return Error::success();
}

static Error checkBandwidth(const Twine &what, const Bandwidth &bandwidth) {
  if (Error error = checkRate(what + " peak bandwidth", bandwidth.peak))
    return error;
  if (Error error =
          checkRate(what + " achievable bandwidth", bandwidth.achievable))
    return error;
  if (bandwidth.peak && bandwidth.achievable &&
      *bandwidth.achievable > *bandwidth.peak)
    return fail(what + " achievable bandwidth must not exceed the peak of " +
                toText(*bandwidth.peak) + ", found " +
                toText(*bandwidth.achievable));
  return Error::success();
}

/// Checks how a level places its lines.
static Error checkPlacement(const Twine &what, const Level &level) {
  // Finding the prime takes the square root of the sets in divisions.
  constexpr int64_t kMostHashedSets = int64_t(1) << 32;
  int64_t ways = level.associativity, lines = level.lines();
  if (ways < 0)
    return fail(what + "associativity must not be negative, found " +
                Twine(ways));
  if (ways > 0 && lines % ways != 0)
    return fail(what + Twine(ways) + " ways do not divide the " + Twine(lines) +
                " lines");
  if (level.index != SetIndex::Hashed)
    return Error::success();
  if (level.kind != LevelKind::Cached || ways == 0)
    return fail(what + "a hashed index needs a cached level with ways");
  if (lines / ways > kMostHashedSets)
    return fail(what + "a hashed index expects at most " +
                Twine(kMostHashedSets) + " sets, found " + Twine(lines / ways));
  return Error::success();
}

/// Checks that can be made of a level alone.
static Error checkLevel(const Level &level, bool isLast) {
  if (level.name.empty())
    return fail("a level has no name");
  std::string what = ("level '" + Twine(level.name) + "': ").str();
  if (isLast && level.kind != LevelKind::Memory)
    return fail(what + "the outermost level must be a memory");
  if (!isLast && level.kind == LevelKind::Memory)
    return fail(what + "a memory must be the outermost level");
  auto checkPositive = [&](StringRef key, int64_t value) -> Error {
    if (value <= 0)
      return fail(what + key + " must be positive, found " + Twine(value));
    return Error::success();
  };
  if (Error error = checkPositive("capacity", level.capacityBytes))
    return error;
  if (Error error = checkPositive("line", level.lineBytes))
    return error;
  if (Error error = checkPositive("sector", level.sectorBytes))
    return error;
  if (level.lineBytes % level.sectorBytes != 0)
    return fail(what + "a sector of " + Twine(level.sectorBytes) +
                " bytes does not divide the line of " + Twine(level.lineBytes));
  if (level.lines() == 0)
    return fail(what + "a capacity of " + Twine(level.capacityBytes) +
                " bytes does not hold a line of " + Twine(level.lineBytes));
  if (Error error = checkPlacement(what, level))
    return error;
  if (Error error = checkBandwidth(what + "read", level.readBytesPerSecond))
    return error;
  if (Error error = checkBandwidth(what + "write", level.writeBytesPerSecond))
    return error;
  return checkRate(what + "energy", level.picojoulesPerBit);
}

/// Checks a level that takes the victims of `inner`. Lines move between the two
/// as a whole, so they have to be alike; and what a store does is decided where
/// it comes first.
static Error checkVictimCache(const Twine &what, const Level &level,
                              const Level *inner) {
  if (level.kind != LevelKind::Cached || !inner ||
      inner->kind != LevelKind::Cached)
    return fail(what + "'inclusive' = false expects a cache, outside of a "
                       "cache whose victims it takes");
  if (level.sectorBytes != level.lineBytes ||
      inner->sectorBytes != inner->lineBytes ||
      level.lineBytes != inner->lineBytes)
    return fail(what +
                "'inclusive' = false expects lines of one sector, like "
                "those of '" +
                inner->name + "', found lines of " + Twine(level.lineBytes) +
                " and " + Twine(inner->lineBytes) + " bytes with sectors of " +
                Twine(level.sectorBytes) + " and " + Twine(inner->sectorBytes));
  if (level.storePolicy != inner->storePolicy ||
      level.storePolicy == StorePolicy::Bypass)
    return fail(what + "'inclusive' = false expects the 'store_policy' of '" +
                inner->name + "', and not 'bypass'");
  if (level.unitsPerInstance % inner->unitsPerInstance != 0)
    return fail(what + Twine(level.unitsPerInstance) +
                " units per instance are not a multiple of the " +
                Twine(inner->unitsPerInstance) + " of '" + inner->name + "'");
  return Error::success();
}

/// What all instances of level `depth` keep from the memory outside of them;
/// the levels inside of it were checked.
static llvm::Expected<int64_t> computeTotalBytes(const Target &target,
                                                 size_t depth) {
  const Level &level = target.levels[depth];
  int64_t units = target.units;
  std::string what = ("level '" + Twine(level.name) + "': ").str();
  if (level.unitsPerInstance <= 0 || units % level.unitsPerInstance != 0)
    return fail(what + Twine(level.unitsPerInstance) +
                " units per instance do not divide the " + Twine(units) +
                " units");
  if (!level.inclusive)
    if (Error error = checkVictimCache(
            what, level, depth > 0 ? &target.levels[depth - 1] : nullptr))
      return error;
  auto total =
      llvm::checkedMul(level.capacityBytes, units / level.unitsPerInstance);
  if (total && !level.inclusive) {
    llvm::Expected<int64_t> inner = computeTotalBytes(target, depth - 1);
    if (!inner)
      return inner;
    total = llvm::checkedAdd(*total, *inner);
  }
  if (!total)
    return fail(what + "the capacity of all instances exceeds 2^63 - 1 bytes");
  return *total;
}

static Error checkPeaks(StringRef kind, llvm::ArrayRef<Peak> peaks) {
  llvm::StringSet<> seen;
  for (const Peak &peak : peaks) {
    if (!seen.insert(peak.elementType).second)
      return fail(kind + " peak of '" + peak.elementType + "' is given twice");
    if (Error error = checkRate(kind + " peak of '" + peak.elementType + "'",
                                peak.opsPerSecond))
      return error;
  }
  return Error::success();
}

/// A product needs a sum, two operands and one register more; vectors hold a
/// whole number of elements of any type.
static Error checkRegisters(const Target &target) {
  if (target.vectorRegisters && *target.vectorRegisters < 4)
    return fail("'vector_registers' must be at least 4, found " +
                Twine(*target.vectorRegisters));
  if (target.vectorBits &&
      (*target.vectorBits < 64 || !llvm::isPowerOf2_64(*target.vectorBits)))
    return fail("'vector_bits' must be a power of two of at least 64, found " +
                Twine(*target.vectorBits));
  return Error::success();
}

static Error checkLinks(llvm::ArrayRef<Link> links) {
  llvm::StringSet<> names;
  for (const Link &link : links) {
    std::string what = ("link '" + Twine(link.name) + "': ").str();
    if (!names.insert(link.name).second)
      return fail("link '" + Twine(link.name) + "' is given twice");
    if (Error error = checkBandwidth(what + "read", link.readBytesPerSecond))
      return error;
    if (Error error = checkBandwidth(what + "write", link.writeBytesPerSecond))
      return error;
    if (link.devices && *link.devices < 2)
      return fail(what + "must join at least 2 devices, found " +
                  Twine(*link.devices));
  }
  return Error::success();
}

static Error checkPages(const Target &target) {
  for (const PageCache &cache : target.pageCaches) {
    if (cache.pages < 1 || cache.pageBytes < 64 ||
        cache.pages > (int64_t(1) << 40) / cache.pageBytes)
      return fail("pages '" + Twine(cache.name) +
                  "' must be at least one of at least 64 bytes, and 1 TiB at "
                  "most, found " +
                  Twine(cache.pages) + " of " + Twine(cache.pageBytes));
    if (cache.secondsPerMiss != 0 || cache.secondsPerLine == 0)
      if (Error error =
              checkRate("'seconds_per_miss' of pages '" + cache.name + "'",
                        cache.secondsPerMiss))
        return error;
    if (cache.secondsPerLine != 0)
      if (Error error =
              checkRate("'seconds_per_line' of pages '" + cache.name + "'",
                        cache.secondsPerLine))
        return error;
  }
  if (target.instructionsPerSecond)
    return checkRate("'instructions_per_second'",
                     *target.instructionsPerSecond);
  return Error::success();
}

Error Target::check() const {
  if (units <= 0)
    return fail("units must be positive, found " + Twine(units));
  if (Error error = checkRegisters(*this))
    return error;
  if (levels.empty())
    return fail("a target needs at least a memory level, found no levels");
  llvm::StringSet<> names;
  int64_t inner = 0;
  for (size_t depth = 0; depth < levels.size(); ++depth) {
    const Level &level = levels[depth];
    if (Error error = checkLevel(level, depth + 1 == levels.size()))
      return error;
    if (!names.insert(level.name).second)
      return fail("level '" + Twine(level.name) + "' is given twice");
    llvm::Expected<int64_t> total = computeTotalBytes(*this, depth);
    if (!total)
      return total.takeError();
    if (*total <= inner)
      return fail("level '" + Twine(level.name) +
                  "': capacities must grow outwards, found " + Twine(*total) +
                  " bytes outside " + Twine(inner) +
                  (level.kind == LevelKind::Cached
                       ? "; a cache of victims has 'inclusive' = false"
                       : ""));
    inner = *total;
  }
  if (Error error = checkLinks(links))
    return error;
  if (Error error = checkPages(*this))
    return error;
  if (Error error = checkPeaks("matrix", matrixPeaks))
    return error;
  return checkPeaks("vector", vectorPeaks);
}
