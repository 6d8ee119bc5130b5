//===- ChooseSchedules.h - What Search says, per operation ------*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_CHOOSESCHEDULES_H
#define MEMWALL_LIB_PASSES_CHOOSESCHEDULES_H

#include "memwall/Search/Search.h"
#include "mlir/IR/Operation.h"

namespace memwall {

/// The choice for one operation. A function that is called several times has
/// one tree part per call and one choice per operation: the first schedule, and
/// the sums of the bytes.
struct OperationChoice {
  mlir::Operation *operation = nullptr;
  std::string name;     ///< "linalg.matmul".
  std::string function; ///< The entry function it was first found in.
  ScheduleChoice choice;
};

/// Searches every tree, in order. Left out are ops that were tiled before
/// (`memwall.tiled`), packing that is done ahead of the program, and what is no
/// operation of a module. A schedule
/// that cannot be applied to its operation is replaced by a reason.
llvm::SmallVector<OperationChoice, 0>
chooseSchedules(llvm::ArrayRef<LoopTree> trees, const Target &target,
                SearchOptions options);

/// Emits a remark at the operation: what was chosen, bytes before, after and at
/// the bound, and the best alternative; or why nothing was.
void emitChoiceRemark(const OperationChoice &choice, const Target &target);

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_CHOOSESCHEDULES_H
