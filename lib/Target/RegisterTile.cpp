//===- RegisterTile.cpp - What vector registers hold of a product ---------===//

#include "memwall/Target/RegisterTile.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace memwall;

int64_t VectorRegisters::getLanes(int64_t elementBits) const {
  return std::max<int64_t>(1, bits / elementBits);
}

VectorRegisters memwall::getVectorRegisters(const Target &target) {
  VectorRegisters registers;
  registers.bits = target.vectorBits.value_or(registers.bits);
  registers.count = target.vectorRegisters.value_or(registers.count);
  registers.dots = target.dotInstructions;
  return registers;
}

/// Cycles of one step along the reduction. Cores that are built for products
/// start two multiply-adds and two loads in a cycle, and a multiply-add takes
/// four (Intel and AMD optimization manuals): sums / 2, loads / 2, and never
/// less than 4, because a sum waits for itself. Loads compete with packing and
/// with the caches' own traffic, so that fewer of them are better even where
/// they are not the limit: an eighth of them counts on top.
static double computeStepCycles(const RegisterTile &tile) {
  double loads = double(tile.rows + tile.vectors);
  return std::max({tile.sums() / 2.0, loads / 2, 4.0}) + loads / 16;
}

RegisterTile memwall::chooseRegisterTile(int64_t rows, int64_t columns,
                                         int64_t lanes,
                                         const VectorRegisters &registers) {
  RegisterTile best;
  double bestCycles = std::numeric_limits<double>::infinity();
  int64_t mostVectors =
      std::min<int64_t>(registers.count, llvm::divideCeil(columns, lanes));
  for (int64_t vectors = 1; vectors <= mostVectors; ++vectors) {
    int64_t mostRows =
        std::min((registers.count - vectors - 1) / vectors, rows);
    for (int64_t height = 1; height <= mostRows; ++height) {
      RegisterTile tile{height, vectors};
      // As real numbers: an unknown extent is as large as a number can be.
      double tiles = std::ceil(double(rows) / double(height)) *
                     std::ceil(double(columns) / double(vectors * lanes));
      double cycles = tiles * computeStepCycles(tile);
      if (cycles >= bestCycles)
        continue;
      best = tile;
      bestCycles = cycles;
    }
  }
  return best;
}
