//===- AboveFloor.h - What a function moves beyond its floor ----*- C++ -*-===//

#ifndef MEMWALL_LIB_REPORT_ABOVEFLOOR_H
#define MEMWALL_LIB_REPORT_ABOVEFLOOR_H

#include "memwall/Report/Report.h"

namespace memwall {

/// By buffer of `tree`: of which sort it is, in words for people. Live-in
/// storage by what it is for ("weights read again"), intermediates by what
/// makes them ("transposed weights", "results of scores"). `ops`: those of the
/// tree.
llvm::SmallVector<std::string, 0>
describeBuffers(const LoopTree &tree, llvm::ArrayRef<OpFigures> ops,
                const std::optional<ModelFacts> &facts);

/// The bytes of `scheduled` that are not in `floor`, both by buffer, by sort;
/// the most first, and sorts without any left out. A standard error can take
/// the bytes of a buffer below its floor: they count 0.
llvm::SmallVector<ExcessBytes, 0>
computeAboveFloor(llvm::ArrayRef<std::string> sorts,
                  llvm::ArrayRef<Bytes> floor, llvm::ArrayRef<Bytes> scheduled);

} // namespace memwall

#endif // MEMWALL_LIB_REPORT_ABOVEFLOOR_H
