//===- LayerGradient.cpp - The backward pass of one layer -----------------===//
//
// Letters are those of LayerBuilder.h. d is short for a gradient: dq is that of
// the queries.
//
//===----------------------------------------------------------------------===//

#include "Training.h"

using namespace mlir;
using namespace memwall;

static Value addTwo(ScalarBuilder &s, ValueRange in) {
  return s.add(in[0], in[1]);
}

Value LayerGradient::sum(ArrayRef<Value> parts) {
  Value total = parts.front();
  for (Value part : parts.drop_front())
    total = emitter.map("td", {{total, "td"}, {part, "td"}}, types.activation,
                        addTwo);
  return emitter.convert({total, "td"}, "td", types.activation);
}

/// y = x w^T + b:  dx = dy w,  dw = dy^T x,  db = sum over tokens of dy
Value LayerGradient::linear(Value dy, StringRef name, bool hasBias) {
  emitter.setStep((name + "_backward").str());
  if (hasBias)
    bias(dy, name);
  Value x = saved(name + ".input");
  note((name + ".weight").str(),
       emitter.contract({dy, "to"}, {x, "tk"}, "ok", types.accumulator));
  return emitter.contract({dy, "to"},
                          {getWeight((name + ".weight").str()), "ok"}, "tk",
                          types.accumulator);
}

void LayerGradient::bias(Value dy, StringRef name) {
  Value sums =
      emitter.reduce("o", Lettered{dy, "to"}, types.accumulator, Reduction::Sum,
                     [](ScalarBuilder &, ValueRange in) { return in[0]; });
  note((name + ".bias").str(), sums);
}

Value LayerGradient::allReduce(Value partial) {
  if (options.tensorParallel == 1)
    return partial;
  auto type = cast<RankedTensorType>(partial.getType());
  int64_t bytes = getAllReduceBytes(type.getNumElements() *
                                        type.getElementTypeBitWidth() / 8,
                                    options.tensorParallel);
  emitter.setInterconnectBytes(partial, bytes);
  function.addInterconnectBytes(bytes);
  return partial;
}

Value LayerGradient::layer(Value dy, bool hasExperts, bool hasCross) {
  bool isPost = model.normPlacement == NormPlacement::Post;
  auto add = [&](Value a, Value b, StringRef step) {
    emitter.setStep(step);
    return sum({a, b});
  };
  auto fromFeedForward = [&](Value d) {
    return hasExperts ? experts(d) : feedForward(d);
  };
  if (model.normPlacement == NormPlacement::Parallel) {
    Value attended = attention(dy), fed = fromFeedForward(dy);
    Value d = add(attended, fed, "residual_backward");
    return add(dy, norm(d, "norm"), "residual_backward");
  }
  // One part of the layer with its norm and residual; the last comes first.
  auto undoPart = [&](StringRef name, StringRef last, bool hasBias,
                      llvm::function_ref<Value(Value)> part) {
    std::string normName = (name + "_norm").str();
    Value d = isPost ? norm(dy, normName) : dy;
    emitter.setStep((last + "_backward").str());
    if (hasBias)
      bias(d, last);
    Value update = part(d);
    if (!isPost)
      update = norm(update, normName);
    dy = add(d, update, (name + "_residual_backward").str());
  };
  undoPart("ffn", "down_proj", model.linearBias && !hasExperts,
           fromFeedForward);
  if (hasCross)
    undoPart("cross", "cross_o_proj", model.linearBias,
             [&](Value d) { return crossAttention(d); });
  undoPart("attn", "o_proj", model.linearBias,
           [&](Value d) { return attention(d); });
  return dy;
}
