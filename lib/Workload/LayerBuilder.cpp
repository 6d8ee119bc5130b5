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
  case ElementKind::F4:
    return Float4E2M1FNType::get(context);
  default: // Formats of blocks have no one type.
    return {};
  }
}

ElementTypes::ElementTypes(MLIRContext *context, const WorkloadOptions &options)
    : activation(get(context, options.activations)),
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
  local.recurrence.keyHeads /= devices;
  local.recurrence.valueHeads /= devices;
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

LayerBuilder::LayerBuilder(FunctionBuilder &function,
                           const WorkloadOptions &options,
                           const Architecture &local, const Span &span,
                           Tape *tape)
    : function(function), options(options), model(local), span(span),
      types(function.getBuilder().getContext(), options),
      emitter(function.getBuilder(), options.style), tape(tape),
      kind(local.getLayer(0)) {}

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
  return multiply(x, getMatrix(name, {out, in}, getFormat(name, in)));
}

const WeightFormat &LayerBuilder::getFormat(StringRef projection,
                                            int64_t inputs) {
  ElementKind stored = options.getWeightKind(kind, projection, inputs);
  auto known = formats.find(stored);
  if (known == formats.end())
    known = formats
                .try_emplace(stored, function.getBuilder().getContext(), stored,
                             options)
                .first;
  return known->second;
}

StoredMatrix LayerBuilder::getMatrix(const Twine &name, ArrayRef<int64_t> shape,
                                     const WeightFormat &format) {
  auto get = [&](StringRef suffix, int64_t columns, Type type) {
    SmallVector<int64_t> partShape(shape);
    partShape.back() = columns;
    std::string fullName = (name + suffix).str();
    Value value = function.getArgument(fullName, role::weight,
                                       RankedTensorType::get(partShape, type));
    if (tape)
      tape->weights[fullName] = value;
    return value;
  };
  int64_t in = shape.back();
  StoredMatrix matrix = {format, get(".weight", in, format.element), {}};
  for (const WeightFormat::Part &part : format.parts)
    matrix.parts.push_back(get(part.suffix, in / part.getGroup(in), part.type));
  return matrix;
}

Value LayerBuilder::multiply(Value x, const StoredMatrix &matrix) {
  ArrayRef<int64_t> shape = Emitter::getShape(matrix.elements);
  int64_t out = shape[0], in = shape[1];
  if (!matrix.format.hasParts())
    return emitter.contract({x, "tk"}, {matrix.elements, "ok"}, "to",
                            types.accumulator);
  // One scale per output: the sum is scaled, not each of its terms.
  if (matrix.format.isPerRow(in)) {
    Value product = emitter.contract({x, "tk"}, {matrix.elements, "ok"}, "to",
                                     types.accumulator);
    return emitter.map(
        "to", {{product, "to"}, {emitter.reshape(matrix.parts[0], {out}), "o"}},
        types.accumulator,
        [](ScalarBuilder &s, ValueRange in) { return s.mul(in[0], in[1]); });
  }
  return emitter.contractStored({x, "tk"}, {matrix.elements, "ok"}, matrix,
                                "to", types.accumulator);
}

Value LayerBuilder::softCap(Value x, StringRef letters, double cap) {
  if (cap == 0)
    return x;
  return emitter.map(letters, Lettered{x, letters}, Emitter::getElementType(x),
                     [&](ScalarBuilder &s, ValueRange in) {
                       Value part = s.mul(in[0], s.constant(1 / cap));
                       return s.mul(s.tanh(part), s.constant(cap));
                     });
}

Value LayerBuilder::scale(Value x, StringRef letters, double factor) {
  if (factor == 1)
    return x;
  return emitter.map(letters, Lettered{x, letters}, Emitter::getElementType(x),
                     [&](ScalarBuilder &s, ValueRange in) {
                       return s.mul(in[0], s.constant(factor));
                     });
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
  double scale = model.residualScale;
  if (!bias && scale == 1)
    return emitter.add(x, update, "to", types.activation);
  SmallVector<Lettered> inputs = {{x, "to"}, {update, "to"}};
  if (bias)
    inputs.push_back({bias, "o"});
  return emitter.map(
      "to", inputs, types.activation, [&](ScalarBuilder &s, ValueRange in) {
        Value added = bias ? s.add(in[1], in[2]) : in[1];
        return s.add(in[0],
                     scale == 1 ? added : s.mul(added, s.constant(scale)));
      });
}

//===----------------------------------------------------------------------===//
// The layer
//===----------------------------------------------------------------------===//

Value LayerBuilder::decoderLayer(Value x, LayerKind layer, bool hasCross) {
  kind = layer;
  bool isPost = model.normPlacement == NormPlacement::Post;
  bool isAfter = model.normPlacement == NormPlacement::After;
  bool isBoth = model.normPlacement == NormPlacement::Both;
  // One part of the layer with its norms and residual.
  auto addPart = [&](StringRef name, StringRef last, bool hasBias,
                     llvm::function_ref<Value(Value)> part) {
    std::string normName = (name + "_norm").str();
    Value input = isPost || isAfter ? x : norm(x, normName);
    Value update = part(input);
    Value bias = getBias(last, model.hidden, hasBias);
    if (isBoth || isAfter) {
      update = emitter.convert({update, "to"}, "to", types.activation);
      update = norm(update, isAfter ? normName : (name + "_post_norm").str());
    }
    emitter.setStep((name + "_residual").str());
    x = residual(x, update, bias);
    if (isPost)
      x = norm(x, normName);
  };
  auto mix = [&](Value input) {
    if (!kind.isRecurrent())
      return selfAttention(input);
    if (!kind.attends())
      return recurrence(input);
    Value attended = selfAttention(input), scanned = recurrence(input);
    emitter.setStep("mixer_sum");
    return emitter.add(attended, scanned, "to", types.accumulator);
  };
  auto runFeedForward = [&](Value input) {
    return kind.hasExperts ? experts(input) : feedForward(input);
  };

  bool hasOutputBias =
      (model.linearBias || model.outputBias) && !kind.isRecurrent();
  bool hasDownBias = model.linearBias && !kind.hasExperts;
  bool isParallelTwo = model.normPlacement == NormPlacement::ParallelTwo;
  if (model.normPlacement == NormPlacement::Parallel || isParallelTwo) {
    Value input = norm(x, isParallelTwo ? "attn_norm" : "norm");
    Value attended = mix(input);
    Value attendedBias = getBias("o_proj", model.hidden, hasOutputBias);
    Value fed = runFeedForward(isParallelTwo ? norm(x, "ffn_norm") : input);
    Value fedBias = getBias("down_proj", model.hidden, hasDownBias);
    emitter.setStep("residual");
    return residual(residual(x, attended, attendedBias), fed, fedBias);
  }
  if (kind.mixer != Mixer::FeedForward)
    addPart("attn", "o_proj", hasOutputBias, mix);
  if (hasCross)
    addPart("cross", "cross_o_proj", model.linearBias,
            [&](Value input) { return crossAttention(input); });
  if (model.hasFeedForward(kind))
    addPart("ffn", "down_proj", hasDownBias, runFeedForward);
  return x;
}
