//===- ModelFlags.h - Flags that change a model -----------------*- C++ -*-===//

#ifndef MEMWALL_TOOLS_GEN_MODELFLAGS_H
#define MEMWALL_TOOLS_GEN_MODELFLAGS_H

#include "memwall/Workload/Architecture.h"
#include "llvm/Support/CommandLine.h"

namespace memwall {

/// The category of these flags.
llvm::cl::OptionCategory &getModelFlags();

/// A model of --hidden and --heads alone.
llvm::Expected<Architecture> makeCustomModel();

/// Changes what the given flags name; an error if one says nothing of such a
/// model.
llvm::Error readModelFlags(Architecture &model);

template <typename T, typename V>
void setIfGiven(T &value, const llvm::cl::opt<V> &flag) {
  if (flag.getNumOccurrences() > 0)
    value = flag;
}

} // namespace memwall

#endif // MEMWALL_TOOLS_GEN_MODELFLAGS_H
