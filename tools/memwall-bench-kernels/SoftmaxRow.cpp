//===- SoftmaxRow.cpp - Softmax in vectors, beside products of a BLAS -----===//
//
// Compiled with -ffast-math, so that sums and maxima are kept in lanes.
//
//===----------------------------------------------------------------------===//

#include "Attention.h"
#include "Clones.h"
#include <cmath>
#include <cstring>

/// exp(x) of x <= 0: 2^n e^r with |r| <= ln(2) / 2 (Cephes, expf.c).
__attribute__((always_inline)) static inline float computeExp(float x) {
  x = x < -87.0f ? -87.0f : x;
  float n = std::rint(x * 1.44269504f);
  float r = x - n * 0.693359375f + n * 2.12194440e-4f;
  float y = 1.9875691500e-4f;
  y = y * r + 1.3981999507e-3f;
  y = y * r + 8.3334519073e-3f;
  y = y * r + 4.1665795894e-2f;
  y = y * r + 1.6666665459e-1f;
  y = y * r + 5.0000001201e-1f;
  y = y * r * r + r + 1.0f;
  int32_t bits = (int32_t(n) + 127) << 23;
  float power;
  std::memcpy(&power, &bits, sizeof(power));
  return y * power;
}

MEMWALL_CLONES void memwall::softmaxRow(float *row, int64_t begin, int64_t end,
                                        int64_t length) {
  float largest = row[begin], sum = 0;
  for (int64_t i = begin; i < end; ++i)
    largest = row[i] > largest ? row[i] : largest;
  for (int64_t i = begin; i < end; ++i) {
    row[i] = computeExp(row[i] - largest);
    sum += row[i];
  }
  float scale = 1 / sum;
  for (int64_t i = begin; i < end; ++i)
    row[i] *= scale;
  std::memset(row, 0, size_t(begin) * sizeof(float));
  std::memset(row + end, 0, size_t(length - end) * sizeof(float));
}
