//===- WorkNest.cpp - What one structured op does -------------------------===//

#include "memwall/Work/WorkNest.h"
#include "Describe.h"
#include "memwall/Work/ElementType.h"
#include "memwall/Work/IndexAnalysis.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SparseTensor/IR/SparseTensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace memwall {

bool isCountable(Type type) {
  auto shaped = dyn_cast<ShapedType>(type);
  return shaped && isa<RankedTensorType, MemRefType>(type) &&
         !sparse_tensor::getSparseTensorEncoding(type) &&
         getElementBits(shaped.getElementType());
}

int64_t getDistinctRows(Operation *load) {
  auto rows = load->getAttrOfType<IntegerAttr>(kDistinctRowsName);
  return rows && rows.getType().isInteger(64)
             ? std::max<int64_t>(rows.getInt(), 0)
             : 0;
}

bool storesAround(Operation *op) {
  if (auto store = dyn_cast<memref::StoreOp>(op))
    return store.getNontemporal();
  if (auto store = dyn_cast<vector::StoreOp>(op))
    return store.getNontemporal();
  return op->hasAttr(kNontemporalName);
}

unsigned addOperand(WorkNest &nest, Value value) {
  NestOperand operand;
  operand.value = value;
  operand.type = cast<ShapedType>(value.getType());
  nest.operands.push_back(std::move(operand));
  return nest.operands.size() - 1;
}

void addDimsOf(WorkNest &nest, unsigned operand) {
  ArrayRef<int64_t> shape = nest.operands[operand].type.getShape();
  for (auto [i, extent] : llvm::enumerate(shape))
    nest.dims.push_back({extent, operand, static_cast<unsigned>(i), false});
}

SmallVector<NestIndex, 4> makeIdentity(unsigned rank, unsigned first) {
  SmallVector<NestIndex, 4> indices;
  for (unsigned i = 0; i < rank; ++i)
    indices.push_back(makeDimIndex(first + i));
  return indices;
}

Value getWritten(Operation *op, Value out) {
  return op->getNumResults() ? op->getResult(0) : out;
}

std::optional<StructuredOp> describeStructuredOp(Operation *op) {
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return describeLinalgOp(linalgOp);
  using Describe = std::optional<StructuredOp> (*)(Operation *);
  for (Describe describe : {describeSoftmax, describeRelayout, describeMove,
                            describeElementAccess, describeElementwise})
    if (std::optional<StructuredOp> described = describe(op))
      return described;
  return std::nullopt;
}

} // namespace memwall
