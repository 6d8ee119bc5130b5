//===- OpShape.cpp - What the search knows of an op -----------------------===//

#include "OpShape.h"
#include "memwall/Schedule/SplitDims.h"
#include "memwall/Work/AffineForms.h"
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
    int64_t stride = getStride(access.element, loop);
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

/// Dimensions that an index with a negative coefficient has: those that run
/// backwards, and all others of the access where strides do not tell the
/// dimensions of the tensor apart.
static uint32_t findBackwardDims(const LoopTree &tree, const Nest &nest,
                                 const Access &access) {
  struct Step {
    int64_t stride, reach;
    unsigned dim;
    bool isBackward;
  };
  llvm::SmallVector<Step, 6> steps;
  for (const Term &term : access.element.terms)
    for (auto [d, loop] : llvm::enumerate(nest.loops))
      if (term.loop == loop && term.stride != 0) {
        int64_t stride = std::abs(term.stride);
        int64_t trips = tree.loops[loop].maxTripCount;
        steps.push_back(
            {stride, stride * (trips - 1), unsigned(d), term.stride < 0});
      }
  llvm::sort(steps, [](const Step &a, const Step &b) {
    return std::make_pair(a.stride, a.dim) < std::make_pair(b.stride, b.dim);
  });
  uint32_t backward = 0, all = 0;
  bool isApart = true;
  int64_t reach = 0; // Of all smaller steps.
  for (const Step &step : steps) {
    isApart &= reach < step.stride;
    reach += step.reach;
    all |= 1u << step.dim;
    backward |= uint32_t(step.isBackward) << step.dim;
  }
  return isApart || backward == 0 ? backward : all;
}

/// Marks loops that are parts of a dimension of the op.
static llvm::Error markParts(const LoopTree &tree, NodeId node,
                             OpShape &shape) {
  std::optional<LoopsOfDims> loopsOf = findLoopsOfDims(tree, node);
  if (!loopsOf)
    return llvm::createStringError("its loops are no parts of the dimensions "
                                   "that it has");
  for (llvm::ArrayRef<unsigned> loops : *loopsOf)
    for (unsigned loop : loops.drop_front())
      shape.partDims |= 1u << loop;
  shape.uncutDims |= shape.partDims;
  return llvm::Error::success();
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
    shape.uncutDims |= findBackwardDims(tree, nest, access);
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
  if (llvm::Error error = markParts(tree, node, shape))
    return std::move(error);
  return std::move(shape);
}

bool OpShape::reusesOnlyLines() const {
  return llvm::all_of(operands, [&](const OperandShape &operand) {
    for (unsigned d = 0; d < rank(); ++d)
      if (extents[d] > 1 && !operand.movesWith(d))
        return false;
    return true;
  });
}
