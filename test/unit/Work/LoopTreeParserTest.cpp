//===- LoopTreeParserTest.cpp - Text to trees and back --------------------===//

#include "LoopTreeParser.h"
#include "LoopTreePrinter.h"
#include "ParseTree.h"
#include "gtest/gtest.h"
#include <random>

using namespace memwall;

namespace {

std::string print(const LoopTree &tree) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  printLoopTree(tree, stream);
  return text;
}

std::string getError(llvm::StringRef text) {
  llvm::Expected<LoopTree> tree = parseLoopTree(text, "t");
  return tree ? "" : llvm::toString(tree.takeError());
}

/// Every part of the grammar, as the printer writes it.
constexpr llvm::StringRef kEverything = R"(tree @f
  b0 argument %arg0 240xf32
  b1 constant table 900xi4
  b2 global @g 12xf32 bits=128
  b3 intermediate "a \22name\22" 7 live-out result=1
  b4 intermediate linalg.exp#0 9xcomplex<f32> in l2
  op0 linalg.fill fill f32 init-fill x2
  op1 "fill" other x8 flops=1 transcendentals=2 int_ops=3
  op2 linalg.pack copy "x16" x0
  unmodelled "func.func argument" x3
  for l1 in 12 step 8
    parallel l2 in min(8, 12-8*l1) reduction
      nest op1 (l3 in 4, l4 in 2*l2-1+l1 step 3 inner-tile max 4) flops=2
        read b0[3+8*l1+l2]
        read b1[0+?(l1, l3)*30<20 all+?()*-1<10]
        read-fill b4[l4]
        write b4[l4]
    nest op0 ()
      write b3[1]
  nest op2 (l5 in 0)
)";

TEST(LoopTreeParser, PrintsWhatWasParsed) {
  LoopTree tree = test::parseTree(kEverything);
  EXPECT_EQ(print(tree),
            llvm::StringRef(kEverything)
                .str()
                .replace(kEverything.find("2*l2-1+l1"), 9, "-1+2*l2+l1"));
  EXPECT_EQ(print(test::parseTree(print(tree))), print(tree));
}

TEST(LoopTreeParser, SaysWhatTheTextSays) {
  LoopTree tree = test::parseTree(kEverything);
  EXPECT_EQ(tree.buffers[1].elementBits, 4);
  EXPECT_EQ(tree.buffers[2].bytes(), 12 * 16);
  EXPECT_EQ(tree.buffers[3].name, "a \"name\"");
  EXPECT_EQ(tree.buffers[3].elementBits, 32);
  EXPECT_EQ(tree.buffers[3].result, 1u);
  EXPECT_EQ(tree.buffers[4].elementBits, 64);
  EXPECT_EQ(tree.buffers[4].scope, 2u);
  EXPECT_EQ(tree.ops[1].kind, OpKind::Other);
  EXPECT_EQ(tree.ops[1].total.intOps, 3);
  EXPECT_EQ(tree.ops[1].location, "tree:8:3");
  EXPECT_EQ(tree.ops[2].computeType, "x16");
  EXPECT_EQ(tree.unmodelled[0].count, 3);
  // 12 in steps of 8; at most 8; 2 * 7 - 1 + 1 in steps of 3 would be 5.
  EXPECT_EQ(tree.loops[1].maxTripCount, 2);
  EXPECT_EQ(tree.loops[2].maxTripCount, 8);
  EXPECT_EQ(tree.loops[2].kind, LoopKind::Parallel);
  EXPECT_EQ(tree.loops[4].maxTripCount, 4);
  EXPECT_EQ(tree.loops[4].kind, LoopKind::Dimension);
  const GatherTerm &gather = tree.nodes[3].nest.accesses[1].gathers[0];
  EXPECT_EQ(gather.loops.size(), 2u);
  EXPECT_EQ(gather.extent, 20);
  EXPECT_TRUE(gather.hitsAll);
}

TEST(LoopTreeParser, LeavesOut) {
  EXPECT_EQ(print(test::parseTree(R"(
    // No tree line, no words, no op.
    A argument 8  // of 32 bits
    sum reduction

    nest sum (i in 4)
      read A[ 2 * i - 0 ]
    nest (i in 4)
      write A[?(i)<3])")),
            R"(tree @""
  b0 argument A 8
  op0 sum reduction x1
  op1 nest other x1
  nest op0 (l1 in 4)
    read b0[2*l1]
  nest op1 (l2 in 4)
    write b0[0+?(l2)<3]
)");
}

/// A loop that two nests share becomes two, and numbers follow the text.
TEST(LoopTreeParser, PrintsAnyNumbering) {
  LoopTree tree = test::parseTree(R"(
    A argument 8
    nest (i in 4)
      read A[i]
    nest (j in 5)
      read A[j])");
  std::swap(tree.nodes[1].nest, tree.nodes[2].nest);
  std::string text = print(tree);
  EXPECT_NE(text.find("nest op1 (l1 in 5)"), std::string::npos);
  EXPECT_EQ(print(test::parseTree(text)), text);
  tree.nodes[1].nest = tree.nodes[2].nest;
  EXPECT_EQ(print(test::parseTree(print(tree))), print(tree));
}

/// Nothing crashes; what is accepted prints as itself.
TEST(LoopTreeParser, SurvivesAnything) {
  std::mt19937 random(5);
  constexpr llvm::StringRef pieces[] = {"9223372036854775807",
                                        "-",
                                        "*",
                                        "min(",
                                        ")",
                                        "[",
                                        "\"",
                                        "\\",
                                        "\n",
                                        " ",
                                        "for l1 in ",
                                        "l2",
                                        "b0",
                                        "?(",
                                        "<",
                                        "x",
                                        "//",
                                        "max ",
                                        "step "};
  int accepted = 0;
  for (int i = 0; i < 30000; ++i) {
    std::string text = kEverything.str();
    for (int edits = 1 + random() % 4; edits > 0; --edits) {
      size_t at = random() % text.size(), size = random() % 12;
      switch (random() % 4) {
      case 0:
        text.erase(at, size);
        break;
      case 1:
        text[at] = char(random());
        break;
      case 2:
        text.insert(at, pieces[random() % std::size(pieces)]);
        break;
      default:
        text.insert(at, text.substr(random() % text.size(), size));
      }
    }
    llvm::Expected<LoopTree> tree = parseLoopTree(text, "t");
    if (!tree) {
      std::string message = llvm::toString(tree.takeError());
      ASSERT_NE(message.find("t:"), std::string::npos) << message;
      continue;
    }
    ++accepted;
    std::string printed = print(*tree);
    ASSERT_EQ(getError(printed), "") << text << printed;
    ASSERT_EQ(print(test::parseTree(printed)), printed) << text;
  }
  EXPECT_GT(accepted, 1500);
}

TEST(LoopTreeParser, NoTextIsAnEmptyTree) {
  EXPECT_EQ(getError(""), "");
  EXPECT_EQ(getError(llvm::StringRef()), "");
  EXPECT_EQ(print(test::parseTree(llvm::StringRef())), "tree @\"\"\n");
}

/// Deep texts are refused before they are deep trees.
TEST(LoopTreeParser, LimitsTheDepth) {
  std::string text;
  for (unsigned depth = 0; depth < 300; ++depth)
    text +=
        std::string(depth, ' ') + "for i" + std::to_string(depth) + " in 2\n";
  EXPECT_EQ(getError(text), "t:257:261: expected at most 256 loops around one "
                            "another, found 'i256'");
}

} // namespace
