//===- KernelsBase.cpp - Registers of 128 bits; which are the best --------===//

#include "KernelBodies.h"

using namespace memwall;

Kernels memwall::getBaseKernels() {
#if defined(__aarch64__)
  Kernels kernels = makeKernels<16>("NEON", 32);
  constexpr int sums = 24;
#else
  Kernels kernels = makeKernels<16>("128-bit vectors", 16);
  constexpr int sums = 12;
#endif
  kernels.arithmetic = {
      makeMultiplyAdd<double, 16, sums>("f64", "multiplies and adds"),
      makeMultiplyAdd<float, 16, sums>("f32", "multiplies and adds"),
      makeMultiplyAdd<int, 16, sums>("i32", "multiplies and adds")};
  return kernels;
}

Kernels memwall::getHostKernels() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw"))
    return getAVX512Kernels();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return getAVX2Kernels();
#endif
  return getBaseKernels();
}
