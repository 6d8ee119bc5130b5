//===- Residence.cpp - What stored data has gone through ------------------===//

#include "Touch.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

using namespace memwall;

void Residence::pass(GapId gap, double share) {
  auto at = llvm::lower_bound(
      passed, gap, [](const PassedGap &a, GapId b) { return a.gap < b; });
  if (at == passed.end() || at->gap != gap)
    at = passed.insert(at, {gap, 0});
  at->share = std::min(1.0, at->share + share);
}

void Residence::follow(const Residence &other, double share) {
  longest = maximum(longest, other.longest);
  for (const PassedGap &more : other.passed)
    if (more.share * share > 0)
      pass(more.gap, more.share * share);
}

void Residence::average(const Residence &other, double share) {
  for (PassedGap &gap : passed)
    gap.share *= share;
  follow(other, 1 - share);
}
