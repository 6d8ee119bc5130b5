//===- ChooseSchedules.h - What Search says, per operation ------*- C++ -*-===//

#ifndef MEMWALL_LIB_PASSES_CHOOSESCHEDULES_H
#define MEMWALL_LIB_PASSES_CHOOSESCHEDULES_H

#include "memwall/Search/Search.h"
#include "mlir/IR/BuiltinOps.h"

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

/// A fusion group of operations.
struct OperationGroup {
  GroupChoice choice;
  std::string function;
  llvm::SmallVector<size_t, 8> members; ///< In ModuleChoices::ops, root last.
  /// Bytes at DRAM that two contractions among the members must move together,
  /// the most of several; 0 where there are none.
  int64_t unitBoundBytes = 0;
};

/// What is chosen for the operations of a module, in program order. The group
/// of a ScheduleChoice is its number here.
struct ModuleChoices {
  llvm::SmallVector<OperationChoice, 0> ops;
  llvm::SmallVector<OperationGroup, 0> groups;
};

/// Searches every tree, in order; `traffic` is theirs, or empty. Left out are
/// ops that were tiled before
/// (`memwall.tiled`), packing that is done ahead of the program, and what is no
/// operation of a module. A schedule that cannot be applied to its operation is
/// replaced by a reason, and takes its group with it.
ModuleChoices chooseSchedules(llvm::ArrayRef<LoopTree> trees,
                              llvm::ArrayRef<Traffic> traffic,
                              const Target &target, SearchOptions options);

/// Lets the members of a group do what each does on its own.
void dissolve(ModuleChoices &choices, size_t group, std::string reason);

/// Writes schedules on operations of `module`. A group that was written there
/// and has one of them as a member, or the name of a new group, is taken apart:
/// its other members keep no schedule.
void writeSchedules(
    mlir::ModuleOp module,
    llvm::ArrayRef<std::pair<mlir::Operation *, Schedule>> schedules);

/// Emits a remark at the operation: what was chosen, bytes before, after and at
/// the bound, and the best alternative; or why nothing was.
void emitChoiceRemark(const OperationChoice &choice, const Target &target);

/// Emits a remark at the root of a group: its members, bytes at DRAM and one
/// level further in before and after, and the best alternative; or why there is
/// no such group.
void emitGroupRemark(const ModuleChoices &choices, const OperationGroup &group,
                     const Target &target);

} // namespace memwall

#endif // MEMWALL_LIB_PASSES_CHOOSESCHEDULES_H
