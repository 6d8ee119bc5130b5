//===- ParseTree.cpp - Loop trees that tests write down -------------------===//

#include "ParseTree.h"
#include "memwall/Work/LoopTreeParser.h"

using namespace memwall;

LoopTree memwall::test::parseTree(llvm::StringRef text) {
  return llvm::cantFail(parseLoopTree(text, "tree"));
}
