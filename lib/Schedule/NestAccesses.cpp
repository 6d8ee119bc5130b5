//===- NestAccesses.cpp - What nests touch --------------------------------===//

#include "memwall/Schedule/NestAccesses.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

bool memwall::accesses(const LoopTree &tree, NodeId id, BufferId buffer,
                       bool isWrite) {
  const Node &node = tree.nodes[id];
  return llvm::any_of(node.nest.accesses,
                      [&](const Access &access) {
                        return access.buffer == buffer &&
                               access.isWrite == isWrite;
                      }) ||
         llvm::any_of(node.children, [&](NodeId child) {
           return accesses(tree, child, buffer, isWrite);
         });
}

bool memwall::writesPart(const LoopTree &tree, NodeId id, BufferId buffer) {
  const Node &node = tree.nodes[id];
  return node.kind == Node::Kind::Nest &&
         llvm::none_of(node.nest.accesses, [&](const Access &access) {
           return access.buffer == buffer && access.isWrite &&
                  countPlaces(tree, node.nest, access) >=
                      tree.buffers[buffer].elements;
         });
}

int64_t memwall::countPlaces(const LoopTree &tree, const Nest &nest,
                             const Access &access) {
  int64_t places = 1; // Of a buffer, whose elements fit.
  for (const Term &term : access.element.terms)
    if (llvm::is_contained(nest.loops, term.loop))
      places *= tree.loops[term.loop].maxTripCount;
  return places;
}

static void collect(const LoopTree &tree, NodeId id, TouchedBuffers &touched) {
  for (const Access &access : tree.nodes[id].nest.accesses)
    (access.isWrite ? touched.written : touched.read).insert(access.buffer);
  for (NodeId child : tree.nodes[id].children)
    collect(tree, child, touched);
}

TouchedBuffers memwall::findTouchedBuffers(const LoopTree &tree, NodeId id) {
  TouchedBuffers touched;
  collect(tree, id, touched);
  return touched;
}
