//===- OpBuilder.cpp - Ops for the tests of the search --------------------===//

#include "OpBuilder.h"
#include "memwall/Traffic/Traffic.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;
using namespace memwall::test;

bool TestOp::accumulates() const {
  return llvm::is_contained(isReduction, true);
}

static LoopId addLoop(LoopTree &tree, int64_t extent, bool isReduction) {
  Loop loop;
  loop.extent = {AffineForm{extent, {}}};
  loop.maxTripCount = extent;
  loop.isReduction = isReduction;
  tree.loops.push_back(loop);
  return tree.loops.size() - 1;
}

static Nest &addNest(LoopTree &tree, OpKind kind) {
  OpRecord record;
  record.kind = kind;
  record.name = kind == OpKind::Fill ? "linalg.fill" : "linalg.generic";
  tree.ops.push_back(record);
  tree.nodes[0].children.push_back(tree.nodes.size());
  tree.nodes.emplace_back();
  tree.nodes.back().kind = Node::Kind::Nest;
  tree.nodes.back().nest.op = tree.ops.size() - 1;
  return tree.nodes.back().nest;
}

/// Extents of the tensor that `operand` walks.
static llvm::SmallVector<int64_t, 4> getShape(const TestOp &op,
                                              const TestOperand &operand) {
  llvm::SmallVector<int64_t, 4> shape;
  for (const TensorIndex &index : operand.indices) {
    int64_t last = 0;
    for (auto [dim, coefficient] : index)
      last += coefficient * (op.extents[dim] - 1);
    shape.push_back(last + 1);
  }
  return shape;
}

static AffineForm getElement(const TestOp &op, const TestOperand &operand,
                             llvm::ArrayRef<LoopId> loops) {
  AffineForm form;
  llvm::SmallVector<int64_t, 4> shape = getShape(op, operand);
  int64_t stride = 1;
  for (size_t i = operand.indices.size(); i-- > 0;) {
    for (auto [dim, coefficient] : operand.indices[i])
      form.terms.push_back({loops[dim], stride * coefficient});
    stride *= shape[i];
  }
  return form;
}

static void addBuffers(LoopTree &tree, const TestOp &op) {
  for (const TestOperand &operand : op.operands) {
    Buffer buffer;
    bool isResult = &operand == &op.operands.back();
    buffer.kind = isResult ? BufferKind::Intermediate : BufferKind::Argument;
    buffer.liveOut = isResult;
    buffer.elementBits = operand.bits;
    for (int64_t extent : getShape(op, operand))
      buffer.elements *= extent;
    tree.buffers.push_back(buffer);
  }
}

LoopTree memwall::test::buildTree(const TestOp &op, bool fills) {
  LoopTree tree;
  tree.function = "f";
  tree.nodes.emplace_back();
  tree.nodes[0].loop = addLoop(tree, 1, false);
  addBuffers(tree, op);
  BufferId result = tree.buffers.size() - 1;
  auto makeAccess = [&](size_t operand, llvm::ArrayRef<LoopId> loops,
                        bool isWrite) {
    Access access;
    access.buffer = operand;
    access.isWrite = isWrite;
    access.readsFill = operand == result && !isWrite && fills;
    access.element = getElement(op, op.operands[operand], loops);
    return access;
  };
  auto addLoops = [&](Nest &nest, bool onlyParallel) {
    llvm::SmallVector<LoopId, 8> loops(op.extents.size(), 0);
    for (auto [d, extent] : llvm::enumerate(op.extents))
      if (!onlyParallel || !op.isReduction[d])
        nest.loops.push_back(loops[d] =
                                 addLoop(tree, extent, op.isReduction[d]));
    return loops;
  };
  if (fills && op.accumulates()) {
    Nest fill;
    llvm::SmallVector<LoopId, 8> loops = addLoops(fill, true);
    fill.accesses = {makeAccess(result, loops, true)};
    Nest &nest = addNest(tree, OpKind::Fill);
    nest.loops = fill.loops;
    nest.accesses = fill.accesses;
    tree.ops.back().isInitFill = true;
  }
  Nest body;
  llvm::SmallVector<LoopId, 8> loops = addLoops(body, false);
  for (size_t i = 0; i < result; ++i)
    body.accesses.push_back(makeAccess(i, loops, false));
  if (op.accumulates())
    body.accesses.push_back(makeAccess(result, loops, false));
  body.accesses.push_back(makeAccess(result, loops, true));
  Nest &nest = addNest(tree, op.kind);
  nest.loops = body.loops;
  nest.accesses = body.accesses;
  return tree;
}

TestOp memwall::test::makeMatmul(int64_t m, int64_t n, int64_t k,
                                 int64_t bits) {
  TestOp op;
  op.extents = {m, n, k};
  op.isReduction = {false, false, true};
  op.operands = {{bits, {{{0, 1}}, {{2, 1}}}},
                 {bits, {{{2, 1}}, {{1, 1}}}},
                 {bits, {{{0, 1}}, {{1, 1}}}}};
  return op;
}

Target memwall::test::makeTarget(LevelKind kind, int64_t capacityBytes,
                                 int64_t lineBytes, unsigned levels,
                                 int64_t ways) {
  Target target;
  target.name = "test";
  for (unsigned i = 0; i < levels; ++i) {
    Level level;
    level.name = "l" + std::to_string(i + 1);
    level.kind = kind;
    level.capacityBytes = capacityBytes << (4 * i);
    level.lineBytes = level.sectorBytes = lineBytes;
    level.associativity = ways;
    level.storePolicy = StorePolicy::Allocate;
    target.levels.push_back(level);
  }
  Level memory;
  memory.name = "memory";
  memory.kind = LevelKind::Memory;
  memory.capacityBytes = int64_t(1) << 40;
  target.levels.push_back(memory);
  return target;
}

int64_t memwall::test::countDramBytes(const LoopTree &tree,
                                      const Target &target) {
  return computeTraffic(tree, target)
      .levels.back()
      .total.total();
}
