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

/// A line of the caches of x86-64, and of most other cores.
static constexpr int64_t lineBits = 512;

/// Cycles of one step along the reduction. Cores that are built for products
/// start two multiply-adds and two loads in a cycle, and a multiply-add takes
/// four (Intel and AMD optimization manuals): sums / 2, loads / 2, and never
/// less than 4, because a sum waits for itself. Loads compete with packing and
/// with the caches' own traffic, so that fewer of them are better even where
/// they are not the limit: an eighth of them counts on top.
///
/// What a row of the right operand leaves of a line belongs to the next tile,
/// which packs or reads the line again: half a cycle per line. In tiles of 4x3
/// registers of AVX2, 96 bytes wide, products of f32 took 1.02
/// (1024x1024x1024) and 1.09 (64x4096x4096) of the time that they take in
/// tiles of 6x2 (EPYC, Zen 4).
static double computeStepCycles(const RegisterTile &tile,
                                const VectorRegisters &registers) {
  double loads = double(tile.rows + tile.vectors);
  int64_t rowBits = tile.vectors * registers.bits;
  double rest =
      double(llvm::alignTo(rowBits, lineBits) - rowBits) / double(lineBits);
  return std::max({tile.sums() / 2.0, loads / 2, 4.0}) + loads / 16 + rest / 2;
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
      double cycles = tiles * computeStepCycles(tile, registers);
      if (cycles >= bestCycles)
        continue;
      best = tile;
      bestCycles = cycles;
    }
  }
  return best;
}
