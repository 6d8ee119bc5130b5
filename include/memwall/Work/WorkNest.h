//===- WorkNest.h - What one structured op does, as plain data --*- C++ -*-===//
//
// The op-specific knowledge of memwall, in one place: any structured op becomes
// one or several WorkNests (softmax is four), each a box of iterations with a
// straight line of scalar accesses. Nothing here knows about storage, loops
// around the op, or machines; BuildLoopTree.cpp puts the nests there.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_WORK_WORKNEST_H
#define MEMWALL_WORK_WORKNEST_H

#include "memwall/Work/LoopTree.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"
#include "mlir/Support/LLVM.h"
#include <memory>
#include <optional>

namespace memwall {

/// A tensor or memref that a nest touches.
///  - an operand of the op: its storage as it is before the op. A read of a
///    destination operand (init) is a read of the accumulator: with value
///    semantics it goes to the storage of the tied result, which has to hold
///    the init's value at the start;
///  - a tensor captured by the body of the op;
///  - a result of the op: the storage of that result (the builder decides
///    whether that is the init's);
///  - a temporary of the op (`value` is null): fresh storage of `type`.
struct NestOperand {
  mlir::Value value;
  mlir::ShapedType type;
  /// For a temporary: the operand dimensions its sizes come from, one
  /// (operand, dimension) per dimension of `type`.
  llvm::SmallVector<std::pair<unsigned, unsigned>, 4> sizeSources;
};

/// Index into one dimension of an operand:
///   constant + sum of coefficient * dims[dim] + sum of coefficient * outer,
/// or data dependent.
struct NestIndex {
  int64_t constant = 0;
  llvm::SmallVector<std::pair<unsigned, int64_t>, 2> terms; ///< (dim, coeff)
  /// Integers defined outside of the op (induction variables, mostly), with
  /// coefficients. Where the builder cannot write one as an affine form of the
  /// enclosing loops, the index is data dependent on the dims in `terms` and on
  /// those loops.
  llvm::SmallVector<std::pair<mlir::Value, int64_t>, 0> outerTerms;
  /// Present: the index is `constant` and some value that depends on data and
  /// on these dims, in the dimension's range; `terms` and `outerTerms` are
  /// empty.
  std::optional<llvm::SmallVector<unsigned, 2>> gatherDims;
  /// Of a data-dependent index: that value is in [0, extent); 0: not known.
  int64_t extent = 0;
  /// Of a data-dependent index: it takes at least so many values over
  /// `gatherDims`.
  int64_t distinct = 1;
};

/// One scalar load or store per iteration.
struct NestAccess {
  unsigned operand = 0; ///< Into WorkNest::operands.
  bool isWrite = false;
  llvm::SmallVector<NestIndex, 4> indices; ///< One per operand dimension.
  /// How many values its data-dependent index takes in one call of the
  /// function, by the attribute `memwall.distinct_rows`; 0: unknown.
  int64_t distinctRows = 0;
  uint32_t results = 0; ///< See Access.
};

/// A dimension of the box. Its size is `size`, or, when that is dynamic, the
/// extent of dimension `sourceDim` of operand `sourceOperand`.
struct NestDim {
  int64_t size = 1; ///< ShapedType::kDynamic: taken from the source.
  unsigned sourceOperand = 0;
  unsigned sourceDim = 0;
  bool isReduction = false;
  bool isInnerTile = false; ///< Of a pack, which is cut between its tiles.
};

/// See the head of this file. Dims outermost first, accesses in the order that
/// upstream's lowering to loops executes them: inputs, then inits that the body
/// reads, then gathers, then stores.
struct WorkNest {
  llvm::SmallVector<NestOperand, 4> operands;
  llvm::SmallVector<NestDim, 6> dims;
  llvm::SmallVector<NestAccess, 4> accesses;
  Arithmetic perIteration;
  /// So many outermost dims are loops around the nest before and this one.
  unsigned joined = 0;
};

/// All nests of one op, in execution order, and what the op is. Temporaries
/// are shared between the nests of one op by position: nest operand lists of
/// one op are identical.
struct StructuredOp {
  OpKind kind = OpKind::Other;
  std::string computeType;
  llvm::SmallVector<WorkNest, 1> nests;
  /// (result number, operand number): where the nests do not write it, the
  /// result holds what the operand held (tensor.insert, tensor.scatter).
  llvm::SmallVector<std::pair<unsigned, unsigned>, 1> partialResults;
  /// What an iteration computes, of an op with a body that is one nest. Its
  /// accesses are those of that nest.
  std::shared_ptr<const BodyExpression> body;
};

/// Describes `op`; nullopt when it is not understood (the caller reports it as
/// unmodelled). Covers every linalg op (named, generic, contract, elementwise,
/// softmax, pack, unpack, quantized matmuls, convolutions, pooling; winograd
/// aside), tensor ops that move data (pad, concat, gather, scatter, generate,
/// splat, from_elements, insert, extract of a whole-tensor program), arith and
/// math on whole tensors, memref.copy, and linalg on memrefs. Views
/// (extract_slice, reshapes, casts) and insert_slice are the builder's.
std::optional<StructuredOp> describeStructuredOp(mlir::Operation *op);

} // namespace memwall

#endif // MEMWALL_WORK_WORKNEST_H
