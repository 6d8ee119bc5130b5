//===- Keys.h - The words of a target in DLTI -------------------*- C++ -*-===//
//
// Private to the room; docs/Targets.md explains them to users.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TARGET_KEYS_H
#define MEMWALL_LIB_TARGET_KEYS_H

#include "memwall/Target/Target.h"
#include <utility>

namespace memwall::keys {

// Devices.
inline constexpr llvm::StringRef kDescription = "description";
inline constexpr llvm::StringRef kUnits = "units";
inline constexpr llvm::StringRef kVectorRegisters = "vector_registers";
inline constexpr llvm::StringRef kVectorBits = "vector_bits";
inline constexpr llvm::StringRef kDotInstructions = "dot_instructions";
inline constexpr llvm::StringRef kInstructions = "instructions_per_second";
inline constexpr llvm::StringRef kPages = "pages";
inline constexpr llvm::StringRef kLevels = "levels";
inline constexpr llvm::StringRef kMatrixPeaks = "matrix_ops_per_second";
inline constexpr llvm::StringRef kVectorPeaks = "vector_ops_per_second";
inline constexpr llvm::StringRef kLinks = "links";
inline constexpr llvm::StringRef kClusters = "clusters";
inline constexpr llvm::StringRef kDeviceKeys[] = {
    kDescription,     kUnits,        kVectorRegisters, kVectorBits,
    kDotInstructions, kInstructions, kPages,           kLevels,
    kMatrixPeaks,     kVectorPeaks,  kLinks,           kClusters};
/// What differs from cluster to cluster of a device, and what does not.
inline constexpr llvm::StringRef kClusterKeys[] = {
    kDescription,  kUnits, kVectorRegisters, kVectorBits,  kDotInstructions,
    kInstructions, kPages, kLevels,          kMatrixPeaks, kVectorPeaks};
inline constexpr llvm::StringRef kSharedKeys[] = {kDescription, kLevels, kLinks,
                                                  kClusters};

// Upstream's devices.
inline constexpr llvm::StringRef kUpstreamCacheKeys[] = {
    "L1_cache_size_in_bytes", "L2_cache_size_in_bytes",
    "L3_cache_size_in_bytes", "L4_cache_size_in_bytes"};

// Levels.
inline constexpr llvm::StringRef kKind = "kind";
inline constexpr llvm::StringRef kCapacity = "capacity_bytes";
inline constexpr llvm::StringRef kCapacityText = "capacity";
inline constexpr llvm::StringRef kInclusive = "inclusive";
inline constexpr llvm::StringRef kLine = "line_bytes";
inline constexpr llvm::StringRef kSector = "sector_bytes";
inline constexpr llvm::StringRef kAssociativity = "associativity";
inline constexpr llvm::StringRef kIndex = "index";
inline constexpr llvm::StringRef kStorePolicy = "store_policy";
inline constexpr llvm::StringRef kDeadLines = "dead_lines";
inline constexpr llvm::StringRef kUnitsPerInstance = "units_per_instance";
inline constexpr llvm::StringRef kPeakRead = "peak_read_bytes_per_second";
inline constexpr llvm::StringRef kAchievableRead =
    "achievable_read_bytes_per_second";
inline constexpr llvm::StringRef kPeakWrite = "peak_write_bytes_per_second";
inline constexpr llvm::StringRef kAchievableWrite =
    "achievable_write_bytes_per_second";
inline constexpr llvm::StringRef kPicojoules = "picojoules_per_bit";
inline constexpr llvm::StringRef kLevelKeys[] = {
    kKind,           kCapacity,         kCapacityText,    kLine,
    kSector,         kAssociativity,    kIndex,           kStorePolicy,
    kDeadLines,      kUnitsPerInstance, kInclusive,       kPeakRead,
    kAchievableRead, kPeakWrite,        kAchievableWrite, kPicojoules};

// Page caches.
inline constexpr llvm::StringRef kCount = "count";
inline constexpr llvm::StringRef kPageBytes = "page_bytes";
inline constexpr llvm::StringRef kSecondsPerMiss = "seconds_per_miss";
inline constexpr llvm::StringRef kSecondsPerLine = "seconds_per_line";
inline constexpr llvm::StringRef kPageKeys[] = {
    kCount, kPageBytes, kSecondsPerMiss, kSecondsPerLine};

// Links.
inline constexpr llvm::StringRef kDevices = "devices";
inline constexpr llvm::StringRef kLinkKeys[] = {
    kPeakRead, kAchievableRead, kPeakWrite, kAchievableWrite, kDevices};

// Values.
inline constexpr std::pair<llvm::StringRef, LevelKind> kKindNames[] = {
    {"cached", LevelKind::Cached},
    {"explicit", LevelKind::Explicit},
    {"memory", LevelKind::Memory}};
inline constexpr std::pair<llvm::StringRef, SetIndex> kIndexNames[] = {
    {"modulo", SetIndex::Modulo}, {"hashed", SetIndex::Hashed}};
inline constexpr std::pair<llvm::StringRef, StorePolicy> kStorePolicyNames[] = {
    {"fetch", StorePolicy::Fetch},
    {"allocate", StorePolicy::Allocate},
    {"bypass", StorePolicy::Bypass}};
inline constexpr std::pair<llvm::StringRef, DeadLines> kDeadLinesNames[] = {
    {"dropped", DeadLines::Dropped}, {"written", DeadLines::Written}};
/// The element types that a peak may be given for; f8 stands for every 8-bit
/// float.
inline constexpr llvm::StringRef kPeakTypes[] = {
    "f64", "f32", "tf32", "f16", "bf16", "f8", "f6",
    "f4",  "i64", "i32",  "i16", "i8",   "i4", "i1"};

} // namespace memwall::keys

#endif // MEMWALL_LIB_TARGET_KEYS_H
