//===- LoopTreePrinter.h - Loop trees as text -------------------*- C++ -*-===//
//
// One line per buffer, op and node, ids in program order; for tests and for
// reading. Loops print as `for l1 in 32 step 4`, or `min(32, 100-32*l0)`;
// accesses as `read b0[l2+64*l1]`, `?(l1)*64<1000` for a gather,
// `<5 all` where 5 rows are known to be hit.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_WORK_LOOPTREEPRINTER_H
#define MEMWALL_WORK_LOOPTREEPRINTER_H

#include "memwall/Work/LoopTree.h"
#include "llvm/Support/raw_ostream.h"

namespace memwall {

void printLoopTree(const LoopTree &tree, llvm::raw_ostream &stream);

} // namespace memwall

#endif // MEMWALL_WORK_LOOPTREEPRINTER_H
