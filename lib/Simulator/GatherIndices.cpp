//===- GatherIndices.cpp - Which arguments are row numbers ----------------===//
//
// Random integers that index a table have to be rows of it. An argument is
// followed through views and integer arithmetic to the indices of
// tensor.extract and insert, memref.load and store, tensor.gather and scatter.
//
//===----------------------------------------------------------------------===//

#include "memwall/Simulator/RunProgram.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace memwall;

namespace {

/// Follows an index back to function arguments.
class IndexTrace {
public:
  IndexTrace(SmallVectorImpl<int64_t> &extents) : extents(extents) {}

  /// `value` selects one of `extent` rows.
  void follow(Value value, int64_t extent) {
    if (!visited.insert(value).second)
      return;
    auto argument = dyn_cast<BlockArgument>(value);
    if (!argument)
      return followOperands(value.getDefiningOp(), extent);
    Operation *owner = argument.getOwner()->getParentOp();
    if (isa<FunctionOpInterface>(owner))
      note(argument, extent);
    else if (auto op = dyn_cast<linalg::LinalgOp>(owner))
      follow(op.getMatchingOpOperand(argument)->get(), extent);
  }

private:
  void followOperands(Operation *op, int64_t extent) {
    // The row that was selected is data, not an index.
    if (isa<tensor::ExtractOp, memref::LoadOp, tensor::GatherOp>(op))
      return follow(op->getOperand(0), extent);
    for (Value operand : op->getOperands())
      follow(operand, extent);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        for (Value yielded : block.getTerminator()->getOperands())
          follow(yielded, extent);
  }
  void note(BlockArgument argument, int64_t extent) {
    if (!getElementTypeOrSelf(argument.getType()).isIntOrIndex())
      return;
    int64_t &known = extents[argument.getArgNumber()];
    known = known == 0 ? extent : std::min(known, extent);
  }

  SmallVectorImpl<int64_t> &extents;
  llvm::DenseSet<Value> visited;
};

} // namespace

SmallVector<int64_t> memwall::findGatherExtents(FunctionOpInterface function) {
  SmallVector<int64_t> extents(function.getNumArguments(), 0);
  auto followIndices = [&](ShapedType table, ValueRange indices) {
    for (auto [dim, index] : llvm::enumerate(indices))
      if (!table.isDynamicDim(dim))
        IndexTrace(extents).follow(index, table.getDimSize(dim));
  };
  function.walk([&](Operation *op) {
    if (auto extract = dyn_cast<tensor::ExtractOp>(op))
      followIndices(extract.getTensor().getType(), extract.getIndices());
    else if (auto load = dyn_cast<memref::LoadOp>(op))
      followIndices(load.getMemRefType(), load.getIndices());
    else if (auto insert = dyn_cast<tensor::InsertOp>(op))
      followIndices(insert.getDest().getType(), insert.getIndices());
    else if (auto store = dyn_cast<memref::StoreOp>(op))
      followIndices(store.getMemRefType(), store.getIndices());
    else if (auto gather = dyn_cast<tensor::GatherOp>(op))
      for (int64_t dim : gather.getGatherDims())
        IndexTrace(extents).follow(gather.getIndices(),
                                   gather.getSourceType().getDimSize(dim));
    else if (auto scatter = dyn_cast<tensor::ScatterOp>(op))
      for (int64_t dim : scatter.getScatterDims())
        IndexTrace(extents).follow(scatter.getIndices(),
                                   scatter.getDestType().getDimSize(dim));
  });
  return extents;
}
