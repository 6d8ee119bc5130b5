//===- Presets.cpp - Published models -------------------------------------===//
//
// Dimensions are those of the cited paper or of the published configuration;
// the parameter count is the published one, which the test compares with what
// the generated module has.
//
//===----------------------------------------------------------------------===//

#include "memwall/Workload/Architecture.h"
#include "llvm/ADT/STLExtras.h"

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

static std::vector<Preset> makePresets() {
  const char *gpt2 = "Radford et al. 2019, table 2; openai-community/gpt2*";
  const char *bert = "Devlin et al., arXiv 1810.04805; google-bert/bert-*";
  const char *llama2 = "Touvron et al., arXiv 2307.09288; meta-llama/Llama-2-*";
  const char *llama3 = "Llama team, arXiv 2407.21783, table 3";
  const char *qwen2 = "Qwen team, arXiv 2407.10671, table 1";
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
