//===- TreeBuilder.cpp - Loop trees of random programs --------------------===//

#include "TreeBuilder.h"
#include "llvm/ADT/STLExtras.h"
#include <numeric>

using namespace memwall;
using namespace memwall::test;

llvm::SmallVector<int64_t, 4>
memwall::test::getShape(llvm::ArrayRef<int64_t> sizes,
                        llvm::ArrayRef<TensorIndex> indices) {
  llvm::SmallVector<int64_t, 4> shape;
  for (const TensorIndex &index : indices) {
    int64_t last = 0;
    for (auto [dim, coefficient] : index)
      last += coefficient * (sizes[dim] - 1);
    shape.push_back(last + 1);
  }
  return shape;
}

TiledDims::TiledDims(llvm::ArrayRef<int64_t> sizes,
                     llvm::ArrayRef<bool> isReduction)
    : sizes(sizes), isReduction(isReduction), origin(sizes.size()) {
  this->isReduction.resize(sizes.size());
  for (int64_t size : sizes)
    extent.push_back({AffineForm{size, {}}});
}

TreeBuilder::TreeBuilder() {
  tree.function = "f";
  tree.nodes.emplace_back();
  addLoop({AffineForm{1, {}}}, 1, LoopKind::Serial);
}

BufferId TreeBuilder::addBuffer(BufferKind kind, int64_t elements, int64_t bits,
                                bool liveOut) {
  Buffer &buffer = tree.buffers.emplace_back();
  buffer.kind = kind;
  buffer.elements = elements;
  buffer.elementBits = bits;
  buffer.liveOut = liveOut;
  return tree.buffers.size() - 1;
}

OpId TreeBuilder::addOp(OpKind kind) {
  tree.ops.emplace_back().kind = kind;
  return tree.ops.size() - 1;
}

NodeId TreeBuilder::addNode(NodeId parent, Node::Kind kind) {
  Node &node = tree.nodes.emplace_back();
  node.kind = kind;
  node.parent = parent;
  NodeId id = tree.nodes.size() - 1;
  tree.nodes[parent].children.push_back(id);
  return id;
}

/// Every extent has a constant form, which no other one exceeds at iteration 0.
LoopId TreeBuilder::addLoop(llvm::ArrayRef<AffineForm> extent, int64_t step,
                            LoopKind kind) {
  int64_t most = extent.front().constant;
  for (const AffineForm &form : extent)
    most = std::min(most, form.constant);
  Loop &loop = tree.loops.emplace_back();
  loop.extent.assign(extent.begin(), extent.end());
  loop.step = step;
  loop.maxTripCount = llvm::divideCeil(most, step);
  loop.kind = kind;
  return tree.loops.size() - 1;
}

NodeId TreeBuilder::addLoop(NodeId parent, int64_t tripCount) {
  NodeId node = addNode(parent, Node::Kind::Loop);
  tree.nodes[node].loop =
      addLoop({AffineForm{tripCount, {}}}, 1, LoopKind::Serial);
  return node;
}

NodeId TreeBuilder::addTileLoop(NodeId parent, TiledDims &dims, unsigned dim,
                                int64_t size, LoopKind kind) {
  NodeId node = addNode(parent, Node::Kind::Loop);
  LoopId loop = addLoop(dims.extent[dim], size, kind);
  tree.nodes[node].loop = loop;
  for (AffineForm &form : dims.extent[dim])
    form.terms.push_back({loop, -size});
  dims.extent[dim].insert(dims.extent[dim].begin(), AffineForm{size, {}});
  dims.origin[dim].push_back({loop, size});
  return node;
}

Nest &TreeBuilder::addNest(NodeId parent, OpId op,
                           llvm::ArrayRef<int64_t> sizes) {
  llvm::SmallVector<unsigned, 8> order(sizes.size());
  std::iota(order.begin(), order.end(), 0);
  return addNest(parent, op, TiledDims(sizes), order, {});
}

Nest &TreeBuilder::addNest(NodeId parent, OpId op, const TiledDims &dims,
                           llvm::ArrayRef<unsigned> order,
                           llvm::ArrayRef<NestTensor> tensors) {
  Nest &nest = tree.nodes[addNode(parent, Node::Kind::Nest)].nest;
  nest.op = op;
  auto position = dims.origin;
  for (unsigned dim : order) {
    LoopId loop = addLoop(dims.extent[dim], 1, LoopKind::Dimension);
    tree.loops[loop].isReduction = dims.isReduction[dim];
    nest.loops.push_back(loop);
    position[dim].push_back({loop, 1});
  }
  for (bool isWrite : {false, true})
    for (const NestTensor &tensor : tensors) {
      if (!(isWrite ? tensor.isWritten : tensor.isRead))
        continue;
      Access &access = nest.accesses.emplace_back();
      access.buffer = tensor.buffer;
      access.isWrite = isWrite;
      access.readsFill = tensor.readsFill && !isWrite;
      llvm::SmallVector<int64_t, 4> shape =
          getShape(dims.sizes, tensor.indices);
      int64_t stride = 1;
      for (size_t i = shape.size(); i-- > 0; stride *= shape[i])
        for (auto [dim, coefficient] : tensor.indices[i])
          for (Term term : position[dim])
            access.element.terms.push_back(
                {term.loop, term.stride * coefficient * stride});
    }
  return nest;
}

bool TestOp::accumulates() const {
  return llvm::is_contained(isReduction, true);
}

LoopTree memwall::test::buildTree(const TestOp &op, bool fills) {
  TreeBuilder builder;
  TiledDims dims(op.extents, op.isReduction);
  llvm::SmallVector<NestTensor, 4> tensors;
  for (const TestOperand &operand : op.operands) {
    bool isResult = &operand == &op.operands.back();
    int64_t elements = 1;
    for (int64_t extent : getShape(op.extents, operand.indices))
      elements *= extent;
    BufferId buffer = builder.addBuffer(isResult ? BufferKind::Intermediate
                                                 : BufferKind::Argument,
                                        elements, operand.bits, isResult);
    tensors.push_back({buffer, operand.indices, !isResult || op.accumulates(),
                       isResult, isResult && fills});
  }
  llvm::SmallVector<unsigned, 6> all(op.extents.size());
  std::iota(all.begin(), all.end(), 0);
  if (fills && op.accumulates()) {
    NestTensor filled = tensors.back();
    filled.isRead = false;
    llvm::SmallVector<unsigned, 6> parallel;
    llvm::copy_if(all, std::back_inserter(parallel),
                  [&](unsigned dim) { return !op.isReduction[dim]; });
    OpId fill = builder.addOp(OpKind::Fill);
    builder.tree.ops[fill].name = "linalg.fill";
    builder.tree.ops[fill].isInitFill = true;
    builder.addNest(LoopTree::root, fill, dims, parallel, {filled});
  }
  OpId id = builder.addOp(op.kind);
  builder.tree.ops[id].name =
      op.kind == OpKind::Fill ? "linalg.fill" : "linalg.generic";
  builder.addNest(LoopTree::root, id, dims, all, tensors);
  return std::move(builder.tree);
}

TestOp memwall::test::makeMatmul(int64_t m, int64_t n, int64_t k, int64_t bits,
                                 int64_t batch) {
  TestOp op;
  op.extents = {m, n, k};
  op.isReduction = {false, false, true};
  op.operands = {{bits, {{{0, 1}}, {{2, 1}}}},
                 {bits, {{{2, 1}}, {{1, 1}}}},
                 {bits, {{{0, 1}}, {{1, 1}}}}};
  if (batch > 1) {
    op.extents.push_back(batch);
    op.isReduction.push_back(false);
    for (TestOperand &operand : op.operands)
      operand.indices.insert(operand.indices.begin(), TensorIndex{{3, 1}});
  }
  return op;
}
