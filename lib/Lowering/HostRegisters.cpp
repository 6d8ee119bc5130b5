//===- HostRegisters.cpp - Vector registers of this machine ---------------===//

#include "memwall/Lowering/HostRegisters.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"

using namespace memwall;

VectorRegisters memwall::detectVectorRegisters() {
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  if (features.lookup("avx512f"))
    return {512,
            32,
            {features.lookup("avx512bf16"), features.lookup("avx512vnni")}};
  if (features.lookup("avx2"))
    return {256, 16, {}};
  return {128, features.lookup("neon") ? 32 : 16, {}};
}
