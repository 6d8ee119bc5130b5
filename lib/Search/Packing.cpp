//===- Packing.cpp - Which operands to lay out in tiles -------------------===//

#include "Packing.h"
#include "memwall/Schedule/ConvertSchedule.h"
#include "memwall/Schedule/TensorDims.h"
#include "llvm/ADT/STLExtras.h"
#include <numeric>

using namespace memwall;

/// The first read of the nest that is `operand`; inputs come first, in the
/// order of the op's operands.
static unsigned findAccess(const Nest &nest, const OperandShape &operand) {
  for (auto [i, access] : llvm::enumerate(nest.accesses))
    if (!access.isWrite && access.buffer == operand.buffer)
      return i;
  return nest.accesses.size();
}

/// Whether the operand of the IR, where there is any, has as many dimensions as
/// its access shows: a constant index shows none.
static bool hasRank(const OpRecord &op, unsigned operand, size_t rank) {
  if (!op.operation)
    return true;
  mlir::FailureOr<ScheduledOp> described = describeScheduledOp(op.operation);
  return succeeded(described) && operand < described->operandRanks.size() &&
         described->operandRanks[operand] == rank;
}

llvm::SmallVector<unsigned, 2>
memwall::findPackable(const IsolatedOp &isolated) {
  const LoopTree &tree = isolated.tree;
  const Nest &nest = tree.nodes[isolated.node].nest;
  llvm::SmallVector<unsigned, 2> packable;
  // Two inputs, the accumulator read and written.
  bool isPlain = tree.ops[isolated.op].kind == OpKind::Contraction &&
                 nest.accesses.size() == 4 && !nest.accesses[1].isWrite &&
                 nest.accesses[0].buffer != nest.accesses[1].buffer;
  if (!isPlain)
    return packable;
  for (auto [o, operand] : llvm::enumerate(isolated.shape.operands)) {
    // An index of a floordiv is no dimension that a pack could cut.
    if (operand.isWritten || (operand.dims & isolated.shape.partDims) != 0)
      continue;
    unsigned access = findAccess(nest, operand);
    if (access >= 2)
      continue;
    llvm::SmallVector<unsigned, 4> dims =
        findTensorDims(tree, nest, nest.accesses[access]);
    auto isLong = [&](unsigned dim) { return isolated.shape.extents[dim] > 1; };
    if (llvm::count_if(dims, isLong) >= 2 &&
        hasRank(tree.ops[isolated.op], access, dims.size()))
      packable.push_back(o);
  }
  return packable;
}

/// The tile of dimension `dim` in the innermost loop over it.
static int64_t getInnermostTile(const Schedule &schedule, unsigned dim,
                                int64_t extent) {
  for (const TileBand &band : llvm::reverse(schedule.bands))
    if (band.sizes[dim] != 0)
      return band.sizes[dim];
  return extent;
}

Schedule memwall::packOperands(const IsolatedOp &isolated,
                               const Schedule &schedule,
                               llvm::ArrayRef<unsigned> packed,
                               const SearchOptions &options) {
  const LoopTree &tree = isolated.tree;
  const Nest &nest = tree.nodes[isolated.node].nest;
  llvm::SmallVector<unsigned, 6> order = schedule.leafOrder;
  if (order.empty()) {
    order.resize(nest.loops.size());
    std::iota(order.begin(), order.end(), 0);
  }
  Schedule result = schedule;
  for (unsigned o : packed) {
    PackedOperand pack;
    pack.operand = findAccess(nest, isolated.shape.operands[o]);
    pack.ahead = options.packWeightsAhead && isolated.isWeight[o];
    llvm::SmallVector<unsigned, 4> dims =
        findTensorDims(tree, nest, nest.accesses[pack.operand]);
    for (unsigned dim : order) {
      auto position = llvm::find(dims, dim);
      if (position == dims.end())
        continue;
      int64_t tile =
          getInnermostTile(schedule, dim, isolated.shape.extents[dim]);
      if (tile == 1)
        continue; // A loop over it is all there is.
      pack.innerDims.push_back(position - dims.begin());
      pack.innerTiles.push_back(tile);
    }
    if (!pack.innerDims.empty())
      result.packs.push_back(std::move(pack));
  }
  return result;
}
