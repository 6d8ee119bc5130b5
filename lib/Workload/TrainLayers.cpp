//===- TrainLayers.cpp - Layers forward and backward ----------------------===//

#include "ModelBuilder.h"
#include "Training.h"

using namespace mlir;
using namespace memwall;

/// One layer: forward, backward and update in one function.
void ModelBuilder::buildTrainedLayer() {
  bool isEncoder = local.family == Family::Encoder;
  Span span = getSpan(isEncoder ? Stack::Encoder : Stack::Decoder);
  FunctionBuilder function(module, isEncoder ? "train_encoder_layer"
                                             : "train_decoder_layer");
  Tape tape;
  LayerBuilder layer(function, options, local, span, &tape);
  Type type = layer.getTypes().activation;
  SmallVector<int64_t> shape = {span.rows(), local.hidden};
  Value x = function.addArgument("hidden", role::activation, shape, type);
  Value y = layer.decoderLayer(x, false, false);
  Value dy =
      function.addArgument("hidden.gradient", role::activation, shape, type);
  LayerGradient gradient(function, options, local, span, tape);
  Value dx = gradient.layer(dy);
  function.addResult(y, "hidden", role::activation);
  function.addResult(dx, "hidden.gradient", role::activation);
  gradient.update();
  function.finish(/*isPrivate=*/false);
}

ModelBuilder::TrainedLayer ModelBuilder::buildTrainedHalves(const Span &span) {
  // 1. Forward. What it noted and did not get as an argument are results.
  Tape tape;
  FunctionBuilder forward(module, "layer_forward");
  LayerBuilder layer(forward, options, local, span, &tape);
  SmallVector<int64_t> shape = {span.rows(), local.hidden};
  Type type = layer.getTypes().activation;
  Value x = forward.addArgument("hidden", role::activation, shape, type);
  Value y = layer.decoderLayer(x, false, false);
  forward.addResult(y, "hidden", role::activation);
  llvm::MapVector<Value, std::string> saved;
  for (auto &[name, value] : tape.values)
    if (!isa<BlockArgument>(value) &&
        saved.insert({value, "saved." + name}).second)
      forward.addResult(value, "saved." + name, role::activation);

  // 2. Backward, from the same values as arguments.
  FunctionBuilder backward(module, "layer_backward");
  Value dy =
      backward.addArgument("hidden.gradient", role::activation, shape, type);
  Tape given;
  for (auto &[name, value] : tape.values)
    given.values[name] =
        backward.getArgument(value == x ? "hidden" : saved.lookup(value),
                             role::activation, value.getType());
  for (auto &[name, value] : tape.weights)
    given.weights[name] =
        backward.addArgument(name, role::weight, value.getType());
  LayerGradient gradient(backward, options, local, span, given);
  backward.addResult(gradient.layer(dy), "hidden.gradient", role::activation);
  gradient.update();
  return {forward.finish(/*isPrivate=*/true),
          backward.finish(/*isPrivate=*/true)};
}

Value ModelBuilder::trainLayers(FunctionBuilder &entry, const Span &span,
                                int64_t count, Value x,
                                llvm::function_ref<Value(Value)> getGradient) {
  TrainedLayer layer = buildTrainedHalves(span);
  SmallVector<SmallVector<NamedTensor>> operands;
  auto getPrefix = [&](int64_t index) {
    return "layers." + std::to_string(local.layers - count + index) + ".";
  };
  for (int64_t index = 0; index < count; ++index) {
    NamedTensor hidden = {x, "hidden", ""};
    SmallVector<NamedTensor> results =
        entry.call(layer.forward, getPrefix(index), hidden);
    x = results.front().value;
    // The layer's own input takes the place of its result.
    results.front() = hidden;
    operands.push_back(std::move(results));
  }
  Value d = getGradient(x);
  for (int64_t index = count - 1; index >= 0; --index) {
    operands[index].push_back({d, "hidden.gradient", ""});
    d = entry.call(layer.backward, getPrefix(index), operands[index])
            .front()
            .value;
  }
  return d;
}

void ModelBuilder::buildTraining() {
  if (!options.wholeModel && options.layers == 1)
    return buildTrainedLayer();
  bool isEncoder = local.family == Family::Encoder;
  Span span = getSpan(isEncoder ? Stack::Encoder : Stack::Decoder);
  FunctionBuilder entry(module, "train");
  if (options.wholeModel) {
    trainWholeModel(entry, span);
  } else {
    Type type = ElementTypes(module.getContext(), options).activation;
    SmallVector<int64_t> shape = {span.rows(), local.hidden};
    Value x = entry.addArgument("hidden", role::activation, shape, type);
    Value dx = trainLayers(entry, span, options.layers, x, [&](Value y) {
      entry.addFirstResult(y, "hidden", role::activation);
      return entry.addArgument("hidden.gradient", role::activation, shape,
                               type);
    });
    entry.addResult(dx, "hidden.gradient", role::activation);
  }
  entry.finish(/*isPrivate=*/false);
}
