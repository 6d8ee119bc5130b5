//===- LoopTree.h - What a function executes, as plain data -----*- C++ -*-===//
//
// A LoopTree says which loops a function runs, in which order, and which
// element of which buffer each innermost iteration touches. It is built once
// from IR (BuildLoopTree.h), checked by `check`, and then only read: by Traffic
// (what moves), by Bounds (what must move) and by Report. It refers to the IR
// through `Operation *` for display only, so that tests can write trees by
// hand.
//
// Conventions
//  - Program order everywhere: buffers, ops and nodes are numbered as the
//    program creates or executes them.
//  - Buffers are storage, not SSA values: views, casts and in-place updates
//    share one buffer. Storage is linear, row-major, in elements.
//  - Loops count iterations 0, 1, ... trip-1; `Term::stride` is per iteration.
//
// Definitions: docs/Model.md, "Loop trees".
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_WORK_LOOPTREE_H
#define MEMWALL_WORK_LOOPTREE_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MathExtras.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace mlir {
class Operation;
} // namespace mlir

namespace memwall {

struct BodyExpression;

using BufferId = unsigned;
using LoopId = unsigned;
using OpId = unsigned;
using NodeId = unsigned;

/// Stands for a number of bytes that does not fit 64 bits.
inline constexpr int64_t kTooManyBytes = INT64_MAX;

/// Adds numbers >= 0; `kTooManyBytes` when the sum does not fit.
inline int64_t addCounts(int64_t a, int64_t b) {
  int64_t sum;
  return llvm::AddOverflow(a, b, sum) ? kTooManyBytes : sum;
}

/// The same of their product.
inline int64_t multiplyCounts(int64_t a, int64_t b) {
  int64_t product;
  return llvm::MulOverflow(a, b, product) ? kTooManyBytes : product;
}

/// Bytes moved, reads and writes always apart.
struct Bytes {
  int64_t read = 0;
  int64_t written = 0;
  int64_t total() const { return addCounts(read, written); }
  void add(Bytes other) {
    read = addCounts(read, other.read);
    written = addCounts(written, other.written);
  }
};

/// Where storage comes from.
enum class BufferKind {
  Argument,     ///< Function argument.
  Constant,     ///< arith.constant, dense_resource, tosa.const.
  Global,       ///< memref.global, ml_program.global.
  Intermediate, ///< Allocated by the function.
};

/// One piece of storage.
struct Buffer {
  std::string name; ///< For people: "%arg0", "linalg.matmul#3".
  BufferKind kind = BufferKind::Intermediate;
  int64_t elementBits = 32;
  std::string elementType; ///< "f32", "i4", ...
  int64_t elements = 1;    ///< Extent of the storage.
  /// Its content is visible after the function, or to a callee without a body.
  bool liveOut = false;
  /// Live out: the result of the function that it is, the first of several.
  std::optional<unsigned> result;
  /// Loop node whose body allocates the buffer (so each iteration starts with
  /// undefined content), or `LoopTree::root`.
  NodeId scope = 0;
  /// The buffer whose memory it takes, an earlier one that is no smaller and
  /// has memory of its own: the same allocation in other iterations of a loop.
  std::optional<BufferId> storage;

  /// Whether the function reads values that somebody else put there.
  bool isLiveIn() const { return kind != BufferKind::Intermediate; }
  /// Storage in bytes: ceil(elements * elementBits / 8).
  int64_t bytes() const;
};

/// `stride * (iteration number of loop)`.
struct Term {
  LoopId loop = 0;
  int64_t stride = 0;
};

/// constant + sum of terms.
struct AffineForm {
  int64_t constant = 0;
  llvm::SmallVector<Term, 2> terms;
};

/// A data-dependent index: some value in [0, extent) that is a function of the
/// iteration numbers of `loops`, times `stride` elements.
struct GatherTerm {
  llvm::SmallVector<LoopId, 2> loops;
  int64_t stride = 0;
  int64_t extent = 1;
  /// The program says how many values occur (`memwall.distinct_rows`): they are
  /// numbered from 0, and each of [0, extent) occurs in one call.
  bool hitsAll = false;
  /// At least so many values occur in the iterations of `loops`, whatever the
  /// data is.
  int64_t distinct = 1;
};

/// One load or store of one element in the innermost body of a nest:
///   buffer[offset + sum of terms + sum of gathers].
struct Access {
  BufferId buffer = 0;
  bool isWrite = false;
  /// A store that goes past all caches, which neither fetch nor keep its line
  /// (`memwall.nontemporal`). docs/Model.md, "Stores".
  bool isNontemporal = false;
  /// The value read was put there by a fill or a splat, or nobody needs it:
  /// compulsory and bounds do not count this read (docs/Model.md, "Inits").
  bool readsFill = false;
  AffineForm element; ///< In elements of the buffer.
  llvm::SmallVector<GatherTerm, 0> gathers;
  /// Of a read in a nest with several writes: bit r for the r-th write, where
  /// what it stores is known to depend on this read. Bounds need to know.
  uint32_t results = 0;
};

/// Operations of one innermost iteration. A multiply-add is 2 flops;
/// transcendentals are counted in flops too, and again here.
struct Arithmetic {
  int64_t flops = 0;
  int64_t transcendentals = 0;
  int64_t intOps = 0;
};

/// How a loop is run.
enum class LoopKind {
  Serial,   ///< scf.for, affine.for.
  Parallel, ///< scf.forall, scf.parallel: iteration i on unit i mod n.
  Dimension ///< A dimension of a structured op (serial).
};

/// A loop. Its extent is the minimum of affine forms of the iteration numbers
/// of enclosing loops (so partial tiles are exact); it runs
/// ceil(max(extent, 0) / step) times.
struct Loop {
  LoopKind kind = LoopKind::Dimension;
  llvm::SmallVector<AffineForm, 1> extent;
  int64_t step = 1;
  bool isReduction = false; ///< Dimension loops: the iterator type.
  bool isInnerTile = false; ///< Of a pack, which is cut between its tiles.
  /// An upper bound of the trip count over all executions; exact when the
  /// extent is one constant.
  int64_t maxTripCount = 1;
};

/// A nest: the dimension loops of one structured op, outermost first, around a
/// straight line of scalar accesses in execution order.
struct Nest {
  OpId op = 0;
  llvm::SmallVector<LoopId, 4> loops;
  llvm::SmallVector<Access, 4> accesses;
  Arithmetic perIteration;
};

/// A node of the tree. Nest: `nest` is valid and there are no children. Loop:
/// `loop` is valid and the children run in order in every iteration. Node 0 is
/// the root, a loop that runs once.
struct Node {
  enum class Kind { Loop, Nest } kind = Kind::Loop;
  LoopId loop = 0;
  Nest nest;
  llvm::SmallVector<NodeId, 4> children;
  NodeId parent = 0;
};

/// What an op is, from its structure and never from its name.
enum class OpKind {
  Contraction,
  Convolution,
  Elementwise,
  Reduction,
  Softmax,
  Fill,
  Copy, ///< Includes transpose, broadcast, pad, pack, concat.
  Gather,
  Unmodelled, ///< Its operands and results once, and nothing else of it.
  Other,
};

/// "contraction", "elementwise", ..., "argument", "constant", ...: the word for
/// a kind everywhere.
llvm::StringRef getKindName(OpKind kind);
llvm::StringRef getKindName(BufferKind kind);

/// One op as it is shown to people: one call site of one operation.
struct OpRecord {
  mlir::Operation *operation = nullptr; ///< May be null in tests.
  std::string name;                     ///< "linalg.matmul".
  std::string location;                 ///< "file.mlir:12:8" or "unknown".
  OpKind kind = OpKind::Other;
  /// Element type that decides the arithmetic peak (the widest input's of a
  /// contraction, else the result's).
  std::string computeType;
  /// A fill all of whose readers take it as an init: its compulsory is 0.
  bool isInitFill = false;
  int64_t executions = 1;
  Arithmetic total; ///< Over all executions.
  /// What it computes, loads and stores, over all executions: a vector is one
  /// value, whatever its length. And the bits of all of them.
  int64_t values = 0, valueBits = 0;
  /// Scalar and vector code, which overlaps with what else is in its loop.
  bool isStraightLine = false;
  /// Calls that it stands in the callee of, outermost first.
  llvm::SmallVector<mlir::Operation *, 0> calls;
  /// What an iteration of it computes, of an op that is one nest and has a body
  /// (BodyExpression.h); else null.
  std::shared_ptr<const BodyExpression> body;
};

/// What of an op that is not understood is in the figures all the same.
enum class CountedPart {
  Nothing,
  Operands, ///< Its operands and results, once in each execution.
  Body,     ///< What is inside of it, once in each execution.
};

/// "nothing", "operands", "body".
llvm::StringRef getCountedPartName(CountedPart part);

/// Something the builder met and does not understand.
struct Unmodelled {
  std::string name;
  std::string location;
  int64_t count = 1;  ///< Executions, where known.
  std::string advice; ///< Why, and what would help; see Advice.h.
  CountedPart counted = CountedPart::Nothing;
  /// Of operands and results that are counted, over all executions.
  int64_t countedBytes = 0;
};

/// An op that accumulates onto content that nothing has written.
struct UndefinedRead {
  std::string name;
  std::string location;
};

/// A function as data. See the head of this file.
struct LoopTree {
  static constexpr NodeId root = 0;

  std::string function;
  mlir::Operation *operation = nullptr; ///< That function; null in tests.
  llvm::SmallVector<Buffer, 0> buffers;
  llvm::SmallVector<Loop, 0> loops;
  llvm::SmallVector<OpRecord, 0> ops;
  llvm::SmallVector<Node, 0> nodes;
  llvm::SmallVector<Unmodelled, 0> unmodelled;
  llvm::SmallVector<UndefinedRead, 0> undefinedReads;

  /// Explains the first broken rule: ids in range, parents match children,
  /// terms name loops that enclose the access, steps positive, constant
  /// accesses inside their buffer, bytes of all buffers fit 64 bits.
  llvm::Error check() const;

  /// Byte address of every buffer: in order from 0, each rounded up to 4096,
  /// never reused (they matter for sets). docs/Model.md, "Addresses".
  llvm::SmallVector<int64_t, 0> computeAddresses() const;
  /// Where the last of them ends; `kTooManyBytes` when that does not fit.
  int64_t countStorageBytes() const;
};

} // namespace memwall

#endif // MEMWALL_WORK_LOOPTREE_H
