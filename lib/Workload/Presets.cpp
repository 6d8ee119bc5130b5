//===- Presets.cpp - Published models -------------------------------------===//
//
// Dimensions are those of the cited paper or of the published configuration;
// the parameter count is the published one, which the test compares with what
// the generated module has.
//
//===----------------------------------------------------------------------===//

#include "memwall/Workload/Architecture.h"
#include "llvm/ADT/STLExtras.h"
#include <vector>

using namespace memwall;

/// Decoder with RMSNorm, rotary positions and SwiGLU.
static Architecture makeLlama(int64_t layers, int64_t hidden, int64_t heads,
                              int64_t kvHeads, int64_t ffn,
                              int64_t vocabulary) {
  Architecture model;
  model.layers = layers;
  model.hidden = hidden;
  model.heads = heads;
  model.kvHeads = kvHeads;
  model.headDim = hidden / heads;
  model.ffn = ffn;
  model.vocabulary = vocabulary;
  return model;
}

/// GPT-2: pre-norm, learned positions, biases, shared table.
static Architecture makeGPT2(int64_t layers, int64_t hidden, int64_t heads) {
  Architecture model =
      makeLlama(layers, hidden, heads, heads, 4 * hidden, 50257);
  model.norm = Norm::Layer;
  model.positions = Positions::Learned;
  model.positionRows = 1024;
  model.activation = Activation::GeluTanh;
  model.qkvBias = model.linearBias = model.tiedEmbeddings = true;
  return model;
}

static Architecture makeBERT(int64_t layers, int64_t hidden, int64_t heads) {
  Architecture model = makeGPT2(layers, hidden, heads);
  model.family = Family::Encoder;
  model.vocabulary = 30522;
  model.normPlacement = NormPlacement::Post;
  model.positionRows = 512;
  model.activation = Activation::GeluErf;
  model.segments = 2;
  model.embeddingNorm = model.pooler = true;
  model.lmHead = false;
  return model;
}

static VisionTower makeTower(const char *name, int64_t layers, int64_t hidden,
                             int64_t heads, int64_t ffn, int64_t patch,
                             int64_t classTokens) {
  VisionTower tower;
  tower.name = name;
  tower.layers = layers;
  tower.hidden = hidden;
  tower.heads = heads;
  tower.ffn = ffn;
  tower.patch = patch;
  tower.classTokens = classTokens;
  return tower;
}

static Architecture makeViT() {
  Architecture model;
  model.family = Family::Encoder;
  VisionTower tower = makeTower("vision", 12, 768, 12, 3072, 16, 1);
  tower.activation = Activation::GeluErf;
  model.towers = {tower};
  model.classes = 1000;
  return model;
}

static Architecture makeT5() {
  Architecture model = makeLlama(12, 768, 12, 12, 3072, 32128);
  model.family = Family::EncoderDecoder;
  model.encoderLayers = 12;
  model.positions = Positions::RelativeBias;
  model.activation = Activation::ReLU;
  model.attentionScale = false;
  model.tiedEmbeddings = true;
  return model;
}

static Architecture makeMistral() {
  Architecture model = makeLlama(32, 4096, 32, 8, 14336, 32000);
  model.window = 4096;
  return model;
}

static Architecture makeMixtral() {
  Architecture model = makeLlama(32, 4096, 32, 8, 14336, 32000);
  model.moe.experts = 8;
  model.moe.topK = 2;
  model.moe.expertFfn = 14336;
  return model;
}

static Architecture makeQwen2(int64_t layers, int64_t hidden, int64_t heads,
                              int64_t kvHeads, int64_t ffn, int64_t vocabulary,
                              bool isTied) {
  Architecture model =
      makeLlama(layers, hidden, heads, kvHeads, ffn, vocabulary);
  model.qkvBias = true;
  model.tiedEmbeddings = isTied;
  return model;
}

static Architecture makeDeepSeekV3() {
  Architecture model = makeLlama(61, 7168, 128, 128, 18432, 129280);
  model.headDim = 128;
  model.latent = {/*queryLatent=*/1536, /*kvLatent=*/512, /*ropeDim=*/64,
                  /*valueDim=*/128};
  model.moe = {/*experts=*/256, /*topK=*/8, /*expertFfn=*/2048,
               /*sharedExperts=*/1, /*denseLayers=*/3};
  return model;
}

/// SigLIP and DINOv2 side by side, and Llama-2-7B; 7 tokens per action.
static Architecture makeOpenVLA() {
  Architecture model = makeLlama(32, 4096, 32, 32, 11008, 32064);
  model.family = Family::VisionLanguage;
  VisionTower dino = makeTower("dinov2", 24, 1024, 16, 4096, 14, 5);
  dino.activation = Activation::GeluErf;
  model.towers = {dino, makeTower("siglip", 27, 1152, 16, 4304, 14, 0)};
  model.projector = {4 * 2176, 4096, 4096};
  model.actionTokens = 7;
  return model;
}

/// PaLM-8B and ViT-4B (ViT-e), as in PaLM-E-12B; 8 tokens per action.
static Architecture makeRT2() {
  Architecture model = makeLlama(32, 4096, 16, 1, 16384, 256000);
  model.family = Family::VisionLanguage;
  model.normPlacement = NormPlacement::Parallel;
  model.tiedEmbeddings = true;
  model.towers = {makeTower("vit_e", 56, 1792, 16, 15360, 14, 0)};
  model.projector = {4096};
  model.actionTokens = 8;
  return model;
}

/// pi0: Gemma-2B with three images of SigLIP in front, and an action expert of
/// its shape, 1024 wide. One chunk of 50 actions takes 10 decode steps.
static Architecture makePi0() {
  Architecture model = makeLlama(18, 2048, 8, 1, 16384, 257152);
  model.family = Family::VisionLanguage;
  model.headDim = 256;
  model.activation = Activation::GeGLU;
  model.embeddingScale = 0;
  model.lmHead = false;
  model.seesAll = true;
  model.towers = {makeTower("siglip", 27, 1152, 16, 4304, 14, 0)};
  model.views = 3;
  model.projector = {2048};
  model.actionTokens = 10;
  model.actions = {/*hidden=*/1024, /*ffn=*/4096, /*dimension=*/32,
                   /*horizon=*/50};
  return model;
}

/// Qwen3: arXiv 2505.09388, table 1; norms of queries and keys, no biases.
static Architecture makeQwen3(int64_t layers, int64_t hidden, int64_t heads,
                              int64_t kvHeads, int64_t ffn) {
  Architecture model = makeLlama(layers, hidden, heads, kvHeads, ffn, 151936);
  model.headDim = 128;
  model.qkNorm = QKNorm::Weighted;
  return model;
}

static Architecture makeQwen3Experts() {
  Architecture model = makeQwen3(48, 2048, 32, 4, 6144);
  model.moe.experts = 128;
  model.moe.topK = 8;
  model.moe.expertFfn = 768;
  return model;
}

/// Three layers with a gated delta rule, then one with gated attention.
static Architecture makeQwen3Next() {
  Architecture model = makeQwen3(48, 2048, 16, 2, 5120);
  model.headDim = 256;
  model.rotaryDim = 64;
  model.outputGate = true;
  model.pattern = {Mixer::DeltaRule, Mixer::DeltaRule, Mixer::DeltaRule,
                   Mixer::Attention};
  model.recurrence = {/*keyHeads=*/16, /*valueHeads=*/32, /*keyDim=*/128,
                      /*valueDim=*/128, /*taps=*/4};
  model.moe.experts = 512;
  model.moe.topK = 10;
  model.moe.expertFfn = 512;
  model.moe.sharedExperts = 1;
  model.moe.sharedGate = true;
  return model;
}

static Architecture makeGemma2(int64_t layers, int64_t hidden, int64_t heads,
                               int64_t kvHeads, int64_t ffn) {
  Architecture model = makeLlama(layers, hidden, heads, kvHeads, ffn, 256000);
  model.headDim = 256;
  model.activation = Activation::GeGLU;
  model.normPlacement = NormPlacement::Both;
  model.tiedEmbeddings = true;
  model.embeddingScale = 0;
  model.attentionCap = 50;
  model.logitCap = 30;
  model.window = 4096;
  model.pattern = {Mixer::Window, Mixer::Attention};
  return model;
}

/// The decoder of words; the encoder of images is siglip-so400m-896.
static Architecture makeGemma3(int64_t layers, int64_t hidden, int64_t heads,
                               int64_t kvHeads, int64_t ffn) {
  Architecture model = makeGemma2(layers, hidden, heads, kvHeads, ffn);
  model.vocabulary = 262208;
  model.attentionCap = model.logitCap = 0;
  model.qkNorm = QKNorm::Weighted;
  model.localTables = true;
  model.window = 1024;
  model.pattern.assign(6, Mixer::Window);
  model.pattern.back() = Mixer::Attention;
  return model;
}

static Architecture makeGemma3Large() {
  Architecture model = makeGemma3(62, 5376, 32, 16, 21504);
  model.headDim = 128;
  model.queryScalar = 168;
  return model;
}

/// Chunks of 8192 tokens are taken as windows of so many. 2-D rotary positions
/// of the tower are left out.
static Architecture makeLlama4Scout() {
  Architecture model = makeLlama(48, 5120, 40, 8, 16384, 202048);
  model.family = Family::VisionLanguage;
  model.qkNorm = QKNorm::Plain;
  model.window = 8192;
  model.pattern.assign(4, Mixer::Window);
  model.pattern.back() = Mixer::Unturned;
  model.moe.experts = 16;
  model.moe.topK = 1;
  model.moe.expertFfn = 8192;
  model.moe.sharedExperts = 1;
  model.moe.weights = RouterWeights::SigmoidOfInput;
  VisionTower tower = makeTower("vision", 34, 1408, 16, 5632, 14, 1);
  tower.image = 336;
  tower.activation = Activation::GeluErf;
  tower.normBefore = true;
  tower.merge = 2;
  model.towers = {tower};
  model.projector = {4096, 4096, 5120};
  return model;
}

static Architecture makeGptOss(int64_t layers, int64_t experts) {
  Architecture model = makeLlama(layers, 2880, 64, 8, 2880, 201088);
  model.headDim = 64;
  model.qkvBias = model.outputBias = model.sinks = true;
  model.activation = Activation::ClampedSwiGLU;
  model.window = 128;
  model.pattern = {Mixer::Window, Mixer::Attention};
  model.moe.experts = experts;
  model.moe.topK = 4;
  model.moe.expertFfn = 2880;
  model.moe.biases = true;
  return model;
}

static Architecture makeWhisper() {
  Architecture model = makeGPT2(32, 1280, 20);
  model.family = Family::EncoderDecoder;
  model.encoderLayers = 32;
  model.activation = Activation::GeluErf;
  model.vocabulary = 51866;
  model.positionRows = 448;
  model.audio = {/*bins=*/128, /*positions=*/1500};
  return model;
}

/// Gemma 3's encoder of images, without the head that pools attention.
static Architecture makeSigLIP() {
  Architecture model;
  model.family = Family::Encoder;
  model.towers = {makeTower("vision", 27, 1152, 16, 4304, 14, 0)};
  model.towers.front().image = 896;
  return model;
}

static Architecture makeMamba2() {
  Architecture model = makeLlama(64, 2560, 1, 1, 0, 50288);
  model.positions = Positions::None;
  model.tiedEmbeddings = true;
  model.pattern = {Mixer::Scan};
  model.recurrence = {/*keyHeads=*/1,          /*valueHeads=*/80,
                      /*keyDim=*/128,
                      /*valueDim=*/64,         /*taps=*/4,
                      /*convolutionBias=*/true};
  return model;
}

static std::vector<Preset> makePresets() {
  const char *gpt2 = "Radford et al. 2019, table 2; openai-community/gpt2*";
  const char *bert = "Devlin et al., arXiv 1810.04805; google-bert/bert-*";
  const char *llama2 = "Touvron et al., arXiv 2307.09288; meta-llama/Llama-2-*";
  const char *llama3 = "Llama team, arXiv 2407.21783, table 3";
  const char *qwen2 = "Qwen team, arXiv 2407.10671, table 1";
  const char *qwen3 = "Qwen team, arXiv 2505.09388, table 1; Qwen/Qwen3-*";
  const char *gemma2 = "Gemma team, arXiv 2408.00118, tables 1 and 2";
  const char *gemma3 = "Gemma team, arXiv 2503.19786, table 1 (words only)";
  const char *gptOss = "OpenAI, arXiv 2508.10925, table 1; openai/gpt-oss-*";
  std::vector<Preset> presets = {
      {"gpt2", gpt2, 124.4e6, makeGPT2(12, 768, 12)},
      {"gpt2-medium", gpt2, 355e6, makeGPT2(24, 1024, 16)},
      {"gpt2-large", gpt2, 774e6, makeGPT2(36, 1280, 20)},
      {"gpt2-xl", gpt2, 1558e6, makeGPT2(48, 1600, 25)},
      {"bert-base", bert, 110e6, makeBERT(12, 768, 12)},
      {"bert-large", bert, 336e6, makeBERT(24, 1024, 16)},
      {"vit-b-16",
       "Dosovitskiy et al., arXiv 2010.11929, table 1; torchvision vit_b_16",
       86.57e6, makeViT()},
      {"t5-base", "Raffel et al., arXiv 1910.10683; google-t5/t5-base", 223e6,
       makeT5()},
      {"llama2-7b", llama2, 6.74e9, makeLlama(32, 4096, 32, 32, 11008, 32000)},
      {"llama2-13b", llama2, 13.02e9,
       makeLlama(40, 5120, 40, 40, 13824, 32000)},
      {"llama2-70b", llama2, 68.98e9, makeLlama(80, 8192, 64, 8, 28672, 32000)},
      {"llama3-8b", llama3, 8.03e9, makeLlama(32, 4096, 32, 8, 14336, 128256)},
      {"llama3-70b", llama3, 70.6e9, makeLlama(80, 8192, 64, 8, 28672, 128256)},
      {"llama3-405b", llama3, 405e9,
       makeLlama(126, 16384, 128, 8, 53248, 128256)},
      {"mistral-7b", "Jiang et al., arXiv 2310.06825, table 1", 7.24e9,
       makeMistral()},
      {"mixtral-8x7b", "Jiang et al., arXiv 2401.04088, table 1", 46.7e9,
       makeMixtral()},
      {"qwen2-1.5b", qwen2, 1.54e9,
       makeQwen2(28, 1536, 12, 2, 8960, 151936, true)},
      {"qwen2-7b", qwen2, 7.62e9,
       makeQwen2(28, 3584, 28, 4, 18944, 152064, false)},
      {"deepseek-v3", "DeepSeek-AI, arXiv 2412.19437, section 4.2", 671e9,
       makeDeepSeekV3()},
      {"phi-3-mini", "Abdin et al., arXiv 2404.14219, section 2", 3.82e9,
       makeLlama(32, 3072, 32, 32, 8192, 32064)},
      {"openvla-7b", "Kim et al., arXiv 2406.09246; openvla/openvla-7b", 7.54e9,
       makeOpenVLA()},
      {"rt2-palm-e-12b",
       "Brohan et al., arXiv 2307.15818: PaLM-8B (arXiv 2204.02311, 8.63e9) "
       "and "
       "ViT-e (arXiv 2209.06794, 3.93e9)",
       12.56e9, makeRT2()},
      // github.com/Physical-Intelligence/openpi, src/openpi/models: gemma.py
      // ("gemma_300m: # 311M params"), pi0.py, pi0_config.py. Count:
      // PaliGemma's
      // ("Model size 2.92B params", huggingface.co/Pavangangarapu/
      // paligemma_vqav2) and the action expert's.
      {"pi0", "Black et al., arXiv 2410.24164; Physical-Intelligence/openpi",
       3.23e9, makePi0()},
      // huggingface.co/thejaminator/qwen-hook-layer-9 (config of Qwen/Qwen3-8B)
      {"qwen3-8b", qwen3, 8.2e9, makeQwen3(36, 4096, 32, 8, 12288)},
      // gitcode.com/Ascend/MindSpeed-RL, configs/model/qwen3_30b_a3b.yaml;
      // count: apxml.com/models/qwen3-30b-a3b
      {"qwen3-30b-a3b", qwen3, 30.5e9, makeQwen3Experts()},
      {"qwen3-next-80b-a3b",
       "Qwen/Qwen3-Next-80B-A3B-Instruct (config.json, card)", 80e9,
       makeQwen3Next()},
      // Counts: tables of parameters of the reports, embedding and the rest.
      // Configurations: huggingface.co/rinna/gemma-2-baku-2b and
      // hfhugs/gemma-2-9b-it; mlx-community/gemma-3-4b-it-bf16,
      // mlx-community/gemma-3-12b-pt-4bit, Abc7347/copytext27binstructgmn.
      {"gemma2-2b", gemma2, 2.614e9, makeGemma2(26, 2304, 8, 4, 9216)},
      {"gemma2-9b", gemma2, 9.242e9, makeGemma2(42, 3584, 16, 8, 14336)},
      {"gemma3-4b", gemma3, 3.884e9, makeGemma3(34, 2560, 8, 4, 10240)},
      {"gemma3-12b", gemma3, 11.771e9, makeGemma3(48, 3840, 16, 8, 15360)},
      {"gemma3-27b", gemma3, 27.016e9, makeGemma3Large()},
      // github.com/Shameerisb/llama-4-scout_Implementation_Pytorch,
      // configs/text_config.py; huggingface.co/tomhao/yi_6b_chat_tool_use,
      // scripts/convert_ckpt/tiny_llama4.py for the tower
      {"llama4-scout",
       "meta-llama/Llama-4-Scout-17B-16E-Instruct (card: 109B in total)", 109e9,
       makeLlama4Scout()},
      // huggingface.co/witflag/AlphaMind, original/config.json, and
      // cryptonaut/AltiMind-sft, config.json; count: the card's table
      {"gpt-oss-20b", gptOss, 20.91e9, makeGptOss(24, 32)},
      {"gpt-oss-120b", gptOss, 116.83e9, makeGptOss(36, 128)},
      // huggingface.co/microsoft/phi-4, config.json
      {"phi-4", "Abdin et al., arXiv 2412.08905; microsoft/phi-4", 14.7e9,
       makeLlama(40, 5120, 40, 10, 17920, 100352)},
      // huggingface.co/FL33TW00D-HF/whisper-large-v3, config.json
      {"whisper-large-v3",
       "Radford et al., arXiv 2212.04356, table 1; openai/whisper-large-v3",
       1550e6, makeWhisper()},
      {"siglip-so400m-896", "the vision encoder of arXiv 2503.19786, table 1",
       417e6, makeSigLIP()},
      {"mamba2-2.7b", "Dao and Gu, arXiv 2405.21060; state-spaces/mamba2-2.7b",
       2.7e9, makeMamba2()},
  };
  for (Preset &preset : presets)
    preset.architecture.name = preset.name.str();
  return presets;
}

llvm::ArrayRef<Preset> memwall::getPresets() {
  static const std::vector<Preset> presets = makePresets();
  return presets;
}

llvm::Expected<const Preset *> memwall::findPreset(llvm::StringRef name) {
  const Preset *nearest = nullptr;
  unsigned limit = std::max<size_t>(2, name.size() / 3);
  for (const Preset &preset : getPresets()) {
    unsigned edits = name.edit_distance_insensitive(preset.name);
    if (edits == 0)
      return &preset;
    if (edits <= limit && (!nearest || edits < limit)) {
      nearest = &preset;
      limit = edits;
    }
  }
  std::string message = "no model is called '" + name.str() + "'";
  if (nearest)
    message += "; did you mean '" + nearest->name.str() + "'?";
  return llvm::createStringError(message + " (--list-models lists them all)");
}
