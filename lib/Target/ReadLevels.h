//===- ReadLevels.h - The levels of a device --------------------*- C++ -*-===//
//
// Private to the room.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_TARGET_READLEVELS_H
#define MEMWALL_LIB_TARGET_READLEVELS_H

#include "MapReader.h"

namespace memwall {

/// Appends the levels of a device or of a cluster to those of `target`, whose
/// units are known. A level that says nothing serves one unit, or all of them
/// where it is the memory or `isShared` (what clusters have in common).
mlir::LogicalResult readLevels(const MapReader &device, bool isShared,
                               Target &target);

/// Reads the four bandwidths of a level or a link.
mlir::LogicalResult readRates(const MapReader &reader, Bandwidth &read,
                              Bandwidth &write);

} // namespace memwall

#endif // MEMWALL_LIB_TARGET_READLEVELS_H
