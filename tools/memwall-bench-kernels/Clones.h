//===- Clones.h - Loops for the vectors of this CPU -------------*- C++ -*-===//

#ifndef MEMWALL_TOOLS_BENCHKERNELS_CLONES_H
#define MEMWALL_TOOLS_BENCHKERNELS_CLONES_H

/// Before a function: compiled for AVX-512, AVX2 and any CPU, of which the
/// program takes what it finds.
#if defined(__x86_64__)
#define MEMWALL_CLONES                                                         \
  __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define MEMWALL_CLONES
#endif

#endif // MEMWALL_TOOLS_BENCHKERNELS_CLONES_H
