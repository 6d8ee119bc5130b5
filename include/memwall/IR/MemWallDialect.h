//===- MemWallDialect.h - The memwall dialect -------------------*- C++ -*-===//
//
// The dialect that owns the discardable attributes `memwall.*`, and their
// names. It must be registered, or MLIR rejects them.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_IR_MEMWALLDIALECT_H
#define MEMWALL_IR_MEMWALLDIALECT_H

#include "mlir/IR/Dialect.h"
#include <cstdint>
#include <optional>

#include "memwall/IR/MemWallDialect.h.inc"

namespace memwall {

/// A dictionary from the name of a level to the bytes (read plus written) that
/// it may serve: `memwall.max_bytes = {hbm3 = 1.2e9}`.
inline constexpr llvm::StringLiteral kMaxBytesAttrName = "memwall.max_bytes";

/// How many times the sum of the operations' bounds at DRAM a function or an
/// operation may move: `memwall.max_over_bound = 1.2`. Of a function also per
/// step, by the `memwall.step` of its operations, where a star stands for any
/// letters: `memwall.max_over_bound = {q_proj = 1.2, "*_proj" = 1.5}`. Every
/// step that fits a name is checked for itself, by the first one that it fits.
inline constexpr llvm::StringLiteral kMaxOverBoundAttrName =
    "memwall.max_over_bound";

/// How many different rows of a table are read in one call of the function, on
/// an op that reads it at an index that depends on data:
/// `memwall.distinct_rows = 8 : i64`. docs/Model.md, "Gathers".
inline constexpr llvm::StringLiteral kDistinctRowsAttrName =
    "memwall.distinct_rows";

/// A target for which an editor explains the op: `memwall.explain =
/// "ddr5-2ch"`. docs/Explain.md, "In an editor".
inline constexpr llvm::StringLiteral kExplainAttrName = "memwall.explain";

/// The bytes in one entry of a budget: an integer, or a float that is a whole
/// number, from 0 to 2^63 - 1. nullopt for everything else.
std::optional<int64_t> getBudgetBytes(mlir::Attribute value);

/// The number in `memwall.max_over_bound`: an integer or a float from 1 on.
/// nullopt for everything else.
std::optional<double> getBudgetRatio(mlir::Attribute value);

/// Lets programs use `memwall.*` attributes.
void registerMemWallDialect(mlir::DialectRegistry &registry);

} // namespace memwall

#endif // MEMWALL_IR_MEMWALLDIALECT_H
