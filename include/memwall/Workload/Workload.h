//===- Workload.h - Transformer layers on demand ----------------*- C++ -*-===//
//
// Writes one layer of a transformer, or the whole model as calls of one layer
// function, in linalg on tensors as front ends emit it: forward over a prompt,
// decoding with a KV cache, verifying k speculated tokens, and training.
// docs/Workload.md has the conventions.
//
// The module has one function that nothing calls, the entry. Arguments of every
// function carry
//   memwall.name  what it is, "q_proj.weight"; in the entry with the layer,
//                 "layers.3.q_proj.weight"
//   memwall.role  "weight"     parameters, and the scales of quantised ones
//                 "kv"         KV cache, with its scales
//                 "activation" hidden states, images, incoming gradients
//                 "table"      sines and cosines, biases by distance
//                 "index"      token ids, row numbers
//                 "optimizer"  moments and master weights
// Results carry memwall.name and memwall.role as well; "gradient" is that of a
// weight.
// Ops carry memwall.step = "q_proj", ...: the part of the layer they belong to.
// Where an op reads matrices of experts,
//   memwall.distinct_rows  how many experts its tokens are sent to (i64)
// With tensor parallelism, ops whose result is a partial sum (or a part that
// all devices need), and functions as the sum over all that they execute, carry
//   memwall.interconnect_bytes  bytes that one device sends for it (i64)
// The entry, and every step apart, carries
//   memwall.tokens     new tokens of one call, of all sequences: of the decoder
//                      where there is one, else of the encoder (i64)
//   memwall.sequences  how many sequences they are of (i64)
// and, if it is a robot's model,
//   memwall.action_tokens  decode steps of one action (i64)
//
//===----------------------------------------------------------------------===//

#ifndef MEMWALL_WORKLOAD_WORKLOAD_H
#define MEMWALL_WORKLOAD_WORKLOAD_H

#include "memwall/Workload/Architecture.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <optional>

namespace memwall {

enum class Phase {
  Prefill, ///< `sequence` tokens at once (forward, for encoders).
  Decode,  ///< One new token per sequence; `context` rows of cache with it.
  Verify,  ///< `newTokens` new tokens per sequence, causal among themselves.
  Train,   ///< Forward, backward and the AdamW update.
};

enum class ElementKind {
  F32,
  BF16,
  F16,
  F8, ///< f8E4M3FN
  F4, ///< f4E2M1FN, weights only, as all below but I8 and I4.
  I8,
  I4,
  // Formats of blocks (WeightFormat.h has their layouts).
  NVFP4,
  MXFP4,
  Q4_0,
  Q5_0,
  Q5_1,
  Q8_0,
  Q4_K,
  Q5_K,
  Q6_K,
  /// A mixture, of all weights of a model: Q4_K, and more bits for the head and
  /// for matrices that matter more (`getWeightKind`).
  Q4_K_M,
};

/// Scales of the groups of i8, i4 and f4 weights.
enum class ScaleKind {
  Activations, ///< The type of the activations.
  F8,          ///< f8E4M3FN
  E8M0,        ///< f8E8M0FNU, powers of two
};

/// How the same program is spelled. FLOPs and floor do not depend on it, nor do
/// arguments and results.
enum class Style {
  Named,     ///< linalg.matmul, linalg.contract, linalg.softmax, ...
  Generic,   ///< linalg.generic only.
  TorchLike, ///< One op per scalar operation, explicit transposes and
             ///< broadcasts, batch_matmul on collapsed operands.
};

/// How many experts of a layer the tokens of one call are sent to, which only
/// data can tell. It is written as memwall.distinct_rows.
enum class ExpertsHit {
  Expected, ///< If every set of topK experts is as likely, rounded.
  Most,     ///< Every token to other experts, until all are hit.
  Unknown,  ///< Nothing is written.
  Given,    ///< `expertsHitGiven`.
};

/// What to generate.
struct WorkloadOptions {
  Architecture architecture;
  Phase phase = Phase::Prefill;
  int64_t batch = 1;
  int64_t sequence = 0;        ///< Prefill, Train: tokens per sequence.
  int64_t encoderSequence = 0; ///< EncoderDecoder: of the encoder.
  /// Decode, Verify: cached tokens, the new ones included.
  int64_t context = 0;
  /// Instead of batch and context: one sequence per entry.
  llvm::SmallVector<int64_t> contexts;
  int64_t newTokens = 1;      ///< Verify.
  bool gradientsOnly = false; ///< Train: no update; gradients are results.
  int64_t layers = 1;         ///< Layer calls, nothing around them.
  bool wholeModel = false;    ///< All layers, embedding and LM head.
  bool stepsApart = false;    ///< One function per step of the layer, uncalled.
  ElementKind weights = ElementKind::F32;
  ElementKind activations = ElementKind::F32;
  /// Of the experts' matrices; default: as the weights.
  std::optional<ElementKind> expertWeights;
  /// Of the embedding and of the LM head; default: as the activations. A tied
  /// head is the embedding.
  std::optional<ElementKind> embeddingWeights, headWeights;
  std::optional<ElementKind> kv; ///< Default: as the activations.
  ElementKind accumulator = ElementKind::F32;
  /// Inputs that share a scale of i8, i4 and f4 weights; 0: a whole row.
  int64_t groupSize = 128;
  ScaleKind scales = ScaleKind::Activations;
  ExpertsHit expertsHit = ExpertsHit::Expected;
  int64_t expertsHitGiven = 0;
  Style style = Style::Named;
  int64_t tensorParallel = 1; ///< One device's slice of so many.

  /// What is wrong or does not fit together, in one sentence.
  llvm::Error verify() const;

  /// Of the embedding, and of a head that is not the embedding.
  ElementKind getEmbeddingKind() const;
  ElementKind getHeadKind() const;
  bool isMixed() const { return weights == ElementKind::Q4_K_M; }
  /// What a layer is made of, with the bits of its matrices.
  LayerKind getLayer(int64_t index) const;
  /// Of a projection of a layer ("q_proj", "experts.down_proj") that has so
  /// many inputs on one device.
  ElementKind getWeightKind(const LayerKind &layer, llvm::StringRef projection,
                            int64_t inputs) const;
  ElementKind getKVKind() const { return kv.value_or(activations); }
  bool isCached() const {
    return phase == Phase::Decode || phase == Phase::Verify;
  }
  /// Of an action expert: the robot's state and the actions.
  int64_t getNewTokens() const {
    if (architecture.hasActions())
      return 1 + architecture.actions.horizon;
    return phase == Phase::Verify ? newTokens : 1;
  }
  int64_t getBatch() const {
    return contexts.empty() ? batch : static_cast<int64_t>(contexts.size());
  }
  /// New tokens of all sequences, of the decoder or the only stack.
  int64_t getTokens() const {
    return getBatch() * (isCached() ? getNewTokens() : sequence);
  }
  /// Experts that so many tokens are sent to; 0: unknown.
  int64_t computeExpertsHit(int64_t tokens) const;
};

/// The dialects that `buildWorkload` creates ops of.
void loadWorkloadDialects(mlir::MLIRContext &context);

/// Writes the module. `options.verify()` must have succeeded, and the dialects
/// must be loaded. Time depends on the number of layers, not on dimensions.
mlir::OwningOpRef<mlir::ModuleOp> buildWorkload(mlir::MLIRContext &context,
                                                const WorkloadOptions &options);

} // namespace memwall

#endif // MEMWALL_WORKLOAD_WORKLOAD_H
