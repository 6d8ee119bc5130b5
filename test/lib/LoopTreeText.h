//===- LoopTreeText.h - What printer and parser agree on --------*- C++ -*-===//

#ifndef MEMWALL_TEST_LIB_LOOPTREETEXT_H
#define MEMWALL_TEST_LIB_LOOPTREETEXT_H

#include "llvm/ADT/StringRef.h"

namespace memwall {

/// Whether a word on the line of an op is a part with a meaning of its own
/// ("fill", "init-fill", "x16", "flops=2"). A name or a type that looks like
/// one is quoted.
bool isPartOfOp(llvm::StringRef word);

} // namespace memwall

#endif // MEMWALL_TEST_LIB_LOOPTREETEXT_H
