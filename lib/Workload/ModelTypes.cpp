//===- ModelTypes.cpp - What the keys of a configuration mean -------------===//
//
// Keys are those of the configuration classes of huggingface/transformers,
// src/transformers/models/*/configuration_*.py. A key that is not read must be
// one that changes no shape and no operation that is modelled (`isIrrelevant`).
//
//===----------------------------------------------------------------------===//

#include "ModelTypes.h"
#include "llvm/ADT/STLExtras.h"

using namespace memwall;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// Parts that several models share
//===----------------------------------------------------------------------===//

/// Of layers, which patterns are written out for.
int64_t memwall::readCount(ConfigReader &config, StringRef key) {
  int64_t count = config.integer(key);
  if (count >= 1 && count <= 1024)
    return count;
  config.fail(key, "1 to 1024", llvm::Twine(count));
  return 1;
}

/// How much of a head is turned: 0 to 1. transformers 5 has it among the
/// angles.
double memwall::readRotaryPart(ConfigReader &config, double other) {
  double part = config.number("partial_rotary_factor", other);
  if (const llvm::json::Object *rope = config.objectAt("rope_parameters")) {
    part = rope->getNumber("partial_rotary_factor").value_or(part);
    // One for each kind of layer.
    for (const auto &entry : *rope)
      if (const llvm::json::Object *kind = entry.second.getAsObject())
        part = kind->getNumber("partial_rotary_factor").value_or(part);
  }
  if (part > 0 && part <= 1)
    return part;
  config.fail("partial_rotary_factor", "a number from 0 to 1",
              std::to_string(part));
  return 1;
}

/// A decoder with RMSNorm, rotary positions and a gated feed-forward part.
void memwall::readDecoder(ConfigReader &config, Architecture &model,
                          bool readsActivation, bool allowsHeadBias) {
  model.hidden = config.integer("hidden_size");
  model.layers = readCount(config, "num_hidden_layers");
  model.heads = config.integer("num_attention_heads");
  model.kvHeads = config.integer("num_key_value_heads", model.heads);
  int64_t headDim = model.heads > 0 ? model.hidden / model.heads : 0;
  model.headDim = config.integer("head_dim", headDim);
  model.ffn = config.integer("intermediate_size");
  model.vocabulary = config.integer("vocab_size");
  model.tiedEmbeddings = config.boolean("tie_word_embeddings", false);
  if (readsActivation)
    model.activation =
        config.activation({"hidden_act", "hidden_activation"}, "silu", true);
  if (config.boolean("attention_bias", false))
    model.qkvBias = model.outputBias = true;
  config.expect("mlp_bias", false);
  if (!allowsHeadBias)
    config.expect("lm_head_bias", false);
  config.expect("add_cross_attention", false);
  config.expect("use_bidirectional_attention", false);
  config.expectEmpty("pruned_heads");
  double part = readRotaryPart(config);
  if (part != 1)
    model.rotaryDim = model.headDim * part;
}

/// `layer_types`, or every `interval`-th layer as the last of a period: that
/// one is `global`.
void memwall::readPattern(ConfigReader &config, Architecture &model,
                          Mixer others, int64_t interval, Mixer global) {
  std::vector<std::string> names = config.strings("layer_types");
  for (StringRef name : names) {
    if (name == "full_attention")
      model.pattern.push_back(global);
    else if (name == "sliding_attention" || name == "chunked_attention")
      model.pattern.push_back(Mixer::Window);
    else if (name == "linear_attention")
      model.pattern.push_back(Mixer::DeltaRule);
    else
      config.fail("layer_types",
                  "full_attention, sliding_attention, "
                  "chunked_attention or linear_attention",
                  name);
  }
  if (!names.empty() && int64_t(names.size()) != model.layers)
    config.fail("layer_types",
                "as many entries as layers, " + llvm::Twine(model.layers) + ",",
                llvm::Twine(names.size()));
  if (names.empty() && interval > 1) {
    model.pattern.assign(std::min(interval, model.layers), others);
    if (interval <= model.layers)
      model.pattern.back() = global;
  }
  // All layers alike are no pattern, if it need not say that they are not
  // turned.
  if (!llvm::all_equal(model.pattern) || model.pattern.empty() ||
      model.pattern.front() == Mixer::Unturned)
    return;
  if (model.pattern.front() == Mixer::Attention)
    model.window = 0;
  model.pattern.clear();
}

void memwall::readExperts(ConfigReader &config, Architecture &model,
                          llvm::ArrayRef<StringRef> counts,
                          llvm::ArrayRef<StringRef> perToken, StringRef width) {
  model.moe.experts = config.firstInteger(counts);
  model.moe.topK = config.firstInteger(perToken);
  model.moe.expertFfn = config.integer(width);
}

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

static void readLlama(ConfigReader &config, Architecture &model) {
  readDecoder(config, model);
}

static void readMistral(ConfigReader &config, Architecture &model) {
  config.setDefault("num_key_value_heads", 8);
  readDecoder(config, model);
  model.window = config.integer("sliding_window", 0);
  readPattern(config, model, Mixer::Window, 0);
}

static void readPhi3(ConfigReader &config, Architecture &model) {
  readDecoder(config, model);
  model.window = config.integer("sliding_window", 0);
  config.ignore({"full_attn_mod", "interpolate_factor"});
}

/// The layers from max_window_layers on attend to a window, if any does.
static void readQwen2(ConfigReader &config, Architecture &model) {
  readDecoder(config, model);
  model.qkvBias = true;
  model.outputBias = false;
  int64_t window = config.integer("sliding_window", 4096);
  int64_t first = config.integer("max_window_layers", 28);
  bool isUsed = config.boolean("use_sliding_window", false);
  model.window = isUsed ? window : 0;
  readPattern(config, model, Mixer::Window, 0);
  if (config.has("layer_types") || !isUsed || first <= 0)
    return;
  if (first >= model.layers) {
    model.window = 0;
    return;
  }
  model.pattern.assign(model.layers, Mixer::Attention);
  std::fill(model.pattern.begin() + first, model.pattern.end(), Mixer::Window);
}

static void readQwen3(ConfigReader &config, Architecture &model) {
  readQwen2(config, model);
  model.qkvBias = model.outputBias = config.boolean("attention_bias", false);
  config.expect("qkv_bias", false);
  config.expect("use_qk_norm", true);
  model.qkNorm = QKNorm::Weighted;
}

static void readQwenExperts(ConfigReader &config, Architecture &model,
                            bool normalises) {
  // Which layers have a window differs from class to class.
  config.expect("use_sliding_window", false);
  readExperts(config, model, {"num_experts", "num_local_experts"},
              {"num_experts_per_tok"}, "moe_intermediate_size");
  model.moe.interval = config.integer("decoder_sparse_step", 1);
  if (!config.boolean("norm_topk_prob", normalises))
    model.moe.weights = RouterWeights::Softmax;
  config.expectEmpty("mlp_only_layers");
}

static void readQwen3Experts(ConfigReader &config, Architecture &model) {
  readQwen3(config, model);
  readQwenExperts(config, model, /*normalises=*/false);
  // Files of Qwen3-Coder say that there is none.
  if (int64_t shared = config.integer("shared_expert_intermediate_size", 0))
    config.fail("shared_expert_intermediate_size", "0", llvm::Twine(shared));
}

/// One expert of every token, of the width of several, with a gate.
static void readSharedExpert(ConfigReader &config, Architecture &model) {
  int64_t shared = config.integer("shared_expert_intermediate_size");
  if (model.moe.expertFfn > 0 && shared % model.moe.expertFfn == 0)
    model.moe.sharedExperts = shared / model.moe.expertFfn;
  else
    config.fail("shared_expert_intermediate_size",
                "a multiple of moe_intermediate_size", std::to_string(shared));
  model.moe.sharedGate = true;
}

static void readQwen2Experts(ConfigReader &config, Architecture &model) {
  readQwen2(config, model);
  config.expect("qkv_bias", true);
  readQwenExperts(config, model, /*normalises=*/false);
  readSharedExpert(config, model);
}

static void readQwen3Next(ConfigReader &config, Architecture &model) {
  readQwen3(config, model);
  readQwenExperts(config, model, /*normalises=*/true);
  model.outputGate = true;
  readSharedExpert(config, model);
  model.recurrence = {config.integer("linear_num_key_heads"),
                      config.integer("linear_num_value_heads"),
                      config.integer("linear_key_head_dim"),
                      config.integer("linear_value_head_dim"),
                      config.integer("linear_conv_kernel_dim"),
                      /*convolutionBias=*/false};
  int64_t interval = config.integer("full_attention_interval", 4);
  if (model.pattern.empty())
    readPattern(config, model, Mixer::DeltaRule, interval);
}

/// Files of the first Gemma say gelu and mean its tanh; Gemma's classes read
/// nothing else.
static void readGemmaDecoder(ConfigReader &config, Architecture &model) {
  config.setDefault("head_dim", 256);
  readDecoder(config, model, /*readsActivation=*/false);
  model.activation = Activation::GeGLU;
  config.ignore({"hidden_act", "hidden_activation", "num_image_tokens"});
  model.tiedEmbeddings = config.boolean("tie_word_embeddings", true);
  model.embeddingScale = 0;
}

/// Absent: the cap of the class; null: none.
static double readCap(ConfigReader &config, StringRef key, double other) {
  return config.isAbsent(key) ? other : config.number(key, 0);
}

/// `cap`: Gemma 2 has soft caps.
static void readGemmaPattern(ConfigReader &config, Architecture &model,
                             bool hasCaps) {
  model.normPlacement = NormPlacement::Both;
  model.queryScalar = config.integer("query_pre_attn_scalar", 256);
  if (model.queryScalar == model.headDim)
    model.queryScalar = 0;
  model.attentionCap =
      readCap(config, "attn_logit_softcapping", hasCaps ? 50 : 0);
  model.logitCap = readCap(config, "final_logit_softcapping", hasCaps ? 30 : 0);
  model.window = config.integer("sliding_window", 4096);
  config.ignore({"sliding_window_size"});
}

static void readGemma2(ConfigReader &config, Architecture &model) {
  readGemmaDecoder(config, model);
  readGemmaPattern(config, model, /*hasCaps=*/true);
  readPattern(config, model, Mixer::Window, 2);
}

static void readGemma3(ConfigReader &config, Architecture &model) {
  // Defaults of Gemma3TextConfig, which published files leave out:
  // huggingface/transformers, models/gemma3/configuration_gemma3.py.
  config.setDefault("vocab_size", 262208);
  config.setDefault("num_attention_heads", 8);
  config.setDefault("num_key_value_heads", 4);
  config.setDefault("head_dim", 256);
  config.setDefault("sliding_window_pattern", 6);
  readGemmaDecoder(config, model);
  readGemmaPattern(config, model, /*hasCaps=*/false);
  model.qkNorm = QKNorm::Weighted;
  model.localTables = true;
  readPattern(config, model, Mixer::Window,
              config.firstInteger(
                  {"sliding_window_pattern", "_sliding_window_pattern"}));
}

static void readGemma(ConfigReader &config, Architecture &model) {
  readGemmaDecoder(config, model);
}

static void readStarCoder2(ConfigReader &config, Architecture &model) {
  readDecoder(config, model, /*readsActivation=*/false);
  model.activation =
      config.activation({"hidden_act"}, "gelu_pytorch_tanh", false);
  model.tiedEmbeddings = config.boolean("tie_word_embeddings", true);
  model.norm = Norm::Layer;
  config.expect("norm_type", "layer_norm");
  config.expect("mlp_type", "default");
  config.expect("scale_attn_weights", true);
  config.ignore({"activation_function"}); // hidden_act is what is used.
  model.qkvBias = model.linearBias = config.boolean("use_bias", true);
  model.window = config.integer("sliding_window", 0);
}

static void readGptOss(ConfigReader &config, Architecture &model) {
  readDecoder(config, model);
  model.qkvBias = model.outputBias = model.sinks = true;
  model.activation = Activation::ClampedSwiGLU;
  model.moe = {};
  model.moe.experts = config.firstInteger({"num_local_experts", "num_experts"});
  model.moe.topK =
      config.firstInteger({"num_experts_per_tok", "experts_per_token"});
  model.moe.expertFfn = model.ffn;
  model.moe.biases = true;
  model.window = config.integer("sliding_window");
  if (config.number("swiglu_limit", 7) != 7)
    config.fail("swiglu_limit", "7", "another");
  readPattern(config, model, Mixer::Window, 2);
}

static void readLlama4(ConfigReader &config, Architecture &model) {
  readDecoder(config, model);
  readExperts(config, model, {"num_local_experts"}, {"num_experts_per_tok"},
              "intermediate_size");
  model.ffn = config.integer("intermediate_size_mlp", model.ffn);
  model.moe.sharedExperts = 1;
  model.moe.weights = RouterWeights::SigmoidOfInput;
  model.moe.interval = config.integer("interleave_moe_layer_step", 1);
  if (model.moe.interval < 1) {
    config.fail("interleave_moe_layer_step", "at least 1",
                llvm::Twine(model.moe.interval));
    model.moe.interval = 1;
  }
  if (config.boolean("use_qk_norm", true))
    model.qkNorm = QKNorm::Plain;
  // Layers without rotary positions attend to all, the others to chunks.
  model.window = config.integer("attention_chunk_size", 8192);
  int64_t interval = config.integer("no_rope_layer_interval", 4);
  readPattern(config, model, Mixer::Window, interval, Mixer::Unturned);
  // The two lists say the same as the intervals.
  for (auto [layer, turns] : llvm::enumerate(config.integers("no_rope_layers")))
    if ((turns == 0) != (model.getLayer(layer).mixer == Mixer::Unturned))
      config.fail("no_rope_layers", "0 for layers that attend to all",
                  llvm::Twine(turns) + " for layer " + llvm::Twine(layer));
  std::vector<int64_t> routed = config.integers("moe_layers");
  for (int64_t layer = 0; !routed.empty() && layer < model.layers; ++layer)
    if (llvm::is_contained(routed, layer) != model.getLayer(layer).hasExperts)
      config.fail("moe_layers", "every interleave_moe_layer_step-th layer",
                  "another list");
}

static void readMixtral(ConfigReader &config, Architecture &model) {
  readMistral(config, model);
  readExperts(config, model, {"num_local_experts"}, {"num_experts_per_tok"},
              "intermediate_size");
}

void memwall::readDeepSeek(ConfigReader &config, Architecture &model,
                           bool normalises) {
  config.setDefault("head_dim", 0);
  readDecoder(config, model);
  model.kvHeads = model.heads;
  model.headDim = config.integer("qk_nope_head_dim");
  model.latent = {
      config.integer("q_lora_rank", 0), config.integer("kv_lora_rank"),
      config.integer("qk_rope_head_dim"), config.integer("v_head_dim")};
  if (!config.has("n_routed_experts"))
    return;
  readExperts(config, model, {"n_routed_experts"}, {"num_experts_per_tok"},
              "moe_intermediate_size");
  model.moe.sharedExperts = config.integer("n_shared_experts", 0);
  model.moe.denseLayers = config.integer("first_k_dense_replace", 0);
  model.moe.interval = config.integer("moe_layer_freq", 1);
  if (!config.boolean("norm_topk_prob", normalises))
    model.moe.weights = RouterWeights::Softmax;
  // Which groups of experts a token may choose from does not change how many.
  config.ignore({"n_group", "topk_group", "topk_method", "scoring_func",
                 "routed_scaling_factor", "num_nextn_predict_layers", "seq_aux",
                 "ep_size", "qk_head_dim"});
}

static void readDeepSeek2(ConfigReader &config, Architecture &model) {
  readDeepSeek(config, model, /*normalises=*/false);
}

static void readDeepSeek3(ConfigReader &config, Architecture &model) {
  readDeepSeek(config, model, /*normalises=*/true);
}

/// The words of Qwen's models of images; their positions have three axes, which
/// are angles as others are.
static void readQwen2Images(ConfigReader &config, Architecture &model) {
  readQwen2(config, model);
  config.ignore({"vision_config", "rope_parameters"});
  if (!config.isPart())
    model.notes.push_back("only the words are generated");
}

//===----------------------------------------------------------------------===//
// By name
//===----------------------------------------------------------------------===//

static const ModelType modelTypes[] = {
    {"llama", readLlama},
    {"mistral", readMistral},
    {"phi3", readPhi3},
    {"mixtral", readMixtral},
    {"qwen2", readQwen2},
    {"qwen2_moe", readQwen2Experts},
    {"qwen2_vl", readQwen2Images},
    {"qwen2_vl_text", readQwen2Images},
    {"qwen2_5_vl", readQwen2Images},
    {"qwen2_5_vl_text", readQwen2Images},
    {"qwen3", readQwen3},
    {"qwen3_vl_text", readQwen3},
    {"qwen3_moe", readQwen3Experts},
    {"qwen3_next", readQwen3Next},
    {"gemma", readGemma},
    {"gemma2", readGemma2},
    {"gemma3_text", readGemma3},
    {"llama4_text", readLlama4},
    {"gpt_oss", readGptOss},
    {"starcoder2", readStarCoder2},
    {"deepseek_v2", readDeepSeek2},
    {"deepseek_v3", readDeepSeek3},
    {"kimi_k2", readDeepSeek3}, // The class of DeepSeek-V3 by another name.
    {"cohere", readCohere},
    {"cohere2", readCohere2},
    {"granite", readGranite},
    {"granitemoe", readGraniteExperts},
    {"granitemoeshared", readGraniteExperts},
    {"granitemoehybrid", readGraniteHybrid},
    {"minicpm", readMiniCPM},
    {"minicpm3", readMiniCPM3},
    {"glm", readGLM},
    {"glm4", readGLM4},
    {"glm4_moe", readGLM4Experts},
    {"phimoe", readPhiExperts},
    {"olmo2", readOLMo2},
    {"olmo3", readOLMo2},
    {"olmoe", readOLMoE},
    {"smollm3", readSmolLM3},
    {"exaone", readExaone},
    {"exaone4", readExaone4},
    {"internlm", readInternLM},
    {"internlm2", readInternLM},
    {"internlm3", readInternLM},
    {"nemotron", readNemotron},
    {"arcee", readArcee},
    {"seed_oss", readSeedOss},
    {"ernie4_5", readErnie},
    {"gpt2", readGPT2},
    {"gpt_bigcode", readGPTBigCode},
    {"gpt_neox", readGPTNeoX},
    {"phi", readPhi},
    {"bloom", readBLOOM},
    {"mpt", readMPT},
    {"opt", readOPT},
    {"falcon", readFalcon},
    {"stablelm", readStableLM},
    {"jamba", readJamba},
    {"bamba", readBamba},
    {"falcon_h1", readFalconH1},
    {"nemotron_h", readNemotronH},
    {"mamba", readMamba},
    {"bert", readBERT},
    {"siglip_vision_model", readSigLIP},
    {"vit", readViT},
    {"t5", readT5},
    {"mt5", readT5},
    {"mamba2", readMamba2},
    {"whisper", readWhisper},
};

llvm::ArrayRef<ModelType> memwall::getModelTypes() { return modelTypes; }

StringRef memwall::findWhatIsMissing(StringRef type) {
  static const std::pair<StringRef, StringRef> missing[] = {
      {"rwkv", "the state of RWKV"},
      {"rwkv5", "the state of RWKV"},
      {"rwkv6", "the state of RWKV"},
      {"rwkv7", "the state of RWKV"},
      {"zamba", "blocks that layers share"},
      {"zamba2", "blocks that layers share, with adapters"},
      {"falcon_mamba", "norms without weights of a scan's inputs"},
      {"gemma3n_text", "embeddings per layer and several residual streams"},
      {"lfm2", "layers that are a gated convolution"},
      {"recurrent_gemma", "the linear recurrent unit of Griffin"},
      {"mllama_text_model", "layers that attend to an image"},
      {"dbrx", "a nested configuration"},
      {"gptj", "biases of the feed-forward part alone"},
      {"olmo", "a norm without weights"}};
  for (auto [name, part] : missing)
    if (name == type)
      return part;
  return "";
}
