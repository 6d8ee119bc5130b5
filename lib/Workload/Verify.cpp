//===- Verify.cpp - What is wrong with the options ------------------------===//

#include "Checks.h"
#include "WeightFormat.h"
#include "memwall/Workload/Workload.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"

using namespace memwall;
using llvm::Error;

/// Tokens of a sequence: the 2^60 scores of `verifyLengths` are what limits
/// them.
static constexpr int64_t largestLength = int64_t(1) << 30;

static Error verifyLengths(const WorkloadOptions &options) {
  const Architecture &model = options.architecture;
  if (Error error = checkAtLeast(1, {{"--batch", options.batch}}))
    return error;
  bool hasTokens = !model.isImageEncoder() && !options.isCached();
  if (hasTokens)
    if (Error error =
            checkAtLeast(1, {{"--seq", options.sequence}}, largestLength))
      return error;
  if (model.family == Family::EncoderDecoder)
    if (Error error = checkAtLeast(
            1, {{"--encoder-seq", options.encoderSequence}}, largestLength))
      return error;
  int64_t longest = hasTokens ? options.sequence : 0;
  if (options.isCached()) {
    llvm::SmallVector<int64_t> contexts = options.contexts;
    if (contexts.empty())
      contexts.push_back(options.context);
    for (int64_t context : contexts) {
      if (Error error =
              checkAtLeast(1, {{"--context", context}}, largestLength))
        return error;
      if (context < options.getNewTokens())
        return makeError("expected --context to include the {0} new tokens, "
                         "found {1}",
                         options.getNewTokens(), context);
      longest = std::max(longest, context);
    }
  }
  if (model.positions == Positions::Learned && longest > model.positionRows &&
      options.wholeModel && !model.isImageEncoder())
    return makeError("expected at most {0} positions, the rows of the learned "
                     "table, found {1}",
                     model.positionRows, longest);
  if (model.audio.bins > 0 && options.encoderSequence > model.audio.positions)
    return makeError("expected --encoder-seq to be at most {0}, the rows of "
                     "the encoder's positions, found {1}",
                     model.audio.positions, options.encoderSequence);
  double scores = double(options.getBatch()) * model.heads * longest *
                  (options.isCached() ? options.getNewTokens() : longest);
  if (scores > 0x1p60)
    return makeError("expected fewer than 2^60 scores, found about {0:e1}",
                     scores);
  return Error::success();
}

static Error verifyPhase(const WorkloadOptions &options) {
  const Architecture &model = options.architecture;
  bool isEncoder = model.family == Family::Encoder;
  if (options.isCached() && isEncoder)
    return makeError("expected --phase=prefill or train for an encoder, which "
                     "has no cache to decode with");
  if (Error error = checkAtLeast(1, {{"--new-tokens", options.newTokens}}))
    return error;
  if (!options.contexts.empty() && !options.isCached())
    return makeError("expected --phase=decode or verify for --contexts");
  int64_t sequences = options.contexts.size();
  if (Error error = checkAtLeast(0, {{"the number of contexts", sequences}},
                                 largestCount))
    return error;
  int64_t longest = options.context;
  if (sequences > 0)
    longest = *llvm::max_element(options.contexts);
  bool slides = model.has(Mixer::Window) && options.phase == Phase::Verify;
  if (slides && longest > model.window)
    return makeError("expected a context within the sliding window, {0}, to "
                     "verify tokens, found {1}",
                     model.window, longest);
  if (options.contexts.size() > 1 &&
      (model.isLatent() || model.positions == Positions::RelativeBias))
    return makeError("expected one context for all sequences with latent "
                     "attention or relative positions");
  if (options.phase == Phase::Verify && model.hasActions())
    return makeError("expected another phase than verify for an action expert, "
                     "which makes no words");
  if (!options.contexts.empty() && model.hasActions())
    return makeError("expected one context for all sequences of an action "
                     "expert");
  if (options.phase == Phase::Verify && model.isRecurrent())
    return makeError("expected another phase than verify for layers with a "
                     "state, which cannot drop tokens that are rejected");
  int64_t patches = model.imageTokens();
  if (model.family == Family::VisionLanguage && options.wholeModel &&
      !options.isCached() && options.sequence <= patches)
    return makeError("expected --seq to include the {0} image tokens and at "
                     "least one word, found {1}",
                     patches, options.sequence);
  return Error::success();
}

static Error verifyExpertsHit(const WorkloadOptions &options) {
  const MixtureOfExperts &moe = options.architecture.moe;
  if (options.expertsHit != ExpertsHit::Given)
    return Error::success();
  if (moe.experts == 0)
    return makeError("expected a mixture of experts for --experts-hit={0}",
                     options.expertsHitGiven);
  int64_t most = std::min(moe.experts, options.getTokens() * moe.topK);
  if (options.expertsHitGiven < moe.topK || options.expertsHitGiven > most)
    return makeError("expected --experts-hit to be {0} to {1} with {2} tokens, "
                     "found {3}",
                     moe.topK, most, options.getTokens(),
                     options.expertsHitGiven);
  return Error::success();
}

/// Inputs that a stored matrix has in whole blocks; 0: any number.
static int64_t getBlock(ElementKind kind, int64_t groupSize) {
  switch (kind) {
  case ElementKind::I8:
  case ElementKind::I4:
  case ElementKind::F4:
    return groupSize;
  case ElementKind::NVFP4:
    return 16;
  case ElementKind::MXFP4:
  case ElementKind::Q4_0:
  case ElementKind::Q5_0:
  case ElementKind::Q5_1:
  case ElementKind::Q8_0:
    return 32;
  case ElementKind::Q4_K:
  case ElementKind::Q5_K:
  case ElementKind::Q6_K:
    return 256;
  default:
    return 0;
  }
}

static std::string getBlockName(ElementKind kind) {
  bool isGroup = kind == ElementKind::I8 || kind == ElementKind::I4 ||
                 kind == ElementKind::F4;
  return isGroup ? "--group-size" : "the block of the weights' format";
}

/// Inputs of a matrix, of which a device has one of `devices` parts.
struct Inputs {
  const char *name;
  int64_t whole;
  int64_t devices = 1;
};

/// Whether a layer has the feed-forward part that is as wide as `ffn`.
static bool hasDenseLayer(const Architecture &model) {
  for (int64_t index = 0; index < model.layers; ++index)
    if (!model.getLayer(index).hasExperts)
      return true;
  return false;
}

/// Inputs of every projection but those of experts.
static llvm::SmallVector<Inputs> getInputs(const WorkloadOptions &options) {
  const Architecture &model = options.architecture;
  int64_t devices = options.tensorParallel;
  int64_t valueDim = model.isLatent() ? model.latent.valueDim : model.headDim;
  const Recurrence &state = model.recurrence;
  llvm::SmallVector<Inputs> inputs;
  auto layers = llvm::seq<int64_t>(0, model.layers);
  if (!model.isImageEncoder())
    inputs.push_back({"the hidden size", model.hidden});
  if (!model.isImageEncoder() && hasDenseLayer(model))
    inputs.push_back({"the inner width", model.ffn, devices});
  if (!model.isImageEncoder() && llvm::any_of(layers, [&](int64_t layer) {
        return model.getLayer(layer).attends();
      }))
    inputs.push_back({"the inputs of the output projection",
                      model.heads * valueDim, devices});
  if (model.isRecurrent())
    inputs.push_back({"the width of the state's values",
                      state.valueHeads * state.valueDim, devices});
  if (model.has(Mixer::SelectiveScan))
    inputs.push_back({"the latent of dt", model.recurrence.rank});
  if (model.hasActions()) {
    inputs.push_back({"the action expert's hidden size", model.actions.hidden});
    inputs.push_back(
        {"the action expert's inner width", model.actions.ffn, devices});
  }
  if (model.isLatent())
    inputs.push_back({"the latent", model.latent.kvLatent});
  if (model.latent.queryLatent > 0)
    inputs.push_back({"the latent of queries", model.latent.queryLatent});
  if (model.moe.sharedExperts > 0)
    inputs.push_back({"the shared experts' width",
                      model.moe.sharedExperts * model.moe.expertFfn, devices});
  // Towers are in the programs that get images.
  bool hasImages =
      model.isImageEncoder() || (options.wholeModel && !options.isCached());
  for (const VisionTower &tower : model.towers)
    if (hasImages)
      inputs.append({{"the hidden size of a tower", tower.hidden},
                     {"the inner width of a tower", tower.ffn, devices}});
  return inputs;
}

static llvm::SmallVector<Inputs>
getExpertInputs(const WorkloadOptions &options) {
  const Architecture &model = options.architecture;
  if (!model.hasExperts())
    return {};
  return {{"the hidden size", model.hidden},
          {"the experts' width", model.moe.expertFfn, options.tensorParallel}};
}

static Error verifyTypes(const WorkloadOptions &options) {
  const Architecture &model = options.architecture;
  auto isFloat = [](ElementKind kind) { return kind <= ElementKind::F8; };
  if (!isFloat(options.activations) || !isFloat(options.accumulator))
    return makeError("expected --activations and --accumulate to be floats");
  if (options.scales != ScaleKind::Activations && options.groupSize == 0)
    return makeError("expected --group-size to be at least 1 for --scales, "
                     "found 0");
  auto check = [&](ElementKind kind, llvm::ArrayRef<Inputs> inputs) -> Error {
    if (kind == ElementKind::Q4_K_M)
      kind = ElementKind::Q4_K; // Blocks of the others are as large.
    for (const Inputs &input : inputs) {
      ElementKind stored = fitBlocks(kind, input.whole, options.activations);
      int64_t block = getBlock(stored, options.groupSize);
      if (block < 0)
        return checkAtLeast(1, {{"--group-size", options.groupSize}});
      std::string format = getBlockName(stored);
      if (block > 0)
        if (Error error = checkDivides(format.c_str(), block, input.name,
                                       input.whole / input.devices))
          return error;
    }
    return Error::success();
  };
  if (Error error = check(options.expertWeights.value_or(options.weights),
                          getExpertInputs(options)))
    return error;
  if (Error error = check(options.weights, getInputs(options)))
    return error;
  for (ElementKind table : {options.getEmbeddingKind(), options.getHeadKind()})
    if (Error error = check(table, {{"the hidden size", model.hidden}}))
      return error;
  // llama.cpp has other rules for other matrices.
  if (options.isMixed() && model.family != Family::Decoder)
    return makeError("expected a decoder for --weights=q4_k_m");
  for (std::optional<ElementKind> other :
       {options.embeddingWeights, options.headWeights, options.expertWeights})
    if (other == ElementKind::Q4_K_M)
      return makeError("expected q4_k_m for --weights only: it is a mixture of "
                       "all weights");
  return Error::success();
}

static Error verifyDevices(const WorkloadOptions &options) {
  const Architecture &model = options.architecture;
  int64_t devices = options.tensorParallel;
  if (Error error = checkAtLeast(1, {{"--tensor-parallel", devices}}))
    return error;
  bool hasScan = model.has(Mixer::Scan) || model.has(Mixer::SelectiveScan) ||
                 model.has(Mixer::AttentionAndScan);
  if (devices > 1 && model.qkNorm == QKNorm::AllHeads)
    return makeError("expected --tensor-parallel=1 with norms of the queries "
                     "and keys of all heads, found {0}",
                     devices);
  if (devices > 1 && hasScan)
    return makeError("expected --tensor-parallel=1 for layers with a scan, "
                     "whose norm needs the numbers of all devices, found {0}",
                     devices);
  llvm::SmallVector<Dimension> parts;
  if (!model.isImageEncoder())
    parts = {{"the heads", model.heads}, {"the inner width", model.ffn}};
  if (model.hasExperts())
    parts.push_back({"the experts' width", model.moe.expertFfn});
  if (model.isRecurrent())
    parts.push_back({"the state's key heads", model.recurrence.keyHeads});
  if (model.hasActions())
    parts.push_back({"the action expert's inner width", model.actions.ffn});
  for (const VisionTower &tower : model.towers) {
    parts.push_back({"the heads of a tower", tower.heads});
    parts.push_back({"the inner width of a tower", tower.ffn});
  }
  for (const Dimension &part : parts)
    if (Error error =
            checkDivides("--tensor-parallel", devices, part.flag, part.value))
      return error;
  // KV heads are split, or whole on several devices.
  int64_t kvHeads = model.kvHeads;
  if (!model.isImageEncoder() && kvHeads % devices != 0 &&
      devices % kvHeads != 0)
    return makeError("expected --tensor-parallel to divide the KV heads or the "
                     "other way round, found {0} and {1}",
                     devices, kvHeads);
  return Error::success();
}

/// A part that the backward pass does not know, or null.
static const char *findUntrained(const Architecture &model) {
  const std::pair<bool, const char *> parts[] = {
      {!model.pattern.empty(), "layers of several kinds"},
      {model.moe.interval > 1, "layers of several kinds"},
      {model.normPlacement == NormPlacement::Both ||
           model.normPlacement == NormPlacement::After,
       "norms of what a part adds"},
      {model.normPlacement == NormPlacement::ParallelTwo,
       "parallel parts with a norm each"},
      {model.normPlacement == NormPlacement::Parallel && model.linearBias,
       "biases of parallel parts"},
      {model.norm == Norm::LayerUnbiased, "a norm without a bias"},
      {model.positions == Positions::ALiBi, "biases of distances"},
      {model.activation == Activation::SquaredReLU, "this activation"},
      {model.lmHeadBias, "a bias of the head"},
      {model.residualScale != 1 || model.logitScale != 1,
       "scales of parts or logits"},
      {model.qkNorm != QKNorm::None, "norms of queries and keys"},
      {model.attentionCap > 0 || model.logitCap > 0, "soft caps"},
      {model.sinks, "attention sinks"},
      {model.outputGate, "a gate on attention's result"},
      {model.rotaryDim > 0, "heads that are turned in part"},
      {model.embeddingScale != 1, "scaled embeddings"},
      {model.outputBias, "biases of the output projection alone"},
      {model.queryScalar > 0, "a scale of the scores of its own"},
      {isGated(model.activation) && model.activation != Activation::SwiGLU,
       "this activation"},
      {model.moe.biases || model.moe.sharedGate ||
           model.moe.weights != RouterWeights::Normalised,
       "this kind of experts"},
      {model.audio.bins > 0, "sound"},
      {model.hasActions(), "an action expert"},
      {model.seesAll, "a prompt that sees all of itself"},
      {model.views > 1, "several images per sequence"},
      {llvm::any_of(model.towers,
                    [](const VisionTower &tower) {
                      return tower.merge > 1 || tower.normBefore;
                    }),
       "merged patches or a norm before a tower's layers"},
  };
  for (auto [has, name] : parts)
    if (has)
      return name;
  return nullptr;
}

static Error verifyTraining(const WorkloadOptions &options) {
  const Architecture &model = options.architecture;
  if (options.phase != Phase::Train)
    return options.gradientsOnly
               ? makeError("expected --phase=train for gradients")
               : Error::success();
  if (options.weights > ElementKind::F8 || options.expertWeights ||
      options.embeddingWeights || options.headWeights)
    return makeError("expected --weights to be floats to train: there are no "
                     "gradients of integers");
  if (const char *part = findUntrained(model))
    return makeError("expected another phase than train with {0}: its "
                     "gradient is not generated",
                     part);
  int64_t patches = model.imageTokens();
  if (model.family == Family::VisionLanguage && options.wholeModel &&
      options.sequence < patches + model.actionTokens)
    return makeError("expected --seq to include the {0} image tokens and the "
                     "{1} tokens of an action to train, found {2}",
                     patches, model.actionTokens, options.sequence);
  if (options.stepsApart)
    return makeError("expected another phase than train for --steps");
  return Error::success();
}

Error WorkloadOptions::verify() const {
  if (Error error = architecture.verify())
    return error;
  int64_t available = architecture.isImageEncoder()
                          ? architecture.towers.front().layers
                          : architecture.layers;
  if (architecture.family == Family::EncoderDecoder && !isCached())
    available = std::min(available, architecture.encoderLayers);
  if (!wholeModel && (layers < 1 || layers > available))
    return makeError("expected --layers to be 1 to {0} or all, found {1}",
                     available, layers);
  bool hasOneFunction =
      !wholeModel && layers == 1 && !architecture.isImageEncoder() &&
      (architecture.family != Family::EncoderDecoder || isCached());
  if (stepsApart && !hasOneFunction)
    return makeError("expected one layer, of a decoder or an encoder of words, "
                     "for --steps");
  if (Error error = verifyPhase(*this))
    return error;
  if (Error error = verifyTraining(*this))
    return error;
  if (Error error = verifyLengths(*this))
    return error;
  if (Error error = verifyExpertsHit(*this))
    return error;
  if (Error error = verifyDevices(*this))
    return error;
  return verifyTypes(*this);
}
