//===- SetPressure.cpp - Lines that fall into one set ---------------------===//

#include "SetPressure.h"
#include <numeric>

using namespace memwall;

double memwall::countLinesInSet(const Box &box, int64_t startLine, int64_t line,
                                int64_t lineBits, int64_t sets) {
  int64_t runBits = box.elementBits, lattice = sets;
  double runs = 1;
  bool isRun = true;
  for (const BoxDim &dim : box.dims) {
    isRun &= dim.strideBits - runBits < lineBits;
    if (isRun) {
      runBits += dim.strideBits * (dim.count - 1);
      continue;
    }
    runs *= double(dim.count);
    lattice = std::gcd(lattice, dim.strideBits / lineBits);
  }
  // Runs start at the multiples of `lattice` after the first, as often as
  // there are runs; a run covers neighbouring sets.
  int64_t runLines = (runBits + lineBits - 1) / lineBits;
  int64_t distance = ((line - startLine) % lattice + lattice) % lattice;
  double perRun =
      distance < runLines ? double((runLines - 1 - distance) / lattice + 1) : 0;
  return runs * perRun * double(lattice) / double(sets);
}
