//===- ScheduleAttr.h - #memwall.schedule -----------------------*- C++ -*-===//
//
// The attribute that Search writes on an op and Transforms reads, so that
// either can be replaced by a person. It says nothing about the op it is on;
// `check` (memwall/Schedule/Schedule.h) does. docs/Schedule.md.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_IR_SCHEDULEATTR_H
#define MEMWALL_IR_SCHEDULEATTR_H

#include "mlir/IR/Attributes.h"
#include "mlir/IR/OpImplementation.h"

#define GET_ATTRDEF_CLASSES
#include "memwall/IR/ScheduleAttr.h.inc"

namespace memwall {

/// The schedule of the op it is on.
inline constexpr llvm::StringLiteral kScheduleAttrName = "memwall.schedule";

/// A unit attribute on an op that a schedule was applied to: Search leaves it
/// alone from then on.
inline constexpr llvm::StringLiteral kTiledAttrName = "memwall.tiled";

/// A unit attribute on a linalg op: what it stores to its results goes past all
/// caches. The op must not read its results.
inline constexpr llvm::StringLiteral kNontemporalAttrName =
    "memwall.nontemporal";

/// A unit attribute on a linalg.pack of a weight that may be done once, ahead
/// of the program.
inline constexpr llvm::StringLiteral kPackedAheadAttrName =
    "memwall.packed_ahead";

/// The parts of the text form. Both the attributes and plain schedules are
/// printed with these, so that they read alike.
void printTileBand(llvm::raw_ostream &os, llvm::StringRef level,
                   llvm::ArrayRef<int64_t> sizes, llvm::ArrayRef<int64_t> order,
                   llvm::ArrayRef<int64_t> parallel);
void printPackedOperand(llvm::raw_ostream &os, int64_t operand,
                        llvm::ArrayRef<int64_t> innerDims,
                        llvm::ArrayRef<int64_t> innerTiles,
                        llvm::ArrayRef<int64_t> outerPermutation, bool ahead);
void printStreamBand(llvm::raw_ostream &os, llvm::StringRef level, int64_t dim,
                     int64_t size, std::optional<int64_t> parts);
/// The split of a schedule that has one.
struct SplitPlace {
  int64_t dim = 0;
  int64_t parts = 0;
};
void printSplit(llvm::raw_ostream &os, SplitPlace split);
/// The part of a schedule that says where the op stands in a fusion group.
struct GroupPlace {
  llvm::StringRef group; ///< Empty: in none.
  std::optional<int64_t> at;
  bool recompute = false;
  size_t streams = 0;                           ///< Stream bands,
  llvm::function_ref<void(size_t)> printStream; ///< printed by number.
};
/// `<bands = [...], leaf_order = [...], packs = [...], split = <...>, units =
/// 8, group = "a", at = 1, recompute, stream = [...]>` without the parts that
/// are empty; bands
/// and packs are printed by number.
void printScheduleParts(llvm::raw_ostream &os, size_t bands,
                        llvm::function_ref<void(size_t)> printBand,
                        llvm::ArrayRef<int64_t> leafOrder, size_t packs,
                        llvm::function_ref<void(size_t)> printPack,
                        std::optional<SplitPlace> split, int64_t units,
                        const GroupPlace &place);
/// `[1, 2, 3]`.
void printIntegers(llvm::raw_ostream &os, llvm::ArrayRef<int64_t> values);

} // namespace memwall

#endif // MEMWALL_IR_SCHEDULEATTR_H
