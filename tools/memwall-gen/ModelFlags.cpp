//===- ModelFlags.cpp - Flags that change a model -------------------------===//

#include "ModelFlags.h"
#include "llvm/Support/FormatVariadic.h"
#include <memory>

namespace cl = llvm::cl;
using namespace memwall;

static cl::OptionCategory model("Dimensions (they change what --model set)");

cl::OptionCategory &memwall::getModelFlags() { return model; }

/// A flag that changes one number of the architecture when it is given.
static cl::opt<int64_t> numLayers("num-layers", cl::cat(model),
                                  cl::desc("Layers of the model"));
static cl::opt<int64_t> hidden("hidden", cl::cat(model),
                               cl::desc("Hidden size"));
static cl::opt<int64_t> heads("heads", cl::cat(model),
                              cl::desc("Attention heads"));
static cl::opt<int64_t> kvHeads("kv-heads", cl::cat(model),
                                cl::desc("KV heads (default: --heads)"));
static cl::opt<int64_t>
    headDim("head-dim", cl::cat(model),
            cl::desc("Size of a head (default: hidden / heads)"));
static cl::opt<int64_t>
    ffn("ffn", cl::cat(model),
        cl::desc("Inner width of the feed-forward part (default: 4 hidden)"));
static cl::opt<int64_t> vocabulary("vocabulary", cl::cat(model),
                                   cl::desc("Words (default 32000)"));
static cl::opt<int64_t> window("window", cl::cat(model),
                               cl::desc("Sliding window; 0: none"));
static cl::opt<int64_t> positionRows("position-rows", cl::cat(model),
                                     cl::desc("Rows of learned positions"));
static cl::opt<int64_t>
    encoderLayers("encoder-layers", cl::cat(model),
                  cl::desc("Layers of the encoder of an encoder-decoder"));
static cl::opt<int64_t> experts("experts", cl::cat(model),
                                cl::desc("Routed experts; 0: dense"));
static cl::opt<int64_t> topK("top-k", cl::cat(model),
                             cl::desc("Experts per token"));
static cl::opt<int64_t> expertFfn("expert-ffn", cl::cat(model),
                                  cl::desc("Inner width of an expert"));
static cl::opt<int64_t> sharedExperts("shared-experts", cl::cat(model),
                                      cl::desc("Experts of every token"));
static cl::opt<int64_t> denseLayers("dense-layers", cl::cat(model),
                                    cl::desc("First layers without experts"));
static cl::opt<int64_t> queryLatent("query-latent", cl::cat(model),
                                    cl::desc("MLA: latent of the queries"));
static cl::opt<int64_t> kvLatent("kv-latent", cl::cat(model),
                                 cl::desc("MLA: latent of keys and values"));
static cl::opt<int64_t> ropeDim("rope-dim", cl::cat(model),
                                cl::desc("MLA: turned part of a head"));
static cl::opt<int64_t> valueDim("value-dim", cl::cat(model),
                                 cl::desc("MLA: size of a head's values"));

static cl::opt<int64_t>
    expertInterval("expert-interval", cl::cat(model),
                   cl::desc("Every so-manieth layer has experts (default 1)"));
static cl::opt<RouterWeights> routerWeights(
    "router", cl::cat(model), cl::desc("Weights of a token's experts:"),
    cl::values(clEnumValN(RouterWeights::Normalised, "normalised", "sum to 1"),
               clEnumValN(RouterWeights::Softmax, "softmax", "of all experts"),
               clEnumValN(RouterWeights::SigmoidOfInput, "sigmoid-of-input",
                          "scale the input")));
static cl::opt<bool> expertBiases("expert-biases", cl::cat(model),
                                  cl::desc("Biases of router and experts"));
static cl::opt<bool>
    sharedGate("shared-gate", cl::cat(model),
               cl::desc("A gate on the part of the shared experts"));

static cl::list<Mixer> pattern(
    "pattern", cl::cat(model), cl::CommaSeparated,
    cl::desc("Mixers of the layers, repeated to the last:"),
    cl::values(clEnumValN(Mixer::Attention, "global", "attention to all"),
               clEnumValN(Mixer::Window, "window", "to the last --window"),
               clEnumValN(Mixer::LinearAttention, "linear",
                          "linear attention with a fixed decay"),
               clEnumValN(Mixer::DeltaRule, "delta", "gated delta rule"),
               clEnumValN(Mixer::Scan, "scan", "Mamba-2"),
               clEnumValN(Mixer::Unturned, "unturned",
                          "attention to all, not turned"),
               clEnumValN(Mixer::SelectiveScan, "selective-scan", "Mamba"),
               clEnumValN(Mixer::AttentionAndScan, "attention-scan",
                          "the sum of both (Falcon-H1)"),
               clEnumValN(Mixer::FeedForward, "feed-forward",
                          "none, only a feed-forward part")));
static cl::opt<bool> splitLayers("split-layers", cl::cat(model),
                                 cl::desc("A layer is a mixer or feed-forward "
                                          "(Nemotron-H)"));
static cl::opt<int64_t>
    stateHeads("state-heads", cl::cat(model),
               cl::desc("Value heads of layers with a state"));
static cl::opt<int64_t>
    stateKeyHeads("state-key-heads", cl::cat(model),
                  cl::desc("Their key heads; Mamba's groups (default: "
                           "--state-heads)"));
static cl::opt<int64_t>
    stateKeyDim("state-key-dim", cl::cat(model),
                cl::desc("Size of a key; Mamba's state size"));
static cl::opt<int64_t> stateValueDim("state-value-dim", cl::cat(model),
                                      cl::desc("Size of a value"));
static cl::opt<int64_t> convolutionTaps("conv-taps", cl::cat(model),
                                        cl::desc("Taps of their convolution; "
                                                 "0: none"));
static cl::opt<bool> convolutionBias("conv-bias", cl::cat(model),
                                     cl::desc("It has biases"));
static cl::opt<int64_t> stateRank("state-rank", cl::cat(model),
                                  cl::desc("Latent of a selective scan's dt"));
static cl::opt<int64_t>
    normGroups("scan-norm-groups", cl::cat(model),
               cl::desc("Groups of a scan's norm (default 1); 0: no norm"));

static cl::opt<QKNorm>
    qkNorm("qk-norm", cl::cat(model), cl::desc("Norms of queries and keys:"),
           cl::values(clEnumValN(QKNorm::None, "none", ""),
                      clEnumValN(QKNorm::Weighted, "weighted", ""),
                      clEnumValN(QKNorm::AllHeads, "all-heads",
                                 "weighted, of all heads together"),
                      clEnumValN(QKNorm::Plain, "plain", "without weights")));
static cl::opt<double> attentionCap("attention-cap", cl::cat(model),
                                    cl::desc("Soft cap of scores; 0: none"));
static cl::opt<double> logitCap("logit-cap", cl::cat(model),
                                cl::desc("Soft cap of logits; 0: none"));
static cl::opt<bool> sinks("sinks", cl::cat(model),
                           cl::desc("A learned sink per head"));
static cl::opt<bool> outputGate("output-gate", cl::cat(model),
                                cl::desc("A gate on attention's result"));
static cl::opt<int64_t> rotaryDim("rotary-dim", cl::cat(model),
                                  cl::desc("Turned numbers of a head; 0: all"));
static cl::opt<bool> scaledEmbedding("scaled-embedding", cl::cat(model),
                                     cl::desc("Embeddings times sqrt(hidden)"));
static cl::opt<bool> headBias("head-bias", cl::cat(model),
                              cl::desc("Biases of the LM head"));

/// Of images; those of towers change every tower of the model.
static cl::opt<int64_t> towerLayers("tower-layers", cl::cat(model),
                                    cl::desc("Layers of every vision tower"));
static cl::opt<int64_t> towerHidden("tower-hidden", cl::cat(model),
                                    cl::desc("Their hidden size"));
static cl::opt<int64_t> towerHeads("tower-heads", cl::cat(model),
                                   cl::desc("Their attention heads"));
static cl::opt<int64_t> towerFfn("tower-ffn", cl::cat(model),
                                 cl::desc("Their inner width"));
static cl::opt<int64_t> image("image", cl::cat(model),
                              cl::desc("Pixels per side of their image"));
static cl::opt<int64_t> patch("patch", cl::cat(model),
                              cl::desc("Pixels per side of a patch"));
static cl::opt<int64_t> classTokens("class-tokens", cl::cat(model),
                                    cl::desc("Tokens in front of the patches"));
static cl::opt<int64_t>
    classes("classes", cl::cat(model),
            cl::desc("Of the classifier of an encoder of images; 0: none"));
static cl::list<int64_t>
    projector("projector", cl::cat(model), cl::CommaSeparated,
              cl::value_desc("a,b,..."),
              cl::desc("Widths of the layers between towers and decoder"));
static cl::opt<int64_t> views("views", cl::cat(model),
                              cl::desc("Images of every sequence"));
static cl::opt<int64_t>
    actionTokens("action-tokens", cl::cat(model),
                 cl::desc("Decode steps of a robot's action"));
static cl::opt<int64_t> actionHidden("action-hidden", cl::cat(model),
                                     cl::desc("Of an action expert; 0: none"));
static cl::opt<int64_t> actionFfn("action-ffn", cl::cat(model),
                                  cl::desc("Its inner width"));
static cl::opt<int64_t> actionDim("action-dim", cl::cat(model),
                                  cl::desc("Numbers of a state or an action"));
static cl::opt<int64_t> actionHorizon("action-horizon", cl::cat(model),
                                      cl::desc("Actions made together"));

static cl::opt<Family> family(
    "family", cl::cat(model), cl::desc("Family:"),
    cl::values(clEnumValN(Family::Decoder, "decoder", ""),
               clEnumValN(Family::Encoder, "encoder", ""),
               clEnumValN(Family::EncoderDecoder, "encoder-decoder", "")));
static cl::opt<Norm>
    norm("norm", cl::cat(model), cl::desc("Norm:"),
         cl::values(clEnumValN(Norm::RMS, "rms", ""),
                    clEnumValN(Norm::Layer, "layer", ""),
                    clEnumValN(Norm::LayerUnbiased, "layer-unbiased", "")));
static cl::opt<NormPlacement> normPlacement(
    "norm-placement", cl::cat(model), cl::desc("Where the norms are:"),
    cl::values(clEnumValN(NormPlacement::Pre, "pre", ""),
               clEnumValN(NormPlacement::Post, "post", ""),
               clEnumValN(NormPlacement::Parallel, "parallel", ""),
               clEnumValN(NormPlacement::ParallelTwo, "parallel-two",
                          "parallel with a norm each"),
               clEnumValN(NormPlacement::Both, "both", "before and after"),
               clEnumValN(NormPlacement::After, "after",
                          "of what a part adds")));
static cl::opt<Positions> positions(
    "positions", cl::cat(model), cl::desc("Positions:"),
    cl::values(clEnumValN(Positions::None, "none", ""),
               clEnumValN(Positions::Learned, "learned", ""),
               clEnumValN(Positions::Rotary, "rotary", ""),
               clEnumValN(Positions::RelativeBias, "relative-bias", ""),
               clEnumValN(Positions::ALiBi, "alibi", "")));
static cl::opt<Activation>
    activation("activation", cl::cat(model), cl::desc("Activation:"),
               cl::values(clEnumValN(Activation::SwiGLU, "swiglu", ""),
                          clEnumValN(Activation::GeGLU, "geglu", ""),
                          clEnumValN(Activation::ClampedSwiGLU,
                                     "clamped-swiglu", "gpt-oss"),
                          clEnumValN(Activation::GeluTanh, "gelu-tanh", ""),
                          clEnumValN(Activation::GeluErf, "gelu", ""),
                          clEnumValN(Activation::ReLU, "relu", ""),
                          clEnumValN(Activation::SquaredReLU, "relu2", "")));
static cl::opt<bool> biases("biases", cl::cat(model),
                            cl::desc("Biases in all projections"));
static cl::opt<bool>
    outputBias("output-bias", cl::cat(model),
               cl::desc("Biases of attention's output projection"));
static cl::opt<bool> qkvBias("qkv-bias", cl::cat(model),
                             cl::desc("Biases of queries, keys and values"));
static cl::opt<bool> tied("tied-embeddings", cl::cat(model),
                          cl::desc("The LM head is the embedding"));

/// Dimensions without a model.
llvm::Expected<Architecture> memwall::makeCustomModel() {
  if (hidden.getNumOccurrences() == 0 || heads.getNumOccurrences() == 0)
    return llvm::createStringError("expected --model, --config, or --hidden "
                                   "and --heads (--help explains)");
  if (headDim.getNumOccurrences() == 0 && heads > 0 && hidden % heads != 0)
    return llvm::createStringError(
        llvm::formatv("expected --heads to divide --hidden, or --head-dim, "
                      "found {0} and {1}",
                      int64_t(heads), int64_t(hidden))
            .str());
  Architecture custom;
  custom.hidden = hidden;
  custom.heads = custom.kvHeads = heads;
  custom.headDim = heads > 0 ? hidden / heads : 0;
  custom.ffn = 4 * hidden;
  custom.vocabulary = 32000;
  custom.positionRows = 2048;
  return custom;
}

/// The first flag of images that was given, or null.
static const cl::Option *findImageFlag() {
  const cl::Option *flags[] = {
      &towerLayers,  &towerHidden, &towerHeads,
      &towerFfn,     &image,       &patch,
      &classTokens,  &classes,     std::addressof(projector),
      &actionTokens, &views,       &actionHidden,
      &actionFfn,    &actionDim,   &actionHorizon};
  for (const cl::Option *flag : flags)
    if (flag->getNumOccurrences() > 0)
      return flag;
  return nullptr;
}

static llvm::Error readImages(Architecture &model) {
  const cl::Option *given = findImageFlag();
  if (given && model.towers.empty())
    return llvm::createStringError("expected a --model with a vision tower for "
                                   "--" +
                                   given->ArgStr);
  for (VisionTower &tower : model.towers) {
    setIfGiven(tower.layers, towerLayers);
    setIfGiven(tower.hidden, towerHidden);
    setIfGiven(tower.heads, towerHeads);
    setIfGiven(tower.ffn, towerFfn);
    setIfGiven(tower.image, image);
    setIfGiven(tower.patch, patch);
    setIfGiven(tower.classTokens, classTokens);
  }
  setIfGiven(model.classes, classes);
  setIfGiven(model.views, views);
  setIfGiven(model.actionTokens, actionTokens);
  setIfGiven(model.actions.hidden, actionHidden);
  setIfGiven(model.actions.ffn, actionFfn);
  setIfGiven(model.actions.dimension, actionDim);
  setIfGiven(model.actions.horizon, actionHorizon);
  if (projector.getNumOccurrences() > 0)
    model.projector.assign(projector.begin(), projector.end());
  return llvm::Error::success();
}

static void readMixers(Architecture &model) {
  if (pattern.getNumOccurrences() > 0)
    model.pattern.assign(pattern.begin(), pattern.end());
  Recurrence &state = model.recurrence;
  setIfGiven(state.valueHeads, stateHeads);
  setIfGiven(state.keyHeads, stateHeads);
  setIfGiven(state.keyHeads, stateKeyHeads);
  setIfGiven(state.keyDim, stateKeyDim);
  setIfGiven(state.valueDim, stateValueDim);
  setIfGiven(state.taps, convolutionTaps);
  setIfGiven(state.convolutionBias, convolutionBias);
  setIfGiven(state.rank, stateRank);
  setIfGiven(state.normGroups, normGroups);
  // Every channel of a selective scan is a head, and all share keys.
  if (model.has(Mixer::SelectiveScan)) {
    state.keyHeads = 1;
    state.valueDim = 1;
    state.normGroups = 0;
  }
  setIfGiven(model.splitLayers, splitLayers);
  setIfGiven(model.qkNorm, qkNorm);
  setIfGiven(model.attentionCap, attentionCap);
  setIfGiven(model.logitCap, logitCap);
  setIfGiven(model.sinks, sinks);
  setIfGiven(model.outputGate, outputGate);
  setIfGiven(model.rotaryDim, rotaryDim);
  if (scaledEmbedding.getNumOccurrences() > 0)
    model.embeddingScale = scaledEmbedding ? 0 : 1;
  setIfGiven(model.lmHeadBias, headBias);
}

static void readDimensions(Architecture &model) {
  setIfGiven(model.layers, numLayers);
  setIfGiven(model.hidden, hidden);
  setIfGiven(model.heads, heads);
  setIfGiven(model.kvHeads, kvHeads);
  setIfGiven(model.headDim, headDim);
  setIfGiven(model.ffn, ffn);
  setIfGiven(model.vocabulary, vocabulary);
  setIfGiven(model.window, window);
  setIfGiven(model.positionRows, positionRows);
  setIfGiven(model.encoderLayers, encoderLayers);
  setIfGiven(model.moe.experts, experts);
  setIfGiven(model.moe.topK, topK);
  setIfGiven(model.moe.expertFfn, expertFfn);
  setIfGiven(model.moe.sharedExperts, sharedExperts);
  setIfGiven(model.moe.denseLayers, denseLayers);
  setIfGiven(model.moe.interval, expertInterval);
  setIfGiven(model.moe.weights, routerWeights);
  setIfGiven(model.moe.biases, expertBiases);
  setIfGiven(model.moe.sharedGate, sharedGate);
  setIfGiven(model.latent.queryLatent, queryLatent);
  setIfGiven(model.latent.kvLatent, kvLatent);
  setIfGiven(model.latent.ropeDim, ropeDim);
  setIfGiven(model.latent.valueDim, valueDim);
  readMixers(model);
  setIfGiven(model.family, family);
  setIfGiven(model.norm, norm);
  setIfGiven(model.normPlacement, normPlacement);
  setIfGiven(model.positions, positions);
  setIfGiven(model.activation, activation);
  setIfGiven(model.qkvBias, biases);
  setIfGiven(model.linearBias, biases);
  setIfGiven(model.qkvBias, qkvBias);
  setIfGiven(model.outputBias, outputBias);
  setIfGiven(model.tiedEmbeddings, tied);
  if (family.getNumOccurrences() > 0)
    model.lmHead = model.family != Family::Encoder;
}

/// Flags that say nothing of the model that they change.
static llvm::Error checkUnused(const Architecture &model) {
  struct {
    std::initializer_list<const cl::Option *> flags;
    bool isUsed;
    const char *where;
  } rules[] = {
      {{&numLayers,  &hidden,        &heads,
        &kvHeads,    &headDim,       &ffn,
        &vocabulary, &window,        std::addressof(pattern),
        &qkNorm,     &attentionCap,  &logitCap,
        &sinks,      &outputGate,    &scaledEmbedding,
        &norm,       &normPlacement, &positions,
        &activation, &biases,        &qkvBias,
        &outputBias, &tied,          &headBias},
       !model.isImageEncoder(),
       "a model of words"},
      {{&window},
       model.pattern.empty() || model.has(Mixer::Window),
       "a window in --pattern"},
      {{&positionRows},
       model.positions == Positions::Learned,
       "learned positions"},
      {{&rotaryDim}, model.positions == Positions::Rotary, "rotary positions"},
      {{&encoderLayers},
       model.family == Family::EncoderDecoder,
       "an encoder-decoder"},
      {{&topK, &expertFfn, &sharedExperts, &denseLayers, &expertInterval,
        &routerWeights, &expertBiases, &sharedGate},
       model.hasExperts(),
       "a mixture of experts"},
      {{&queryLatent, &ropeDim, &valueDim}, model.isLatent(), "--kv-latent"},
      {{&stateHeads, &stateKeyHeads, &stateKeyDim, &stateValueDim,
        &convolutionTaps, &convolutionBias},
       model.isRecurrent(),
       "layers with a state in --pattern"},
      {{&stateRank},
       model.has(Mixer::SelectiveScan),
       "a selective scan in --pattern"},
      {{&normGroups},
       model.has(Mixer::Scan) || model.has(Mixer::AttentionAndScan),
       "a scan in --pattern"},
      {{&splitLayers},
       model.has(Mixer::FeedForward),
       "feed-forward layers in --pattern"},
      {{&classes}, model.isImageEncoder(), "an encoder of images"},
      {{std::addressof(projector), &actionTokens},
       model.family == Family::VisionLanguage,
       "a model of images and words"},
  };
  for (const auto &rule : rules)
    for (const cl::Option *flag : rule.flags)
      if (flag->getNumOccurrences() > 0 && !rule.isUsed)
        return llvm::createStringError("expected " + llvm::Twine(rule.where) +
                                       " for --" + flag->ArgStr);
  return llvm::Error::success();
}

llvm::Error memwall::readModelFlags(Architecture &model) {
  readDimensions(model);
  if (llvm::Error error = readImages(model))
    return error;
  return checkUnused(model);
}
