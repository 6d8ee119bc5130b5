//===- Describe.h - The parts of describeStructuredOp -----------*- C++ -*-===//
//
// One function per family of ops; each gives nullopt for what it does not
// understand. Private to the room.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_WORK_DESCRIBE_H
#define MEMWALL_LIB_WORK_DESCRIBE_H

#include "memwall/Work/BodySlice.h"
#include "memwall/Work/WorkNest.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir {
namespace linalg {
class LinalgOp;
} // namespace linalg
} // namespace mlir

namespace memwall {

std::optional<StructuredOp> describeLinalgOp(mlir::linalg::LinalgOp op);
/// linalg.softmax.
std::optional<StructuredOp> describeSoftmax(mlir::Operation *op);
/// linalg.pack and linalg.unpack.
std::optional<StructuredOp> describeRelayout(mlir::Operation *op);
/// Ops that move whole tensors: pad, concat, gather, scatter, splat, copies.
std::optional<StructuredOp> describeMove(mlir::Operation *op);
/// tensor.generate, from_elements, extract, insert.
std::optional<StructuredOp> describeElementAccess(mlir::Operation *op);
/// arith and math on whole tensors.
std::optional<StructuredOp> describeElementwise(mlir::Operation *op);

/// On a linalg op: its stores go past all caches (docs/Model.md, "Stores").
inline constexpr llvm::StringLiteral kNontemporalName = "memwall.nontemporal";
/// Whether that is said of `op`, or `op` is a store of memref or vector with
/// the attribute `nontemporal` of its own dialect.
bool storesAround(mlir::Operation *op);

/// On an op that reads a table at a data-dependent index: how many values the
/// index takes in one call of the function (docs/Model.md, "Gathers").
inline constexpr llvm::StringLiteral kDistinctRowsName =
    "memwall.distinct_rows";
/// What that attribute says; 0 when it is not there.
int64_t getDistinctRows(mlir::Operation *load);

/// The body of `op` as data. `reads`: the access of each block argument and of
/// each load that the live part of the body uses; `writes`: that of each init.
BodyExpression describeBody(mlir::linalg::LinalgOp op,
                            const llvm::DenseMap<mlir::Value, unsigned> &reads,
                            llvm::ArrayRef<unsigned> writes);

/// Whether data decides on a position that the nest touches.
bool hasGather(const WorkNest &nest);
/// From structure: maps, iterators and live body, never the name.
OpKind classifyLinalgOp(mlir::linalg::LinalgOp op, const BodySlice &slice,
                        const WorkNest &nest);
/// For every block argument of `op` the results that depend on it
/// (Access::results).
llvm::SmallVector<uint32_t> findResults(mlir::linalg::LinalgOp op);
/// Element type name of the arithmetic of an op of this kind.
std::string getComputeType(mlir::linalg::LinalgOp op, const BodySlice &slice,
                           OpKind kind);

/// The shape of what a value of `type` is storage of: of tensors and memrefs
/// their own, of `!torch.vtensor<[64,128],f32>` the tensor that it stands for;
/// null for everything else.
mlir::ShapedType getStorageType(mlir::Type type);
/// Whether storage of `type` can be counted: ranked, dense, elements with bits.
bool isCountable(mlir::Type type);
/// Adds an operand or result to a nest; its position in `operands`.
unsigned addOperand(WorkNest &nest, mlir::Value value);
/// Adds one dimension per dimension of operand `operand`, sizes from there.
void addDimsOf(WorkNest &nest, unsigned operand);
/// Identity indices over the dims [first, first + rank).
llvm::SmallVector<NestIndex, 4> makeIdentity(unsigned rank, unsigned first = 0);
/// The storage an op writes: its result, or the operand `out` on memrefs.
mlir::Value getWritten(mlir::Operation *op, mlir::Value out);

} // namespace memwall

#endif // MEMWALL_LIB_WORK_DESCRIBE_H
