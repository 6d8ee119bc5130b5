//===- LayerBuilder.cpp - Projections, residuals and the whole layer ------===//

#include "LayerBuilder.h"

using namespace mlir;
using namespace memwall;

//===----------------------------------------------------------------------===//
// Types and devices
//===----------------------------------------------------------------------===//

Type ElementTypes::get(MLIRContext *context, ElementKind kind) {
  switch (kind) {
  case ElementKind::F32:
    return Float32Type::get(context);
  case ElementKind::BF16:
    return BFloat16Type::get(context);
  case ElementKind::F16:
    return Float16Type::get(context);
  case ElementKind::F8:
    return Float8E4M3FNType::get(context);
  case ElementKind::I8:
    return IntegerType::get(context, 8);
  case ElementKind::I4:
    return IntegerType::get(context, 4);
  }
  return {};
}

ElementTypes::ElementTypes(MLIRContext *context, const WorkloadOptions &options)
    : weight(get(context, options.weights)),
      activation(get(context, options.activations)),
      kv(get(context, options.getKVKind())),
      accumulator(get(context, options.accumulator)),
      scale(options.activations == ElementKind::F8
                ? Float16Type::get(context)
                : get(context, options.activations)),
      statistic(Float32Type::get(context)) {}

Architecture memwall::shard(const Architecture &architecture, int64_t devices) {
  Architecture local = architecture;
  local.heads /= devices;
  // A KV head that several devices need is on each of them.
  local.kvHeads = std::max<int64_t>(1, local.kvHeads / devices);
  local.ffn /= devices;
  local.moe.expertFfn /= devices;
  return local;
}

int64_t memwall::getAllReduceBytes(int64_t bytes, int64_t devices) {
  return 2 * (devices - 1) * bytes / devices;
}

void LayerBuilder::allReduce(Value partialSum) {
  if (options.tensorParallel == 1)
    return;
  auto type = cast<RankedTensorType>(partialSum.getType());
  int64_t bits = types.activation.getIntOrFloatBitWidth();
  int64_t bytes = getAllReduceBytes(type.getNumElements() * bits / 8,
                                    options.tensorParallel);
  emitter.setInterconnectBytes(partialSum, bytes);
  function.addInterconnectBytes(bytes);
}

//===----------------------------------------------------------------------===//
// Projections
//===----------------------------------------------------------------------===//

Value LayerBuilder::weight(StringRef name, ArrayRef<int64_t> shape, Type type) {
  Value value = function.addArgument(name, role::weight, shape, type);
  if (tape)
    tape->weights[name.str()] = value;
  return value;
}

Value LayerBuilder::project(Value x, StringRef name, int64_t in, int64_t out) {
  emitter.setStep(name);
  record(name + ".input", x);
  Value matrix = weight((name + ".weight").str(), {out, in}, types.weight);
  if (!types.isWeightQuantised())
    return multiply(x, matrix, {});
  int64_t group = getGroup(in);
  return multiply(
      x, matrix,
      weight((name + ".scales").str(), {out, in / group}, types.scale));
}

int64_t LayerBuilder::getGroup(int64_t in) const {
  return options.groupSize == 0 ? in : options.groupSize;
}

Value LayerBuilder::multiply(Value x, Value matrix, Value scales) {
  if (!scales)
    return emitter.contract({x, "tk"}, {matrix, "ok"}, "to", types.accumulator);
  ArrayRef<int64_t> shape = Emitter::getShape(matrix);
  int64_t out = shape[0], group = getGroup(shape[1]);
  int64_t groups = shape[1] / group;
  // One scale per output: the sum is scaled, not each of its terms.
  if (groups == 1) {
    Value product =
        emitter.contract({x, "tk"}, {matrix, "ok"}, "to", types.accumulator);
    return emitter.map(
        "to", {{product, "to"}, {emitter.reshape(scales, {out}), "o"}},
        types.accumulator,
        [](ScalarBuilder &s, ValueRange in) { return s.mul(in[0], in[1]); });
  }
  Value split = emitter.reshape(x, {Emitter::getShape(x)[0], groups, group});
  return emitter.contractScaled(
      {split, "tgk"}, {emitter.reshape(matrix, {out, groups, group}), "ogk"},
      {scales, "og"}, "to", types.accumulator);
}

Value LayerBuilder::getBias(StringRef name, int64_t out, bool exists) {
  return exists ? weight((name + ".bias").str(), {out}, types.activation)
                : Value();
}

Value LayerBuilder::linear(Value x, StringRef name, int64_t in, int64_t out,
                           bool hasBias) {
  Value product = project(x, name, in, out);
  Value bias = getBias(name, out, hasBias);
  if (!bias)
    return emitter.convert({product, "to"}, "to", types.activation);
  return emitter.map(
      "to", {{product, "to"}, {bias, "o"}}, types.activation,
      [](ScalarBuilder &s, ValueRange in) { return s.add(in[0], in[1]); });
}

Value LayerBuilder::residual(Value x, Value update, Value bias) {
  if (!bias)
    return emitter.add(x, update, "to", types.activation);
  return emitter.map("to", {{x, "to"}, {update, "to"}, {bias, "o"}},
                     types.activation, [](ScalarBuilder &s, ValueRange in) {
                       return s.add(in[0], s.add(in[1], in[2]));
                     });
}

//===----------------------------------------------------------------------===//
// The layer
//===----------------------------------------------------------------------===//

Value LayerBuilder::decoderLayer(Value x, bool hasExperts, bool hasCross) {
  bool isPost = model.normPlacement == NormPlacement::Post;
  bool isParallel = model.normPlacement == NormPlacement::Parallel;
  // One part of the layer with its norm and residual.
  auto addPart = [&](StringRef name, bool hasBias, int64_t biasElements,
                     llvm::function_ref<Value(Value)> part) {
    std::string normName = (name + "_norm").str();
    Value input = isPost ? x : norm(x, normName);
    Value update = part(input);
    Value bias = getBias(name == "ffn"     ? "down_proj"
                         : name == "cross" ? "cross_o_proj"
                                           : "o_proj",
                         biasElements, hasBias);
    emitter.setStep((name + "_residual").str());
    x = residual(x, update, bias);
    if (isPost)
      x = norm(x, normName);
  };
  auto runFeedForward = [&](Value input) {
    return hasExperts ? experts(input) : feedForward(input);
  };

  if (isParallel) {
    Value input = norm(x, "norm");
    Value attended = selfAttention(input);
    Value fed = runFeedForward(input);
    emitter.setStep("residual");
    return residual(residual(x, attended, {}), fed, {});
  }
  addPart("attn", model.linearBias, model.hidden,
          [&](Value input) { return selfAttention(input); });
  if (hasCross)
    addPart("cross", model.linearBias, model.hidden,
            [&](Value input) { return crossAttention(input); });
  addPart("ffn", model.linearBias && !hasExperts, model.hidden, runFeedForward);
  return x;
}
