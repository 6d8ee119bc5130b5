//===- HostRegisters.h - Vector registers of this machine -------*- C++ -*-===//

#ifndef MEMWALL_LOWERING_HOSTREGISTERS_H
#define MEMWALL_LOWERING_HOSTREGISTERS_H

#include "memwall/Target/RegisterTile.h"

namespace memwall {

/// The vector registers of the CPU that this process runs on, by the features
/// that LLVM finds: AVX-512 has 32 of 512 bits, AVX2 16 of 256, NEON 32 of 128,
/// anything else counts as SSE2, 16 of 128. With AVX-512, the dot instructions
/// that there are.
VectorRegisters detectVectorRegisters();

} // namespace memwall

#endif // MEMWALL_LOWERING_HOSTREGISTERS_H
