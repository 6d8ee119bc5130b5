//===- Reuse.cpp - When an op finds its data again ------------------------===//

#include "memwall/Traffic/Reuse.h"
#include "ReuseAnalysis.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;

llvm::SmallVector<Reuse, 0> memwall::findReuse(const LoopTree &tree,
                                               const Target &target,
                                               const Level &cache, OpId op) {
  ReuseConfig config;
  config.lineBits = cache.lineBytes * 8;
  config.sectorBits = cache.sectorBytes * 8;
  config.units = target.units;
  config.unitsPerInstance = cache.unitsPerInstance;
  llvm::SmallVector<Reuse, 0> result;
  analyzeReuse(
      tree, buildConstantTree(tree), config, [&](const ReuseClass &reuse) {
        bool isTouch =
            reuse.kind == ReuseKind::Read || reuse.kind == ReuseKind::Write;
        if (reuse.op != op || !isTouch || reuse.sectors <= 0)
          return;
        Reuse &found = result.emplace_back();
        found.buffer = reuse.buffer;
        found.isStore = reuse.kind == ReuseKind::Write;
        found.isFirst = reuse.isCold();
        found.carrier = reuse.carrier;
        found.isAcrossIterations = reuse.isAcrossIterations;
        found.previous = reuse.previous;
        double sectorBytes = double(cache.sectorBytes);
        found.touchedBytes = reuse.sectors * sectorBytes;
        found.missedBytes =
            found.touchedBytes *
            computeMissShare(reuse.distances, double(cache.usableLines()));
        if (!found.isFirst)
          found.distanceBytes = std::ceil(*llvm::max_element(reuse.distances)) *
                                double(cache.lineBytes);
      });
  return result;
}
