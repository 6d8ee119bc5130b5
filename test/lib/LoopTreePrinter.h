//===- LoopTreePrinter.h - Loop trees as text -------------------*- C++ -*-===//
//
// One line per buffer, op and node in program order, for tests and for reading.
// Loops are numbered in the order of the text. The parser of the tests reads it
// back (test/lib/LoopTreeParser.h, which has the grammar).
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_TEST_LIB_LOOPTREEPRINTER_H
#define MEMWALL_TEST_LIB_LOOPTREEPRINTER_H

#include "memwall/Work/LoopTree.h"
#include "llvm/Support/raw_ostream.h"

namespace memwall {

void printLoopTree(const LoopTree &tree, llvm::raw_ostream &stream);

} // namespace memwall

#endif // MEMWALL_TEST_LIB_LOOPTREEPRINTER_H
