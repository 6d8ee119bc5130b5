//===- HybridTypes.cpp - Configurations of models with a state ------------===//

#include "ModelTypes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace memwall;
using llvm::StringRef;

/// Keys that say how weights are drawn or how a kernel cuts a prompt.
static void ignoreStateKeys(ConfigReader &config) {
  config.ignore({"time_step_limit", "time_step_min", "time_step_max",
                 "time_step_floor", "time_step_init_scheme", "time_step_scale",
                 "chunk_size", "mamba_chunk_size", "residual_in_fp32",
                 "rescale_prenorm_residual", "use_mamba_kernels",
                 "num_logits_to_keep", "use_mambapy", "use_falcon_mambapy"});
}

/// Attention is in no layer; its dimensions only have to be some.
static void dropAttention(Architecture &model) {
  model.heads = model.kvHeads = 1;
  model.headDim = model.hidden;
  model.positions = Positions::None;
}

void memwall::readMamba2(ConfigReader &config, Architecture &model) {
  model.hidden = config.firstInteger({"hidden_size", "d_model"});
  model.layers = config.firstInteger({"num_hidden_layers", "n_layer"});
  model.vocabulary = config.integer("vocab_size");
  int64_t width = model.hidden * config.integer("expand", 2);
  int64_t size = config.integer("head_dim", 64);
  int64_t heads = config.integer("num_heads", size > 0 ? width / size : 0);
  model.recurrence = {
      config.integer("n_groups", 1),     heads,
      config.integer("state_size", 128), size,
      config.integer("conv_kernel", 4),  config.boolean("use_conv_bias", true)};
  model.pattern = {Mixer::Scan};
  dropAttention(model);
  model.tiedEmbeddings = config.boolean("tie_word_embeddings", false);
  config.expect("use_bias", false);
  ignoreStateKeys(config);
  config.ignore({"time_step_rank", "norm_before_gate", "rms_norm", "hidden_act",
                 "intermediate_size"});
}

/// The list of the layers' kinds, if there is one, under either of its names.
static void readKinds(ConfigReader &config, Architecture &model, Mixer state) {
  StringRef key =
      config.has("layer_types") ? "layer_types" : "layers_block_type";
  config.ignore({"layer_types", "layers_block_type"});
  std::vector<std::string> names = config.strings(key);
  for (StringRef name : names) {
    if (name == "mamba" || name == "linear_attention")
      model.pattern.push_back(state);
    else if (name == "attention" || name == "full_attention")
      model.pattern.push_back(Mixer::Attention);
    else if (name == "mlp" && model.splitLayers)
      model.pattern.push_back(Mixer::FeedForward);
    else
      config.fail(key, "mamba or attention", "'" + name + "'");
  }
  if (!names.empty() && int64_t(names.size()) != model.layers)
    config.fail(key,
                "as many entries as layers, " + llvm::Twine(model.layers) + ",",
                llvm::Twine(names.size()));
}

/// A selective scan of so many channels. "auto": a sixteenth of the hidden
/// size.
static void readSelectiveScan(ConfigReader &config, Architecture &model,
                              int64_t channels, StringRef rankKey) {
  Recurrence &state = model.recurrence;
  state.keyHeads = state.valueDim = 1;
  state.valueHeads = channels;
  state.normGroups = 0;
  state.rank = !config.has(rankKey) || config.isAuto(rankKey)
                   ? llvm::divideCeil(model.hidden, 16)
                   : config.integer(rankKey);
}

void memwall::readMamba(ConfigReader &config, Architecture &model) {
  model.hidden = config.firstInteger({"hidden_size", "d_model"});
  model.layers = readCount(config, config.has("n_layer") ? "n_layer"
                                                         : "num_hidden_layers");
  config.ignore({"n_layer", "num_hidden_layers", "d_inner", "hidden_act",
                 "intermediate_size"});
  model.vocabulary = config.integer("vocab_size");
  readSelectiveScan(config, model,
                    config.integer("intermediate_size",
                                   model.hidden * config.integer("expand", 2)),
                    "time_step_rank");
  model.recurrence.keyDim = config.integer("state_size", 16);
  model.recurrence.taps = config.integer("conv_kernel", 4);
  model.recurrence.convolutionBias = config.boolean("use_conv_bias", true);
  model.pattern = {Mixer::SelectiveScan};
  dropAttention(model);
  model.tiedEmbeddings = config.boolean("tie_word_embeddings", true);
  config.expect("use_bias", false);
  config.expect("fused_add_norm", true);
  config.expect("rms_norm", true);
  config.ignore({"ssm_cfg", "pad_vocab_size_multiple"});
  ignoreStateKeys(config);
}

/// Mamba's layers, every so-manieth attends, and every other has experts.
void memwall::readJamba(ConfigReader &config, Architecture &model) {
  readDecoder(config, model);
  model.positions = Positions::None;
  readSelectiveScan(config, model,
                    model.hidden * config.integer("mamba_expand", 2),
                    "mamba_dt_rank");
  model.recurrence.keyDim = config.integer("mamba_d_state", 16);
  model.recurrence.taps = config.integer("mamba_d_conv", 4);
  model.recurrence.convolutionBias = config.boolean("mamba_conv_bias", true);
  model.recurrence.normsInputs = true;
  config.expect("mamba_proj_bias", false);
  config.expect("mamba_inner_layernorms", true);
  if (config.has("sliding_window"))
    config.fail("sliding_window", "null", "a number");
  int64_t period = config.integer("attn_layer_period", 8);
  int64_t offset = config.integer("attn_layer_offset", 4);
  readKinds(config, model, Mixer::SelectiveScan);
  if (model.pattern.empty())
    for (int64_t layer = 0; layer < model.layers; ++layer)
      model.pattern.push_back(period > 0 && layer % period == offset
                                  ? Mixer::Attention
                                  : Mixer::SelectiveScan);
  model.moe.experts = config.integer("num_experts", 16);
  model.moe.topK = config.integer("num_experts_per_tok", 2);
  model.moe.expertFfn = model.ffn;
  model.moe.weights = RouterWeights::Softmax;
  model.moe.interval = config.integer("expert_layer_period", 2);
  int64_t first = config.integer("expert_layer_offset", 1);
  if (model.moe.experts == 1)
    model.moe = {};
  else if (first != model.moe.interval - 1)
    config.fail("expert_layer_offset", "expert_layer_period - 1",
                llvm::Twine(first));
  ignoreStateKeys(config);
}

/// The keys of Mamba-2's layers as Bamba, Granite and Falcon-H1 name them.
static void readScan(ConfigReader &config, Architecture &model, int64_t width) {
  Recurrence &state = model.recurrence;
  state.valueHeads = config.integer("mamba_n_heads", 128);
  bool isAuto = !config.has("mamba_d_head") || config.isAuto("mamba_d_head");
  int64_t size = state.valueHeads > 0 ? width / state.valueHeads : 0;
  state.valueDim = isAuto ? size : config.integer("mamba_d_head");
  state.keyHeads = config.integer("mamba_n_groups", 1);
  state.keyDim = config.integer("mamba_d_state", 256);
  state.taps = config.integer("mamba_d_conv", 4);
  state.convolutionBias = config.boolean("mamba_conv_bias", true);
  if (state.valueHeads * state.valueDim != width)
    config.fail("mamba_d_head",
                "mamba_n_heads times it to be " + llvm::Twine(width),
                llvm::Twine(state.valueDim));
  config.expect("mamba_proj_bias", false);
  config.ignore({"mamba_expand", "mamba_d_head"});
  ignoreStateKeys(config);
}

void memwall::readBamba(ConfigReader &config, Architecture &model) {
  readDecoder(config, model);
  double part = readRotaryPart(config, 0.5);
  model.rotaryDim =
      config.integer("attn_rotary_emb", part < 1 ? model.headDim * part : 0);
  readScan(config, model, model.hidden * config.integer("mamba_expand", 2));
  config.ignore({"z_loss_coefficient"});
  std::vector<int64_t> attending = config.integers("attn_layer_indices");
  readKinds(config, model, Mixer::Scan);
  if (model.pattern.empty())
    for (int64_t layer = 0; layer < model.layers; ++layer)
      model.pattern.push_back(llvm::is_contained(attending, layer)
                                  ? Mixer::Attention
                                  : Mixer::Scan);
}

/// Granite 4: layers with attention or Mamba-2, dense or with experts.
void memwall::readGraniteHybrid(ConfigReader &config, Architecture &model) {
  int64_t experts = config.integer("num_local_experts", 8);
  if (experts > 0) {
    readGraniteExperts(config, model);
  } else {
    readGranite(config, model);
    model.ffn = config.integer("shared_intermediate_size", 1024);
    config.ignore({"num_experts_per_tok"});
  }
  StringRef positions = config.string("position_embedding_type", "nope");
  if (positions == "nope")
    model.positions = Positions::None;
  else if (positions != "rope")
    config.fail("position_embedding_type", "rope or nope",
                "'" + positions + "'");
  config.ignore({"normalization_function"});
  readKinds(config, model, Mixer::Scan);
  if (model.pattern.empty())
    model.pattern.assign(model.layers, Mixer::Scan);
  if (llvm::is_contained(model.pattern, Mixer::Scan)) {
    readScan(config, model, model.hidden * config.integer("mamba_expand", 2));
    return;
  }
  // All attend: what is said of scans is for none.
  model.pattern.clear();
  config.ignore({"mamba_n_heads", "mamba_d_head", "mamba_n_groups",
                 "mamba_d_state", "mamba_d_conv", "mamba_conv_bias",
                 "mamba_proj_bias", "mamba_expand"});
  ignoreStateKeys(config);
}

/// Attention and Mamba-2 side by side in every layer. All its factors but those
/// of embeddings and logits stand beside a projection.
void memwall::readFalconH1(ConfigReader &config, Architecture &model) {
  readDecoder(config, model);
  int64_t width = model.hidden * config.integer("mamba_expand", 2);
  if (config.isAbsent("mamba_d_ssm"))
    width = 1024;
  readScan(config, model, config.integer("mamba_d_ssm", width));
  model.recurrence.normGroups = 0;
  if (config.boolean("mamba_rms_norm", false))
    model.recurrence.normGroups = model.recurrence.keyHeads;
  bool normsFirst = config.boolean("mamba_norm_before_gate", true);
  if (normsFirst && model.recurrence.normGroups > 0)
    config.fail("mamba_norm_before_gate", "false", "true");
  config.expect("mamba_use_mlp", true);
  config.expect("projectors_bias", false);
  config.expect("attn_layer_indices", "null");
  model.pattern = {Mixer::AttentionAndScan};
  model.embeddingScale = config.number("embedding_multiplier", 1);
  model.logitScale = config.number("lm_head_multiplier", 1);
  config.ignore({"attention_in_multiplier", "attention_out_multiplier",
                 "key_multiplier", "ssm_in_multiplier", "ssm_out_multiplier",
                 "ssm_multipliers", "mlp_multipliers", "mlp_expansion_factor"});
  model.notes.push_back("factors beside projections are taken as part of "
                        "their weights");
}

/// Nemotron-H: a layer is Mamba-2 (M), attention (*) or feed-forward (-).
void memwall::readNemotronH(ConfigReader &config, Architecture &model) {
  readDecoder(config, model, /*readsActivation=*/false);
  model.headDim = config.integer("attention_head_dim", model.headDim);
  model.activation = config.activation({"mlp_hidden_act"}, "relu2", false);
  model.positions = Positions::None;
  model.splitLayers = true;
  StringRef letters = config.string("hybrid_override_pattern", "");
  for (char part : letters)
    if (part == 'M')
      model.pattern.push_back(Mixer::Scan);
    else if (part == '*')
      model.pattern.push_back(Mixer::Attention);
    else if (part == '-')
      model.pattern.push_back(Mixer::FeedForward);
    else
      config.fail("hybrid_override_pattern", "M, * and -",
                  llvm::Twine("'") + llvm::Twine(part) + "'");
  if (letters.empty())
    readKinds(config, model, Mixer::Scan);
  else
    config.ignore({"layer_types", "layers_block_type"});
  if (int64_t(model.pattern.size()) != model.layers)
    config.fail("hybrid_override_pattern",
                "as many letters as layers, " + llvm::Twine(model.layers) + ",",
                llvm::Twine(letters.size()));
  int64_t groups = config.integer("n_groups", 8);
  model.recurrence = {groups,
                      config.integer("mamba_num_heads", 128),
                      config.integer("ssm_state_size", 128),
                      config.integer("mamba_head_dim", 64),
                      config.integer("conv_kernel", 4),
                      config.boolean("use_conv_bias", true),
                      /*normGroups=*/groups};
  config.expect("use_bias", false);
  config.expect("mamba_proj_bias", false);
  config.expect("mamba_hidden_act", "silu");
  if (config.has("sliding_window"))
    config.fail("sliding_window", "null", "a number");
  config.ignore({"expand", "mamba_ssm_cache_dtype", "hidden_dropout"});
  // Experts of layers that this pattern has none of.
  config.ignore({"n_routed_experts", "n_shared_experts",
                 "moe_intermediate_size", "moe_shared_expert_intermediate_size",
                 "moe_latent_size", "moe_shared_expert_overlap",
                 "num_experts_per_tok", "routed_scaling_factor", "n_group",
                 "topk_group", "norm_topk_prob", "num_nextn_predict_layers",
                 "mtp_layers_block_type", "mtp_hybrid_override_pattern"});
  ignoreStateKeys(config);
}
