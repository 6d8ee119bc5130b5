//===- TilingsPicks.h - Tiles that other compilers pick ---------*- C++ -*-===//

#ifndef MEMWALL_BENCH_TILINGSPICKS_H
#define MEMWALL_BENCH_TILINGSPICKS_H

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>

namespace memwall::tilings {

/// Tile sizes of m, n, k; 0: the whole dimension.
struct Pick {
  const char *compiler;
  int64_t m, n, k;
};

/// An f32 matmul and what compilers pick for it.
struct PickedShape {
  int64_t m, n, k;
  llvm::ArrayRef<Pick> picks;
};

/// Tile sizes as their documentation and sources give them.
llvm::ArrayRef<PickedShape> getPickedShapes();

} // namespace memwall::tilings

#endif // MEMWALL_BENCH_TILINGSPICKS_H
