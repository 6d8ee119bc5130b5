//===- ReductionAlgebra.h - One pass over dependent reductions --*- C++ -*-===//
//
// A softmax reduces a row three times, and each reduction needs the one before:
//
//   m = max_t x,   l = sum_t exp(x - m),   o = sum_t exp(x - m) / l * v
//
// One pass over t is enough where every term is a(x) h(r), x what is reduced
// and r the rows (results of reductions) that it refers to: by
//
//   sum_t a(x) h(r') = h(r') / h(r) sum_t a(x) h(r)
//
// a sum of terms at old rows becomes the sum at new ones. A factor like 1 / l
// is deferred: it is left out in the loop, and the sum is divided once. A
// factor exp(R(r)) would over- or underflow alone, so that it stays in the
// terms, and the sum is corrected by exp(R(new) - R(old)) when r changes.
//
// The analysis sees bodies and which op reads which, and no op by name. Proof,
// limits and numerics: docs/Model.md, "Streaming".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_WORK_REDUCTIONALGEBRA_H
#define MEMWALL_WORK_REDUCTIONALGEBRA_H

#include "memwall/Work/BodyExpression.h"
#include "memwall/Work/LoopTree.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include <optional>
#include <string>

namespace memwall {

/// An op of a group whose reduced dimension is streamed.
struct StreamedOp {
  const BodyExpression *body = nullptr; ///< Null: not known.
  bool isColumn = false;    ///< Its iterations have the streamed dimension.
  bool isReduction = false; ///< It reduces over that dimension.
  bool isSink = false;      ///< Its result is used outside of the group.
  /// Per access of its nest the op of the group whose result it reads; none
  /// for what comes from outside, and for its own accumulators.
  llvm::SmallVector<std::optional<unsigned>, 4> sources;
  /// Accesses of a column that read the same in all iterations of the streamed
  /// dimension.
  llvm::SmallVector<bool, 4> isFixed;
  /// What a reduction starts from, where it is one number;
  std::optional<double> start;
  /// and whether nothing has been put there.
  bool startsUndefined = false;
  std::string where; ///< "linalg.generic at f.mlir:3:5".
};

/// A scalar of rows alone, in the body of an op.
struct RowTerm {
  unsigned op = 0;
  unsigned node = 0;
};

/// What the part of an exponent that rows make is made of.
struct KernelInput {
  unsigned op = 0;     ///< That reads it,
  unsigned access = 0; ///< by this access.
  /// The op that makes the row. None: a factor of the exponent that is no row
  /// and no constant either, but fixed.
  std::optional<unsigned> row;
  /// What the row is multiplied by before it is subtracted.
  double scale = 1;
  /// The row may be minus infinity and is held at or above its lowest number.
  bool isHeld = false;
};

/// A column with an exponent, by the access that reads it.
struct KernelColumn {
  unsigned op = 0;
  unsigned access = 0;
  unsigned made = 0; ///< The op that makes it.
};

/// An exponential whose exponent is a sum of what is reduced and of rows.
struct StreamKernel {
  unsigned op = 0;
  unsigned node = 0; ///< The exponential.
  /// What R(r) reads, a row first.
  llvm::SmallVector<KernelInput, 2> inputs;
  /// Columns through which it does, where several ops make the exponent.
  llvm::SmallVector<KernelColumn, 1> columns;
  /// R(r) can be infinite where the rows are the lowest finite number, as it is
  /// scaled or of several rows. It is held at or below the largest.
  bool isHeld = false;
  /// It is scaled by what may have any sign: at the lowest finite number of a
  /// row R(r) is taken to be the largest.
  bool isSignUnknown = false;
  /// Such a kernel after the loop: R(r) is infinite where a row that is held
  /// would be lower.
  bool isReleased = false;
  /// A mask leaves out some elements after the row is subtracted, so that a row
  /// without any is 0 and not what minus infinity makes of it, no number.
  bool isMasked = false;

  bool reads(unsigned row) const;

  /// The row whose dimensions those of the others are among.
  unsigned getMainRow() const { return *inputs.front().row; }
};

/// A row that a sum is multiplied by or divided by, or that chooses between it
/// and 0, once.
struct RowFactor {
  RowTerm term;
  bool isDivided = false;
  bool isCondition = false;
  unsigned product = 0; ///< The node of the body that multiplies or chooses.
  /// Its operand that is not the row. Of a condition: 1 where the sum stays if
  /// it holds, 2 where it stays if it does not.
  unsigned kept = 0;
};

/// Where an op runs.
enum class StreamPlace {
  Before, ///< Of the loop over tiles.
  Inside,
  After,
};

/// What becomes of one op.
struct StreamRole {
  StreamPlace place = StreamPlace::Before;
  /// It runs in a second loop over tiles, when all rows are known; as well as
  /// in the first, where its place is inside.
  bool isInSecondLoop = false;
  /// Exponentials refer to its result, whose old value is kept until what was
  /// summed is corrected.
  bool isReference = false;
  /// Of a reference: the loop holds it at or above the lowest finite number,
  /// because it is minus infinity while a sum is 0. Where it still is at the
  /// end, sums of kernels without a mask are corrected to what it makes of
  /// them: no number.
  bool isClamped = false;
  /// Of a maximum: it starts from the lowest finite number, so that rows that
  /// are masked so far correct by exp(0) and not by exp(-inf + inf).
  bool startsFinite = false;
  /// Of such a maximum: it starts as it did (from minus infinity if that is no
  /// number) all the same, and the loop reads it held at or above the lowest
  /// number. Where it is lower at the end, sums of kernels without a mask
  /// become no numbers, which nothing after the loop would make of them.
  bool keepsInfinity = false;
  /// The accesses of an op in the first loop that read such a maximum.
  llvm::SmallVector<unsigned, 1> heldAccesses;
  /// Of a reference: that lowest number is the lowest finite one divided by
  /// this, because exponentials multiply the row before they subtract it,
  /// exp(x * c - m * c), or add rows.
  double lowestDivisor = 1;
  /// Of a sum: what corrects it,
  llvm::SmallVector<StreamKernel, 1> kernels;
  /// and what it is multiplied by after the loop.
  llvm::SmallVector<RowFactor, 2> factors;
  /// Factors of its own body, which are left out inside of the loop.
  llvm::SmallVector<RowFactor, 2> dropped;
  /// The access whose value is all that is left of the body then: there is
  /// nothing to compute in the loop.
  std::optional<unsigned> forwarded;
};

/// The accesses of the inputs that node `node` of `body` depends on, ascending.
llvm::SmallVector<unsigned, 2> findInputs(const BodyExpression &body,
                                          unsigned node);

/// As above, when the terms of `dropped` are left out.
llvm::SmallVector<unsigned, 2>
findInputsWithout(const BodyExpression &body, unsigned node,
                  llvm::ArrayRef<RowFactor> dropped);

/// Operations of node `node` and of those that it depends on; casts are none.
Arithmetic countOperations(const BodyExpression &body, unsigned node);

/// Operations of R(r), the part of the exponent of `kernel` that rows make.
/// `getBody` has the bodies of the ops.
Arithmetic countExponentOfRows(
    llvm::function_ref<const BodyExpression &(unsigned)> getBody,
    const StreamKernel &kernel);

/// The kernel at the end of the loop, where rows may be infinite; none where it
/// is there as it was in the loop.
std::optional<StreamKernel>
releaseKernel(llvm::function_ref<const StreamRole &(unsigned)> getRole,
              StreamKernel kernel);

/// The roles of `ops`, which are in program order, or why there is no one pass:
/// "math.tanh at f.mlir:3:5 mixes a row with what is reduced". Refused as well:
/// reductions by anything but sums, maxima and minima, sums that start from
/// anything but 0, undefined starts, several results, exponents that grow with
/// their row
/// (sums at the first, smallest rows would underflow), and references made of
/// sums that nothing corrects (terms at partial sums would overflow).
llvm::Expected<llvm::SmallVector<StreamRole, 8>>
analyzeReductions(llvm::ArrayRef<StreamedOp> ops);

} // namespace memwall

#endif // MEMWALL_WORK_REDUCTIONALGEBRA_H
