//===- WorkloadFlags.cpp - The command line as WorkloadOptions ------------===//

#include "WorkloadFlags.h"
#include "memwall/Workload/ModelConfig.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FormatVariadic.h"

namespace cl = llvm::cl;
using namespace memwall;

static cl::OptionCategory what("What to generate");
static cl::OptionCategory types("Element types");
static cl::OptionCategory model("Dimensions (they change what --model set)");

//===----------------------------------------------------------------------===//
// What to generate
//===----------------------------------------------------------------------===//

static cl::opt<bool> listModels("list-models", cl::cat(what),
                                cl::desc("Print a table of all models"));
static cl::opt<std::string> modelName("model", cl::cat(what),
                                      cl::value_desc("name"),
                                      cl::desc("A published model"));
static cl::opt<std::string>
    configPath("config", cl::cat(what), cl::value_desc("config.json"),
               cl::desc("The configuration of a model as Hugging Face has it"));
static cl::opt<Phase> phase(
    "phase", cl::cat(what), cl::init(Phase::Prefill), cl::desc("Phase:"),
    cl::values(clEnumValN(Phase::Prefill, "prefill",
                          "a prompt of --seq tokens; forward, for encoders"),
               clEnumValN(Phase::Decode, "decode",
                          "one new token; --context tokens with it"),
               clEnumValN(Phase::Verify, "verify",
                          "--new-tokens speculated tokens"),
               clEnumValN(Phase::Train, "train",
                          "forward, backward and the AdamW update")));
static cl::opt<int64_t> batch("batch", cl::cat(what), cl::init(1),
                              cl::desc("Sequences (default 1)"));
static cl::opt<int64_t> sequence("seq", cl::cat(what), cl::init(512),
                                 cl::desc("Tokens per sequence (default 512)"));
static cl::opt<int64_t>
    encoderSequence("encoder-seq", cl::cat(what), cl::init(512),
                    cl::desc("Tokens of the encoder (default 512)"));
static cl::opt<int64_t>
    contextLength("context", cl::cat(what), cl::init(2048),
                  cl::desc("Cached tokens, the new ones included (default "
                           "2048)"));
static cl::list<int64_t>
    contexts("contexts", cl::cat(what), cl::CommaSeparated,
             cl::value_desc("a,b,..."),
             cl::desc("One sequence of each context, instead of --batch and "
                      "--context"));
static cl::opt<int64_t> newTokens("new-tokens", cl::cat(what), cl::init(4),
                                  cl::desc("Of --phase=verify (default 4)"));
static cl::opt<bool>
    gradients("gradients", cl::cat(what),
              cl::desc("Of --phase=train: gradients instead of the update"));
static cl::opt<std::string>
    layers("layers", cl::cat(what), cl::init("1"), cl::value_desc("n|all"),
           cl::desc("Layers (default 1); all: the whole model with embedding "
                    "and LM head"));
static cl::opt<bool>
    stepsApart("steps", cl::cat(what),
               cl::desc("Every step of the layer as a function of its own"));
static cl::opt<Style> style(
    "style", cl::cat(what), cl::init(Style::Named), cl::desc("Spelling:"),
    cl::values(clEnumValN(Style::Named, "named", "matmul, contract, softmax"),
               clEnumValN(Style::Generic, "generic", "linalg.generic only"),
               clEnumValN(Style::TorchLike, "torch-like",
                          "as torch-mlir: one op per scalar operation")));
static cl::opt<std::string> expertsHit(
    "experts-hit", cl::cat(what), cl::init("expected"),
    cl::value_desc("expected|most|unknown|n"),
    cl::desc("Experts of a layer that the tokens are sent to: as uniform "
             "routing gives (default), as many as can be, not said, or n"));
static cl::opt<int64_t>
    tensorParallel("tensor-parallel", cl::cat(what), cl::init(1),
                   cl::value_desc("n"),
                   cl::desc("One device's slice of n (default 1)"));
static cl::opt<std::string> outputPath("o", cl::cat(what), cl::init("-"),
                                       cl::value_desc("file"),
                                       cl::desc("Where to write (default -)"));

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

static auto elementValues() {
  return cl::values(clEnumValN(ElementKind::F32, "f32", ""),
                    clEnumValN(ElementKind::BF16, "bf16", ""),
                    clEnumValN(ElementKind::F16, "f16", ""),
                    clEnumValN(ElementKind::F8, "f8", "f8E4M3FN"),
                    clEnumValN(ElementKind::I8, "i8", ""),
                    clEnumValN(ElementKind::I4, "i4", ""));
}

/// With what only weights are stored in.
static auto weightValues() {
  return cl::values(
      clEnumValN(ElementKind::F32, "f32", ""),
      clEnumValN(ElementKind::BF16, "bf16", ""),
      clEnumValN(ElementKind::F16, "f16", ""),
      clEnumValN(ElementKind::F8, "f8", "f8E4M3FN"),
      clEnumValN(ElementKind::F4, "f4", "f4E2M1FN, with scales of groups"),
      clEnumValN(ElementKind::I8, "i8", "with scales of groups"),
      clEnumValN(ElementKind::I4, "i4", "with scales of groups"),
      clEnumValN(ElementKind::NVFP4, "nvfp4", "f4, f8 scales of 16"),
      clEnumValN(ElementKind::MXFP4, "mxfp4", "f4, e8m0 scales of 32"),
      clEnumValN(ElementKind::Q4_0, "q4_0", "4.5 bits (llama.cpp)"),
      clEnumValN(ElementKind::Q5_0, "q5_0", "5.5 bits (llama.cpp)"),
      clEnumValN(ElementKind::Q8_0, "q8_0", "8.5 bits (llama.cpp)"),
      clEnumValN(ElementKind::Q4_K, "q4_k", "4.5 bits (llama.cpp)"),
      clEnumValN(ElementKind::Q5_K, "q5_k", "5.5 bits (llama.cpp)"),
      clEnumValN(ElementKind::Q6_K, "q6_k", "6.5625 bits (llama.cpp)"),
      clEnumValN(ElementKind::Q4_K_M, "q4_k_m",
                 "q4_k, more bits for some matrices (llama.cpp)"));
}

static cl::opt<ElementKind> weights("weights", cl::cat(types),
                                    cl::init(ElementKind::BF16),
                                    cl::desc("Weights (default bf16):"),
                                    weightValues());
static cl::opt<ElementKind>
    expertWeights("expert-weights", cl::cat(types), cl::init(ElementKind::BF16),
                  cl::desc("Experts' matrices (default: as --weights):"),
                  weightValues());
static cl::opt<ElementKind> embeddingWeights(
    "embedding", cl::cat(types), cl::init(ElementKind::BF16),
    cl::desc("Embedding, and a tied head (default: as --activations):"),
    weightValues());
static cl::opt<ElementKind>
    headWeights("head", cl::cat(types), cl::init(ElementKind::BF16),
                cl::desc("LM head (default: as --activations):"),
                weightValues());
static cl::opt<ElementKind>
    activations("activations", cl::cat(types), cl::init(ElementKind::BF16),
                cl::desc("Activations, norms, tables (default bf16):"),
                elementValues());
static cl::opt<ElementKind>
    kv("kv", cl::cat(types), cl::init(ElementKind::BF16),
       cl::desc("KV cache (default: as the activations):"), elementValues());
static cl::opt<ElementKind>
    accumulator("accumulate", cl::cat(types), cl::init(ElementKind::F32),
                cl::desc("Results of contractions (default f32):"),
                elementValues());
static cl::opt<ElementKind>
    all("types", cl::cat(types), cl::init(ElementKind::F32),
        cl::desc("All of the above at once; each can still be set:"),
        elementValues());
static cl::opt<int64_t> groupSize(
    "group-size", cl::cat(types), cl::init(128),
    cl::desc("Inputs that share a scale of i8, i4 and f4 weights (default "
             "128); 0: all"));
static cl::opt<ScaleKind>
    scaleKind("scales", cl::cat(types), cl::init(ScaleKind::Activations),
              cl::desc("Scales of groups (default: as --activations):"),
              cl::values(clEnumValN(ScaleKind::F8, "f8", "f8E4M3FN"),
                         clEnumValN(ScaleKind::E8M0, "e8m0", "f8E8M0FNU")));

//===----------------------------------------------------------------------===//
// Dimensions
//===----------------------------------------------------------------------===//

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
               clEnumValN(Mixer::Scan, "scan", "Mamba-2")));
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

static cl::opt<QKNorm>
    qkNorm("qk-norm", cl::cat(model), cl::desc("Norms of queries and keys:"),
           cl::values(clEnumValN(QKNorm::None, "none", ""),
                      clEnumValN(QKNorm::Weighted, "weighted", ""),
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
static cl::opt<Norm> norm("norm", cl::cat(model), cl::desc("Norm:"),
                          cl::values(clEnumValN(Norm::RMS, "rms", ""),
                                     clEnumValN(Norm::Layer, "layer", "")));
static cl::opt<NormPlacement> normPlacement(
    "norm-placement", cl::cat(model), cl::desc("Where the norms are:"),
    cl::values(clEnumValN(NormPlacement::Pre, "pre", ""),
               clEnumValN(NormPlacement::Post, "post", ""),
               clEnumValN(NormPlacement::Parallel, "parallel", ""),
               clEnumValN(NormPlacement::Both, "both", "before and after")));
static cl::opt<Positions> positions(
    "positions", cl::cat(model), cl::desc("Positions:"),
    cl::values(clEnumValN(Positions::None, "none", ""),
               clEnumValN(Positions::Learned, "learned", ""),
               clEnumValN(Positions::Rotary, "rotary", ""),
               clEnumValN(Positions::RelativeBias, "relative-bias", "")));
static cl::opt<Activation>
    activation("activation", cl::cat(model), cl::desc("Activation:"),
               cl::values(clEnumValN(Activation::SwiGLU, "swiglu", ""),
                          clEnumValN(Activation::GeGLU, "geglu", ""),
                          clEnumValN(Activation::ClampedSwiGLU,
                                     "clamped-swiglu", "gpt-oss"),
                          clEnumValN(Activation::GeluTanh, "gelu-tanh", ""),
                          clEnumValN(Activation::GeluErf, "gelu", ""),
                          clEnumValN(Activation::ReLU, "relu", "")));
static cl::opt<bool> biases("biases", cl::cat(model),
                            cl::desc("Biases in all projections"));
static cl::opt<bool>
    outputBias("output-bias", cl::cat(model),
               cl::desc("Biases of attention's output projection"));
static cl::opt<bool> qkvBias("qkv-bias", cl::cat(model),
                             cl::desc("Biases of queries, keys and values"));
static cl::opt<bool> tied("tied-embeddings", cl::cat(model),
                          cl::desc("The LM head is the embedding"));

void memwall::hideOtherFlags() {
  cl::HideUnrelatedOptions({&what, &types, &model});
}

bool memwall::isModelListAskedFor() { return listModels; }

llvm::StringRef memwall::getOutputPath() { return outputPath; }

template <typename T, typename V>
static void setIfGiven(T &value, const cl::opt<V> &flag) {
  if (flag.getNumOccurrences() > 0)
    value = flag;
}

/// Dimensions without a model.
static Architecture makeCustom() {
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
  setIfGiven(model.qkNorm, qkNorm);
  setIfGiven(model.attentionCap, attentionCap);
  setIfGiven(model.logitCap, logitCap);
  setIfGiven(model.sinks, sinks);
  setIfGiven(model.outputGate, outputGate);
  setIfGiven(model.rotaryDim, rotaryDim);
  setIfGiven(model.scaledEmbedding, scaledEmbedding);
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

static void readTypes(WorkloadOptions &options) {
  options.weights = weights;
  options.activations = activations;
  options.accumulator = accumulator;
  if (all.getNumOccurrences() > 0) {
    setIfGiven(options.weights, all);
    setIfGiven(options.activations, all);
    setIfGiven(options.accumulator, all);
  }
  setIfGiven(options.weights, weights);
  setIfGiven(options.activations, activations);
  setIfGiven(options.accumulator, accumulator);
  auto setOptional = [](std::optional<ElementKind> &kind,
                        const cl::opt<ElementKind> &flag) {
    if (flag.getNumOccurrences() > 0)
      kind = flag;
  };
  setOptional(options.kv, kv);
  setOptional(options.expertWeights, expertWeights);
  setOptional(options.embeddingWeights, embeddingWeights);
  setOptional(options.headWeights, headWeights);
  options.scales = scaleKind;
  options.groupSize = groupSize;
}

static llvm::Error readLayers(WorkloadOptions &options) {
  options.wholeModel = layers == "all";
  llvm::StringRef count = layers;
  if (!options.wholeModel && count.getAsInteger(10, options.layers))
    return llvm::createStringError("expected --layers to be a number or all, "
                                   "found '" +
                                   count + "'");
  return llvm::Error::success();
}

static llvm::Error readExpertsHit(WorkloadOptions &options) {
  llvm::StringRef given = expertsHit;
  if (!given.getAsInteger(10, options.expertsHitGiven)) {
    options.expertsHit = ExpertsHit::Given;
    return llvm::Error::success();
  }
  auto known = llvm::StringSwitch<std::optional<ExpertsHit>>(given)
                   .Case("expected", ExpertsHit::Expected)
                   .Case("most", ExpertsHit::Most)
                   .Case("unknown", ExpertsHit::Unknown)
                   .Default(std::nullopt);
  if (!known)
    return llvm::createStringError("expected --experts-hit to be expected, "
                                   "most, unknown or a number, found '" +
                                   given + "'");
  options.expertsHit = *known;
  return llvm::Error::success();
}

/// The model that --model, --config or dimensions name.
static llvm::Expected<Architecture> readModel() {
  if (!configPath.empty() && !modelName.empty())
    return llvm::createStringError("expected --model or --config, found both");
  if (!configPath.empty())
    return readModelConfig(configPath);
  if (!modelName.empty()) {
    llvm::Expected<const Preset *> preset = findPreset(modelName);
    if (!preset)
      return preset.takeError();
    return (*preset)->architecture;
  }
  if (hidden.getNumOccurrences() == 0 || heads.getNumOccurrences() == 0)
    return llvm::createStringError("expected --model, --config, or --hidden "
                                   "and --heads (--help explains)");
  if (headDim.getNumOccurrences() == 0 && heads > 0 && hidden % heads != 0)
    return llvm::createStringError(
        llvm::formatv("expected --heads to divide --hidden, or --head-dim, "
                      "found {0} and {1}",
                      int64_t(heads), int64_t(hidden))
            .str());
  return makeCustom();
}

/// Flags that say nothing in the phase that was asked for.
static llvm::Error checkPhaseFlags(const Architecture &model) {
  bool isCached = phase == Phase::Decode || phase == Phase::Verify;
  bool hasTokens = !isCached && !model.isImageEncoder();
  struct {
    const cl::Option &flag;
    bool isUsed;
    const char *where;
  } rules[] = {
      {sequence, hasTokens, "a phase that reads a prompt of words"},
      {contextLength, isCached && contexts.empty(),
       "--phase=decode or verify, and no --contexts"},
      {batch, contexts.empty(), "no --contexts"},
      {newTokens, phase == Phase::Verify, "--phase=verify"},
      {encoderSequence, model.family == Family::EncoderDecoder,
       "an encoder-decoder"},
      {expertWeights, model.hasExperts(), "a mixture of experts"},
      {headWeights, !model.tiedEmbeddings && model.lmHead,
       "an LM head that is not the embedding"},
  };
  for (const auto &rule : rules)
    if (rule.flag.getNumOccurrences() > 0 && !rule.isUsed)
      return llvm::createStringError("expected " + llvm::Twine(rule.where) +
                                     " for --" + rule.flag.ArgStr);
  return llvm::Error::success();
}

/// What the configuration says of weights is not what is generated.
static void noteStorage(WorkloadOptions &options) {
  Architecture &model = options.architecture;
  bool isSaid = weights.getNumOccurrences() > 0 ||
                expertWeights.getNumOccurrences() > 0 ||
                all.getNumOccurrences() > 0;
  if (!model.storage.empty() && !isSaid)
    model.notes.push_back(configPath +
                          ": weights are generated as bf16, not "
                          "as the file stores them, '" +
                          model.storage +
                          "'; --weights and --expert-weights say how");
}

llvm::Expected<WorkloadOptions> memwall::readWorkloadFlags() {
  WorkloadOptions options;
  llvm::Expected<Architecture> named = readModel();
  if (!named)
    return named.takeError();
  options.architecture = std::move(*named);
  readDimensions(options.architecture);
  if (llvm::Error error = readImages(options.architecture))
    return error;
  if (llvm::Error error = checkPhaseFlags(options.architecture))
    return error;
  options.phase = phase;
  options.batch = batch;
  options.sequence = sequence;
  // The default fits the rows of learned positions.
  const Architecture &architecture = options.architecture;
  if (sequence.getNumOccurrences() == 0 &&
      architecture.positions == Positions::Learned &&
      architecture.positionRows > 0)
    options.sequence = std::min(options.sequence, architecture.positionRows);
  options.encoderSequence = encoderSequence;
  options.context = contextLength;
  options.contexts.assign(contexts.begin(), contexts.end());
  options.newTokens = newTokens;
  options.gradientsOnly = gradients;
  options.stepsApart = stepsApart;
  options.style = style;
  options.tensorParallel = tensorParallel;
  readTypes(options);
  if (llvm::Error error = readLayers(options))
    return error;
  if (llvm::Error error = readExpertsHit(options))
    return error;
  if (llvm::Error error = options.verify())
    return error;
  noteStorage(options);
  return options;
}
