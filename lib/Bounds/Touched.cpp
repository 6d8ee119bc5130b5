//===- Touched.cpp - What the accesses of a nest touch --------------------===//

#include "Touched.h"
#include "memwall/Work/AffineForms.h"
#include "llvm/ADT/STLExtras.h"
#include <limits>

using namespace memwall;

static bool haveSameElement(const Access &a, const Access &b) {
  auto covers = [](const AffineForm &x, const AffineForm &y) {
    return llvm::all_of(x.terms, [&](Term term) {
      return getStride(x, term.loop) == getStride(y, term.loop);
    });
  };
  return a.element.constant == b.element.constant &&
         covers(a.element, b.element) && covers(b.element, a.element);
}

bool memwall::haveSameForm(const Access &a, const Access &b) {
  return a.gathers.empty() && b.gathers.empty() && haveSameElement(a, b);
}

bool memwall::chooseSameRows(const Access &a, const Access &b) {
  return haveSameElement(a, b) &&
         llvm::equal(a.gathers, b.gathers,
                     [](const GatherTerm &x, const GatherTerm &y) {
                       return x.loops == y.loops && x.stride == y.stride &&
                              x.extent == y.extent && x.hitsAll == y.hitsAll &&
                              x.distinct == y.distinct;
                     });
}

int64_t memwall::toBytes(int64_t elements, const Buffer &buffer) {
  __int128 bytes = ((__int128)elements * buffer.elementBits + 7) / 8;
  return (int64_t)std::min<__int128>(bytes,
                                     std::numeric_limits<int64_t>::max());
}

/// An accumulator whose buffer nobody but init fills and the op itself writes.
static bool readsInitFill(const LoopTree &tree, const Nest &nest, NodeId node,
                          BufferId buffer, const BufferWriters &writers) {
  bool isFilled = false, writesItself = false;
  for (NodeId writer : writers[buffer]) {
    OpId op = tree.nodes[writer].nest.op;
    if (op == nest.op)
      writesItself = true;
    else if (tree.ops[op].isInitFill && writer < node)
      isFilled = true;
    else
      return false;
  }
  return isFilled && writesItself;
}

llvm::SmallVector<Touched, 4>
memwall::computeTouched(const LoopTree &tree, NodeId node,
                        const FoldedNest &folded,
                        const BufferWriters &writers) {
  llvm::SmallVector<Touched, 4> result;
  const Nest &nest = tree.nodes[node].nest;
  for (auto [i, access] : llvm::enumerate(nest.accesses)) {
    Touched touched;
    touched.node = node;
    touched.access = i;
    touched.buffer = access.buffer;
    touched.isWrite = access.isWrite;
    touched.isGather = !access.gathers.empty();
    touched.readsFill =
        !access.isWrite &&
        (access.readsFill ||
         readsInitFill(tree, nest, node, access.buffer, writers));
    if (folded.exact) {
      touched.elements = computeElements(folded, folded.accesses[i]);
    } else {
      FoldedNest alone = foldAccess(tree, node, i);
      touched.elements = computeElements(alone, alone.accesses[0]);
      touched.exact = alone.exact;
    }
    result.push_back(touched);
  }
  return result;
}
