//===- LoopTreeTest.cpp - LoopTree::check, one broken rule each -----------===//

#include "LoopTreeParser.h"
#include "gtest/gtest.h"

using namespace memwall;

namespace {

LoopTree makeTree() {
  return llvm::cantFail(parseLoopTree(R"(tree @f
  b0 argument %arg0 32xf32
  op0 test.op
  for l1 in 4
    nest op0 (l2 in 8)
      read b0[8*l1+l2])",
                                      "test.mlir"));
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
  tree.loops.push_back(tree.loops[0]);
  tree.nodes[2].nest.accesses[0].element.terms.push_back({3, 1});
  EXPECT_EQ(checkToString(tree),
            "an access of node 2 names a loop that is not around it");
}

TEST(LoopTree, GatherOfALoopThatIsNotAround) {
  LoopTree tree = makeTree();
  tree.loops.push_back(tree.loops[0]);
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
      "test.op at test.mlir:3:3 accesses element 32 of %arg0, which has 32");
}

TEST(LoopTree, ScopeIsNotALoop) {
  LoopTree tree = makeTree();
  tree.buffers[0].scope = 2;
  EXPECT_EQ(checkToString(tree), "scope of buffer 0 is not a loop node");
}

TEST(LoopTree, BytesOfAllBuffersDoNotFit) {
  LoopTree tree = makeTree();
  tree.buffers[0].elements = (int64_t(1) << 58) - 1;
  tree.buffers.resize(8, tree.buffers[0]);
  EXPECT_EQ(checkToString(tree), "");
  tree.buffers.push_back(tree.buffers[0]);
  EXPECT_EQ(checkToString(tree), "the bytes of all buffers do not fit 64 bits");
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

} // namespace
