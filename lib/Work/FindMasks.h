//===- FindMasks.h - Where selects surely take a constant -------*- C++ -*-===//

#ifndef MEMWALL_LIB_WORK_FINDMASKS_H
#define MEMWALL_LIB_WORK_FINDMASKS_H

#include "memwall/Work/BodyExpression.h"
#include "memwall/Work/IndexAnalysis.h"

namespace memwall {

/// The bounds (`BodyExpression::masks`) of the selects of `expression`, which
/// is what `body` computes: a constant on one side, and a condition made of
/// comparisons of affine forms of the dimensions that `analysis` is over.
std::vector<MaskBound> findMasks(const BodyExpression &expression,
                                 mlir::Block &body, IndexAnalysis &analysis);

} // namespace memwall

#endif // MEMWALL_LIB_WORK_FINDMASKS_H
