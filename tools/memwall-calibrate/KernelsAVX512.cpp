//===- KernelsAVX512.cpp - Registers of 512 bits --------------------------===//

#include "KernelBodies.h"
#include <immintrin.h>

using namespace memwall;

namespace {

/// Sums of the loops below: 12 hide the latency of any of the instructions.
constexpr int sums = 24;

__attribute__((target("avx512bf16"))) void multiplyAddBF16(int64_t rounds) {
  __m512 values[sums] = {};
  __m512bh factor = {};
  asm volatile("" : "+m"(factor));
  for (int64_t round = 0; round < rounds; ++round)
#pragma clang loop unroll(full)
    for (int i = 0; i < sums; ++i)
      values[i] = _mm512_dpbf16_ps(values[i], factor, factor);
  for (const __m512 &value : values)
    use(value);
}

__attribute__((target("avx512vnni"))) void multiplyAddI8(int64_t rounds) {
  __m512i values[sums] = {};
  __m512i factor = {};
  asm volatile("" : "+m"(factor));
  for (int64_t round = 0; round < rounds; ++round)
#pragma clang loop unroll(full)
    for (int i = 0; i < sums; ++i)
      values[i] = _mm512_dpbusd_epi32(values[i], factor, factor);
  for (const __m512i &value : values)
    use(value);
}

__attribute__((target("avx512fp16"))) void multiplyAddF16(int64_t rounds) {
  __m512h values[sums] = {};
  __m512h factor = {};
  asm volatile("" : "+m"(factor));
  for (int64_t round = 0; round < rounds; ++round)
#pragma clang loop unroll(full)
    for (int i = 0; i < sums; ++i)
      values[i] = _mm512_fmadd_ph(values[i], factor, factor);
  for (const __m512h &value : values)
    use(value);
}

} // namespace

Kernels memwall::getAVX512Kernels() {
  Kernels kernels = makeKernels<64>("AVX-512", 32);
  kernels.dotInstructions = {bool(__builtin_cpu_supports("avx512bf16")),
                             bool(__builtin_cpu_supports("avx512vnni"))};
  kernels.arithmetic = {makeMultiplyAdd<double, 64, sums>("f64", "vfmadd"),
                        makeMultiplyAdd<float, 64, sums>("f32", "vfmadd")};
  // A dot instruction adds up so many products in every lane.
  if (kernels.dotInstructions.bf16)
    kernels.arithmetic.push_back(
        {"bf16", "vdpbf16ps", 2.0 * sums * 32, multiplyAddBF16});
  if (__builtin_cpu_supports("avx512fp16"))
    kernels.arithmetic.push_back(
        {"f16", "vfmadd", 2.0 * sums * 32, multiplyAddF16});
  kernels.arithmetic.push_back(
      makeMultiplyAdd<int, 64, sums>("i32", "vpmulld and vpaddd"));
  if (kernels.dotInstructions.integers)
    kernels.arithmetic.push_back(
        {"i8", "vpdpbusd", 2.0 * sums * 64, multiplyAddI8});
  return kernels;
}
