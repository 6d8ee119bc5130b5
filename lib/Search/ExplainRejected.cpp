//===- ExplainRejected.cpp - What a schedule does worse -------------------===//

#include "ExplainRejected.h"
#include "llvm/Support/FormatVariadic.h"

using namespace memwall;

std::string memwall::explainRejected(const LoopTree &tree, const Target &target,
                                     const Traffic &rejected,
                                     const Traffic &taken) {
  for (size_t level = target.levels.size(); level-- > 1;) {
    const LevelTraffic &a = rejected.levels[level];
    const LevelTraffic &b = taken.levels[level];
    if (a.total.total() <= b.total.total())
      continue;
    size_t worst = 0;
    int64_t most = 0;
    for (size_t i = 0; i < std::min(tree.buffers.size(), a.buffers.size());
         ++i) {
      int64_t more = a.buffers[i].total() - b.buffers[i].total();
      if (more > most) {
        most = more;
        worst = i;
      }
    }
    double times = double(a.buffers[worst].total()) /
                   double(std::max<int64_t>(tree.buffers[worst].bytes(), 1));
    return llvm::formatv("moves {0} {1:F1} times at {2}",
                         tree.buffers[worst].name, times,
                         target.levels[level].name)
        .str();
  }
  return "takes more loops";
}
