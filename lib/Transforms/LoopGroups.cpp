//===- LoopGroups.cpp - Loops that are made in one step -------------------===//

#include "LoopGroups.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace memwall;

/// Whether the iterations of each dimension of `op` have their own parts of
/// every init.
static SmallVector<bool> findPartitioningDims(TilingInterface op) {
  SmallVector<bool> partitions;
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op.getOperation());
  for (auto [dim, type] : llvm::enumerate(op.getLoopIteratorTypes())) {
    bool partitionsInits = type == utils::IteratorType::parallel;
    if (linalgOp)
      for (OpOperand &init : linalgOp.getDpsInitsMutable())
        partitionsInits &=
            linalgOp.getMatchingIndexingMap(&init).isFunctionOfDim(dim);
    partitions.push_back(partitionsInits);
  }
  return partitions;
}

/// One group for `dims`, loops in that order.
static LoopGroup createGroup(const TileBand &band, ArrayRef<unsigned> dims,
                             bool isParallel, bool takesInits) {
  LoopGroup group;
  group.sizes.assign(band.sizes.size(), 0);
  group.isParallel = isParallel;
  group.takesInits = takesInits;
  for (unsigned dim : dims) {
    group.sizes[dim] = band.sizes[dim];
    group.order.push_back(dim);
  }
  for (unsigned dim : llvm::seq<unsigned>(band.sizes.size()))
    if (!llvm::is_contained(dims, dim))
      group.order.push_back(dim);
  return group;
}

/// Takes the loops out of `bands` that would run once: their tiles are what is
/// there already.
static void dropSingleIterations(MutableArrayRef<TileBand> bands,
                                 ArrayRef<int64_t> extents) {
  SmallVector<int64_t, 6> outer(extents);
  for (TileBand &band : bands) {
    for (auto [dim, size] : llvm::enumerate(band.sizes)) {
      if (size == outer[dim])
        size = 0;
      if (size != 0)
        outer[dim] = size;
    }
    auto isGone = [&](unsigned dim) { return band.sizes[dim] == 0; };
    llvm::erase_if(band.order, isGone);
    llvm::erase_if(band.parallel, isGone);
  }
}

SmallVector<LoopGroup, 4>
memwall::computeLoopGroups(TilingInterface op, ArrayRef<int64_t> extents,
                           ArrayRef<TileBand> asScheduled) {
  SmallVector<TileBand, 3> bands(asScheduled);
  dropSingleIterations(bands, extents);
  SmallVector<bool> partitions = findPartitioningDims(op);
  SmallVector<LoopGroup, 4> groups;
  bool takesInits = true;
  for (const TileBand &band : bands) {
    ArrayRef<unsigned> order = band.order;
    auto add = [&](size_t count, bool isParallel) {
      if (count != 0)
        groups.push_back(
            createGroup(band, order.take_front(count), isParallel, takesInits));
      order = order.drop_front(count);
    };
    // 1. scf.forall.
    takesInits &= llvm::all_of(band.parallel,
                               [&](unsigned dim) { return partitions[dim]; });
    add(band.parallel.size(), /*isParallel=*/true);
    // 2. What may have the inits inside, if anything still may.
    if (takesInits) {
      auto first =
          llvm::find_if(order, [&](unsigned dim) { return !partitions[dim]; });
      add(first - order.begin(), /*isParallel=*/false);
      takesInits = order.empty();
    }
    // 3. The rest.
    add(order.size(), /*isParallel=*/false);
  }
  return groups;
}
