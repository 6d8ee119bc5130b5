//===- MixedFormat.cpp - Which matrix of a mixture has how many bits ------===//
//
// Q4_K_M is what llama_tensor_get_type_impl and tensor_type_fallback of
// ggml-org/llama.cpp, src/llama-quant.cpp (commit 007dbbf3) make of a model.
// Names there: attn_v is v_proj of attention, attn_k k_proj, attn_output
// o_proj, ffn_down all of down_proj, experts.down_proj and shared_down_proj.
// Projections of latent attention (attn_q_a, attn_q_b, attn_kv_a_mqa, attn_k_b,
// attn_v_b) and of layers with a state (ssm_in, ssm_out) have no rule of their
// own; attn_k_b is stored with the numbers of a head as inputs. ffn_gate_inp,
// the router, and vectors are not quantised.
//
// tensor_type_fallback is for the formats of 256: 'case GGML_TYPE_Q4_K:
// return_type = GGML_TYPE_Q5_0', 'case GGML_TYPE_Q5_K: return_type =
// GGML_TYPE_Q5_1', 'case GGML_TYPE_Q6_K: return_type = GGML_TYPE_Q8_0', and F16
// where no block of 32 fits. What is asked for in blocks of 32 is an error
// there where none fits; here it is as the activations too.
//
//===----------------------------------------------------------------------===//

#include "WeightFormat.h"
#include "llvm/ADT/StringSwitch.h"

using namespace memwall;
using llvm::StringRef;

/// use_more_bits: the first and the last eighth, and every third of the others.
static bool usesMoreBits(int64_t index, int64_t count) {
  int64_t eighth = count / 8;
  return index < eighth || index >= 7 * count / 8 || (index - eighth) % 3 == 2;
}

ElementKind memwall::fitBlocks(ElementKind kind, int64_t inputs,
                               ElementKind other) {
  if (kind < ElementKind::Q4_0)
    return kind;
  if (inputs % 256 != 0) {
    switch (kind) {
    case ElementKind::Q4_K:
      kind = ElementKind::Q5_0;
      break;
    case ElementKind::Q5_K:
      kind = ElementKind::Q5_1;
      break;
    case ElementKind::Q6_K:
      kind = ElementKind::Q8_0;
      break;
    default:
      break;
    }
  }
  return inputs % 32 == 0 ? kind : other;
}

LayerKind WorkloadOptions::getLayer(int64_t index) const {
  LayerKind kind = architecture.getLayer(index);
  if (!isMixed())
    return kind;
  kind.hasFineDown = architecture.hasFeedForward(kind) &&
                     usesMoreBits(index, architecture.layers);
  if (!kind.attends() || architecture.isLatent())
    return kind;
  // Values are counted where there are some: among layers that attend.
  int64_t before = 0, count = 0;
  for (int64_t other = 0; other < architecture.layers; ++other)
    if (architecture.getLayer(other).attends()) {
      before += other < index;
      ++count;
    }
  kind.hasFineValues = usesMoreBits(before, count);
  return kind;
}

/// Without what does not fit in blocks.
static ElementKind getMixedKind(const Architecture &model,
                                const LayerKind &layer, StringRef projection) {
  bool isDown = projection == "down_proj" ||
                projection == "experts.down_proj" ||
                projection == "shared_down_proj";
  if (isDown)
    return layer.hasFineDown ? ElementKind::Q6_K : ElementKind::Q4_K;
  if (!layer.attends() || model.isLatent())
    return ElementKind::Q4_K;
  // Small matrices of a model with 8 experts, such as Mixtral.
  bool hasEight = model.moe.experts == 8;
  if (projection == "k_proj" && hasEight)
    return ElementKind::Q8_0;
  if (projection == "o_proj" && hasEight)
    return ElementKind::Q5_K;
  if (projection != "v_proj")
    return ElementKind::Q4_K;
  if (hasEight)
    return ElementKind::Q8_0;
  // LLM_TYPE_70B: 80 layers whose heads share keys and values.
  bool is70B = model.layers == 80 && model.kvHeads < model.heads;
  if (layer.hasFineValues)
    return ElementKind::Q6_K;
  return is70B ? ElementKind::Q5_K : ElementKind::Q4_K;
}

ElementKind WorkloadOptions::getWeightKind(const LayerKind &layer,
                                           StringRef projection,
                                           int64_t inputs) const {
  // Tensor parallelism cuts the inputs of what gives partial sums. The format
  // is that of the whole matrix.
  if (projection.ends_with("o_proj") || projection.ends_with("down_proj"))
    inputs *= tensorParallel;
  if (expertWeights && projection.starts_with("experts."))
    return fitBlocks(*expertWeights, inputs, activations);
  if (!isMixed())
    return fitBlocks(weights, inputs, activations);
  if (projection == "router" || projection == "shared_expert_gate")
    return activations;
  ElementKind kind = getMixedKind(architecture, layer, projection);
  if (projection == "k_b_proj")
    kind = fitBlocks(kind, architecture.headDim, activations);
  return fitBlocks(kind, inputs, activations);
}

ElementKind WorkloadOptions::getEmbeddingKind() const {
  ElementKind mixed =
      architecture.tiedEmbeddings ? ElementKind::Q6_K : ElementKind::Q4_K;
  return fitBlocks(embeddingWeights.value_or(isMixed() ? mixed : activations),
                   architecture.hidden, activations);
}

ElementKind WorkloadOptions::getHeadKind() const {
  return fitBlocks(
      headWeights.value_or(isMixed() ? ElementKind::Q6_K : activations),
      architecture.hidden, activations);
}
