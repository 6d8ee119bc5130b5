//===- LoopTreeTest.cpp - LoopTree::check, one broken rule each -----------===//

#include "memwall/Work/LoopTree.h"
#include "memwall/Work/LoopTreePrinter.h"
#include "gtest/gtest.h"

using namespace memwall;

namespace {

Loop makeLoop(int64_t extent) {
  Loop loop;
  loop.extent.emplace_back();
  loop.extent.front().constant = extent;
  loop.maxTripCount = extent;
  return loop;
}

/// for l1 in 4: nest over l2 in 8, which reads b0[8*l1 + l2].
LoopTree makeTree() {
  LoopTree tree;
  tree.function = "f";
  Buffer buffer;
  buffer.name = "%arg0";
  buffer.kind = BufferKind::Argument;
  buffer.elementType = "f32";
  buffer.elements = 32;
  tree.buffers.push_back(buffer);
  for (int64_t extent : {1, 4, 8})
    tree.loops.push_back(makeLoop(extent));
  tree.ops.emplace_back();
  tree.ops.back().name = "test.op";
  tree.ops.back().location = "test.mlir:3:1";
  tree.nodes.resize(3);
  tree.nodes[0].children.push_back(1);
  tree.nodes[1].loop = 1;
  tree.nodes[1].children.push_back(2);
  tree.nodes[2].kind = Node::Kind::Nest;
  tree.nodes[2].parent = 1;
  tree.nodes[2].nest.loops.push_back(2);
  Access access;
  access.element.terms = {{1, 8}, {2, 1}};
  tree.nodes[2].nest.accesses.push_back(access);
  return tree;
}

std::string checkToString(const LoopTree &tree) {
  llvm::Error error = tree.check();
  return error ? llvm::toString(std::move(error)) : "";
}

TEST(LoopTree, AcceptsAWellFormedTree) {
  EXPECT_EQ(checkToString(makeTree()), "");
}

TEST(LoopTree, Empty) {
  EXPECT_EQ(checkToString(LoopTree()), "node 0 is not a loop");
}

TEST(LoopTree, BufferOutOfRange) {
  LoopTree tree = makeTree();
  tree.nodes[2].nest.accesses[0].buffer = 7;
  EXPECT_EQ(checkToString(tree),
            "node 2 accesses buffer 7, which does not exist");
}

TEST(LoopTree, OpOutOfRange) {
  LoopTree tree = makeTree();
  tree.nodes[2].nest.op = 3;
  EXPECT_EQ(checkToString(tree),
            "node 2 belongs to op 3, which does not exist");
}

TEST(LoopTree, LoopOutOfRange) {
  LoopTree tree = makeTree();
  tree.nodes[1].loop = 9;
  EXPECT_EQ(checkToString(tree), "loop 9 does not exist");
}

TEST(LoopTree, TermOfALoopThatIsNotAround) {
  LoopTree tree = makeTree();
  tree.loops.push_back(makeLoop(2));
  tree.nodes[2].nest.accesses[0].element.terms.push_back({3, 1});
  EXPECT_EQ(checkToString(tree),
            "an access of node 2 names a loop that is not around it");
}

TEST(LoopTree, GatherOfALoopThatIsNotAround) {
  LoopTree tree = makeTree();
  tree.loops.push_back(makeLoop(2));
  tree.nodes[2].nest.accesses[0].gathers.push_back({{3}, 1, 4});
  EXPECT_EQ(checkToString(tree),
            "a gather of node 2 names a loop that is not around it");
}

TEST(LoopTree, ExtentOfALoopThatIsNotAround) {
  LoopTree tree = makeTree();
  tree.loops[1].extent[0].terms.push_back({2, 1});
  EXPECT_EQ(checkToString(tree),
            "extent of loop 1 names a loop that is not around it");
}

TEST(LoopTree, NoExtent) {
  LoopTree tree = makeTree();
  tree.loops[2].extent.clear();
  EXPECT_EQ(checkToString(tree), "loop 2 has no extent");
}

TEST(LoopTree, StepIsNotPositive) {
  LoopTree tree = makeTree();
  tree.loops[2].step = 0;
  EXPECT_EQ(checkToString(tree), "loop 2 has step 0, expected a positive one");
}

TEST(LoopTree, LoopInItself) {
  LoopTree tree = makeTree();
  tree.nodes[2].nest.loops[0] = 1;
  EXPECT_EQ(checkToString(tree), "loop 1 is inside of itself");
}

TEST(LoopTree, ParentsDoNotMatch) {
  LoopTree tree = makeTree();
  tree.nodes[2].parent = 0;
  EXPECT_EQ(checkToString(tree),
            "node 2 is a child of node 1, but its parent is 0");
}

TEST(LoopTree, TwoParents) {
  LoopTree tree = makeTree();
  tree.nodes[1].children.push_back(2);
  EXPECT_EQ(checkToString(tree), "node 2 does not exist, or has two parents");
}

TEST(LoopTree, NotInTheTree) {
  LoopTree tree = makeTree();
  tree.nodes.emplace_back();
  EXPECT_EQ(checkToString(tree), "node 3 is not in the tree");
}

TEST(LoopTree, ConstantAccessOutside) {
  LoopTree tree = makeTree();
  tree.nodes[2].nest.accesses[0].element.terms.clear();
  tree.nodes[2].nest.accesses[0].element.constant = 32;
  EXPECT_EQ(
      checkToString(tree),
      "test.op at test.mlir:3:1 accesses element 32 of %arg0, which has 32");
}

TEST(LoopTree, ScopeIsNotALoop) {
  LoopTree tree = makeTree();
  tree.buffers[0].scope = 2;
  EXPECT_EQ(checkToString(tree), "scope of buffer 0 is not a loop node");
}

TEST(LoopTree, BytesRoundUp) {
  Buffer buffer;
  buffer.elementBits = 4;
  buffer.elements = 5;
  EXPECT_EQ(buffer.bytes(), 3);
  // More elements than bits fit 64 bits of.
  buffer.elements = int64_t(1) << 61;
  EXPECT_EQ(buffer.bytes(), int64_t(1) << 60);
}

TEST(LoopTree, AddressesArePagesInOrder) {
  LoopTree tree = makeTree();
  tree.buffers.push_back(tree.buffers[0]);
  tree.buffers[1].elements = 1025;
  tree.buffers.push_back(tree.buffers[0]);
  EXPECT_EQ(tree.computeAddresses(),
            (llvm::SmallVector<int64_t, 0>{0, 4096, 4096 + 8192}));
}

TEST(LoopTree, Prints) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  printLoopTree(makeTree(), stream);
  EXPECT_EQ(text, "tree @f\n"
                  "  b0 argument %arg0 32xf32\n"
                  "  op0 test.op other x1\n"
                  "  for l1 in 4\n"
                  "    nest op0 (l2 in 8)\n"
                  "      read b0[8*l1+l2]\n");
}

} // namespace
