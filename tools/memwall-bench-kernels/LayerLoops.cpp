//===- LayerLoops.cpp - Parts of a layer that oneDNN has no primitive for -===//
//
// Compiled with -ffast-math, so that sums are kept in lanes.
//
//===----------------------------------------------------------------------===//

#include "Clones.h"
#include "Layer.h"
#include <algorithm>
#include <cmath>
#include <cstring>

using namespace memwall;

#define MEMWALL_INLINE __attribute__((always_inline)) static inline

namespace {
struct BF16 {
  uint16_t bits;
};
} // namespace

MEMWALL_INLINE float widen(float x) { return x; }
MEMWALL_INLINE float widen(BF16 x) {
  uint32_t bits = uint32_t(x.bits) << 16;
  float wide;
  std::memcpy(&wide, &bits, sizeof(wide));
  return wide;
}
MEMWALL_INLINE void store(float *to, float x) { *to = x; }
/// To nearest, ties to even.
MEMWALL_INLINE void store(BF16 *to, float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof(bits));
  to->bits = uint16_t((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

template <typename Element>
MEMWALL_INLINE void normAll(const Element *x, const Element *weight,
                            Element *out, int64_t rows, int64_t columns) {
  for (int64_t row = 0; row < rows; ++row, x += columns, out += columns) {
    float sum = 0;
    for (int64_t i = 0; i < columns; ++i)
      sum += widen(x[i]) * widen(x[i]);
    float scale = 1 / std::sqrt(sum / float(columns) + 1e-5f);
    for (int64_t i = 0; i < columns; ++i)
      store(out + i, widen(x[i]) * scale * widen(weight[i]));
  }
}

template <typename Element>
MEMWALL_INLINE void turnAll(const Element *in, Element *out, const Turn &turn) {
  int64_t half = turn.depth / 2;
  for (int64_t row = 0; row < turn.rows; ++row)
    for (int64_t head = 0; head < turn.heads; ++head) {
      const Element *from = in + (row * turn.heads + head) * turn.depth;
      Element *to = out + (head * turn.pitch + turn.first + row) * turn.depth;
      if (!turn.cosines) {
        std::memcpy(to, from, size_t(turn.depth) * sizeof(Element));
        continue;
      }
      auto *cosines = static_cast<const Element *>(turn.cosines) + row * half;
      auto *sines = static_cast<const Element *>(turn.sines) + row * half;
      for (int64_t i = 0; i < half; ++i) {
        float a = widen(from[i]), b = widen(from[half + i]);
        float c = widen(cosines[i]), s = widen(sines[i]);
        store(to + i, (a * c - b * s) * turn.scale);
        store(to + half + i, (b * c + a * s) * turn.scale);
      }
    }
}

MEMWALL_CLONES void memwall::normRows(const void *x, const void *weight,
                                      void *out, int64_t rows, int64_t columns,
                                      const std::string &element) {
  if (element == "bf16")
    normAll(static_cast<const BF16 *>(x), static_cast<const BF16 *>(weight),
            static_cast<BF16 *>(out), rows, columns);
  else
    normAll(static_cast<const float *>(x), static_cast<const float *>(weight),
            static_cast<float *>(out), rows, columns);
}

MEMWALL_CLONES void memwall::turnHeads(const void *in, void *out,
                                       const Turn &turn,
                                       const std::string &element) {
  if (element == "bf16")
    turnAll(static_cast<const BF16 *>(in), static_cast<BF16 *>(out), turn);
  else
    turnAll(static_cast<const float *>(in), static_cast<float *>(out), turn);
}

void memwall::joinHeads(const void *in, void *out, int64_t rows, int64_t heads,
                        int64_t bytesOfHead) {
  for (int64_t head = 0; head < heads; ++head)
    for (int64_t row = 0; row < rows; ++row)
      std::memcpy(static_cast<char *>(out) + (row * heads + head) * bytesOfHead,
                  static_cast<const char *>(in) +
                      (head * rows + row) * bytesOfHead,
                  size_t(bytesOfHead));
}

void memwall::maskRows(float *scores, int64_t rows, int64_t tokens,
                       int64_t keys) {
  for (int64_t row = 0; row < rows; ++row, scores += keys)
    std::fill(scores + keys - tokens + row % tokens + 1, scores + keys, -1e30f);
}
