//===- Suggestions.h - What would make an op move less ----------*- C++ -*-===//

#ifndef MEMWALL_LIB_REPORT_SUGGESTIONS_H
#define MEMWALL_LIB_REPORT_SUGGESTIONS_H

#include "ExplainLoops.h"

namespace memwall {

/// What would make the function of `why` move less at its level, each counted
/// by the model as `options` say, most saved first. None that saves less than a
/// hundredth of the op's bytes, or less than the counts may be off by.
llvm::SmallVector<Suggestion, 4>
findSuggestions(const LoopTree &tree, const Target &target,
                ReportOptions options, const Explanation &why,
                llvm::ArrayRef<Reuse> reuses, const OpLoops &loops);

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_SUGGESTIONS_H
