//===- ExplainRejected.h - What a schedule does worse -----------*- C++ -*-===//

#ifndef MEMWALL_LIB_SEARCH_EXPLAINREJECTED_H
#define MEMWALL_LIB_SEARCH_EXPLAINREJECTED_H

#include "memwall/Traffic/Traffic.h"
#include <string>

namespace memwall {

/// What the traffic of a rejected schedule of `tree` does worse than that of
/// the one that was taken, in terms of the buffer that it moves most more of:
/// "moves %b 2.0 times at ddr5".
std::string explainRejected(const LoopTree &tree, const Target &target,
                            const Traffic &rejected, const Traffic &taken);

} // namespace memwall

#endif // MEMWALL_LIB_SEARCH_EXPLAINREJECTED_H
