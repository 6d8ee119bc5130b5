//===- Contraction.h - I/O lower bound of a contraction ---------*- C++ -*-===//
//
// The capacity-dependent lower bound for O[phi_o] += f(A_1[phi_1], ...) over a
// box of iterations, with any number of operands of any element size. Valid
// for small dimensions. docs/Model.md, B6.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_BOUNDS_CONTRACTION_H
#define MEMWALL_BOUNDS_CONTRACTION_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>

namespace memwall {

/// An operand that is indexed by some dimensions of the box, each choice of
/// which gives another element.
struct ContractionOperand {
  /// Bytes per element in fast memory; 0.5 for i4.
  double bytesPerElement = 4;
  uint32_t dims = 0; ///< Bit i: indexed by dimension i.
};

/// A box of iterations and its operands, the output included.
struct ContractionShape {
  llvm::SmallVector<double, 6> dims; ///< Sizes, at most 32.
  llvm::SmallVector<ContractionOperand, 4> operands;
};

/// LB_s of docs/Model.md, B6, in bytes: loads of any schedule with
/// `capacityBytes` of fast memory, where the first creation of an output
/// element in fast memory is charged as a load of it. True for every
/// s >= 0 (one per operand) with sum at least 1; 0 when the sum is less.
double computeChargedBytes(const ContractionShape &shape, double capacityBytes,
                           llvm::ArrayRef<double> s);

/// The largest LB_s that a search over s finds, and the s. Sound wherever the
/// search stops.
double maximizeChargedBytes(const ContractionShape &shape, double capacityBytes,
                            llvm::SmallVectorImpl<double> *bestS = nullptr);

/// Closed forms for C[m, n] += A[m, k] * B[k, n] with a, b, c bytes per
/// element: the largest charged bound among those whose condition holds
/// (docs/Model.md, B7).
double computeMatmulChargedBytes(double m, double n, double k, double a,
                                 double b, double c, double capacityBytes);

} // namespace memwall

#endif // MEMWALL_BOUNDS_CONTRACTION_H
