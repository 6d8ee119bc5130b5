//===- RegisterTile.h - What vector registers hold of a product -*- C++ -*-===//
//
// The innermost tile of a product: `rows` times `vectors * lanes` sums that
// stay in vector registers while the product runs along its reduction. A
// schedule does not say it yet; until then it follows from the registers of the
// target.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TARGET_REGISTERTILE_H
#define MEMWALL_TARGET_REGISTERTILE_H

#include "memwall/Target/Target.h"
#include <cstdint>

namespace memwall {

/// The vector registers that code is made for.
struct VectorRegisters {
  int64_t bits = 256; ///< Of one register.
  int64_t count = 16; ///< That the instruction set names.
  DotInstructions dots = {};

  /// Elements of `elementBits` in one register; at least 1.
  int64_t getLanes(int64_t elementBits) const;
};

/// The registers of `target`; those of AVX2, which every x86-64 of the last ten
/// years has, where it states none.
VectorRegisters getVectorRegisters(const Target &target);

/// A product of at most this many rows reads its right operand, which is then
/// most of what moves, as it is: packing would read and write it once more.
/// Where that has the reduction innermost, vectors run along the reduction.
inline constexpr int64_t kMostRowsOfDot = 4;

/// Packing reads and writes an element once, the tile reads it once per tile of
/// the other operand. From so many tiles on, packing is a small part.
inline constexpr int64_t kFewestUsesOfPacked = 4;

/// A tile of sums.
struct RegisterTile {
  int64_t rows = 1;    ///< Scalars of the left operand, one broadcast each.
  int64_t vectors = 1; ///< Registers of the right operand.

  int64_t sums() const { return rows * vectors; }
};

/// The register tile of a product of `rows` x `columns` results (upper bounds;
/// INT64_MAX where none is known) with `lanes` elements per register.
///
/// One step along the reduction loads `vectors` registers and broadcasts `rows`
/// scalars for rows * vectors multiply-adds. The tile has to fit: sums, one row
/// of the right operand and one broadcast, rows * vectors + vectors + 1
/// registers. Of those that fit, the one whose steps take the fewest cycles
/// over the whole product, padding included: see the .cpp for the cycles.
RegisterTile chooseRegisterTile(int64_t rows, int64_t columns, int64_t lanes,
                                const VectorRegisters &registers);

} // namespace memwall

#endif // MEMWALL_TARGET_REGISTERTILE_H
