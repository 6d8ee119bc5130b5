//===- OlderTypes.cpp - Configurations of decoders before Llama -----------===//

#include "ModelTypes.h"

using namespace memwall;
using llvm::StringRef;

/// A decoder with LayerNorm, biases and a plain feed-forward part; the names of
/// the keys differ.
struct PlainKeys {
  StringRef hidden, layers, heads;
};

static void readPlain(ConfigReader &config, Architecture &model,
                      const PlainKeys &keys) {
  model.hidden = config.integer(keys.hidden);
  model.layers = readCount(config, keys.layers);
  model.heads = model.kvHeads = config.integer(keys.heads);
  model.headDim = model.heads > 0 ? model.hidden / model.heads : 0;
  model.ffn = 4 * model.hidden;
  model.vocabulary = config.integer("vocab_size");
  model.norm = Norm::Layer;
  model.qkvBias = model.linearBias = true;
}

void memwall::readGPT2(ConfigReader &config, Architecture &model) {
  model.hidden = config.integer("n_embd");
  model.layers = config.integer("n_layer");
  model.heads = model.kvHeads = config.integer("n_head");
  model.headDim = model.heads > 0 ? model.hidden / model.heads : 0;
  model.ffn = config.integer("n_inner", 4 * model.hidden);
  model.vocabulary = config.integer("vocab_size");
  model.positionRows =
      config.integer("n_positions", config.integer("n_ctx", 1024));
  model.norm = Norm::Layer;
  model.positions = Positions::Learned;
  model.activation =
      config.activation({"activation_function"}, "gelu_new", false);
  model.qkvBias = model.linearBias = true;
  model.tiedEmbeddings = config.boolean("tie_word_embeddings", true);
  model.attentionScale = config.boolean("scale_attn_weights", true);
  config.expect("scale_attn_by_inverse_layer_idx", false);
  config.expect("add_cross_attention", false);
  config.expectEmpty("pruned_heads");
  config.ignore({"summary_type", "summary_use_proj", "summary_activation",
                 "summary_first_dropout", "summary_proj_to_labels",
                 "reorder_and_upcast_attn"});
}

/// The first Falcon: one norm for both parts, one head of keys and values.
void memwall::readFalcon(ConfigReader &config, Architecture &model) {
  model.hidden = config.integer("hidden_size");
  model.layers = readCount(config, "num_hidden_layers");
  model.heads = config.integer("num_attention_heads");
  model.kvHeads = config.boolean("multi_query", true) ? 1 : model.heads;
  model.headDim = model.heads > 0 ? model.hidden / model.heads : 0;
  model.ffn = config.integer("ffn_hidden_size", 4 * model.hidden);
  model.vocabulary = config.integer("vocab_size");
  model.norm = Norm::Layer;
  model.normPlacement = NormPlacement::Parallel;
  model.activation = config.activation({"activation"}, "gelu", false);
  model.tiedEmbeddings = config.boolean("tie_word_embeddings", true);
  for (StringRef key : {"alibi", "bias", "new_decoder_architecture"})
    config.expect(key, false);
  config.expect("parallel_attn", true);
  // The later Falcons have several, and two norms.
  config.ignore({"num_kv_heads", "num_ln_in_parallel_attn", "hidden_dropout"});
}

void memwall::readStableLM(ConfigReader &config, Architecture &model) {
  readDecoder(config, model);
  model.norm = Norm::Layer;
  model.qkvBias = config.boolean("use_qkv_bias", false);
  // The class turns a quarter of a head.
  if (!config.has("partial_rotary_factor") && !config.has("rope_parameters"))
    model.rotaryDim = model.headDim / 4;
  config.expect("use_parallel_residual", false);
  config.expect("qk_layernorm", false);
}

void memwall::readOPT(ConfigReader &config, Architecture &model) {
  model.hidden = config.integer("hidden_size");
  model.layers = readCount(config, "num_hidden_layers");
  model.heads = model.kvHeads = config.integer("num_attention_heads");
  model.headDim = model.heads > 0 ? model.hidden / model.heads : 0;
  model.ffn = config.integer("ffn_dim");
  model.vocabulary = config.integer("vocab_size");
  // The first two rows are never read.
  model.positionRows = config.integer("max_position_embeddings", 2048) + 2;
  model.norm = Norm::Layer;
  model.positions = Positions::Learned;
  model.activation = config.activation({"activation_function"}, "relu", false);
  model.qkvBias = model.linearBias = true;
  model.tiedEmbeddings = config.boolean("tie_word_embeddings", true);
  int64_t width = config.integer("word_embed_proj_dim", model.hidden);
  if (width != model.hidden)
    config.fail("word_embed_proj_dim", "the hidden size", llvm::Twine(width));
  for (StringRef key :
       {"do_layer_norm_before", "enable_bias", "layer_norm_elementwise_affine"})
    config.expect(key, true);
  config.expect("_remove_final_layer_norm", false);
  config.ignore({"init_std", "layerdrop"});
}

void memwall::readGPTBigCode(ConfigReader &config, Architecture &model) {
  readGPT2(config, model);
  model.activation =
      config.activation({"activation_function"}, "gelu_pytorch_tanh", false);
  if (config.boolean("multi_query", true))
    model.kvHeads = 1;
  config.ignore({"attention_softmax_in_fp32", "scale_attention_softmax_in_fp32",
                 "inference_runner", "validate_runner_input",
                 "pre_allocate_kv_cache"});
}

static void readRotaryShare(Architecture &model, double part) {
  if (part < 1)
    model.rotaryDim = model.headDim * part;
}

void memwall::readGPTNeoX(ConfigReader &config, Architecture &model) {
  readPlain(config, model,
            {"hidden_size", "num_hidden_layers", "num_attention_heads"});
  model.ffn = config.integer("intermediate_size");
  model.activation = config.activation({"hidden_act"}, "gelu", false);
  model.tiedEmbeddings = config.boolean("tie_word_embeddings", false);
  if (config.boolean("use_parallel_residual", true))
    model.normPlacement = NormPlacement::ParallelTwo;
  config.expect("attention_bias", true);
  readRotaryShare(model,
                  readRotaryPart(config, config.number("rotary_pct", 0.25)));
  config.ignore({"rotary_emb_base"});
}

/// Phi-1, 1.5 and 2.
void memwall::readPhi(ConfigReader &config, Architecture &model) {
  readPlain(config, model,
            {"hidden_size", "num_hidden_layers", "num_attention_heads"});
  model.kvHeads = config.integer("num_key_value_heads", model.heads);
  model.ffn = config.integer("intermediate_size");
  model.activation = config.activation({"hidden_act"}, "gelu_new", false);
  model.tiedEmbeddings = config.boolean("tie_word_embeddings", false);
  model.normPlacement = NormPlacement::Parallel;
  model.lmHeadBias = true;
  readRotaryShare(model, readRotaryPart(config, 0.5));
  config.expect("qk_layernorm", false);
}

/// BLOOM's GELU is the one with tanh.
void memwall::readBLOOM(ConfigReader &config, Architecture &model) {
  config.ignore({"n_embed", "num_attention_heads", "num_hidden_layers"});
  PlainKeys keys = {"hidden_size", "n_layer", "n_head"};
  if (!config.has(keys.hidden))
    keys.hidden = "n_embed";
  if (!config.has(keys.heads))
    keys.heads = "num_attention_heads";
  if (!config.has(keys.layers))
    keys.layers = "num_hidden_layers";
  readPlain(config, model, keys);
  model.activation = Activation::GeluTanh;
  model.positions = Positions::ALiBi;
  model.embeddingNorm = true;
  model.tiedEmbeddings = config.boolean("tie_word_embeddings", true);
  config.expect("apply_residual_connection_post_layernorm", false);
  config.ignore({"masked_softmax_fusion", "slow_but_exact", "seq_length",
                 "attention_softmax_in_fp32", "bias_dropout_fusion",
                 "offset_alibi", "skip_bias_add", "skip_bias_add_qkv",
                 "n_inner"});
}

void memwall::readMPT(ConfigReader &config, Architecture &model) {
  readPlain(config, model, {"d_model", "n_layers", "n_heads"});
  model.ffn = config.integer("expansion_ratio", 4) * model.hidden;
  model.activation = Activation::GeluErf;
  model.norm = Norm::LayerUnbiased;
  model.qkvBias = model.linearBias = false;
  model.positions = Positions::ALiBi;
  model.tiedEmbeddings = config.boolean("tie_word_embeddings", true);
  config.expect("no_bias", true);
  config.expect("norm_type", "low_precision_layernorm");
  config.expect("learned_pos_emb", true);
  const llvm::json::Object *attention = config.objectAt("attn_config");
  if (!attention || !attention->getBoolean("alibi").value_or(false))
    config.fail("attn_config", "alibi", "none");
  else if (attention->getBoolean("qk_ln").value_or(false))
    config.fail("attn_config", "no qk_ln", "one");
  else if (attention->getNumber("clip_qkv") ||
           attention->getInteger("kv_n_heads"))
    config.fail("attn_config", "neither clip_qkv nor kv_n_heads", "one");
  config.ignore({"init_config", "init_device", "resid_pdrop", "emb_pdrop",
                 "verbose", "tokenizer_name", "max_seq_len"});
}
