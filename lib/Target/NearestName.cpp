//===- NearestName.cpp - What was probably meant --------------------------===//

#include "memwall/Target/NearestName.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include <algorithm>
#include <numeric>
#include <utility>

using llvm::StringRef;

/// Edits from one name to the other, whatever the case; two neighbours that
/// changed places are one edit (the optimal string alignment distance).
static unsigned countEdits(StringRef from, StringRef to) {
  llvm::SmallVector<unsigned> beforeLast, last, row(to.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  auto isSame = [&](size_t i, size_t j) {
    return llvm::toLower(from[i]) == llvm::toLower(to[j]);
  };
  for (size_t i = 0; i < from.size(); ++i) {
    beforeLast = std::exchange(last, row);
    row[0] = i + 1;
    for (size_t j = 0; j < to.size(); ++j) {
      row[j + 1] =
          std::min({last[j + 1] + 1, row[j] + 1, last[j] + !isSame(i, j)});
      if (i > 0 && j > 0 && isSame(i, j - 1) && isSame(i - 1, j))
        row[j + 1] = std::min(row[j + 1], beforeLast[j - 1] + 1);
    }
  }
  return row.back();
}

StringRef memwall::findNearestName(StringRef name,
                                   llvm::ArrayRef<StringRef> candidates) {
  unsigned limit = std::max<unsigned>(1, name.size() / 3);
  StringRef nearest;
  for (StringRef candidate : candidates) {
    unsigned edits = countEdits(name, candidate);
    if (edits > limit || (!nearest.empty() && edits == limit))
      continue;
    nearest = candidate;
    limit = edits;
  }
  // "h100" is the beginning of "h100-sxm".
  for (StringRef candidate : candidates)
    if (nearest.empty() && name.size() >= 3 &&
        candidate.starts_with_insensitive(name))
      nearest = candidate;
  return nearest;
}

std::string memwall::suggestName(StringRef name,
                                 llvm::ArrayRef<StringRef> candidates) {
  StringRef nearest = findNearestName(name, candidates);
  if (nearest.empty())
    return "";
  std::string names = ("'" + nearest + "'").str();
  // "h100" is the beginning of "h100-sxm" too.
  if (nearest.starts_with_insensitive(name))
    for (StringRef other : candidates)
      if (other != nearest && other.starts_with_insensitive(name))
        names += (" or '" + other + "'").str();
  return "; did you mean " + names + "?";
}
