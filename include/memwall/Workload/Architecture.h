//===- Architecture.h - A transformer by its dimensions ---------*- C++ -*-===//
//
// What a model is made of, as a plain struct, and the published models.
// Everything is per model, not per device: sharding is in WorkloadOptions.
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_WORKLOAD_ARCHITECTURE_H
#define MEMWALL_WORKLOAD_ARCHITECTURE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>

namespace memwall {

/// How the layers are put together.
enum class Family {
  Decoder,        ///< Causal layers over a vocabulary.
  Encoder,        ///< Layers that see everything; words or an image.
  EncoderDecoder, ///< Decoder layers with cross attention to an encoder.
  VisionLanguage, ///< Vision towers, a projector and a decoder.
};

enum class Norm {
  RMS,   ///< x / sqrt(mean(x^2) + e) * weight
  Layer, ///< (x - mean(x)) / sqrt(var(x) + e) * weight + bias
};

enum class NormPlacement {
  Pre,      ///< x + f(norm(x))
  Post,     ///< norm(x + f(x))
  Parallel, ///< x + attention(norm(x)) + feedForward(norm(x)), one norm
};

enum class Positions {
  None,
  Learned,      ///< A table that is added to the embedding.
  Rotary,       ///< Queries and keys are turned; halves are the two parts.
  RelativeBias, ///< T5: a learned bias per head and bucket of distances.
};

enum class Activation {
  SwiGLU,   ///< down(silu(gate(x)) * up(x))
  GeluTanh, ///< 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))
  GeluErf,  ///< 0.5 x (1 + erf(x / sqrt(2)))
  ReLU,
};

/// Routed feed-forward parts. `experts` == 0: the model is dense.
struct MixtureOfExperts {
  int64_t experts = 0;
  int64_t topK = 0;          ///< Experts per token.
  int64_t expertFfn = 0;     ///< Their inner width.
  int64_t sharedExperts = 0; ///< Of that width too; every token uses them.
  int64_t denseLayers = 0;   ///< The first layers, dense, with `ffn`.
};

/// Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434). `kvLatent` ==
/// 0: not used. Heads have headDim numbers that are not turned and ropeDim
/// that are; values have valueDim.
struct LatentAttention {
  int64_t queryLatent = 0; ///< 0: queries are projected in one step.
  int64_t kvLatent = 0;
  int64_t ropeDim = 0;
  int64_t valueDim = 0;
};

/// An encoder of images (ViT): patches are embedded and go through pre-norm
/// layers. Attention and feed-forward parts have biases.
struct VisionTower {
  std::string name;
  int64_t layers = 0;
  int64_t hidden = 0;
  int64_t heads = 0;
  int64_t ffn = 0;
  int64_t image = 224; ///< Pixels per side; 3 channels.
  int64_t patch = 16;  ///< Pixels per side.
  int64_t classTokens = 0;
  Activation activation = Activation::GeluTanh;
  bool biases = true;

  int64_t patches() const { return (image / patch) * (image / patch); }
  int64_t tokens() const { return patches() + classTokens; }
};

/// See the head of this file.
struct Architecture {
  std::string name = "custom";
  Family family = Family::Decoder;
  int64_t layers = 1; ///< Of the decoder, or of the only stack.
  int64_t hidden = 0;
  int64_t heads = 0;
  int64_t kvHeads = 0; ///< 1: MQA; below heads: GQA.
  int64_t headDim = 0;
  int64_t ffn = 0; ///< Inner width of the dense feed-forward part.
  int64_t vocabulary = 0;
  Norm norm = Norm::RMS;
  NormPlacement normPlacement = NormPlacement::Pre;
  Positions positions = Positions::Rotary;
  Activation activation = Activation::SwiGLU;
  int64_t window = 0; ///< Sliding window of the attention; 0: none.
  bool qkvBias = false;
  bool linearBias = false; ///< Of the output projection and the ffn.
  bool tiedEmbeddings = false;
  bool lmHead = true;       ///< Logits at the end of the whole model.
  bool lmHeadBias = false;  ///< Encoder-only models have neither.
  int64_t positionRows = 0; ///< Of the learned table.
  int64_t segments = 0;     ///< BERT's token types.
  bool embeddingNorm = false;
  bool pooler = false;        ///< BERT's dense layer on the first token.
  int64_t classes = 0;        ///< ViT's classifier.
  int64_t buckets = 32;       ///< Of RelativeBias.
  int64_t encoderLayers = 0;  ///< Of an EncoderDecoder.
  bool attentionScale = true; ///< Scores are divided by sqrt(head size).
  MixtureOfExperts moe;
  LatentAttention latent;
  llvm::SmallVector<VisionTower, 0> towers; ///< Encoder of images: one.
  /// Widths of the projector's layers, from the towers' sum to `hidden`.
  llvm::SmallVector<int64_t, 0> projector;
  int64_t actionTokens = 0; ///< Tokens that one robot action takes.

  /// What is wrong, in one sentence; found and expected values.
  llvm::Error verify() const;

  bool isLatent() const { return latent.kvLatent > 0; }
  bool hasExperts() const { return moe.experts > 0; }
  bool isImageEncoder() const {
    return family == Family::Encoder && !towers.empty();
  }
};

/// A published model.
struct Preset {
  llvm::StringRef name;
  llvm::StringRef source; ///< Where dimensions and count were published.
  double parameters;      ///< The published count.
  Architecture architecture;
};

/// All presets, in a fixed order.
llvm::ArrayRef<Preset> getPresets();

/// The preset called `name`; an error that suggests a name if there is none.
llvm::Expected<const Preset *> findPreset(llvm::StringRef name);

} // namespace memwall

#endif // MEMWALL_WORKLOAD_ARCHITECTURE_H
