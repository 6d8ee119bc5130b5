//===- LayerBuilder.h - The parts of one layer ------------------*- C++ -*-===//
//
// Hidden states are [tokens, hidden], all sequences of the batch one after the
// other, in the type of the activations. Weights are [out, in]. Letters:
//   b sequence  t token  s cached token  h KV head  g query head of a KV head
//   d number in a head  k input  o output
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_LIB_WORKLOAD_LAYERBUILDER_H
#define MEMWALL_LIB_WORKLOAD_LAYERBUILDER_H

#include "Emitter.h"
#include "FunctionBuilder.h"
#include "WeightFormat.h"
#include "llvm/ADT/MapVector.h"
#include <map>

namespace memwall {

/// The element types of a workload.
struct ElementTypes {
  ElementTypes(mlir::MLIRContext *context, const WorkloadOptions &options);
  static mlir::Type get(mlir::MLIRContext *context, ElementKind kind);

  mlir::Type activation, kv, accumulator;
  mlir::Type scale;     ///< Of quantised caches, and of weights by default.
  mlir::Type statistic; ///< Means, variances.
  bool isKVQuantised() const { return mlir::isa<mlir::IntegerType>(kv); }
};

/// What one device holds of the model.
Architecture shard(const Architecture &architecture, int64_t devices);

/// Which tokens a layer sees.
struct Span {
  int64_t batch = 1;
  int64_t tokens = 1; ///< New ones, per sequence.
  bool isCausal = false;
  bool isFirstAlone = false; ///< The first new token sees no other new one.
  bool isCached = false;  ///< Keys and values are in a cache, and stay there.
  bool returnsKV = false; ///< Not cached, but a later decode wants them.
  /// Cached: tokens with the new ones, one entry for all sequences or one each.
  llvm::SmallVector<int64_t> contexts;
  int64_t memory = 0; ///< Tokens per sequence of the encoder.

  bool isRagged() const { return contexts.size() > 1; }
  int64_t rows() const { return batch * tokens; }
};

/// Keys or values: [b, h, s, d] or [b, s, h, d], and one scale for each (b, h,
/// s) if they are integers.
struct KeyValue {
  Lettered data;
  mlir::Value scales = {};
};

/// Which keys a query sees. New tokens are the last ones of the context.
struct Visibility {
  bool isCausal = false;
  int64_t window = 0;        ///< 0: all.
  bool hasBias = false;      ///< A table of biases is added to the scores.
  bool isFirstAlone = false; ///< The first query sees no later key.
};

/// Values by name, in the order they came.
using NamedValues =
    llvm::MapVector<std::string, mlir::Value, std::map<std::string, unsigned>>;

/// What the backward pass needs of the forward pass, by name.
struct Tape {
  NamedValues values;
  NamedValues weights;
};

/// See the head of this file.
class LayerBuilder {
public:
  /// Notes on `tape`, if there is one, what the backward pass needs.
  LayerBuilder(FunctionBuilder &function, const WorkloadOptions &options,
               const Architecture &local, const Span &span,
               Tape *tape = nullptr);

  Emitter &getEmitter() { return emitter; }
  const ElementTypes &getTypes() const { return types; }

  /// One layer of the stack; adds all arguments and results but `x`.
  mlir::Value decoderLayer(mlir::Value x, LayerKind kind, bool hasCross);

  mlir::Value norm(mlir::Value x, llvm::StringRef name);
  /// x * weight^T, in the accumulator type, without bias.
  mlir::Value project(mlir::Value x, llvm::StringRef name, int64_t in,
                      int64_t out);
  /// x * matrix^T, in the accumulator type.
  mlir::Value multiply(mlir::Value x, const StoredMatrix &matrix);
  /// The argument, or the new one, of that name with its scales.
  StoredMatrix getMatrix(const llvm::Twine &name, llvm::ArrayRef<int64_t> shape,
                         const WeightFormat &format);
  /// cap * tanh(x / cap), in the type of x; x without a cap.
  mlir::Value softCap(mlir::Value x, llvm::StringRef letters, double cap);
  /// factor * x, in the type of x.
  mlir::Value scale(mlir::Value x, llvm::StringRef letters, double factor);
  /// The bias of a projection, or null.
  mlir::Value getBias(llvm::StringRef name, int64_t out, bool exists);
  /// With its bias, in the activation type.
  mlir::Value linear(mlir::Value x, llvm::StringRef name, int64_t in,
                     int64_t out, bool hasBias);
  /// x + update (+ bias).
  mlir::Value residual(mlir::Value x, mlir::Value update, mlir::Value bias);
  mlir::Value feedForward(mlir::Value x);
  /// Gate and up, or up and its bias (or null).
  mlir::Value activate(llvm::ArrayRef<mlir::Value> inputs, mlir::Value bias,
                       Activation activation);
  /// Notes a value on the tape, if there is one.
  void record(const llvm::Twine &name, mlir::Value value) {
    if (tape)
      tape->values[name.str()] = value;
  }

private:
  // Attention.
  mlir::Value selfAttention(mlir::Value x);
  mlir::Value crossAttention(mlir::Value x);
  /// Turns the first `columns` numbers of the last dimension.
  mlir::Value rotary(mlir::Value x, llvm::StringRef letters, int64_t columns);
  mlir::Value normHeads(mlir::Value x, llvm::StringRef letters,
                        llvm::StringRef name);
  bool isTurned() const;
  int64_t getWindow() const {
    return kind.mixer == Mixer::Window ? model.window : 0;
  }
  mlir::Value scaleQueries(mlir::Value q, llvm::StringRef letters,
                           int64_t headSize);
  /// `notes`: in front of the names on the tape.
  mlir::Value attend(Lettered q, const KeyValue &keys, const KeyValue &values,
                     const Visibility &visibility, llvm::StringRef notes = "");
  mlir::Value adjustScores(mlir::Value scores, const KeyValue &keys,
                           const Visibility &visibility);
  /// Attention to the cache, sequence by sequence where contexts differ.
  mlir::Value attendCached(mlir::Value q, mlir::Value k, mlir::Value v);
  /// Writes new rows, [b, t, h, d], into a cache of so many rows, which becomes
  /// an argument and a result.
  KeyValue append(llvm::StringRef name, mlir::Value fresh, int64_t rows,
                  int64_t position);
  /// Converts new rows to what the cache holds, [b, h, t, d] and [b, h, t].
  KeyValue toCached(mlir::Value fresh, mlir::Value data, mlir::Value scales);
  /// Returns new rows in the layout of the cache.
  void returnKV(llvm::StringRef name, mlir::Value fresh);
  mlir::Value outputProjection(mlir::Value context, llvm::StringRef name,
                               int64_t in);
  mlir::Value latentAttention(mlir::Value x);

  /// A row of scores for each query, of what is not turned and what is.
  mlir::Value latentWeights(Lettered latent, Lettered turned,
                            const KeyValue &keys, const KeyValue &turnedKeys,
                            bool isCausal);
  mlir::Value attendExpanded(mlir::Value latentQuery, mlir::Value turnedQuery,
                             mlir::Value latent, mlir::Value turnedKey);
  mlir::Value attendAbsorbed(mlir::Value latentQuery, mlir::Value turnedQuery,
                             mlir::Value latent, mlir::Value turnedKey);
  /// Sum of a [heads, size, latent] weight with what has `letters`.
  mlir::Value absorb(Lettered x, llvm::StringRef name, int64_t size,
                     bool overLatent);
  /// The same where groups of a row of the weight have their own scales.
  mlir::Value absorbGroups(Lettered x, const StoredMatrix &matrix, int64_t size,
                           bool overLatent);

  // Layers with a state (Recurrence.cpp).
  /// The name of a part of the recurrence: beside attention with a prefix.
  std::string nameState(llvm::StringRef name) const {
    bool isBeside = kind.mixer == Mixer::AttentionAndScan;
    return ((isBeside ? "scan_" : "") + name).str();
  }
  bool isScan() const {
    return kind.mixer == Mixer::Scan || kind.mixer == Mixer::SelectiveScan ||
           kind.mixer == Mixer::AttentionAndScan;
  }
  mlir::Value recurrence(mlir::Value x);
  mlir::Value convolve(mlir::Value x, llvm::StringRef name, int64_t channels,
                       bool isActivated);
  struct Recurrent {
    mlir::Value q, k, v; ///< [b, t, g, d], [b, t, g, d], [b, t, g, r, e]
    /// [b, t, g, r], or [g, r] if it is fixed. Of a selective scan [g, r, d]:
    /// what the decay is computed from, in place.
    mlir::Value decay;
    mlir::Value strength; ///< [b, t, g, r], or null
  };
  Recurrent prepareRecurrence(mlir::Value x);
  Recurrent prepareSelectiveScan(mlir::Value x);
  mlir::Value normKeys(mlir::Value x, double scale);
  mlir::Value normGroups(mlir::Value x, llvm::StringRef name, int64_t groups);
  mlir::Value runRecurrence(const Recurrent &inputs);
  std::pair<mlir::Value, mlir::Value> stepRecurrence(const Recurrent &inputs,
                                                     mlir::Value state);
  mlir::Value finishRecurrence(mlir::Value mixed, mlir::Value v,
                               mlir::Value gate);

  // Mixture of experts.
  mlir::Value experts(mlir::Value x);
  struct Routing {
    mlir::Value rows;    ///< [t, r], i64: the experts of a token.
    mlir::Value weights; ///< [t, r], f32; their sum is 1.
    int64_t expertsHit;  ///< By all tokens together; 0: unknown.
  };
  Routing route(mlir::Value x);
  mlir::Value expertProject(Lettered x, const Routing &routing,
                            llvm::StringRef name, int64_t in, int64_t out,
                            llvm::StringRef result);
  mlir::Value scaleExperts(mlir::Value product, const Routing &routing,
                           mlir::Value scales, llvm::StringRef result);
  /// product [t, r, o] plus the biases of the experts that made it.
  mlir::Value addExpertBias(mlir::Value product, const Routing &routing,
                            llvm::StringRef name, int64_t out);
  mlir::Value sharedExperts(mlir::Value x);
  mlir::Value runExperts(mlir::Value x, const Routing &routing);

  mlir::Value weight(llvm::StringRef name, llvm::ArrayRef<int64_t> shape,
                     mlir::Type type);
  /// How a projection with so many inputs is stored.
  const WeightFormat &getFormat(llvm::StringRef projection, int64_t inputs);
  /// The value is a partial sum that all devices add up.
  void allReduce(mlir::Value partialSum);

  FunctionBuilder &function;
  const WorkloadOptions &options;
  const Architecture &model;
  const Span &span;
  ElementTypes types;
  Emitter emitter;
  Tape *tape;
  std::map<ElementKind, WeightFormat> formats; ///< Those used so far.
  LayerKind kind;
};

/// gate and up of a feed-forward part.
mlir::Value applyGate(ScalarBuilder &s, Activation activation, mlir::Value gate,
                      mlir::Value up);
mlir::Value sigmoid(ScalarBuilder &s, mlir::Value x);
/// x / (1 + exp(-x))
mlir::Value silu(ScalarBuilder &s, mlir::Value x);

/// Bytes that one device sends in a ring all-reduce of `bytes`.
int64_t getAllReduceBytes(int64_t bytes, int64_t devices);

} // namespace memwall

#endif // MEMWALL_LIB_WORKLOAD_LAYERBUILDER_H
