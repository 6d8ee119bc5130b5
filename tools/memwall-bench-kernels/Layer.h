//===- Layer.h - A decoder layer to time, and who else computes it -*- C++ -*-//

#ifndef MEMWALL_TOOLS_BENCHKERNELS_LAYER_H
#define MEMWALL_TOOLS_BENCHKERNELS_LAYER_H

#include "Cases.h"
#include <map>

namespace memwall {

/// A layer with RMS norms, rotary positions, grouped queries and SwiGLU. The
/// last `tokens` of `context` tokens are new: all of them in prefill, one in
/// decoding.
struct Layer {
  std::string element = "f32";
  int64_t tokens = 512, context = 512;
  int64_t hidden = 1024, heads = 16, kvHeads = 4, depth = 64, ffn = 2816;
};

/// Tensors by the names of memwall-gen: "hidden", "q_proj.weight", "k_cache".
using LayerTensors = std::map<std::string, Tensor>;

/// Prefill of 512 tokens, and decoding with 2048 in the cache; f32 and bf16.
void forEachLayer(llvm::function_ref<void(Case &)> visit);

/// Products, softmax and what can be fused to them of oneDNN, and the loops
/// below, for which it has no primitive. Weights are as they are.
std::vector<Rival> getOneDNNLayer(const Layer &layer,
                                  const LayerTensors &tensors);

/// out[r, c] = x[r, c] / sqrt(mean of the squares of x[r] + 1e-5) * weight[c].
void normRows(const void *x, const void *weight, void *out, int64_t rows,
              int64_t columns, const std::string &element);

/// Heads of rows, [rows, heads, depth], go to out[head, first + row, depth]
/// with `pitch` rows for each head. With tables [rows, depth / 2] of cosines
/// and sines, the two halves of each head are turned; all are scaled.
struct Turn {
  int64_t rows, heads, depth, first, pitch;
  const void *cosines, *sines;
  float scale;
};
void turnHeads(const void *in, void *out, const Turn &turn,
               const std::string &element);

/// The way back of heads: [heads, rows, depth] to [rows, heads, depth].
void joinHeads(const void *in, void *out, int64_t rows, int64_t heads,
               int64_t bytesOfHead);

/// Keys after a token get a low score: scores[i, keys] of token i % tokens.
void maskRows(float *scores, int64_t rows, int64_t tokens, int64_t keys);

} // namespace memwall

#endif // MEMWALL_TOOLS_BENCHKERNELS_LAYER_H
