//===- IndexAnalysis.h - Positions as affine forms of a box -----*- C++ -*-===//
//
// Writes index computations (affine maps, and the arithmetic that a body does
// on linalg.index) as NestIndex over the dimensions of a box of iterations.
// What is not exactly affine becomes data dependent on the dims it uses, so
// the result never claims more than is known; EnumerateIndices.h then looks at
// what no data decides.
//
// floordiv and mod are affine where the box shows it: in (4*d0 + d1) floordiv 4
// with d1 in [0, 4) the result is d0. Where splitting a dimension would show it
// (d0 floordiv 2 with an even d0), the wish is noted in `getSplits`.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_WORK_INDEXANALYSIS_H
#define MEMWALL_WORK_INDEXANALYSIS_H

#include "memwall/Work/StridedBox.h"
#include "memwall/Work/WorkNest.h"
#include "mlir/IR/AffineMap.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/MapVector.h"

namespace memwall {

/// `index` that may be any value, depending on `dims` (sorted, unique).
NestIndex makeGatherIndex(llvm::ArrayRef<unsigned> dims);
/// The dimension `dim` itself.
NestIndex makeDimIndex(unsigned dim, int64_t coefficient = 1,
                       int64_t constant = 0);
NestIndex makeConstantIndex(int64_t constant);
/// The dims that `index` depends on, sorted.
llvm::SmallVector<unsigned, 2> getDimsOf(const NestIndex &index);

/// Positions over one box.
class IndexAnalysis {
public:
  /// `sizes`: of the dimensions of the box, ShapedType::kDynamic if unknown.
  /// `opDims`: value of every dimension of the op (linalg.index, map inputs).
  IndexAnalysis(llvm::ArrayRef<int64_t> sizes, llvm::ArrayRef<NestIndex> opDims)
      : sizes(sizes), opDims(opDims) {}

  /// States what a block argument is: an index, or data that depends on dims.
  void setValue(mlir::Value value, NestIndex index) {
    known[value] = std::move(index);
  }

  /// A value of index or integer type inside or outside of `body`.
  NestIndex evaluate(mlir::Value value, mlir::Block &body);
  /// An expression of the dims of the op, without symbols.
  NestIndex evaluate(mlir::AffineExpr expression);
  llvm::SmallVector<NestIndex, 4> evaluate(mlir::AffineMap map);

  /// Box dimension -> size of the inner part that it should be split into.
  const llvm::MapVector<unsigned, int64_t> &getSplits() const { return splits; }

  // Arithmetic on positions, as IntegerOps.h asks for it.
  static NestIndex makeConstant(int64_t value) {
    return makeConstantIndex(value);
  }
  static std::optional<int64_t> getConstant(const NestIndex &index);
  NestIndex add(const NestIndex &lhs, const NestIndex &rhs) const;
  NestIndex subtract(const NestIndex &lhs, const NestIndex &rhs) const;
  NestIndex multiply(const NestIndex &lhs, const NestIndex &rhs) const;
  NestIndex floorDivide(const NestIndex &lhs, const NestIndex &rhs);
  NestIndex remainder(const NestIndex &lhs, const NestIndex &rhs);
  /// Some value, a different one for values less than `period` apart.
  NestIndex wrap(const NestIndex &index, int64_t period) const;
  NestIndex minimum(const NestIndex &lhs, const NestIndex &rhs) const;
  NestIndex maximum(const NestIndex &lhs, const NestIndex &rhs) const;
  NestIndex merge(llvm::ArrayRef<NestIndex> parts) const;
  /// Smallest and largest value, where known and affine.
  std::optional<std::pair<int64_t, int64_t>>
  getRange(const NestIndex &index) const;
  bool isNonNegative(const NestIndex &index) const;

private:
  llvm::SmallVector<Progression> getSteps(const NestIndex &index) const;
  NestIndex evaluateOp(mlir::Operation *op, mlir::Block &body);
  /// All results of affine.delinearize_index, noted in `known`.
  void delinearize(mlir::Operation *op, NestIndex linear);
  NestIndex multiply(const NestIndex &index, int64_t factor) const;

  llvm::ArrayRef<int64_t> sizes;
  llvm::ArrayRef<NestIndex> opDims;
  llvm::DenseMap<mlir::Value, NestIndex> known;
  llvm::MapVector<unsigned, int64_t> splits;
};

} // namespace memwall

#endif // MEMWALL_WORK_INDEXANALYSIS_H
