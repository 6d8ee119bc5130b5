//===- ParseTree.h - Loop trees that tests write down -----------*- C++ -*-===//

#ifndef MEMWALL_TEST_LIB_PARSETREE_H
#define MEMWALL_TEST_LIB_PARSETREE_H

#include "memwall/Work/LoopTree.h"
#include "llvm/Support/FormatVariadic.h"

namespace memwall::test {

/// The tree of a text that is right (LoopTreeParser.h); exits with the message
/// for one that is not.
LoopTree parseTree(llvm::StringRef text);

/// The same with {0}, {1}, ... replaced by values, as `formatv` does.
template <typename First, typename... Rest>
LoopTree parseTree(const char *format, First first, Rest... rest) {
  return parseTree(
      llvm::StringRef(llvm::formatv(format, first, rest...).str()));
}

} // namespace memwall::test

#endif // MEMWALL_TEST_LIB_PARSETREE_H
