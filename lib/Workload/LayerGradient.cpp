//===- LayerGradient.cpp - The backward pass of one layer -----------------===//
//
// Letters are those of LayerBuilder.h. d is short for a gradient: dq is that of
// the queries.
//
//===----------------------------------------------------------------------===//

#include "Training.h"
#include <cmath>

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

/// RMSNorm, y = x r w with r = 1 / sqrt(mean(x^2) + e):
///   dw = sum over tokens of dy x r
///   dx = r dy w - x r^3 / n * sum(dy w x)
static Value rmsNormBackward(Emitter &emitter, Value dy, Value x, Value weight,
                             Value inverse, const ElementTypes &types,
                             Value &dw) {
  int64_t elements = Emitter::getShape(x)[1];
  SmallVector<Lettered> inputs = {
      {dy, "td"}, {x, "td"}, {weight, "d"}, {inverse, "t"}};
  dw = emitter.reduce("d", {inputs[0], inputs[1], inputs[3]}, types.accumulator,
                      Reduction::Sum, [](ScalarBuilder &s, ValueRange in) {
                        return s.mul(s.mul(in[0], in[1]), in[2]);
                      });
  Value sums =
      emitter.reduce("t", {inputs[0], inputs[1], inputs[2]}, types.statistic,
                     Reduction::Sum, [](ScalarBuilder &s, ValueRange in) {
                       return s.mul(s.mul(in[0], in[2]), in[1]);
                     });
  Value factors = emitter.map(
      "t", {{sums, "t"}, inputs[3]}, types.statistic,
      [&](ScalarBuilder &s, ValueRange in) {
        Value cube = s.mul(s.mul(in[1], in[1]), in[1]);
        return s.mul(in[0], s.mul(cube, s.constant(1.0 / elements)));
      });
  inputs.push_back({factors, "t"});
  return emitter.map("td", inputs, types.activation,
                     [](ScalarBuilder &s, ValueRange in) {
                       Value direct = s.mul(s.mul(in[0], in[2]), in[3]);
                       return s.sub(direct, s.mul(in[1], in[4]));
                     });
}

/// LayerNorm, y = h w + b with h = (x - mean) r:
///   dw = sum over tokens of dy h,  db = sum over tokens of dy
///   dx = r (dy w - mean(dy w) - h mean(dy w h))
static Value layerNormBackward(Emitter &emitter, Value dy, Value x,
                               Value weight, Value mean, Value inverse,
                               const ElementTypes &types, Value &dw) {
  int64_t elements = Emitter::getShape(x)[1];
  auto getMean = [&](ScalarBuilder &s, Value sum) {
    return s.mul(sum, s.constant(1.0 / elements));
  };
  // 1. h, once.
  Value h = emitter.map("td", {{x, "td"}, {mean, "t"}, {inverse, "t"}},
                        types.statistic, [](ScalarBuilder &s, ValueRange in) {
                          return s.mul(s.sub(in[0], in[1]), in[2]);
                        });
  // 2. Sums over tokens, and over the elements of a token.
  dw = emitter.reduce(
      "d", {{dy, "td"}, {h, "td"}}, types.accumulator, Reduction::Sum,
      [](ScalarBuilder &s, ValueRange in) { return s.mul(in[0], in[1]); });
  SmallVector<Lettered> inputs = {{dy, "td"}, {weight, "d"}, {h, "td"}};
  Value sums = emitter.reduce(
      "t", ArrayRef(inputs).take_front(2), types.statistic, Reduction::Sum,
      [](ScalarBuilder &s, ValueRange in) { return s.mul(in[0], in[1]); });
  Value products = emitter.reduce("t", inputs, types.statistic, Reduction::Sum,
                                  [](ScalarBuilder &s, ValueRange in) {
                                    return s.mul(s.mul(in[0], in[1]), in[2]);
                                  });
  // 3. Their shares.
  inputs.append({{inverse, "t"}, {sums, "t"}, {products, "t"}});
  return emitter.map("td", inputs, types.activation,
                     [&](ScalarBuilder &s, ValueRange in) {
                       Value direct = s.mul(in[0], in[1]);
                       Value centred = s.sub(direct, getMean(s, in[4]));
                       Value share = s.mul(in[2], getMean(s, in[5]));
                       return s.mul(s.sub(centred, share), in[3]);
                     });
}

Value LayerGradient::norm(Value dy, StringRef name) {
  emitter.setStep((name + "_backward").str());
  Value x = saved(name + ".input"), inverse = saved(name + ".inverse");
  Value weight = getWeight((name + ".weight").str());
  Value dw, dx;
  if (model.norm == Norm::RMS) {
    dx = rmsNormBackward(emitter, dy, x, weight, inverse, types, dw);
  } else {
    bias(dy, name);
    dx = layerNormBackward(emitter, dy, x, weight, saved(name + ".mean"),
                           inverse, types, dw);
  }
  note((name + ".weight").str(), dw);
  return dx;
}

Value LayerGradient::rotateBack(Value d, StringRef letters) {
  if (model.positions != Positions::Rotary)
    return d;
  emitter.setStep("rope_backward");
  auto type =
      RankedTensorType::get({span.tokens, model.headDim / 2}, types.activation);
  return emitter.rotate(
      {d, letters}, {function.getArgument("rope_cos", role::table, type), "td"},
      {function.getArgument("rope_sin", role::table, type), "td"},
      /*isBack=*/true);
}

/// With p = softmax(q k^T) and o = p v:
///   dv = p^T do,  dp = do v^T,  ds = p (dp - sum(dp p)),  dq = ds k,
///   dk = ds^T q
Value LayerGradient::attention(Value dy) {
  // 1. Back through the output projection.
  int64_t size = model.headDim, groups = model.heads / model.kvHeads;
  Value mixed = linear(dy, "o_proj", false);
  mixed = emitter.convert({mixed, "tk"}, "tk", types.activation);
  mixed = emitter.reshape(
      mixed, {span.batch, span.tokens, model.kvHeads, groups, size});
  Value q = saved("q"), k = saved("k"), v = saved("v"), p = saved("weights");

  // 2. Values, and the softmax.
  emitter.setStep("context_backward");
  Type wide = types.accumulator, type = types.activation;
  Value dv = emitter.contract({p, "bhgts"}, {mixed, "bthgd"}, "bshd", wide);
  Value dp = emitter.contract({mixed, "bthgd"}, {v, "bshd"}, "bhgts", wide);
  emitter.setStep("softmax_backward");
  Value sums = emitter.reduce(
      "bhgt", {{dp, "bhgts"}, {p, "bhgts"}}, types.statistic, Reduction::Sum,
      [](ScalarBuilder &s, ValueRange in) { return s.mul(in[0], in[1]); });
  Value ds = emitter.map("bhgts", {{dp, "bhgts"}, {p, "bhgts"}, {sums, "bhgt"}},
                         type, [](ScalarBuilder &s, ValueRange in) {
                           return s.mul(in[1], s.sub(in[0], in[2]));
                         });

  // 3. Queries and keys. q is scaled already, k is not.
  emitter.setStep("scores_backward");
  Value dq = emitter.contract({ds, "bhgts"}, {k, "bshd"}, "bthgd", wide);
  Value dk = emitter.contract({ds, "bhgts"}, {q, "bthgd"}, "bshd", wide);
  double scale = model.attentionScale ? 1 / std::sqrt(size) : 1;
  dq = emitter.map("bthgd", Lettered{dq, "bthgd"}, type,
                   [&](ScalarBuilder &s, ValueRange in) {
                     return s.mul(in[0], s.constant(scale));
                   });
  dk = emitter.convert({dk, "bthd"}, "bthd", type);
  dv = emitter.convert({dv, "bthd"}, "bthd", type);
  dq = rotateBack(dq, "bthgd");
  dk = rotateBack(dk, "bthd");

  // 4. Back through the projections.
  auto flatten = [&](Value d, int64_t heads) {
    return emitter.reshape(d, {span.rows(), heads * size});
  };
  Value fromQ = linear(flatten(dq, model.heads), "q_proj", model.qkvBias);
  Value fromK = linear(flatten(dk, model.kvHeads), "k_proj", model.qkvBias);
  Value fromV = linear(flatten(dv, model.kvHeads), "v_proj", model.qkvBias);
  emitter.setStep("attn_backward");
  return allReduce(sum({fromQ, fromK, fromV}));
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

Value LayerGradient::layer(Value dy) {
  auto partBias = [&](Value d, StringRef name) {
    if (!model.linearBias)
      return;
    emitter.setStep((name + "_backward").str());
    bias(d, name);
  };
  auto add = [&](Value a, Value b, StringRef step) {
    emitter.setStep(step);
    return sum({a, b});
  };
  switch (model.normPlacement) {
  case NormPlacement::Parallel: {
    Value fromAttention = attention(dy), fromFeedForward = feedForward(dy);
    Value d = add(fromAttention, fromFeedForward, "residual_backward");
    return add(dy, norm(d, "norm"), "residual_backward");
  }
  case NormPlacement::Pre: {
    partBias(dy, "down_proj");
    Value d =
        add(dy, norm(feedForward(dy), "ffn_norm"), "ffn_residual_backward");
    partBias(d, "o_proj");
    return add(d, norm(attention(d), "attn_norm"), "attn_residual_backward");
  }
  case NormPlacement::Post:
    break;
  }
  Value d = norm(dy, "ffn_norm");
  partBias(d, "down_proj");
  d = norm(add(d, feedForward(d), "ffn_residual_backward"), "attn_norm");
  partBias(d, "o_proj");
  return add(d, attention(d), "attn_residual_backward");
}
