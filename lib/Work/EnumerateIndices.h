//===- EnumerateIndices.h - Static indices that are not affine --*- C++ -*-===//
//
// A position like (d0 + 3) mod 8 is no affine form of the box, but it is one on
// each of the pieces [0, 5) and [5, 8). This evaluates such positions point by
// point and writes the box as loops over pieces, in the order of execution:
// rolls, clamps, quotients and remainders with any offset, extent and width. A
// box with too many points for that is halved until the positions are affine.
// Private to the room.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_WORK_ENUMERATEINDICES_H
#define MEMWALL_LIB_WORK_ENUMERATEINDICES_H

#include "memwall/Work/WorkNest.h"
#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/Operation.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/IR/ValueRange.h"
#include "llvm/ADT/DenseMap.h"
#include <variant>

namespace memwall {

/// Where an index of an access comes from: an expression of the dimensions of
/// the op, or a value in its body.
using IndexSource = std::variant<mlir::AffineExpr, mlir::Value>;

/// Integers of a body at one point, by MLIR's own folding: exact for every
/// width and sign.
class PointEvaluator {
public:
  /// `arguments`: block arguments of `body` that are dimensions of the op.
  PointEvaluator(mlir::Block &body, mlir::ValueRange arguments)
      : body(body), arguments(arguments.begin(), arguments.end()) {}

  /// Moves to the point where the dimensions of the op have these values.
  void setPoint(llvm::ArrayRef<int64_t> opDims);
  /// The index over a whole box, where dimension i of the op is `opDims`[i].
  NestIndex evaluate(const IndexSource &source, llvm::ArrayRef<int64_t> sizes,
                     llvm::ArrayRef<NestIndex> opDims) const;
  /// Absent where data, or a value from outside of the body, decides.
  std::optional<int64_t> evaluate(const IndexSource &source);

private:
  mlir::Attribute evaluate(mlir::Value value);

  mlir::Block &body;
  llvm::SmallVector<mlir::Value> arguments;
  llvm::SmallVector<int64_t> point;
  llvm::DenseMap<mlir::Value, mlir::Attribute> known;
  /// Folding may change an op in place, so it is done on copies.
  llvm::DenseMap<mlir::Operation *, mlir::OwningOpRef<mlir::Operation *>>
      copies;
};

/// `nest` with its static, data-dependent looking indices as affine forms of
/// pieces of the box; `nest` itself where there are none, or where the pieces
/// are many. `sources` are those of the indices of all accesses, `opDims` the
/// dimensions of the op over the box.
llvm::SmallVector<WorkNest, 1>
enumerateIndices(WorkNest nest,
                 llvm::ArrayRef<llvm::SmallVector<IndexSource, 4>> sources,
                 llvm::ArrayRef<NestIndex> opDims, PointEvaluator &evaluator);

} // namespace memwall

#endif // MEMWALL_LIB_WORK_ENUMERATEINDICES_H
