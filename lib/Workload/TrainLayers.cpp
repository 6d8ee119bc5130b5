//===- TrainLayers.cpp - Layers forward and backward ----------------------===//

#include "ModelTrainer.h"

using namespace mlir;
using namespace memwall;

//===----------------------------------------------------------------------===//
// Stacks
//===----------------------------------------------------------------------===//

TrainedStack ModelTrainer::getStack(Stack stack, int64_t count) const {
  bool isEncoder = stack == Stack::Encoder;
  bool isSecond = isEncoder && local.family == Family::EncoderDecoder;
  TrainedStack result;
  result.name = isEncoder ? "encoder_layer" : "decoder_layer";
  result.prefix = isSecond ? "encoder." : "layers.";
  result.model = local;
  result.span = getSpan(stack);
  result.end = isSecond ? local.encoderLayers : local.layers;
  result.first = result.end - count;
  return result;
}

TrainedStack ModelTrainer::getTower(const VisionTower &tower,
                                    int64_t count) const {
  TrainedStack result;
  result.name = tower.name + "_layer";
  result.prefix = tower.name + ".";
  result.model = shard(getTowerArchitecture(tower), options.tensorParallel);
  result.span.batch = options.getBatch();
  result.span.tokens = tower.tokens();
  result.end = count;
  return result;
}

//===----------------------------------------------------------------------===//
// One layer
//===----------------------------------------------------------------------===//

static SmallVector<int64_t> getShape(const TrainedStack &stack) {
  return {stack.span.rows(), stack.model.hidden};
}

/// Forward, backward and update in one function.
void ModelTrainer::trainLayer(const TrainedStack &stack) {
  FunctionBuilder function(module, "train_" + stack.name);
  Tape tape;
  LayerBuilder layer(function, options, stack.model, stack.span, &tape);
  Type type = layer.getTypes().activation;
  bool hasExperts = stack.model.hasExperts();
  Value x =
      function.addArgument("hidden", role::activation, getShape(stack), type);
  Value y = layer.decoderLayer(x, {stack.model.getLayer(0).mixer, hasExperts},
                               /*hasCross=*/false);
  Value dy =
      function.addArgument("hidden.gradient", role::activation, x.getType());
  LayerGradient gradient(function, options, stack.model, stack.span, tape);
  Value dx = gradient.layer(dy, hasExperts, /*hasCross=*/false);
  function.addResult(y, "hidden", role::activation);
  function.addResult(dx, "hidden.gradient", role::activation);
  gradient.update();
  function.finish(/*isPrivate=*/false);
}

void ModelTrainer::buildHalves(const TrainedStack &stack, bool hasExperts,
                               TrainedStack::Layer &halves) {
  // 1. Forward. What it noted and did not get as an argument are results.
  std::string name = stack.name;
  if (hasExperts && stack.model.moe.denseLayers > 0)
    name += "_experts";
  Tape tape;
  FunctionBuilder forward(module, name + "_forward");
  LayerBuilder layer(forward, options, stack.model, stack.span, &tape);
  Type type = layer.getTypes().activation;
  llvm::MapVector<Value, std::string> names;
  Value x =
      forward.addArgument("hidden", role::activation, getShape(stack), type);
  names[x] = "hidden";
  if (stack.hasCross()) {
    SmallVector<int64_t> shape = {stack.span.batch * stack.span.memory,
                                  stack.model.hidden};
    names[forward.addArgument("memory", role::activation, shape, type)] =
        "memory";
  }
  Value y = layer.decoderLayer(x, {stack.model.getLayer(0).mixer, hasExperts},
                               stack.hasCross());
  forward.addResult(y, "hidden", role::activation);
  for (auto &[name, value] : tape.values)
    if (names.insert({value, "saved." + name}).second)
      forward.addResult(value, "saved." + name, role::activation);

  // 2. Backward, from the same values as arguments.
  FunctionBuilder backward(module, name + "_backward");
  Value dy =
      backward.addArgument("hidden.gradient", role::activation, x.getType());
  Tape given;
  for (auto &[name, value] : tape.values)
    given.values[name] = backward.getArgument(
        names.lookup(value), role::activation, value.getType());
  for (auto &[name, value] : tape.weights)
    given.weights[name] =
        backward.addArgument(name, role::weight, value.getType());
  LayerGradient gradient(backward, options, stack.model, stack.span, given);
  Value dx = gradient.layer(dy, hasExperts, stack.hasCross());
  backward.addResult(dx, "hidden.gradient", role::activation);
  if (Value d = gradient.getMemoryGradient())
    backward.addResult(d, "memory.gradient", role::activation);
  if (Value d = gradient.getBiasGradient())
    backward.addResult(d, "position_bias.gradient", role::activation);
  gradient.update();
  halves = {forward.finish(/*isPrivate=*/true),
            backward.finish(/*isPrivate=*/true)};
}

//===----------------------------------------------------------------------===//
// All of them
//===----------------------------------------------------------------------===//

Value ModelTrainer::forward(FunctionBuilder &entry, TrainedStack &stack,
                            Value x, ArrayRef<NamedTensor> shared) {
  for (int64_t index = stack.first; index < stack.end; ++index) {
    bool hasExperts = stack.hasExperts(index);
    TrainedStack::Layer &layer = hasExperts ? stack.routed : stack.dense;
    if (!layer.forward)
      buildHalves(stack, hasExperts, layer);
    SmallVector<NamedTensor> operands(shared);
    operands.push_back({x, "hidden", ""});
    SmallVector<NamedTensor> results =
        entry.call(layer.forward, stack.getPrefix(index), operands);
    x = results.front().value;
    // What the layer took is needed again, what it gave is not.
    results.erase(results.begin());
    results.append(operands);
    stack.notes.push_back(std::move(results));
  }
  return x;
}

/// total + part, or part.
static Value addTo(Emitter &emitter, Value total, Value part,
                   StringRef letters) {
  return total
             ? emitter.add(total, part, letters, Emitter::getElementType(part))
             : part;
}

Value ModelTrainer::backward(FunctionBuilder &entry, TrainedStack &stack,
                             Value dy) {
  Emitter emitter(entry.getBuilder(), options.style);
  for (int64_t index = stack.end - 1; index >= stack.first; --index) {
    bool hasExperts = stack.hasExperts(index);
    SmallVector<NamedTensor> operands = stack.notes.pop_back_val();
    operands.push_back({dy, "hidden.gradient", ""});
    SmallVector<NamedTensor> results =
        entry.call((hasExperts ? stack.routed : stack.dense).backward,
                   stack.getPrefix(index), operands);
    for (const NamedTensor &result : results) {
      if (result.name == "hidden.gradient")
        dy = result.value;
      emitter.setStep("memory_backward");
      if (result.name == "memory.gradient")
        stack.memoryGradient =
            addTo(emitter, stack.memoryGradient, result.value, "td");
      emitter.setStep("position_bias_backward");
      if (result.name == "position_bias.gradient")
        stack.biasGradient =
            addTo(emitter, stack.biasGradient, result.value, "hgts");
    }
  }
  return dy;
}

/// The last layers of the only stack, or of both.
void ModelTrainer::trainLayers(FunctionBuilder &entry) {
  Type type = ElementTypes(module.getContext(), options).activation;
  int64_t count = options.layers;
  auto addHidden = [&](const TrainedStack &stack, const Twine &name) {
    return entry.addArgument(name.str(), role::activation, getShape(stack),
                             type);
  };
  auto addBiasGradient = [&](const TrainedStack &stack, StringRef prefix) {
    if (stack.biasGradient)
      entry.addResult(stack.biasGradient,
                      (prefix + "position_bias.gradient").str(),
                      role::activation);
  };
  // 1. Forward, the encoder of an encoder-decoder first.
  TrainedStack encoder = getStack(Stack::Encoder, count), stack;
  SmallVector<NamedTensor> shared;
  bool hasBoth = local.family == Family::EncoderDecoder;
  if (hasBoth) {
    Value memory = forward(entry, encoder, addHidden(encoder, "encoder_hidden"),
                           addPositionBias(entry, Stack::Encoder));
    shared.push_back({memory, "memory", ""});
  }
  if (local.isImageEncoder())
    stack = getTower(local.towers.front(), count);
  else if (local.family == Family::Encoder)
    stack = encoder;
  else
    stack = getStack(Stack::Decoder, count);
  shared.append(addPositionBias(entry, Stack::Decoder));
  Value y = forward(entry, stack, addHidden(stack, "hidden"), shared);
  entry.addFirstResult(y, "hidden", role::activation);

  // 2. Backward.
  Value dy = addHidden(stack, "hidden.gradient");
  entry.addResult(backward(entry, stack, dy), "hidden.gradient",
                  role::activation);
  addBiasGradient(stack, "");
  if (!hasBoth)
    return;
  entry.addResult(backward(entry, encoder, stack.memoryGradient),
                  "encoder_hidden.gradient", role::activation);
  addBiasGradient(encoder, "encoder.");
}

void ModelTrainer::build() {
  bool hasBoth = local.family == Family::EncoderDecoder;
  if (!options.wholeModel && options.layers == 1 && !hasBoth) {
    if (local.isImageEncoder())
      trainLayer(getTower(local.towers.front(), 1));
    else
      trainLayer(getStack(local.family == Family::Encoder ? Stack::Encoder
                                                          : Stack::Decoder,
                          1));
  } else {
    FunctionBuilder entry(module, "train");
    if (!options.wholeModel)
      trainLayers(entry);
    else if (local.isImageEncoder())
      trainImageEncoder(entry);
    else
      trainWords(entry);
    entry.finish(/*isPrivate=*/false);
  }
  countTokens();
}
