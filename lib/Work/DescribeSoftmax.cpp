//===- DescribeSoftmax.cpp - linalg.softmax as its decomposition ----------===//
//
// What upstream's decomposeOperation makes of it, in the same order:
//
//   t    = fill(lowest)            temporary, shape without the dimension
//   t    = reduce max(x)
//   out  = exp(x - t)
//   t    = fill(0)
//   t    = reduce add(out)
//   out  = out / t
//
// One temporary serves both: the maximum is dead when the sum starts, and both
// come from one tensor.empty, so One-Shot Bufferize reuses it.
//
//===----------------------------------------------------------------------===//

#include "Describe.h"
#include "memwall/Work/ElementType.h"
#include "memwall/Work/IndexAnalysis.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;

namespace memwall {

namespace {

/// Operands of every nest, by position.
enum Position : unsigned { Input, Output, Row, Result };

struct SoftmaxNests {
  WorkNest empty; ///< The operands all nests share.
  unsigned rank;
  unsigned reduced;

  NestAccess access(unsigned operand, bool isWrite) const {
    NestAccess access;
    access.operand = operand;
    access.isWrite = isWrite;
    for (unsigned d = 0; d < rank; ++d)
      if (operand != Row || d != reduced)
        access.indices.push_back(makeDimIndex(d));
    return access;
  }
  NestAccess read(unsigned operand) const { return access(operand, false); }
  NestAccess write(unsigned operand) const { return access(operand, true); }

  WorkNest overRows(ArrayRef<NestAccess> accesses, Arithmetic work,
                    bool isReduction) const {
    WorkNest nest = empty;
    addDimsOf(nest, Input);
    nest.dims[reduced].isReduction = isReduction;
    nest.accesses.assign(accesses.begin(), accesses.end());
    nest.perIteration = work;
    return nest;
  }

  WorkNest fillRow() const {
    WorkNest nest = empty;
    for (unsigned d = 0; d < rank; ++d)
      if (d != reduced)
        nest.dims.push_back({empty.operands[Input].type.getDimSize(d), Input, d,
                             /*isReduction=*/false});
    NestAccess store;
    store.operand = Row;
    store.isWrite = true;
    store.indices = makeIdentity(rank - 1);
    nest.accesses.push_back(store);
    return nest;
  }
};

} // namespace

static NestOperand makeTemporary(ShapedType input, unsigned reduced) {
  NestOperand temporary;
  SmallVector<int64_t> shape;
  for (auto [d, extent] : llvm::enumerate(input.getShape())) {
    if (d == reduced)
      continue;
    shape.push_back(extent);
    temporary.sizeSources.push_back({Input, static_cast<unsigned>(d)});
  }
  temporary.type = RankedTensorType::get(shape, input.getElementType());
  return temporary;
}

std::optional<StructuredOp> describeSoftmax(Operation *op) {
  auto softmax = dyn_cast<linalg::SoftmaxOp>(op);
  if (!softmax || !isCountable(softmax.getInput().getType()) ||
      !isCountable(softmax.getOutput().getType()))
    return std::nullopt;
  ShapedType input = softmax.getInputOperandType();
  uint64_t reduced = softmax.getDimension();
  if (reduced >= static_cast<uint64_t>(input.getRank()))
    return std::nullopt;

  SoftmaxNests nests;
  nests.rank = input.getRank();
  nests.reduced = reduced;
  addOperand(nests.empty, softmax.getInput());
  addOperand(nests.empty, softmax.getOutput());
  nests.empty.operands.push_back(makeTemporary(input, reduced));
  addOperand(nests.empty, getWritten(op, softmax.getOutput()));

  StructuredOp described;
  described.kind = OpKind::Softmax;
  described.computeType =
      getElementTypeName(softmax.getOutputOperandType().getElementType());
  described.nests = {
      nests.fillRow(),
      nests.overRows({nests.read(Input), nests.read(Row), nests.write(Row)},
                     {1, 0, 0}, /*isReduction=*/true),
      nests.overRows({nests.read(Input), nests.read(Row), nests.write(Result)},
                     {2, 1, 0}, /*isReduction=*/false),
      nests.fillRow(),
      nests.overRows({nests.read(Result), nests.read(Row), nests.write(Row)},
                     {1, 0, 0}, /*isReduction=*/true),
      nests.overRows({nests.read(Result), nests.read(Row), nests.write(Result)},
                     {1, 0, 0}, /*isReduction=*/false)};
  return described;
}

} // namespace memwall
