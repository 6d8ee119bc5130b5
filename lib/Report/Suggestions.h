//===- Suggestions.h - What would make an op move less ----------*- C++ -*-===//

#ifndef MEMWALL_LIB_REPORT_SUGGESTIONS_H
#define MEMWALL_LIB_REPORT_SUGGESTIONS_H

#include "ExplainLoops.h"

namespace memwall {

/// An op at a level of a target, and what is known of why it moves what it
/// moves.
struct ExplainedOp {
  const LoopTree &tree;
  const Target &target;
  ReportOptions options;
  const FunctionFigures &figures; ///< On that target alone.
  const Explanation &why;
  const OpLoops &loops;
};

/// What would make the function move less at the level, each counted by the
/// model, most saved first. None that saves less than a hundredth of the op's
/// bytes, or less than the counts may be off by. Of an op that is at its bound
/// only what it could share with others.
llvm::SmallVector<Suggestion, 4> findSuggestions(const ExplainedOp &explained,
                                                 llvm::ArrayRef<Reuse> reuses,
                                                 ApplyAndCount applyAndCount,
                                                 FoldAndCount foldAndCount);

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_SUGGESTIONS_H
