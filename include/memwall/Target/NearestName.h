//===- NearestName.h - What was probably meant ------------------*- C++ -*-===//

#ifndef MEMWALL_TARGET_NEARESTNAME_H
#define MEMWALL_TARGET_NEARESTNAME_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <string>

namespace memwall {

/// The candidate with the fewest edits from `name`, the first of equals; ""
/// when even that takes more edits than a third of the name, or one for short
/// names.
llvm::StringRef findNearestName(llvm::StringRef name,
                                llvm::ArrayRef<llvm::StringRef> candidates);

/// "; did you mean 'x'?" for the nearest candidate, or "". Where the name is
/// the beginning of several, all of them: "'x' or 'y'".
std::string suggestName(llvm::StringRef name,
                        llvm::ArrayRef<llvm::StringRef> candidates);

} // namespace memwall

#endif // MEMWALL_TARGET_NEARESTNAME_H
