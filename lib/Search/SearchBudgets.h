//===- SearchBudgets.h - What a search spends on counting -------*- C++ -*-===//
//
// The search asks the same engine as a report, for fewer steps. Budgets count
// steps, so that equal programs get equal schedules on any machine.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_SEARCH_SEARCHBUDGETS_H
#define MEMWALL_LIB_SEARCH_SEARCHBUDGETS_H

#include "memwall/Traffic/Traffic.h"

namespace memwall {

/// What is spent on a candidate: the same two sets for all, so that chance
/// treats them alike; and on the best few, which longer walks tell apart. With
/// a quarter of the steps, tiles of a 1024x1024x1024 product that move four
/// times as much at the L2 were chosen.
inline const WalkBudget kCandidateBudget = {/*wholeSteps=*/1 << 12, /*sets=*/2,
                                            /*work=*/1 << 17,
                                            /*walksResidues=*/false};
/// The op as it is, which all are held against, is counted more carefully: 1.9
/// of the 10 s of CPU that the 47 different ops of Llama-7B take.
inline const WalkBudget kAsItIsBudget = {/*wholeSteps=*/1 << 18, /*sets=*/4,
                                         /*work=*/1 << 20};
/// On ddr5-2ch the best three of a product of 80x32000x4096 all move 536 MB at
/// DRAM by the walks of candidates, less than the bound of 546 MB, and 584, 553
/// and 537 MB by these, which take a third of the search of the op.
inline const WalkBudget kSettleBudget = {/*wholeSteps=*/1 << 16, /*sets=*/4,
                                         /*work=*/1 << 18,
                                         /*walksResidues=*/false};
/// What is spent on a tile of a group. Four times the steps chose the same
/// groups for a prefill layer of Llama-2-7B on ddr5-2ch (1.34 GB at DRAM), in
/// three times the time.
inline const WalkBudget kGroupBudget = {/*wholeSteps=*/1 << 14, /*sets=*/3,
                                        /*work=*/1 << 18,
                                        /*walksResidues=*/false};
/// What is spent on operands of a group with and without their packs. Without,
/// their rows fall into few sets, which three sets of a cache say nothing
/// about: for the keys of 32 heads of 128 in a 1 MB cache an eighth of their
/// bytes.
inline const WalkBudget kPackBudget = {/*wholeSteps=*/1 << 18, /*sets=*/16,
                                       /*work=*/1 << 22,
                                       /*walksResidues=*/false};

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_SEARCHBUDGETS_H
