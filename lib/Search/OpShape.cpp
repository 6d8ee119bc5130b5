//===- OpShape.cpp - What the search knows of an op -----------------------===//

#include "OpShape.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

static constexpr unsigned kMaxDims = 16, kMaxOperands = 8;

/// The operand that `access` is, without the loops around the nest.
static OperandShape makeOperand(const LoopTree &tree, const Nest &nest,
                                const Access &access) {
  OperandShape operand;
  operand.buffer = access.buffer;
  operand.elementBits = tree.buffers[access.buffer].elementBits;
  for (auto [d, loop] : llvm::enumerate(nest.loops)) {
    int64_t stride = 0;
    for (const Term &term : access.element.terms)
      if (term.loop == loop)
        stride += term.stride;
    if (stride == 0)
      continue;
    operand.dims |= 1u << d;
    operand.terms.push_back(
        {unsigned(d), std::abs(stride) * operand.elementBits});
  }
  llvm::sort(operand.terms, [](const OperandTerm &a, const OperandTerm &b) {
    return a.strideBits != b.strideBits ? a.strideBits < b.strideBits
                                        : a.dim > b.dim;
  });
  return operand;
}

static bool isSame(const OperandShape &a, const OperandShape &b) {
  return a.buffer == b.buffer && a.dims == b.dims &&
         llvm::equal(a.terms, b.terms,
                     [](const OperandTerm &x, const OperandTerm &y) {
                       return x.dim == y.dim && x.strideBits == y.strideBits;
                     });
}

llvm::Expected<OpShape> memwall::readOpShape(const LoopTree &tree,
                                             NodeId node) {
  const Nest &nest = tree.nodes[node].nest;
  OpShape shape;
  if (nest.loops.size() > kMaxDims)
    return llvm::createStringError("has more than %u dimensions", kMaxDims);
  for (LoopId id : nest.loops) {
    const Loop &loop = tree.loops[id];
    if (loop.extent.size() != 1 || !loop.extent[0].terms.empty() ||
        loop.step != 1)
      return llvm::createStringError("its size changes with the loops around "
                                     "it");
    if (loop.extent[0].constant <= 0)
      return llvm::createStringError("it runs over nothing");
    shape.extents.push_back(loop.extent[0].constant);
    shape.isReduction.push_back(loop.isReduction);
    shape.tiledRank += !loop.isInnerTile;
  }
  for (const Access &access : nest.accesses) {
    if (!access.gathers.empty())
      return llvm::createStringError("what it accesses depends on data");
    if (llvm::any_of(access.element.terms,
                     [](const Term &term) { return term.stride < 0; }))
      return llvm::createStringError("it runs backwards through an operand, "
                                     "which cannot be tiled");
    OperandShape operand = makeOperand(tree, nest, access);
    auto known = llvm::find_if(shape.operands, [&](const OperandShape &other) {
      return isSame(other, operand);
    });
    if (known == shape.operands.end()) {
      shape.operands.push_back(std::move(operand));
      known = std::prev(shape.operands.end());
    }
    (access.isWrite ? known->isWritten : known->isRead) = true;
  }
  if (shape.operands.size() > kMaxOperands)
    return llvm::createStringError("has more than %u operands", kMaxOperands);
  return std::move(shape);
}
