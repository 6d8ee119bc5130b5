//===- ExplainCostliest.h - The texts of a page -----------------*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_EXPLAINCOSTLIEST_H
#define MEMWALL_LIB_PASSES_EXPLAINCOSTLIEST_H

#include "ModuleTrees.h"
#include "memwall/Report/Page.h"

namespace memwall {

/// Explains, for every function and target of `report`, the first op of each
/// row that takes `kLeastShareExplained` of the time, the costliest row first;
/// of the first `kRowsWithSuggestions`, with what would help. `report` has
/// causes and was computed from `trees`, which were built from `module`.
llvm::SmallVector<PageExplanation, 0> explainCostliest(const Report &report,
                                                       const ModuleTrees &trees,
                                                       mlir::ModuleOp module);

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_EXPLAINCOSTLIEST_H
