//===- GenericOperands.cpp - Edits of the operands of a generic -----------===//

#include "GenericOperands.h"

using namespace mlir;
using namespace memwall;

void memwall::insertInputs(RewriterBase &rewriter, linalg::GenericOp op,
                           unsigned position, ValueRange values,
                           ArrayRef<AffineMap> maps) {
  SmallVector<Value> inputs(op.getInputs());
  inputs.insert(inputs.begin() + position, values.begin(), values.end());
  SmallVector<AffineMap> allMaps = op.getIndexingMapsArray();
  allMaps.insert(allMaps.begin() + position, maps.begin(), maps.end());
  rewriter.modifyOpInPlace(op, [&] {
    op.getInputsMutable().assign(inputs);
    op.setIndexingMapsAttr(rewriter.getAffineMapArrayAttr(allMaps));
    for (auto [offset, value] : llvm::enumerate(values))
      op.getBody()->insertArgument(position + offset,
                                   getElementTypeOrSelf(value.getType()),
                                   value.getLoc());
  });
}

void memwall::eraseInput(RewriterBase &rewriter, linalg::GenericOp op,
                         unsigned number) {
  SmallVector<AffineMap> maps = getMapsWithout(op, number);
  rewriter.modifyOpInPlace(op, [&] {
    op.getInputsMutable().erase(number);
    op.setIndexingMapsAttr(rewriter.getAffineMapArrayAttr(maps));
    op.getBody()->eraseArgument(number);
  });
}

bool memwall::determineLoops(ArrayRef<AffineMap> maps) {
  return !maps.empty() &&
         inversePermutation(concatAffineMaps(maps, maps.front().getContext()));
}

SmallVector<AffineMap> memwall::getMapsWithout(linalg::GenericOp op,
                                               unsigned number) {
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  maps.erase(maps.begin() + number);
  return maps;
}

void memwall::simplifyInputs(RewriterBase &rewriter, linalg::GenericOp op) {
  // 1. The same value through the same map.
  llvm::DenseMap<std::pair<Value, AffineMap>, unsigned> first;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  for (unsigned number = 0; number < op.getNumDpsInputs(); ++number) {
    auto [found, isNew] =
        first.try_emplace({op.getInputs()[number], maps[number]}, number);
    if (!isNew)
      rewriter.replaceAllUsesWith(op.getBody()->getArgument(number),
                                  op.getBody()->getArgument(found->second));
  }
  // 2. What is not used, from the back, so that numbers stay right.
  for (unsigned number = op.getNumDpsInputs(); number-- > 0;)
    if (op.getBody()->getArgument(number).use_empty() &&
        determineLoops(getMapsWithout(op, number)))
      eraseInput(rewriter, op, number);
}
