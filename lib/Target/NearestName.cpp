//===- NearestName.cpp - What was probably meant --------------------------===//

#include "memwall/Target/NearestName.h"
#include "llvm/ADT/Twine.h"
#include <algorithm>

using llvm::StringRef;

StringRef memwall::findNearestName(StringRef name,
                                   llvm::ArrayRef<StringRef> candidates) {
  unsigned limit = std::max<unsigned>(1, name.size() / 3);
  StringRef nearest;
  for (StringRef candidate : candidates) {
    unsigned edits = name.edit_distance_insensitive(candidate);
    if (edits > limit || (!nearest.empty() && edits == limit))
      continue;
    nearest = candidate;
    limit = edits;
  }
  return nearest;
}

std::string memwall::suggestName(StringRef name,
                                 llvm::ArrayRef<StringRef> candidates) {
  StringRef nearest = findNearestName(name, candidates);
  return nearest.empty()
             ? ""
             : (llvm::Twine("; did you mean '") + nearest + "'?").str();
}
