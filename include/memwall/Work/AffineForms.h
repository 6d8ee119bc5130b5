//===- AffineForms.h - Questions about affine forms -------------*- C++ -*-===//

#ifndef MEMWALL_WORK_AFFINEFORMS_H
#define MEMWALL_WORK_AFFINEFORMS_H

#include "memwall/Work/LoopTree.h"

namespace memwall {

/// Elements that `form` moves by per iteration of `loop`.
int64_t getStride(const AffineForm &form, LoopId loop);

} // namespace memwall

#endif // MEMWALL_WORK_AFFINEFORMS_H
