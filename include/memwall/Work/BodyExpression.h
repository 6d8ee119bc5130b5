//===- BodyExpression.h - What a body computes, as plain data ---*- C++ -*-===//
//
// The scalars of one iteration of a structured op, from what it reads to what
// it writes: enough to see how a value depends on each input, without IR. The
// algebra of reductions (ReductionAlgebra.h) reads nothing else of an op.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_WORK_BODYEXPRESSION_H
#define MEMWALL_WORK_BODYEXPRESSION_H

#include "llvm/ADT/SmallVector.h"
#include <string>
#include <utility>
#include <vector>

namespace mlir {
class Operation;
} // namespace mlir

namespace memwall {

/// What a node of a body is.
enum class ScalarKind {
  Input,    ///< The value that one access of the nest reads.
  Constant, ///< The same number in all iterations.
  Outside,  ///< A scalar from outside, the same in all iterations.
  Index,    ///< Of iteration numbers and of scalars from outside alone.
  Add,
  Subtract,
  Multiply,
  Divide,
  Negate,
  Exp,
  Exp2,
  Log,
  Maximum,
  Minimum,
  Select,    ///< Condition, value if true, value if false.
  FloatCast, ///< To a wider or narrower floating-point type.
  Other,     ///< A function of its operands that nothing is known of.
};

/// One scalar of a body.
struct ScalarNode {
  ScalarKind kind = ScalarKind::Other;
  llvm::SmallVector<unsigned, 3> operands; ///< Earlier nodes.
  unsigned access = 0; ///< Of an input: the number of its read in the nest.
  double constant = 0; ///< Of a constant.
  /// The op that computes it, for messages and for rewriting; null for inputs
  /// and in tests.
  mlir::Operation *operation = nullptr;
  std::string name; ///< Of that op: "math.tanh".
};

/// How a result takes what an iteration contributes.
enum class Combiner {
  None, ///< It is overwritten.
  Add,
  Maximum,
  Minimum,
  Multiply,
  Other, ///< In a way that nothing is known of.
};

/// What one write of the nest stores.
struct BodyResult {
  unsigned write = 0; ///< Its number among the accesses of the nest.
  Combiner combiner = Combiner::None;
  /// The node that is stored, or that the combiner adds to what is there. Of
  /// `Combiner::Other`, the node that is stored.
  unsigned value = 0;
};

/// Iterations in which a select surely takes a constant: all those in which
///   constant + sum of coefficient * (iteration of dimension)
/// is positive. A select has one for every comparison that is enough alone.
struct MaskBound {
  unsigned select = 0; ///< The node.
  unsigned side = 0;   ///< The operand that it takes: 1 or 2.
  int64_t constant = 0;
  /// (dimension of the nest, coefficient), ascending, no coefficient 0.
  llvm::SmallVector<std::pair<unsigned, int64_t>, 2> terms;
};

/// A body: nodes in an order in which operands come first.
struct BodyExpression {
  std::vector<ScalarNode> nodes;
  llvm::SmallVector<BodyResult, 1> results; ///< In the order of the writes.
  std::vector<MaskBound> masks;             ///< In the order of the selects.
};

} // namespace memwall

#endif // MEMWALL_WORK_BODYEXPRESSION_H
