//===- ModelBuilder.cpp - Layers, and what is around them -----------------===//

#include "ModelBuilder.h"
#include "SplitSteps.h"

using namespace mlir;
using namespace memwall;

ModelBuilder::ModelBuilder(ModuleOp module, const WorkloadOptions &options)
    : module(module), options(options),
      local(shard(options.architecture, options.tensorParallel)) {
  if (!runsActions())
    return;
  local.hidden = local.actions.hidden;
  local.ffn = local.actions.ffn / options.tensorParallel;
}

Span ModelBuilder::getSpan(Stack stack) const {
  Span span;
  span.batch = options.getBatch();
  if (stack == Stack::Encoder) {
    bool isOnly = local.family == Family::Encoder;
    span.tokens = isOnly ? options.sequence : options.encoderSequence;
    return span;
  }
  span.isCausal = !local.seesAll;
  span.isFirstAlone = runsActions();
  if (local.family == Family::EncoderDecoder)
    span.memory = options.encoderSequence;
  if (!options.isCached()) {
    span.tokens = options.sequence;
    span.returnsKV = options.phase == Phase::Prefill;
    return span;
  }
  span.tokens = options.getNewTokens();
  span.isCached = true;
  span.contexts = options.contexts;
  if (span.contexts.empty())
    span.contexts.push_back(options.context);
  return span;
}

/// What tells the function of a kind of layer from those of other kinds.
static std::string getSuffix(const Architecture &model, LayerKind kind) {
  std::string suffix;
  if (!model.pattern.empty())
    switch (kind.mixer) {
    case Mixer::Attention:
      suffix = "_global";
      break;
    case Mixer::Window:
      suffix = "_window";
      break;
    case Mixer::LinearAttention:
      suffix = "_linear";
      break;
    case Mixer::DeltaRule:
      suffix = "_delta";
      break;
    case Mixer::Scan:
      suffix = "_scan";
      break;
    case Mixer::Unturned:
      suffix = "_unturned";
      break;
    case Mixer::SelectiveScan:
      suffix = "_selective";
      break;
    case Mixer::AttentionAndScan:
      suffix = "_attention_scan";
      break;
    case Mixer::FeedForward:
      suffix = "_feed_forward";
      break;
    }
  bool hasDense = model.moe.denseLayers > 0 || model.moe.interval > 1;
  return suffix + (kind.hasExperts && hasDense ? "_experts" : "") +
         (kind.hasFineValues ? "_fine_values" : "") +
         (kind.hasFineDown ? "_fine_down" : "");
}

func::FuncOp ModelBuilder::buildLayer(Stack stack, LayerKind kind) {
  std::string name =
      stack == Stack::Encoder ? "encoder_layer" : "decoder_layer";
  Span span = getSpan(stack);
  FunctionBuilder function(module, name + getSuffix(local, kind));
  LayerBuilder layer(function, options, local, span);
  Value x = function.addArgument("hidden", role::activation,
                                 {span.rows(), local.hidden},
                                 layer.getTypes().activation);
  Value y =
      layer.decoderLayer(x, kind, span.memory > 0 && stack == Stack::Decoder);
  function.addFirstResult(y, "hidden", role::activation);
  return function.finish(/*isPrivate=*/false);
}

func::FuncOp ModelBuilder::getLayer(Stack stack, LayerKind kind) {
  for (const LayerFunction &known : layerFunctions)
    if (known.stack == stack && known.kind == kind)
      return known.function;
  func::FuncOp function = buildLayer(stack, kind);
  layerFunctions.push_back({stack, kind, function});
  return function;
}

Value ModelBuilder::callLayers(FunctionBuilder &entry, Stack stack,
                               int64_t count, Value x,
                               ArrayRef<NamedTensor> shared) {
  bool isEncoder = stack == Stack::Encoder;
  bool isSecond = isEncoder && local.family == Family::EncoderDecoder;
  int64_t total = isSecond ? local.encoderLayers : local.layers;
  for (int64_t index = total - count; index < total; ++index) {
    func::FuncOp layer = getLayer(stack, options.getLayer(index));
    layer.setPrivate();
    SmallVector<NamedTensor> operands(shared);
    operands.push_back({x, "hidden", ""});
    std::string prefix =
        (isSecond ? "encoder." : "layers.") + std::to_string(index) + ".";
    std::string ownPrefix = (runsActions() ? "action_" : "") + prefix;
    x = entry.call(layer, ownPrefix, operands, prefix).front().value;
  }
  return x;
}

SmallVector<NamedTensor> ModelBuilder::addPositionBias(FunctionBuilder &entry,
                                                       Stack stack) {
  if (local.positions != Positions::RelativeBias)
    return {};
  Span span = getSpan(stack);
  int64_t context = span.isCached ? span.contexts[0] : span.tokens;
  int64_t groups = local.heads / local.kvHeads;
  Value bias =
      entry.addArgument((getPrefix(stack) + "position_bias").str(), role::table,
                        {local.kvHeads, groups, span.tokens, context},
                        ElementTypes(module.getContext(), options).activation);
  return {{bias, "position_bias", ""}};
}

void ModelBuilder::buildLayersOnly() {
  bool isImage = local.isImageEncoder();
  bool hasBoth = local.family == Family::EncoderDecoder && !options.isCached();
  Stack stack =
      local.family == Family::Encoder ? Stack::Encoder : Stack::Decoder;
  if (options.layers == 1 && !hasBoth && !isImage) {
    func::FuncOp layer = getLayer(stack, options.getLayer(local.layers - 1));
    if (options.stepsApart)
      splitSteps(layer);
    return;
  }
  FunctionBuilder entry(module, "layers");
  ElementTypes types(module.getContext(), options);
  auto addInput = [&](StringRef name, Stack stack) {
    return entry.addArgument(name, role::activation,
                             {getSpan(stack).rows(), local.hidden},
                             types.activation);
  };
  SmallVector<NamedTensor> shared;
  if (isImage) {
    const VisionTower &tower = local.towers.front();
    Value x = entry.addArgument(
        "hidden", role::activation,
        {options.getBatch() * tower.tokens(), tower.hidden}, types.activation);
    x = callTower(entry, tower, options.layers, x);
    entry.addFirstResult(x, "hidden", role::activation);
    entry.finish(/*isPrivate=*/false);
    return;
  }
  if (hasBoth) {
    Value memory = addInput("encoder_hidden", Stack::Encoder);
    memory = callLayers(entry, Stack::Encoder, options.layers, memory,
                        addPositionBias(entry, Stack::Encoder));
    shared.push_back({memory, "memory", ""});
  }
  shared.append(addPositionBias(entry, stack));
  Value x = callLayers(entry, stack, options.layers, addInput("hidden", stack),
                       shared);
  entry.addFirstResult(x, "hidden", role::activation);
  entry.finish(/*isPrivate=*/false);
}

/// Notes on the functions that nothing calls how many tokens a call makes.
void ModelBuilder::countTokens() {
  Stack stack =
      local.family == Family::Encoder ? Stack::Encoder : Stack::Decoder;
  Span span = getSpan(stack);
  int64_t tokens = local.isImageEncoder()
                       ? span.batch * local.towers.front().tokens()
                       : span.rows();
  Builder builder(module.getContext());
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function.isPrivate())
      continue;
    function->setAttr("memwall.tokens", builder.getI64IntegerAttr(tokens));
    function->setAttr("memwall.sequences",
                      builder.getI64IntegerAttr(span.batch));
    if (local.actionTokens > 0)
      function->setAttr("memwall.action_tokens",
                        builder.getI64IntegerAttr(local.actionTokens));
  }
}

void ModelBuilder::build() {
  if (options.wholeModel)
    buildWholeModel();
  else
    buildLayersOnly();
  countTokens();
}
