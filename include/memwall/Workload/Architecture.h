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
  RMS,           ///< x / sqrt(mean(x^2) + e) * weight
  Layer,         ///< (x - mean(x)) / sqrt(var(x) + e) * weight + bias
  LayerUnbiased, ///< The same without a bias (Command R).
};

enum class NormPlacement {
  Pre,      ///< x + f(norm(x))
  Post,     ///< norm(x + f(x))
  Parallel, ///< x + attention(norm(x)) + feedForward(norm(x)), one norm
  Both,     ///< x + norm(f(norm(x))), two norms for each part
  After,    ///< x + norm(f(x)) (OLMo 2)
  /// x + attention(norm(x)) + feedForward(norm(x)), a norm for each (GPT-NeoX)
  ParallelTwo,
};

/// What mixes the tokens of a layer.
enum class Mixer {
  Attention,        ///< To all tokens (that are not later).
  Window,           ///< To the last `window` tokens.
  Unturned,         ///< To all; queries and keys are not turned.
  LinearAttention,  ///< S = a S + k v^T with a fixed decay a per head.
  DeltaRule,        ///< S = a S + k (b (v - k^T a S))^T, gated delta rule.
  Scan,             ///< S = a S + B (dt x)^T, Mamba-2 (arXiv 2405.21060).
  SelectiveScan,    ///< The same with a decay per number, Mamba (2312.00752).
  AttentionAndScan, ///< The sum of both, of one input (Falcon-H1).
  FeedForward,      ///< None: the layer is its feed-forward part.
};

/// Norms of queries and keys, before they are turned: of each head's numbers,
/// or of those of all heads.
enum class QKNorm {
  None,
  AllHeads, ///< RMSNorm with a weight per number of all heads (OLMo 2).
  Weighted, ///< RMSNorm with a weight per number of the head.
  Plain,    ///< The same without weights, on layers that are turned (Llama 4).
};

enum class Positions {
  None,
  Learned,      ///< A table that is added to the embedding.
  Rotary,       ///< Queries and keys are turned; halves are the two parts.
  RelativeBias, ///< T5: a learned bias per head and bucket of distances.
  ALiBi,        ///< A slope per head times the distance (arXiv 2108.12409).
};

enum class Activation {
  SwiGLU, ///< down(silu(gate(x)) * up(x))
  GeGLU,  ///< down(geluTanh(gate(x)) * up(x))
  /// gpt-oss: down(g sigmoid(1.702 g) (u + 1)), g = min(gate(x), 7),
  /// u = max(-7, min(up(x), 7))
  ClampedSwiGLU,
  GeluTanh, ///< 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))
  GeluErf,  ///< 0.5 x (1 + erf(x / sqrt(2)))
  ReLU,
  SquaredReLU, ///< max(x, 0)^2
};

/// Gate and up are multiplied.
inline bool isGated(Activation activation) {
  return activation == Activation::SwiGLU || activation == Activation::GeGLU ||
         activation == Activation::ClampedSwiGLU;
}

/// How the experts of a token are weighted.
enum class RouterWeights {
  Normalised, ///< Softmax; those of the chosen sum to 1.
  Softmax,    ///< Softmax over all experts; the chosen keep theirs.
  /// Sigmoid of the logit, which scales the expert's input (Llama 4).
  SigmoidOfInput,
};

/// Routed feed-forward parts. `experts` == 0: the model is dense.
struct MixtureOfExperts {
  int64_t experts = 0;
  int64_t topK = 0;          ///< Experts per token.
  int64_t expertFfn = 0;     ///< Their inner width.
  int64_t sharedExperts = 0; ///< Of that width too; every token uses them.
  int64_t denseLayers = 0;   ///< The first layers, dense, with `ffn`.
  int64_t interval = 1;      ///< Of the others, every so-manieth has experts.
  RouterWeights weights = RouterWeights::Normalised;
  bool biases = false;     ///< Of the router and of all matrices (gpt-oss).
  bool sharedGate = false; ///< The shared experts' part times sigmoid(w x).
};

/// Layers with a state instead of a cache: [value head, key number, value
/// number] per sequence, which does not grow. `valueHeads` == 0: none.
/// Mamba's B and C are keys and queries, its x the values; of
/// Mixer::SelectiveScan every channel is a value head of one number.
struct Recurrence {
  int64_t keyHeads = 0; ///< Each serves valueHeads / keyHeads value heads.
  int64_t valueHeads = 0;
  int64_t keyDim = 0;
  int64_t valueDim = 0;
  int64_t taps = 0; ///< Of the causal convolution before it; 0: none.
  bool convolutionBias = false;
  /// Of a scan: its norm is of so many groups of a token's numbers, each with a
  /// mean of its own; 0: no norm.
  int64_t normGroups = 1;
  int64_t rank = 0;         ///< Of a selective scan: the latent of dt.
  bool normsInputs = false; ///< Its B, C and latent have norms (Jamba).
};

/// What a layer is made of.
struct LayerKind {
  Mixer mixer = Mixer::Attention;
  bool hasExperts = false;
  /// Of a layer of ElementKind::Q4_K_M: the projection to values, and those
  /// back from an inner width, have more bits than others.
  bool hasFineValues = false, hasFineDown = false;
  bool operator==(const LayerKind &other) const {
    return mixer == other.mixer && hasExperts == other.hasExperts &&
           hasFineValues == other.hasFineValues &&
           hasFineDown == other.hasFineDown;
  }
  bool attends() const {
    return mixer == Mixer::Attention || mixer == Mixer::Window ||
           mixer == Mixer::Unturned || mixer == Mixer::AttentionAndScan;
  }
  /// Has a state.
  bool isRecurrent() const {
    return mixer == Mixer::AttentionAndScan ||
           (!attends() && mixer != Mixer::FeedForward);
  }
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
  /// Squares of so many patches per side become one image token: side by side
  /// (Llama 4's pixel shuffle), or their mean (`poolsMean`, Gemma 3).
  int64_t merge = 1;
  bool poolsMean = false;
  bool normBefore = false; ///< A norm between the embedding and the layers.

  int64_t patches() const { return (image / patch) * (image / patch); }
  /// What the projector gets: rows, and numbers of each.
  int64_t imageTokens() const { return patches() / (merge * merge); }
  int64_t imageWidth() const {
    return poolsMean ? hidden : hidden * merge * merge;
  }
  int64_t tokens() const { return patches() + classTokens; }
};

/// An encoder of sound (Whisper, arXiv 2212.04356): two convolutions of three
/// taps, the second of stride 2, and fixed positions. `bins` == 0: words.
struct Audio {
  int64_t bins = 0;      ///< Of the mel spectrogram.
  int64_t positions = 0; ///< Rows of the table: frames / 2.
};

/// A second stack of layers for a robot's actions (pi0, arXiv 2410.24164). Its
/// layers have the decoder's heads but a width of their own, and see what the
/// decoder left in the caches. `hidden` == 0: none.
struct ActionExpert {
  int64_t hidden = 0;
  int64_t ffn = 0;
  int64_t dimension = 0; ///< Numbers of a robot's state and of an action.
  int64_t horizon = 0;   ///< Actions that are made together.
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
  /// Mixers of the layers, repeated to the last; empty: all attend alike, in
  /// the window if there is one.
  llvm::SmallVector<Mixer, 0> pattern;
  Recurrence recurrence; ///< Of the recurrent mixers of the pattern.
  /// Layers of the pattern are one part each: a mixer, or a feed-forward part.
  bool splitLayers = false;
  bool qkvBias = false;
  bool outputBias = false; ///< Of the output projection alone.
  bool linearBias = false; ///< Of the output projection and the ffn.
  bool tiedEmbeddings = false;
  bool lmHead = true; ///< Logits at the end of the whole model.
  bool lmHeadBias = false;
  int64_t positionRows = 0; ///< Of the learned table.
  int64_t segments = 0;     ///< BERT's token types.
  bool embeddingNorm = false;
  bool pooler = false;        ///< BERT's dense layer on the first token.
  int64_t classes = 0;        ///< ViT's classifier.
  int64_t buckets = 32;       ///< Of RelativeBias.
  int64_t encoderLayers = 0;  ///< Of an EncoderDecoder.
  bool attentionScale = true; ///< Scores are divided by sqrt(head size).
  double queryScalar = 0;     ///< Instead of the head size there; 0: it.
  QKNorm qkNorm = QKNorm::None;
  double attentionCap = 0;   ///< Scores are cap * tanh(score / cap); 0: not.
  double logitCap = 0;       ///< The same of the logits.
  bool sinks = false;        ///< A learned logit per head, without a value.
  bool outputGate = false;   ///< Attention's result times sigmoid(w x).
  int64_t rotaryDim = 0;     ///< Numbers of a head that are turned; 0: all.
  bool localTables = false;  ///< Window layers have angles of their own.
  double embeddingScale = 1; ///< Embeddings are multiplied by it; 0: by
                             ///< sqrt(hidden).
  double residualScale = 1;  ///< So is what a part adds to its input,
  double logitScale = 1;     ///< and so are the logits.
  MixtureOfExperts moe;
  LatentAttention latent;
  llvm::SmallVector<VisionTower, 0> towers; ///< Encoder of images: one.
  /// Widths of the projector's layers, from the towers' sum to `hidden`.
  llvm::SmallVector<int64_t, 0> projector;
  int64_t views = 1;        ///< Images per sequence, one after the other.
  int64_t actionTokens = 0; ///< Decode steps that one robot action takes.
  ActionExpert actions;     ///< Of a VisionLanguage: decodes in its place.
  bool seesAll = false;     ///< Tokens of a prompt see later ones too.
  Audio audio;              ///< Of the encoder of an EncoderDecoder.
  std::string storage;      ///< How a configuration says weights are stored.
  /// What people should know of how a configuration was read.
  llvm::SmallVector<std::string, 0> notes;

  /// What is wrong, in one sentence; found and expected values.
  llvm::Error verify() const;

  bool hasActions() const { return actions.hidden > 0; }
  /// Image tokens in front of the words of a sequence.
  int64_t imageTokens() const {
    return towers.empty() ? 0 : views * towers.front().imageTokens();
  }
  bool isLatent() const { return latent.kvLatent > 0; }
  bool hasExperts() const { return moe.experts > 0; }
  LayerKind getLayer(int64_t index) const;
  bool hasFeedForward(LayerKind kind) const;
  /// Whether some layer has this mixer.
  bool has(Mixer mixer) const;
  bool isRecurrent() const;
  /// Rows of the output projection's input, per device.
  int64_t attentionWidth() const { return heads * headDim; }
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
