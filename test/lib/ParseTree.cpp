//===- ParseTree.cpp - Loop trees that tests write down -------------------===//

#include "ParseTree.h"
#include "LoopTreeParser.h"

using namespace memwall;

LoopTree memwall::test::parseTree(llvm::StringRef text) {
  llvm::ExitOnError exitOnError;
  return exitOnError(parseLoopTree(text, "tree"));
}
