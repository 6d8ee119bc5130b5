//===- VerifyArchitecture.cpp - What is wrong with a model ----------------===//

#include "Checks.h"
#include "memwall/Workload/Architecture.h"

using namespace memwall;
using llvm::Error;

Error memwall::checkAtLeast(int64_t smallest,
                            llvm::ArrayRef<Dimension> dimensions,
                            int64_t largest) {
  for (const Dimension &dimension : dimensions)
    if (dimension.value < smallest || dimension.value > largest)
      return makeError("expected {0} to be {1} to {2}, found {3}",
                       dimension.flag, smallest, largest, dimension.value);
  return Error::success();
}

Error memwall::checkDivides(const char *part, int64_t divisor,
                            const char *whole, int64_t value) {
  if (value % divisor == 0)
    return Error::success();
  return makeError("expected {0} to divide {1}, found {2} and {3}", part, whole,
                   divisor, value);
}

static Error verifyTower(const VisionTower &tower) {
  if (Error error = checkAtLeast(
          1, {{"layers of a vision tower", tower.layers}}, largestCount))
    return error;
  if (Error error = checkAtLeast(1, {{"its hidden size", tower.hidden},
                                     {"its heads", tower.heads},
                                     {"its ffn", tower.ffn},
                                     {"its image", tower.image},
                                     {"its patch", tower.patch}}))
    return error;
  if (Error error = checkAtLeast(0, {{"its class tokens", tower.classTokens}}))
    return error;
  if (Error error = checkDivides("the heads of a vision tower", tower.heads,
                                 "its hidden size", tower.hidden))
    return error;
  if (Error error =
          checkDivides("the patch", tower.patch, "the image", tower.image))
    return error;
  if (Error error = checkAtLeast(
          1, {{"the side of a square of merged patches", tower.merge}}))
    return error;
  if (Error error =
          checkDivides("the side of a square of merged patches", tower.merge,
                       "the patches of a side", tower.image / tower.patch))
    return error;
  return checkAtLeast(1, {{"the tokens of a vision tower", tower.tokens()}});
}

static Error verifyActions(const Architecture &model) {
  const ActionExpert &actions = model.actions;
  if (actions.hidden == 0 && actions.ffn == 0 && actions.dimension == 0 &&
      actions.horizon == 0)
    return Error::success();
  if (model.family != Family::VisionLanguage)
    return makeError("expected a model of images and words for an action "
                     "expert");
  if (Error error = checkAtLeast(1, {{"--action-hidden", actions.hidden},
                                     {"--action-ffn", actions.ffn},
                                     {"--action-dim", actions.dimension},
                                     {"--action-horizon", actions.horizon}}))
    return error;
  if (model.isLatent() || model.hasExperts() || !model.pattern.empty() ||
      model.window > 0)
    return makeError("expected an action expert beside dense layers that all "
                     "attend to everything");
  return Error::success();
}

static Error verifyTowers(const Architecture &model) {
  for (const VisionTower &tower : model.towers) {
    if (Error error = verifyTower(tower))
      return error;
    int64_t first = model.towers.front().imageTokens();
    if (tower.imageTokens() != first)
      return makeError("expected all vision towers to make the same number of "
                       "patches, found {0} and {1}",
                       first, tower.imageTokens());
  }
  if (Error error = checkAtLeast(0, {{"--classes", model.classes},
                                     {"--action-tokens", model.actionTokens}}))
    return error;
  if (Error error = checkAtLeast(1, {{"--views", model.views}}, largestCount))
    return error;
  if (model.views > 1 && model.family != Family::VisionLanguage)
    return makeError("expected --views=1 without a decoder, found {0}",
                     model.views);
  if (Error error = verifyActions(model))
    return error;
  if (model.classes > 0 && model.isImageEncoder() &&
      model.towers.front().classTokens == 0)
    return makeError("expected a class token for the classifier, found none");
  if (model.family != Family::VisionLanguage)
    return Error::success();
  if (model.towers.empty() || model.projector.empty())
    return makeError("expected a vision tower and a projector");
  if (model.positions == Positions::Learned)
    return makeError("expected a vision-language model without learned "
                     "positions");
  for (int64_t width : model.projector)
    if (Error error = checkAtLeast(1, {{"a width of the projector", width}}))
      return error;
  if (model.projector.back() != model.hidden)
    return makeError("expected the projector to end with the hidden size, {0}, "
                     "found {1}",
                     model.hidden, model.projector.back());
  return Error::success();
}

static Error verifyExperts(const Architecture &model) {
  const MixtureOfExperts &moe = model.moe;
  if (Error error = checkAtLeast(0, {{"--experts", moe.experts},
                                     {"--shared-experts", moe.sharedExperts},
                                     {"--dense-layers", moe.denseLayers}}))
    return error;
  if (moe.experts == 0)
    return Error::success();
  if (Error error = checkAtLeast(1, {{"--expert-ffn", moe.expertFfn}}))
    return error;
  if (Error error = checkAtLeast(1, {{"--top-k", moe.topK}}, largestCount))
    return error;
  if (moe.topK > moe.experts)
    return makeError("expected --top-k to be at most the number of experts, "
                     "{0}, found {1}",
                     moe.experts, moe.topK);
  if (!isGated(model.activation))
    return makeError("expected experts to have the activation swiglu, geglu or "
                     "clamped-swiglu");
  return checkAtLeast(1, {{"--expert-interval", moe.interval}});
}

static Error verifyHeads(const Architecture &model) {
  if (Error error =
          checkDivides("--kv-heads", model.kvHeads, "--heads", model.heads))
    return error;
  bool isTurned = model.positions == Positions::Rotary && !model.isLatent();
  if (isTurned && model.headDim % 2 != 0)
    return makeError("expected an even --head-dim for rotary positions, found "
                     "{0}",
                     model.headDim);
  if (!model.isLatent())
    return Error::success();
  const LatentAttention &latent = model.latent;
  if (Error error = checkAtLeast(0, {{"--query-latent", latent.queryLatent}}))
    return error;
  if (Error error = checkAtLeast(1, {{"--kv-latent", latent.kvLatent},
                                     {"--rope-dim", latent.ropeDim},
                                     {"--value-dim", latent.valueDim}}))
    return error;
  if (latent.ropeDim % 2 != 0)
    return makeError("expected an even --rope-dim, found {0}", latent.ropeDim);
  if (model.positions != Positions::Rotary || model.qkvBias ||
      model.outputBias || model.window > 0 || !model.pattern.empty() ||
      model.qkNorm != QKNorm::None || model.attentionCap > 0 || model.sinks ||
      model.outputGate || model.rotaryDim > 0 || model.kvHeads != model.heads)
    return makeError("expected latent attention with rotary positions, as many "
                     "KV heads as heads, no biases, no window, and nothing "
                     "that only other attention has");
  return Error::success();
}

static Error verifyMixers(const Architecture &model) {
  if (model.has(Mixer::Window))
    if (Error error = checkAtLeast(1, {{"--window", model.window}}))
      return error;
  if (Error error = checkAtLeast(0, {{"--rotary-dim", model.rotaryDim}}))
    return error;
  int64_t turned = model.rotaryDim > 0 ? model.rotaryDim : model.headDim;
  if (turned > model.headDim || turned < 0 ||
      (model.rotaryDim != 0 && turned % 2 != 0))
    return makeError("expected --rotary-dim to be even and at most --head-dim, "
                     "{0}, found {1}",
                     model.headDim, model.rotaryDim);
  for (auto [flag, cap] : {std::pair("--attention-cap", model.attentionCap),
                           std::pair("--logit-cap", model.logitCap)})
    if (!(cap >= 0 && cap <= 1e6))
      return makeError("expected {0} to be 0 to 1000000, found {1}", flag, cap);
  if (!model.pattern.empty() && model.family != Family::Decoder &&
      model.family != Family::VisionLanguage)
    return makeError("expected a decoder for --pattern");
  if (model.has(Mixer::Unturned) && model.positions != Positions::Rotary)
    return makeError("expected rotary positions for layers that are not "
                     "turned");
  bool isParallel = model.normPlacement == NormPlacement::Parallel ||
                    model.normPlacement == NormPlacement::ParallelTwo;
  bool isSplit = model.splitLayers || model.has(Mixer::FeedForward);
  if (isParallel && (isSplit || (model.ffn == 0 && !model.hasExperts())))
    return makeError("expected layers with a mixer and a feed-forward part for "
                     "parallel parts");
  if (model.has(Mixer::FeedForward) && model.ffn == 0 && !model.hasExperts())
    return makeError("expected --ffn to be at least 1 for layers that are a "
                     "feed-forward part, found 0");
  if (!model.isRecurrent())
    return Error::success();
  const Recurrence &state = model.recurrence;
  if (Error error = checkAtLeast(1, {{"--state-heads", state.valueHeads},
                                     {"--state-key-heads", state.keyHeads},
                                     {"--state-key-dim", state.keyDim},
                                     {"--state-value-dim", state.valueDim}}))
    return error;
  bool isSelective = model.has(Mixer::SelectiveScan);
  if (state.taps != 0 || isSelective)
    if (Error error = checkAtLeast(2, {{"--conv-taps", state.taps}}, 16))
      return error;
  if (isSelective) {
    if (Error error = checkAtLeast(1, {{"--state-rank", state.rank}}))
      return error;
    if (model.has(Mixer::Scan) || model.has(Mixer::AttentionAndScan) ||
        model.has(Mixer::DeltaRule) || model.has(Mixer::LinearAttention))
      return makeError("expected no other layers with a state beside a "
                       "selective scan");
    if (state.keyHeads != 1 || state.valueDim != 1)
      return makeError("expected one key head and values of one number for a "
                       "selective scan, found {0} and {1}",
                       state.keyHeads, state.valueDim);
  }
  if (state.normGroups > 0)
    if (Error error = checkDivides("the groups of a scan's norm",
                                   state.normGroups, "the numbers of a token",
                                   state.valueHeads * state.valueDim))
      return error;
  return checkDivides("--state-key-heads", state.keyHeads, "--state-heads",
                      state.valueHeads);
}

Error Architecture::verify() const {
  if (isImageEncoder())
    return verifyTowers(*this);
  if (Error error = checkAtLeast(1, {{"--num-layers", layers}}, largestCount))
    return error;
  if (Error error =
          checkAtLeast(0, {{"--encoder-layers", encoderLayers}}, largestCount))
    return error;
  if (Error error = checkAtLeast(1, {{"--hidden", hidden},
                                     {"--heads", heads},
                                     {"--kv-heads", kvHeads},
                                     {"--head-dim", headDim},
                                     {"--vocabulary", vocabulary}}))
    return error;
  // Layers that are nothing but a mixer, as in Mamba.
  if (Error error = checkAtLeast(isRecurrent() ? 0 : 1, {{"--ffn", ffn}}))
    return error;
  if (Error error = checkAtLeast(0, {{"--window", window},
                                     {"--position-rows", positionRows},
                                     {"the token types", segments}}))
    return error;
  if (isGated(activation) && linearBias)
    return makeError("expected no biases in the feed-forward part with the "
                     "activation {0}",
                     activation == Activation::SwiGLU  ? "swiglu"
                     : activation == Activation::GeGLU ? "geglu"
                                                       : "clamped-swiglu");
  if ((normPlacement == NormPlacement::Both ||
       normPlacement == NormPlacement::After) &&
      (linearBias || outputBias))
    return makeError("expected no biases in front of norms of what a part "
                     "adds");
  if ((normPlacement == NormPlacement::Parallel ||
       normPlacement == NormPlacement::ParallelTwo) &&
      family == Family::EncoderDecoder)
    return makeError("expected no encoder for parallel parts");
  if (positions == Positions::ALiBi &&
      (family != Family::Decoder || window > 0 || seesAll))
    return makeError("expected a decoder without a window for biases of "
                     "distances");
  if (family == Family::EncoderDecoder && encoderLayers < 1)
    return makeError("expected an encoder-decoder to have encoder layers, "
                     "found {0}",
                     encoderLayers);
  if (family == Family::EncoderDecoder && isLatent())
    return makeError("expected an encoder-decoder without latent attention");
  if (positions == Positions::RelativeBias &&
      (buckets < 1 || family != Family::EncoderDecoder))
    return makeError("expected relative position biases in an encoder-decoder");
  if (Error error = verifyHeads(*this))
    return error;
  if (Error error = verifyExperts(*this))
    return error;
  if (Error error = verifyMixers(*this))
    return error;
  return verifyTowers(*this);
}
