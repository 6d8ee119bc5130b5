//===- IndexValue.h - Integers as forms of the enclosing loops --*- C++ -*-===//
//
// The builder's arithmetic on integers of a program: an SSA integer is the
// minimum of affine forms of the iteration numbers of enclosing loops, or it
// depends on data. Private to the room.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_WORK_INDEXVALUE_H
#define MEMWALL_LIB_WORK_INDEXVALUE_H

#include "memwall/Work/LoopTree.h"
#include "memwall/Work/StridedBox.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/Support/LLVM.h"
#include <optional>

namespace memwall {

/// The value of an integer. Known: the minimum of `forms`. Data dependent:
/// `forms` is empty and the value is `scale` * x + `moved`, where x is some
/// function of the iteration numbers of `loops` (sorted) and of data; two x are
/// surely equal when they have the same `identity` (an SSA value), null for
/// none, and the same `firstInner`.
struct IndexValue {
  /// Stands for a loop behind all loops.
  static constexpr LoopId kNoLoop = ~LoopId(0);

  llvm::SmallVector<AffineForm, 1> forms;
  llvm::SmallVector<LoopId, 2> loops;
  const void *identity = nullptr;
  int64_t scale = 1;
  AffineForm moved;
  /// Loops from this one on are entered after x is computed: x is the same in
  /// all their iterations, unless they are among `loops`.
  LoopId firstInner = kNoLoop;
  /// x takes at least so many values in the iterations of `loops`.
  int64_t distinct = 1;
  /// x is in [0, extent); 0: not known.
  int64_t extent = 0;

  bool isKnown() const { return !forms.empty(); }
  bool isAffine() const { return forms.size() == 1; }
  std::optional<int64_t> getConstant() const;

  static IndexValue constant(int64_t value);
  static IndexValue loop(LoopId loop);
  static IndexValue data(llvm::ArrayRef<LoopId> loops);
};

/// Whether both have the same constant and terms, in any order.
bool isSameForm(const AffineForm &lhs, const AffineForm &rhs);

/// Arithmetic on IndexValues; needs the loops for ranges. An overflow makes the
/// result data dependent and is remembered.
class IndexArithmetic {
public:
  explicit IndexArithmetic(const llvm::SmallVectorImpl<Loop> &loops)
      : loops(loops) {}

  AffineForm add(const AffineForm &lhs, const AffineForm &rhs);
  AffineForm scale(const AffineForm &form, int64_t factor);
  /// `form` without the dimension loops of structured ops.
  AffineForm dropDimensions(const AffineForm &form) const;

  IndexValue add(const IndexValue &lhs, const IndexValue &rhs);
  IndexValue subtract(const IndexValue &lhs, const IndexValue &rhs);
  IndexValue multiply(const IndexValue &lhs, const IndexValue &rhs);
  IndexValue floorDivide(const IndexValue &lhs, const IndexValue &rhs);
  IndexValue remainder(const IndexValue &lhs, const IndexValue &rhs);
  /// Some value, a different one for values less than `period` apart.
  IndexValue wrap(const IndexValue &value, int64_t period);
  IndexValue minimum(const IndexValue &lhs, const IndexValue &rhs);
  IndexValue maximum(const IndexValue &lhs, const IndexValue &rhs);
  /// A data dependent value that depends on all of `values`.
  IndexValue merge(llvm::ArrayRef<IndexValue> values);

  static IndexValue makeConstant(int64_t value) {
    return IndexValue::constant(value);
  }
  static std::optional<int64_t> getConstant(const IndexValue &value) {
    return value.getConstant();
  }
  /// Absent where the value depends on data or does not fit.
  std::optional<std::pair<int64_t, int64_t>> getRange(const IndexValue &value);
  bool isNonNegative(const IndexValue &value);

  /// Value of every result of a map.
  llvm::SmallVector<IndexValue, 4>
  evaluate(mlir::AffineMap map, llvm::ArrayRef<IndexValue> operands);

  /// Largest and smallest value over all iterations (bounds, not always met).
  int64_t getUpperBound(const AffineForm &form);
  int64_t getLowerBound(const AffineForm &form);
  int64_t getUpperBound(llvm::ArrayRef<AffineForm> minimumOf);

  bool overflowed = false;

private:
  IndexValue mergeSum(const IndexValue &lhs, const IndexValue &rhs);
  IndexValue move(const IndexValue &data, const AffineForm &form);
  llvm::SmallVector<Progression> getSteps(const IndexValue &value);
  IndexValue mergeQuotients(const IndexValue &value, int64_t divisor);
  IndexValue keepUnlessOverflowed(IndexValue result, bool before,
                                  llvm::ArrayRef<IndexValue> from);
  int64_t checkedAdd(int64_t lhs, int64_t rhs);
  int64_t checkedMultiply(int64_t lhs, int64_t rhs);
  int64_t getBound(const AffineForm &form, bool upper);
  void dropDominated(IndexValue &value);

  const llvm::SmallVectorImpl<Loop> &loops;
};

/// How many of the values sum x_i stride_i, 0 <= x_i < count_i, are surely
/// different modulo `period`; at least 1.
int64_t countWrapped(llvm::SmallVector<Progression> steps, int64_t period);

/// How many values floor((first + sum x_i stride_i) / divisor) surely takes; at
/// least 1. `first`: the smallest sum, if it is known.
int64_t countQuotients(llvm::ArrayRef<Progression> steps,
                       std::optional<int64_t> first, int64_t divisor);

/// The most iterations of a loop over [0, minimum of `extent`), from the trip
/// counts of the loops around it, which are in `loops`.
int64_t computeMaxTripCount(const llvm::SmallVectorImpl<Loop> &loops,
                            llvm::ArrayRef<AffineForm> extent, int64_t step);

} // namespace memwall

#endif // MEMWALL_LIB_WORK_INDEXVALUE_H
