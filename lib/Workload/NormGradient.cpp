//===- NormGradient.cpp - RMSNorm and LayerNorm, backward -----------------===//

#include "Training.h"

using namespace mlir;
using namespace memwall;

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
