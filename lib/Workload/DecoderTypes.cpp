//===- DecoderTypes.cpp - Configurations of decoders after Llama ----------===//
//
// Most are Llama but for a few parts; what they are is in the classes of
// huggingface/transformers, src/transformers/models/*/modeling_*.py, and for
// those that are not there in the file beside the model's configuration.
//
//===----------------------------------------------------------------------===//

#include "ModelTypes.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace memwall;
using llvm::StringRef;

/// Command R: one norm without a bias for both parts.
void memwall::readCohere(ConfigReader &config, Architecture &model) {
  readDecoder(config, model);
  model.norm = Norm::LayerUnbiased;
  model.normPlacement = NormPlacement::Parallel;
  model.tiedEmbeddings = config.boolean("tie_word_embeddings", true);
  model.logitScale = config.number("logit_scale", 0.0625);
  // Command R+ has LayerNorms of queries and keys.
  config.expect("use_qk_norm", false);
  for (StringRef key :
       {"use_embedding_sharing", "use_gated_activation", "use_parallel_block"})
    config.expect(key, true);
  config.ignore(
      {"position_embedding_type", "rotary_pct", "use_parallel_embedding"});
}

/// Command R7B and A: layers that attend to all are not turned.
void memwall::readCohere2(ConfigReader &config, Architecture &model) {
  readCohere(config, model);
  model.window = config.integer("sliding_window", 4096);
  config.setDefault("sliding_window_pattern", 4);
  readPattern(config, model, Mixer::Window,
              config.firstInteger(
                  {"sliding_window_pattern", "_sliding_window_pattern"}),
              Mixer::Unturned);
  config.expect("order_of_interleaved_layers", "local_attn_first");
  config.ignore({"layer_switch"});
}

void memwall::readGraniteScales(ConfigReader &config, Architecture &model) {
  model.embeddingScale = config.number("embedding_multiplier", 1);
  model.residualScale = config.number("residual_multiplier", 1);
  double logits = config.number("logits_scaling", 1);
  double scores = config.number("attention_multiplier", 1);
  if (logits > 0)
    model.logitScale = 1 / logits;
  else
    config.fail("logits_scaling", "a number above 0", std::to_string(logits));
  if (scores > 0)
    model.queryScalar = 1 / (scores * scores);
  else
    config.fail("attention_multiplier", "a number above 0",
                std::to_string(scores));
  if (model.embeddingScale <= 0)
    config.fail("embedding_multiplier", "a number above 0",
                std::to_string(model.embeddingScale));
}

void memwall::readGranite(ConfigReader &config, Architecture &model) {
  readDecoder(config, model);
  readGraniteScales(config, model);
}

void memwall::readGraniteExperts(ConfigReader &config, Architecture &model) {
  readGranite(config, model);
  readExperts(config, model, {"num_local_experts"}, {"num_experts_per_tok"},
              "intermediate_size");
  int64_t shared = config.integer("shared_intermediate_size", 0);
  if (model.moe.expertFfn > 0 && shared % model.moe.expertFfn == 0)
    model.moe.sharedExperts = shared / model.moe.expertFfn;
  else
    config.fail("shared_intermediate_size", "a multiple of intermediate_size",
                std::to_string(shared));
}

static void readMiniCPMScales(ConfigReader &config, Architecture &model) {
  model.embeddingScale = config.number("scale_emb", 1);
  model.residualScale =
      config.number("scale_depth", 1) / std::sqrt(model.layers);
  double base = config.number("dim_model_base", 1);
  if (model.hidden > 0)
    model.logitScale = base / model.hidden;
  model.tiedEmbeddings = config.boolean("tie_word_embeddings", true);
  config.ignore({"mup_denominator"});
}

void memwall::readMiniCPM(ConfigReader &config, Architecture &model) {
  readDecoder(config, model);
  readMiniCPMScales(config, model);
  if (config.integer("num_experts", 0) > 0)
    config.fail("num_experts", "0", "some");
  if (config.has("sparse_config"))
    model.notes.push_back("attention is to all tokens, not sparse");
  config.ignore({"sparse_config"});
}

void memwall::readMiniCPM3(ConfigReader &config, Architecture &model) {
  config.setDefault("v_head_dim", 64);
  readDeepSeek(config, model, /*normalises=*/true);
  readMiniCPMScales(config, model);
}

/// GLM-4: biases of queries, keys and values alone, half of a head is turned.
void memwall::readGLM(ConfigReader &config, Architecture &model) {
  config.setDefault("head_dim", 128);
  readDecoder(config, model);
  model.qkvBias = config.boolean("attention_bias", false);
  model.outputBias = false;
  double part = readRotaryPart(config, 0.5);
  model.rotaryDim = part < 1 ? model.headDim * part : 0;
}

void memwall::readGLM4(ConfigReader &config, Architecture &model) {
  readGLM(config, model);
  model.normPlacement = NormPlacement::Both;
}

/// GLM-4.5 and 4.6.
void memwall::readGLM4Experts(ConfigReader &config, Architecture &model) {
  readGLM(config, model);
  if (config.boolean("use_qk_norm", false))
    model.qkNorm = QKNorm::Weighted;
  readExperts(config, model, {"n_routed_experts"}, {"num_experts_per_tok"},
              "moe_intermediate_size");
  model.moe.sharedExperts = config.integer("n_shared_experts", 1);
  model.moe.denseLayers = config.integer("first_k_dense_replace", 1);
  if (!config.boolean("norm_topk_prob", true))
    model.moe.weights = RouterWeights::Softmax;
  config.ignore({"n_group", "topk_group", "scoring_func",
                 "routed_scaling_factor", "num_nextn_predict_layers"});
}

/// Phi-3.5-MoE. Its router picks one expert after the other, each with a
/// softmax of its own.
void memwall::readPhiExperts(ConfigReader &config, Architecture &model) {
  readDecoder(config, model, /*readsActivation=*/true,
              /*allowsHeadBias=*/true);
  model.norm = Norm::Layer;
  model.lmHeadBias = config.boolean("lm_head_bias", false);
  model.window = config.integer("sliding_window", 0);
  readExperts(config, model, {"num_local_experts"}, {"num_experts_per_tok"},
              "intermediate_size");
  model.moe.weights = RouterWeights::Softmax;
  model.notes.push_back("the router is generated as one softmax");
  config.ignore({"hidden_dropout"});
}

/// OLMo 2 and 3: norms of what a part adds, and of all queries and keys.
void memwall::readOLMo2(ConfigReader &config, Architecture &model) {
  readDecoder(config, model);
  model.normPlacement = NormPlacement::After;
  model.qkNorm = QKNorm::AllHeads;
  if (!config.has("layer_types"))
    return;
  model.window = config.integer("sliding_window", 4096);
  readPattern(config, model, Mixer::Window, 0);
}

void memwall::readOLMoE(ConfigReader &config, Architecture &model) {
  readDecoder(config, model);
  model.qkNorm = QKNorm::AllHeads;
  readExperts(config, model, {"num_experts"}, {"num_experts_per_tok"},
              "intermediate_size");
  if (!config.boolean("norm_topk_prob", false))
    model.moe.weights = RouterWeights::Softmax;
  if (config.has("clip_qkv"))
    config.fail("clip_qkv", "null", "a number");
}

void memwall::readSmolLM3(ConfigReader &config, Architecture &model) {
  readDecoder(config, model);
  model.tiedEmbeddings = config.boolean("tie_word_embeddings", true);
  config.expect("use_sliding_window", false);
  config.ignore({"sliding_window"});
  int64_t interval = config.integer("no_rope_layer_interval", 4);
  readPattern(config, model, Mixer::Attention, 0);
  if (!model.pattern.empty() || model.window > 0)
    config.fail("layer_types", "full_attention for every layer", "another");
  std::vector<int64_t> turns = config.integers("no_rope_layers");
  if (turns.empty() && interval > 0)
    for (int64_t layer = 0; layer < model.layers; ++layer)
      turns.push_back((layer + 1) % interval != 0);
  if (int64_t(turns.size()) != model.layers)
    config.fail("no_rope_layers",
                "as many entries as layers, " + llvm::Twine(model.layers) + ",",
                llvm::Twine(turns.size()));
  if (!llvm::is_contained(turns, 0))
    return;
  for (int64_t each : turns)
    model.pattern.push_back(each ? Mixer::Attention : Mixer::Unturned);
}

/// EXAONE 3 and 3.5 are Llama with other names.
void memwall::readExaone(ConfigReader &config, Architecture &model) {
  model.hidden = config.integer("hidden_size");
  config.ignore({"num_layers", "num_hidden_layers"});
  model.layers = readCount(
      config, config.has("num_layers") ? "num_layers" : "num_hidden_layers");
  model.heads = config.integer("num_attention_heads");
  model.kvHeads = config.integer("num_key_value_heads", model.heads);
  model.headDim = config.integer(
      "head_dim", model.heads > 0 ? model.hidden / model.heads : 0);
  model.ffn = config.integer("intermediate_size");
  model.vocabulary = config.integer("vocab_size");
  model.activation = config.activation({"activation_function"}, "silu", true);
  model.tiedEmbeddings = config.boolean("tie_word_embeddings", false);
}

/// EXAONE 4: where there are windows, layers that attend to all are not turned.
void memwall::readExaone4(ConfigReader &config, Architecture &model) {
  readDecoder(config, model);
  model.normPlacement = NormPlacement::After;
  model.qkNorm = QKNorm::Weighted;
  model.window = config.isAbsent("sliding_window")
                     ? 4096
                     : config.integer("sliding_window", 0);
  Mixer global = model.window > 0 ? Mixer::Unturned : Mixer::Attention;
  if (config.has("layer_types") || model.window == 0) {
    config.ignore({"sliding_window_pattern"});
    readPattern(config, model, Mixer::Window, 0, global);
    return;
  }
  // "LLLG": repeated, but the last layer attends to all.
  StringRef letters = config.letters("sliding_window_pattern");
  if (letters.empty()) {
    readPattern(config, model, Mixer::Window,
                config.integer("sliding_window_pattern", 4), global);
    return;
  }
  if (letters.find_first_not_of("LG") != StringRef::npos)
    config.fail("sliding_window_pattern", "L and G", "'" + letters + "'");
  for (int64_t layer = 0; layer < model.layers; ++layer)
    model.pattern.push_back(
        letters[layer % letters.size()] == 'L' ? Mixer::Window : global);
  model.pattern.back() = global;
}

/// InternLM has biases of attention, 2 has none, 3 of queries, keys and values.
void memwall::readInternLM(ConfigReader &config, Architecture &model) {
  readDecoder(config, model);
  bool hasBiases = config.boolean("bias", false);
  model.outputBias = hasBiases;
  model.qkvBias = config.boolean("qkv_bias", hasBiases);
}

/// LayerNorm whose weights are stored less 1, a squared ReLU.
void memwall::readNemotron(ConfigReader &config, Architecture &model) {
  readDecoder(config, model, /*readsActivation=*/false);
  model.activation = config.activation({"hidden_act"}, "relu2", false);
  model.norm = Norm::Layer;
  double part = readRotaryPart(config, 0.5);
  model.rotaryDim = part < 1 ? model.headDim * part : 0;
  config.ignore({"norm_eps"});
}

void memwall::readArcee(ConfigReader &config, Architecture &model) {
  readDecoder(config, model, /*readsActivation=*/false);
  model.activation = config.activation({"hidden_act"}, "relu2", false);
}

void memwall::readSeedOss(ConfigReader &config, Architecture &model) {
  readDecoder(config, model);
  model.qkvBias = config.boolean("attention_bias", true);
  model.outputBias = config.boolean("attention_out_bias", false);
}

void memwall::readErnie(ConfigReader &config, Architecture &model) {
  config.setDefault("head_dim", 128);
  readDecoder(config, model);
  model.tiedEmbeddings = config.boolean("tie_word_embeddings", true);
  config.expect("use_bias", false);
}
