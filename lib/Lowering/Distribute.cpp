//===- Distribute.cpp - Ops that no schedule parts over threads -----------===//

#include "Distribute.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"

using namespace mlir;
using namespace memwall;

/// Iterations of an op below which it stays on one thread. Starting and joining
/// a team takes some microseconds; vector code does 2^18 iterations of a
/// product in about five and of an elementwise op in fifty.
static constexpr int64_t fewestIterations = int64_t(1) << 18;

/// Parts along a dimension are multiples of this where it is the innermost of
/// the result: whole vectors, and lines that no two threads write.
static constexpr int64_t columnGranule = 64;

/// The tile sizes that make `threads` parts of an op; empty: it stays whole.
static SmallVector<int64_t> choosePart(linalg::LinalgOp op, int64_t threads) {
  SmallVector<int64_t, 4> extents = op.getStaticLoopRanges();
  double iterations = 1;
  for (int64_t extent : extents)
    iterations *= double(extent);
  if (ShapedType::isDynamicShape(extents) || iterations < fewestIterations ||
      op.getNumDpsInits() == 0)
    return {};
  SmallVector<utils::IteratorType> kinds = op.getIteratorTypesArray();
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  SmallVector<int64_t> sizes(extents.size(), 0);
  for (auto [position, result] : llvm::enumerate(map.getResults())) {
    auto dim = dyn_cast<AffineDimExpr>(result);
    if (!dim || kinds[dim.getPosition()] != utils::IteratorType::parallel)
      continue;
    int64_t extent = extents[dim.getPosition()];
    int64_t granule = position + 1 == map.getNumResults() ? columnGranule : 1;
    if (extent < threads * granule)
      continue;
    sizes[dim.getPosition()] =
        llvm::alignTo(llvm::divideCeil(extent, threads), granule);
    return sizes;
  }
  return {};
}

void memwall::distributeOps(RewriterBase &rewriter, Operation *root,
                            int64_t threads) {
  SmallVector<linalg::LinalgOp> ops;
  root->walk([&](linalg::LinalgOp op) {
    if (op.hasPureTensorSemantics() && !op->getParentOfType<scf::ForallOp>())
      ops.push_back(op);
  });
  for (linalg::LinalgOp op : ops) {
    SmallVector<int64_t> sizes = choosePart(op, threads);
    if (sizes.empty())
      continue;
    scf::SCFTilingOptions options;
    options.setTileSizes(getAsIndexOpFoldResult(op->getContext(), sizes));
    options.setLoopType(scf::SCFTilingOptions::LoopType::ForallOp);
    rewriter.setInsertionPoint(op);
    FailureOr<scf::SCFTilingResult> result = scf::tileUsingSCF(
        rewriter, cast<TilingInterface>(op.getOperation()), options);
    if (succeeded(result))
      rewriter.replaceOp(op, result->replacements);
  }
}
