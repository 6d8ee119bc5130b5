// A project of your own: the traffic of one loop over 1024 f32 elements,
// written as a LoopTree by hand, on a shipped target.

#include "memwall/Target/Registry.h"
#include "memwall/Traffic/Traffic.h"
#include "llvm/Support/raw_ostream.h"

using namespace memwall;

static LoopTree makeReadingLoop() {
  LoopTree tree;
  tree.function = "read";
  Buffer argument;
  argument.name = "%arg0";
  argument.kind = BufferKind::Argument;
  argument.elementType = "f32";
  argument.elements = 1024;
  tree.buffers.push_back(argument);

  Loop once, loop;
  once.extent.push_back({1, {}});
  loop.extent.push_back({1024, {}});
  loop.maxTripCount = 1024;
  tree.loops = {once, loop};

  OpRecord op;
  op.name = "read";
  tree.ops.push_back(op);

  Node root, nest;
  root.children.push_back(1);
  nest.kind = Node::Kind::Nest;
  nest.nest.loops.push_back(1);
  Access access;
  access.element.terms.push_back({1, 1});
  nest.nest.accesses.push_back(access);
  tree.nodes = {root, nest};
  return tree;
}

int main() {
  Registry registry;
  llvm::Expected<const Target *> target = registry.find("ddr5-2ch");
  if (!target) {
    llvm::errs() << llvm::toString(target.takeError()) << '\n';
    return 1;
  }
  LoopTree tree = makeReadingLoop();
  if (llvm::Error error = tree.check()) {
    llvm::errs() << llvm::toString(std::move(error)) << '\n';
    return 1;
  }
  Traffic traffic = computeTraffic(tree, **target);
  for (auto [level, moved] : llvm::zip((*target)->levels, traffic.levels))
    llvm::outs() << level.name << ": " << moved.total.read << " read, "
                 << moved.total.written << " written\n";
}
