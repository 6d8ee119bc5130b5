//===- ModelOnTarget.h - From loop trees to figures of models ---*- C++ -*-===//

#ifndef MEMWALL_LIB_REPORT_MODELONTARGET_H
#define MEMWALL_LIB_REPORT_MODELONTARGET_H

#include "Times.h"
#include "memwall/Report/Report.h"

namespace memwall {

/// What the storage is for.
Role getRole(const ModelFacts &facts, const Buffer &buffer);

/// Sums bytes by buffer into bytes by role, with their shares.
void sumByRole(const LoopTree &tree, const ModelFacts &facts,
               llvm::ArrayRef<Bytes> buffers, RoleBytes (&sums)[kRoles]);

/// What moves, by buffer.
struct BufferBytes {
  llvm::SmallVector<Bytes, 0> compulsory; ///< Summed over ops.
  llvm::SmallVector<Bytes, 0> floor;
};

/// All of ModelFigures but `targets`. `residentBytes`: of the function.
ModelFigures describeModel(const LoopTree &tree, const ModelFacts &facts,
                           const BufferBytes &buffers, int64_t residentBytes);

/// What a target makes of a model.
struct ModelInput {
  const LoopTree &tree;
  const ModelFacts &facts;
  const FunctionFigures &function; ///< With its model, but for the targets.
  const TargetFigures &figures;
  const WorkOnTarget &work;
  const BufferBytes &buffers;
  llvm::ArrayRef<Bytes> dram; ///< As scheduled, by buffer.
  const Target &target;
  BandwidthChoice bandwidth;
};
ModelOnTarget computeModelOnTarget(const ModelInput &input);

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_MODELONTARGET_H
