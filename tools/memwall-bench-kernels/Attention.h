//===- Attention.h - Attention to time, and who else computes it -*- C++
//-*-===//

#ifndef MEMWALL_TOOLS_BENCHKERNELS_ATTENTION_H
#define MEMWALL_TOOLS_BENCHKERNELS_ATTENTION_H

#include "Cases.h"
#include <algorithm>

namespace memwall {

/// Queries [heads, group, rows, depth] against keys and values
/// [heads, keys, depth]. Query i sees the keys in (i - window, i] of `causal`
/// attention, and all of them otherwise.
struct Attention {
  std::string name;
  int64_t heads = 1, group = 1, rows = 1, keys = 1, depth = 64;
  bool causal = false;
  int64_t window = 0; ///< 0: as long as there are keys.

  int64_t getFirstKey(int64_t row) const {
    return causal && window ? std::max<int64_t>(0, row - window + 1) : 0;
  }
  int64_t getEndKey(int64_t row) const { return causal ? row + 1 : keys; }
};

/// Rows of prefill for products, and rows of decoding beside a stream of the
/// cache; f32 and bf16.
void forEachAttention(llvm::function_ref<void(Case &)> visit);

/// Two products of OpenBLAS for each head, with all scores in memory, and
/// `softmaxRow` between them. bf16 runs against f32.
std::vector<Rival> getOpenBLASAttention(const Attention &shape, const Tensor &q,
                                        const Tensor &k, const Tensor &v);

/// The softmax of row[begin, end), and zeros in front and behind, with a
/// polynomial of exp in vectors of this machine (Cephes' expf, 1 ulp).
void softmaxRow(float *row, int64_t begin, int64_t end, int64_t length);

} // namespace memwall

#endif // MEMWALL_TOOLS_BENCHKERNELS_ATTENTION_H
