//===- KernelsAVX2.cpp - Registers of 256 bits ----------------------------===//

#include "KernelBodies.h"

using namespace memwall;

Kernels memwall::getAVX2Kernels() {
  Kernels kernels = makeKernels<32>("AVX2", 16);
  kernels.arithmetic = {
      makeMultiplyAdd<double, 32, 12>("f64", "vfmadd"),
      makeMultiplyAdd<float, 32, 12>("f32", "vfmadd"),
      makeMultiplyAdd<int, 32, 12>("i32", "vpmulld and vpaddd")};
  return kernels;
}
