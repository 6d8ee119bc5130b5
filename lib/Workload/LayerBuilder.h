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
#include "llvm/ADT/MapVector.h"
#include <map>

namespace memwall {

/// The element types of a workload.
struct ElementTypes {
  ElementTypes(mlir::MLIRContext *context, const WorkloadOptions &options);
  static mlir::Type get(mlir::MLIRContext *context, ElementKind kind);

  mlir::Type weight, activation, kv, accumulator;
  mlir::Type scale;     ///< Of quantised weights and caches.
  mlir::Type statistic; ///< Means, variances.
  bool isWeightQuantised() const {
    return mlir::isa<mlir::IntegerType>(weight);
  }
  bool isKVQuantised() const { return mlir::isa<mlir::IntegerType>(kv); }
};

/// What one device holds of the model.
Architecture shard(const Architecture &architecture, int64_t devices);

/// Which tokens a layer sees.
struct Span {
  int64_t batch = 1;
  int64_t tokens = 1; ///< New ones, per sequence.
  bool isCausal = false;
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
  int64_t window = 0;   ///< 0: all.
  bool hasBias = false; ///< A table of biases is added to the scores.
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
               Tape *tape = nullptr)
      : function(function), options(options), model(local), span(span),
        types(function.getBuilder().getContext(), options),
        emitter(function.getBuilder(), options.style), tape(tape) {}

  Emitter &getEmitter() { return emitter; }
  const ElementTypes &getTypes() const { return types; }

  /// One layer of the stack; adds all arguments and results but `x`.
  mlir::Value decoderLayer(mlir::Value x, bool hasExperts, bool hasCross);

  mlir::Value norm(mlir::Value x, llvm::StringRef name);
  /// x * weight^T, in the accumulator type, without bias.
  mlir::Value project(mlir::Value x, llvm::StringRef name, int64_t in,
                      int64_t out);
  /// x * matrix^T; scales of its groups of inputs, or null.
  mlir::Value multiply(mlir::Value x, mlir::Value matrix, mlir::Value scales);
  int64_t getGroup(int64_t in) const;
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
  mlir::Value rotary(mlir::Value x, llvm::StringRef letters, int64_t columns);
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
  mlir::Value absorbGroups(Lettered x, mlir::Value matrix, mlir::Value scales,
                           int64_t size, bool overLatent);

  // Mixture of experts.
  mlir::Value experts(mlir::Value x);
  struct Routing {
    mlir::Value rows;    ///< [t, r], i64: the experts of a token.
    mlir::Value weights; ///< [t, r], f32; their sum is 1.
    int64_t expertsHit;  ///< By all tokens together; 0: unknown.
  };
  Routing route(mlir::Value x);
  /// The matrices of all experts, [expert, out, in], and their scales or null.
  struct ExpertWeights {
    mlir::Value matrices;
    mlir::Value scales;
  };
  ExpertWeights getExpertWeights(llvm::StringRef name, int64_t in, int64_t out);
  mlir::Value expertProject(Lettered x, const Routing &routing,
                            llvm::StringRef name, int64_t in, int64_t out,
                            llvm::StringRef result);
  mlir::Value scaleExperts(mlir::Value product, const Routing &routing,
                           mlir::Value scales, llvm::StringRef result);
  mlir::Value runExperts(mlir::Value x, const Routing &routing);

  mlir::Value weight(llvm::StringRef name, llvm::ArrayRef<int64_t> shape,
                     mlir::Type type);
  /// The value is a partial sum that all devices add up.
  void allReduce(mlir::Value partialSum);

  FunctionBuilder &function;
  const WorkloadOptions &options;
  const Architecture &model;
  const Span &span;
  ElementTypes types;
  Emitter emitter;
  Tape *tape;
};

/// Bytes that one device sends in a ring all-reduce of `bytes`.
int64_t getAllReduceBytes(int64_t bytes, int64_t devices);

} // namespace memwall

#endif // MEMWALL_LIB_WORKLOAD_LAYERBUILDER_H
