//===- LoopTree.cpp - Storage layout and checks of a loop tree -------------===//

#include "memwall/Work/LoopTree.h"
#include "llvm/Support/MathExtras.h"

using namespace memwall;

int64_t Buffer::bytes() const {
  return (int64_t)(((__int128)elements * elementBits + 7) / 8);
}

llvm::SmallVector<int64_t, 0> LoopTree::computeAddresses() const {
  llvm::SmallVector<int64_t, 0> addresses;
  int64_t next = 0;
  for (const Buffer &buffer : buffers) {
    addresses.push_back(next);
    next += llvm::alignTo(buffer.bytes(), 4096);
  }
  return addresses;
}
