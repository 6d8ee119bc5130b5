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
