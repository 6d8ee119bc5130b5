//===- Target.h - A machine and its memory hierarchy ------------*- C++ -*-===//
//
// A target is plain data: the levels of a memory hierarchy and the arithmetic
// peaks of the units that share it. It is read from IR (DLTI.h), checked once,
// and then only queried. Nothing here depends on MLIR.
//
// A fact that is unknown is absent (std::optional) and takes no part in a time.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TARGET_TARGET_H
#define MEMWALL_TARGET_TARGET_H

#include "memwall/Target/DotInstructions.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <optional>
#include <string>

namespace memwall {

/// How data gets into a level.
enum class LevelKind {
  Cached,   ///< Filled on demand, LRU, written back.
  Explicit, ///< Filled by the program (shared memory, VMEM).
  Memory,   ///< The last level (HBM, DDR, LPDDR): everything is here.
};

/// What a store that misses does. docs/Model.md, "Stores".
enum class StorePolicy {
  Fetch,    ///< Reads the rest of the sector first (read for ownership).
  Allocate, ///< Allocates without reading; byte mask per residency.
  Bypass,   ///< Writes through without allocating (streaming stores).
};

/// What happens to a dirty line whose buffer has had its last use.
enum class DeadLines {
  Dropped, ///< Clean from then on; its place in the LRU order stays.
  Written, ///< Written back like any other dirty line (pessimistic).
};

/// How a cache with sets places a line. docs/Model.md, "Sets".
enum class SetIndex {
  Modulo, ///< Set = line modulo the number of sets.
  Hashed, ///< Set = line modulo the largest prime not above it.
};

/// Peak (data sheet) and achievable (measured) rate, in bytes per second.
struct Bandwidth {
  std::optional<double> peak;
  std::optional<double> achievable;
};

/// One memory of the hierarchy. Sizes are per instance; a level has
/// `units / unitsPerInstance` instances, and its bandwidths are those of all
/// instances together.
struct Level {
  std::string name;
  LevelKind kind = LevelKind::Cached;
  int64_t capacityBytes = 0;
  int64_t lineBytes = 64;            ///< Granule of allocation.
  int64_t sectorBytes = 64;          ///< Granule of transfer; divides the line.
  int64_t associativity = 0;         ///< Ways; 0 is fully associative.
  SetIndex index = SetIndex::Modulo; ///< Caches with sets only.
  StorePolicy storePolicy = StorePolicy::Fetch;
  DeadLines deadLines = DeadLines::Dropped;
  int64_t unitsPerInstance = 1; ///< Units that share one instance.
  /// Whether the level has a copy of what the caches inside of it hold. One
  /// that has not takes their victims: what leaves the inner cache enters this
  /// one, and what is found here moves inward. docs/Model.md, "Victim caches".
  bool inclusive = true;
  Bandwidth readBytesPerSecond;
  Bandwidth writeBytesPerSecond;
  std::optional<double> picojoulesPerBit;

  /// Lines that the capacity has room for.
  int64_t lines() const { return capacityBytes / lineBytes; }
  /// Number of sets that lines are placed in: a line is in set (line number
  /// modulo `sets()`). 1 when fully associative; for a hashed index the largest
  /// prime not above lines / ways, so a few sets are never used.
  int64_t sets() const;
  /// Lines that can be present at once: `lines()`, or `sets() * associativity`
  /// where the index is hashed (of 32 MiB in 16 ways: 523,984 of 524,288).
  int64_t usableLines() const;
};

/// The largest prime that is at most `n`; 1 where there is none.
int64_t findPrimeUpTo(int64_t n);

/// Dense arithmetic peak for one element type ("f32", "bf16", "i8", ...), in
/// operations per second over all units.
struct Peak {
  std::string elementType;
  double opsPerSecond = 0;
};

/// How a device reaches others like it. The rates are of one device, of all its
/// ports together: read into it, and written out of it, at the same time.
struct Link {
  std::string name;
  Bandwidth readBytesPerSecond;
  Bandwidth writeBytesPerSecond;
  /// Devices that it joins, this one included. Absent: not stated.
  std::optional<int64_t> devices;
};

/// What a unit remembers of the pages that it works on (translations of
/// addresses, streams that its prefetchers follow): the last `pages` of them.
struct PageCache {
  std::string name;
  int64_t pages = 1;
  int64_t pageBytes = 4096;
  /// What a unit loses when it turns to a page that it does not remember, and
  /// with each line from memory in such a page, which no prefetcher follows.
  double secondsPerMiss = 0, secondsPerLine = 0;
};

/// A machine. Levels go from the innermost cache out; the last one is DRAM.
struct Target {
  std::string name;
  std::string description;
  int64_t units = 1; ///< Cores, SMs, compute units.
  /// The vector registers of a unit that a program names: how many there are,
  /// and bits of one. Absent: not stated.
  std::optional<int64_t> vectorRegisters;
  std::optional<int64_t> vectorBits;
  DotInstructions dotInstructions = {}; ///< Those that are stated.
  /// Instructions that all units start, on vectors or scalars. Where it is
  /// stated, times as scheduled are those of loops, one after another
  /// (docs/Model.md, "Times of loops").
  std::optional<double> instructionsPerSecond;
  llvm::SmallVector<PageCache, 2> pageCaches;
  llvm::SmallVector<Level, 4> levels;
  llvm::SmallVector<Peak, 8> matrixPeaks; ///< For contractions.
  llvm::SmallVector<Peak, 8> vectorPeaks; ///< For everything else.
  llvm::SmallVector<Link, 1> links;       ///< From the fastest to the slowest.

  /// The DRAM level.
  const Level &dram() const { return levels.back(); }
  /// The level with this name, or null.
  const Level *findLevel(llvm::StringRef name) const;
  /// Bytes that one instance of level `depth` keeps from the memory outside of
  /// it: its capacity, and where it takes victims, those of the inner instances
  /// that it serves as well, as far as they are used: by one unit of the
  /// device, or by all.
  int64_t countHeldBytes(size_t depth, bool areAllUnitsUsed = true) const;
  /// Peaks for an element type; a matrix peak that is absent falls back to
  /// the vector peak, and an element type without a figure to the next wider
  /// float (f16, bf16 -> f32); nullopt when nothing is known.
  std::optional<double> matrixPeak(llvm::StringRef elementType) const;
  std::optional<double> vectorPeak(llvm::StringRef elementType) const;

  /// Explains the first thing that makes no sense: no levels, a last level
  /// that is not memory, a memory that is not last, vector registers that are
  /// fewer than 4 or no power of two of at least 64 bits, zero or negative
  /// capacities, lines, sectors or bandwidths, sectors that do not divide the
  /// line, ways that do not divide the lines, a hashed index without sets or
  /// with more than 2^32 of them, units that do not fill the instances,
  /// capacities (over all instances) that do not grow outwards, a level that
  /// takes victims of what is no cache, or of a cache whose lines or stores are
  /// not like its own, a link that joins fewer than 2 devices.
  llvm::Error check() const;
};

} // namespace memwall

#endif // MEMWALL_TARGET_TARGET_H
