//===- CountArithmetic.h - FLOPs of operations ------------------*- C++ -*-===//
//
// The FLOP rule (docs/Model.md, "FLOP"; design rule: from the body, never from
// an op's name). Per element, on floats:
//
//   1   add sub mul div rem neg abs sqrt max min compare (cmpf, isnan, isinf,
//       isfinite, isnormal), ceil floor round roundeven trunc copysign
//   2   fma (a multiply-add), clampf (max and min)
//   1, and 1 transcendental
//       exp exp2 expm1 log log2 log10 log1p rsqrt cbrt powf fpowi erf erfc
//       sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh
//   2, and 2 transcendentals: sincos
//   0   casts, select, bitcast, constants, loads
//
// Integers count the same in `intOps`: add sub mul div rem max min compare
// and or xor shifts abs popcount leading and trailing zeros ipowi, 1 each.
// Arithmetic of type `index` is 0, and so is whatever only computes the
// position of a load in the body.
//
// Complex numbers count what the textbook formula takes: add sub neg 2, mul 6,
// div 11, abs 4, compare 2, conj 1; create, re, im 0; every other complex
// function is 1 transcendental.
//
// Vectors count every lane (scalable ones their minimum). A K-term reduction
// counts K: vector.reduction and vector.multi_reduction the elements of their
// source, vector.contract 2 per point of its box, vector.outerproduct 2 per
// element with an accumulator, else 1, vector.fma 2. Other vector ops move
// lanes: 0.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_WORK_COUNTARITHMETIC_H
#define MEMWALL_WORK_COUNTARITHMETIC_H

#include "memwall/Work/LoopTree.h"
#include <optional>

namespace mlir {
class Block;
class Operation;
} // namespace mlir

namespace memwall {

/// Operations of one execution of the scalar or vector op `op`; of one element
/// where it works on tensors. Absent for an op that is not in the rule above.
std::optional<Arithmetic> countArithmetic(mlir::Operation *op);

/// Operations of one execution of the straight-line `body`, dead code and
/// address arithmetic left out. Absent where BodySlice.h does not understand
/// the body, or an op in it is not in the rule above.
std::optional<Arithmetic> countBody(mlir::Block &body);

} // namespace memwall

#endif // MEMWALL_WORK_COUNTARITHMETIC_H
