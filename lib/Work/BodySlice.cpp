//===- BodySlice.cpp - The live part of a scalar body ---------------------===//

#include "memwall/Work/BodySlice.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/DenseSet.h"

using namespace mlir;

namespace memwall {

namespace {

/// Marks what values depend on. Data first: an op that is both data and
/// position is data.
struct Marker {
  Block &body;
  llvm::DenseSet<Operation *> data;
  llvm::DenseSet<Operation *> positions;
  llvm::SmallVector<Operation *> loads;
  llvm::SmallVector<bool> usesArgument;
  bool hasRegions = false;

  explicit Marker(Block &body)
      : body(body), usesArgument(body.getNumArguments(), false) {}

  static bool isLoad(Operation *op) {
    return isa<tensor::ExtractOp, memref::LoadOp>(op);
  }

  void mark(ValueRange values, llvm::DenseSet<Operation *> &seen) {
    llvm::SmallVector<Value> worklist(values.begin(), values.end());
    while (!worklist.empty()) {
      Value value = worklist.pop_back_val();
      if (auto argument = dyn_cast<BlockArgument>(value)) {
        if (argument.getOwner() == &body)
          usesArgument[argument.getArgNumber()] = true;
        continue;
      }
      Operation *op = value.getDefiningOp();
      if (op->getBlock() != &body || data.contains(op) ||
          !seen.insert(op).second)
        continue;
      hasRegions |= op->getNumRegions() != 0;
      if (isLoad(op))
        loads.push_back(op);
      else
        llvm::append_range(worklist, op->getOperands());
    }
  }

  /// Loads found while marking positions are visited in turn.
  void markAll() {
    mark(body.getTerminator()->getOperands(), data);
    for (size_t i = 0; i < loads.size(); ++i)
      mark(loads[i]->getOperands().drop_front(), positions);
  }

  bool isLive(Operation &op) const {
    return data.contains(&op) || positions.contains(&op);
  }
};

} // namespace

std::optional<BodySlice> sliceBody(Block &body) {
  if (body.empty() || !body.back().hasTrait<OpTrait::IsTerminator>())
    return std::nullopt;
  Marker marker(body);
  marker.markAll();
  if (marker.hasRegions)
    return std::nullopt;

  BodySlice slice;
  slice.usesArgument = marker.usesArgument;
  for (Operation &op : body.without_terminator()) {
    if (Marker::isLoad(&op)) {
      if (marker.isLive(op))
        slice.loads.push_back(&op);
    } else if (marker.data.contains(&op)) {
      slice.arithmetic.push_back(&op);
    } else if (!marker.isLive(op) && !isMemoryEffectFree(&op) &&
               !isa<cf::AssertOp>(op)) {
      return std::nullopt;
    }
  }
  return slice;
}

} // namespace memwall
