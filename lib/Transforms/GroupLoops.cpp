//===- GroupLoops.cpp - The loops of a group, step by step ----------------===//

#include "GroupLoops.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Utils/Utils.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace memwall;

SmallVector<GroupStep, 4> memwall::splitIntoSteps(const GroupPlan &plan) {
  SmallVector<GroupStep, 4> steps;
  ArrayRef<TileLoop> loops = plan.loops;
  unsigned begin = 0;
  for (unsigned end = 1; end <= loops.size(); ++end) {
    ArrayRef<TileLoop> step = loops.slice(begin, end - begin);
    bool isLast = end == loops.size();
    auto endsHere = [&](const GroupMember &member) {
      return member.depth == end || llvm::is_contained(member.packDepths, end);
    };
    auto isAgain = [&](const TileLoop &loop) {
      return loop.dim == loops[end].dim;
    };
    if (!isLast && llvm::none_of(plan.members, endsHere) &&
        loops[end].isParallel == step.front().isParallel &&
        llvm::none_of(step, isAgain))
      continue;
    steps.push_back({step, end});
    begin = end;
  }
  return steps;
}

FailureOr<scf::SCFTilingResult> memwall::tileMember(RewriterBase &rewriter,
                                                    TilingInterface op,
                                                    const GroupStep &step,
                                                    const GroupMember &member) {
  SmallVector<int64_t> sizes(member.rootDims.size(), 0), order;
  for (const TileLoop &loop : step.loops) {
    auto dim = llvm::find(member.rootDims, std::optional(loop.dim));
    if (dim == member.rootDims.end())
      return op->emitOpError("is not moved by a loop of its group");
    order.push_back(dim - member.rootDims.begin());
    sizes[order.back()] = loop.size * member.rootFactors[order.back()];
  }
  for (int64_t dim : llvm::seq<int64_t>(sizes.size()))
    if (sizes[dim] == 0)
      order.push_back(dim);
  scf::SCFTilingOptions options;
  options.setTileSizes(getAsIndexOpFoldResult(op.getContext(), sizes));
  options.setInterchange(order);
  if (step.loops.front().isParallel)
    options.setLoopType(scf::SCFTilingOptions::LoopType::ForallOp);
  rewriter.setInsertionPoint(op);
  FailureOr<scf::SCFTilingResult> result =
      scf::tileUsingSCF(rewriter, op, options);
  if (failed(result))
    return op->emitOpError("cannot be tiled with its group");
  rewriter.replaceOp(op, result->replacements);
  return result;
}

SmallVector<LoopLikeOpInterface>
memwall::mergeNests(RewriterBase &rewriter, ArrayRef<LoopLikeOpInterface> first,
                    ArrayRef<LoopLikeOpInterface> second) {
  SmallVector<LoopLikeOpInterface> merged;
  if (first.size() != second.size() || first.empty())
    return merged;
  Operation *one = first.front(), *other = second.front();
  for (size_t depth = 0; depth < first.size(); ++depth) {
    auto forOne = dyn_cast<scf::ForOp>(one),
         forOther = dyn_cast<scf::ForOp>(other);
    auto allOne = dyn_cast<scf::ForallOp>(one),
         allOther = dyn_cast<scf::ForallOp>(other);
    rewriter.moveOpBefore(one, other);
    if (forOne && forOther)
      merged.push_back(cast<LoopLikeOpInterface>(
          fuseIndependentSiblingForLoops(forOne, forOther, rewriter)
              .getOperation()));
    else if (allOne && allOther)
      merged.push_back(cast<LoopLikeOpInterface>(
          fuseIndependentSiblingForallLoops(allOne, allOther, rewriter)
              .getOperation()));
    else
      return {};
    // The next two are in the body of the loop that these have become.
    SmallVector<Operation *> inside;
    for (Operation &op : merged.back().getLoopRegions().front()->front())
      if (isa<scf::ForOp, scf::ForallOp>(op))
        inside.push_back(&op);
    if (depth + 1 == first.size())
      break;
    if (inside.size() != 2)
      return {};
    one = inside[0];
    other = inside[1];
  }
  return merged;
}
