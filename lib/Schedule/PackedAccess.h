//===- PackedAccess.h - Addresses in a packed operand -----------*- C++ -*-===//

#ifndef MEMWALL_LIB_SCHEDULE_PACKEDACCESS_H
#define MEMWALL_LIB_SCHEDULE_PACKEDACCESS_H

#include "memwall/Schedule/Schedule.h"
#include "memwall/Work/LoopTree.h"

namespace memwall {

/// One dimension of a packed tensor: position i of it lies at
///   i / tile * outerStride + i % tile * innerStride.
struct PackedDim {
  unsigned dim = 0; ///< Of the op.
  int64_t extent = 1;
  int64_t plainStride = 1; ///< Before packing.
  int64_t tile = 1;        ///< 1: not packed; innerStride is 0.
  int64_t outerStride = 0, innerStride = 0;

  /// Elements per step of `size` iterations of the op.
  int64_t getStride(int64_t size) const {
    return size >= tile ? size / tile * outerStride : size * innerStride;
  }
};

/// Read access number `access` of a nest, from a packed tensor.
struct PackedAccess {
  unsigned access = 0;
  int64_t elements = 1; ///< Of the packed tensor, padding included.
  llvm::SmallVector<PackedDim, 4> dims; ///< In the order of the plain tensor.
  const PackedOperand *pack = nullptr;
};

/// Lays `pack` out for an operand of `nest`. An error unless the operand is an
/// input that is a row-major tensor or a slice of one, each dimension of which
/// is one dimension of the op, and the tiles are tiles of the schedule. In a
/// group, whose tiles have the sizes `groupTiles` by dimension of the op, what
/// a tile reads is packed; dimensions that the group cuts can have no inner
/// tiles.
llvm::Expected<PackedAccess>
packAccess(const LoopTree &tree, const Nest &nest, const Schedule &schedule,
           const PackedOperand &pack,
           llvm::ArrayRef<llvm::SmallVector<int64_t, 2>> groupTiles = {});

} // namespace memwall

#endif // MEMWALL_LIB_SCHEDULE_PACKEDACCESS_H
