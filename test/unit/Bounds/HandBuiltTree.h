//===- HandBuiltTree.h - Loop trees for tests -------------------*- C++ -*-===//
//
// Builds a LoopTree by hand, and runs it: every scalar access in order.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TEST_UNIT_BOUNDS_HANDBUILTTREE_H
#define MEMWALL_TEST_UNIT_BOUNDS_HANDBUILTTREE_H

#include "memwall/Work/LoopTree.h"
#include <algorithm>
#include <functional>

namespace memwall {

/// An access by its strides: first the loops around the nest, outermost first,
/// then the dimensions of the nest.
struct HandAccess {
  BufferId buffer = 0;
  bool isWrite = false;
  llvm::SmallVector<int64_t, 6> strides;
  int64_t offset = 0;
  bool readsFill = false;
};

struct HandDim {
  int64_t size = 1;
  bool isReduction = false;
};

class HandBuiltTree : public LoopTree {
public:
  HandBuiltTree() {
    addLoopData(1, false);
    nodes.push_back(Node());
  }

  BufferId addBuffer(BufferKind kind, int64_t elementCount, int64_t bits,
                     bool isLiveOut = false, NodeId scope = root) {
    Buffer buffer;
    buffer.kind = kind;
    buffer.elements = elementCount;
    buffer.elementBits = bits;
    buffer.liveOut = isLiveOut;
    buffer.scope = scope;
    buffers.push_back(buffer);
    return buffers.size() - 1;
  }

  NodeId addLoop(NodeId parent, int64_t tripCount) {
    NodeId node = addNode(parent);
    nodes[node].loop = addLoopData(tripCount, false);
    return node;
  }

  OpId addOp(OpKind kind) {
    ops.push_back(OpRecord());
    ops.back().kind = kind;
    return ops.size() - 1;
  }

  NodeId addNest(NodeId parent, OpId op, llvm::ArrayRef<HandDim> dims,
                 llvm::ArrayRef<HandAccess> accesses) {
    llvm::SmallVector<LoopId, 8> all;
    for (NodeId n = parent; n != root; n = nodes[n].parent)
      all.insert(all.begin(), nodes[n].loop);
    NodeId node = addNode(parent);
    nodes[node].kind = Node::Kind::Nest;
    nodes[node].nest.op = op;
    for (HandDim dim : dims) {
      nodes[node].nest.loops.push_back(addLoopData(dim.size, dim.isReduction));
      all.push_back(nodes[node].nest.loops.back());
    }
    for (const HandAccess &given : accesses) {
      Access access;
      access.buffer = given.buffer;
      access.isWrite = given.isWrite;
      access.readsFill = given.readsFill;
      access.element.constant = given.offset;
      for (unsigned i = 0; i < given.strides.size(); ++i)
        if (given.strides[i] != 0)
          access.element.terms.push_back({all[i], given.strides[i]});
      nodes[node].nest.accesses.push_back(access);
    }
    return node;
  }

  /// C[b, m, n] (+)= A[b, m, k] * B[b, k, n] on the given buffers.
  NodeId addMatmul(NodeId parent, BufferId a, BufferId b, BufferId c,
                   int64_t batch, int64_t m, int64_t n, int64_t k,
                   bool readsFill) {
    return addNest(parent, addOp(OpKind::Contraction),
                   {{batch}, {m}, {n}, {k, true}},
                   {{a, false, {m * k, k, 0, 1}},
                    {b, false, {k * n, 0, 1, n}},
                    {c, false, {m * n, n, 1, 0}, 0, readsFill},
                    {c, true, {m * n, n, 1, 0}}});
  }

  using Visit =
      std::function<void(const Access &access, int64_t elementNumber)>;

  /// Every scalar access, as the program executes it.
  void run(const Visit &visit) const {
    llvm::SmallVector<int64_t, 16> iterations(loops.size(), 0);
    runNode(root, iterations, visit);
  }

private:
  LoopId addLoopData(int64_t tripCount, bool isReduction) {
    Loop loop;
    loop.extent = {AffineForm{tripCount, {}}};
    loop.maxTripCount = tripCount;
    loop.isReduction = isReduction;
    loops.push_back(loop);
    return loops.size() - 1;
  }

  NodeId addNode(NodeId parent) {
    nodes.push_back(Node());
    nodes.back().parent = parent;
    nodes[parent].children.push_back(nodes.size() - 1);
    return nodes.size() - 1;
  }

  using Iterations = llvm::SmallVector<int64_t, 16>;

  void runLoop(LoopId id, Iterations &iterations,
               const std::function<void()> &body) const {
    int64_t tripCount = loops[id].maxTripCount;
    for (iterations[id] = 0; iterations[id] < tripCount; ++iterations[id])
      body();
  }

  void runNode(NodeId id, Iterations &iterations, const Visit &visit) const {
    const Node &node = nodes[id];
    if (node.kind == Node::Kind::Nest)
      return runNest(node.nest, 0, iterations, visit);
    runLoop(node.loop, iterations, [&] {
      for (NodeId child : node.children)
        runNode(child, iterations, visit);
    });
  }

  void runNest(const Nest &nest, unsigned depth, Iterations &iterations,
               const Visit &visit) const {
    if (depth < nest.loops.size())
      return runLoop(nest.loops[depth], iterations,
                     [&] { runNest(nest, depth + 1, iterations, visit); });
    for (const Access &access : nest.accesses) {
      int64_t elementNumber = access.element.constant;
      for (Term term : access.element.terms)
        elementNumber += term.stride * iterations[term.loop];
      visit(access, elementNumber);
    }
  }
};

} // namespace memwall

#endif // MEMWALL_TEST_UNIT_BOUNDS_HANDBUILTTREE_H
