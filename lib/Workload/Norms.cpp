//===- Norms.cpp - RMSNorm and LayerNorm ----------------------------------===//

#include "LayerBuilder.h"

using namespace mlir;
using namespace memwall;

/// Added to the mean square, in every norm.
static constexpr double epsilon = 1e-5;

static Value inverseRoot(ScalarBuilder &s, Value sum, int64_t elements) {
  Value mean = s.div(sum, s.constant(elements));
  return s.rsqrt(s.add(mean, s.constant(epsilon)));
}

/// x / sqrt(mean(x^2) + epsilon) * weight: 4 FLOP per element, 3 per row.
static Value rmsNorm(Emitter &emitter, Value x, Value weight, Type statistic,
                     Value &inverse) {
  int64_t elements = Emitter::getShape(x)[1];
  Value squares = emitter.reduce(
      "t", Lettered{x, "td"}, statistic, Reduction::Sum,
      [](ScalarBuilder &s, ValueRange in) { return s.mul(in[0], in[0]); });
  inverse = emitter.map("t", Lettered{squares, "t"}, statistic,
                        [&](ScalarBuilder &s, ValueRange in) {
                          return inverseRoot(s, in[0], elements);
                        });
  return emitter.map("td", {{x, "td"}, {inverse, "t"}, {weight, "d"}},
                     Emitter::getElementType(x),
                     [](ScalarBuilder &s, ValueRange in) {
                       return s.mul(s.mul(in[0], in[1]), in[2]);
                     });
}

/// (x - mean) / sqrt(mean((x - mean)^2) + epsilon) * weight + bias, which may
/// be null: 8 FLOP per element, 4 per row.
static Value layerNorm(Emitter &emitter, Value x, Value weight, Value bias,
                       Type statistic, Value &means, Value &inverse) {
  int64_t elements = Emitter::getShape(x)[1];
  Value sums =
      emitter.reduce("t", Lettered{x, "td"}, statistic, Reduction::Sum,
                     [](ScalarBuilder &, ValueRange in) { return in[0]; });
  means = emitter.map("t", Lettered{sums, "t"}, statistic,
                      [&](ScalarBuilder &s, ValueRange in) {
                        return s.div(in[0], s.constant(elements));
                      });
  Value squares =
      emitter.reduce("t", {{x, "td"}, {means, "t"}}, statistic, Reduction::Sum,
                     [](ScalarBuilder &s, ValueRange in) {
                       Value centred = s.sub(in[0], in[1]);
                       return s.mul(centred, centred);
                     });
  inverse = emitter.map("t", Lettered{squares, "t"}, statistic,
                        [&](ScalarBuilder &s, ValueRange in) {
                          return inverseRoot(s, in[0], elements);
                        });
  SmallVector<Lettered> inputs = {
      {x, "td"}, {means, "t"}, {inverse, "t"}, {weight, "d"}};
  if (bias)
    inputs.push_back({bias, "d"});
  return emitter.map("td", inputs, Emitter::getElementType(x),
                     [&](ScalarBuilder &s, ValueRange in) {
                       Value normed =
                           s.mul(s.mul(s.sub(in[0], in[1]), in[2]), in[3]);
                       return bias ? s.add(normed, in[4]) : normed;
                     });
}

Value LayerBuilder::norm(Value x, StringRef name) {
  emitter.setStep(name);
  int64_t elements = Emitter::getShape(x)[1];
  Value scale = weight((name + ".weight").str(), {elements}, types.activation);
  Value means, inverse, y;
  if (model.norm == Norm::RMS) {
    y = rmsNorm(emitter, x, scale, types.statistic, inverse);
  } else {
    Value bias = getBias(name, elements, model.norm != Norm::LayerUnbiased);
    y = layerNorm(emitter, x, scale, bias, types.statistic, means, inverse);
    record(name + ".mean", means);
  }
  record(name + ".input", x);
  record(name + ".inverse", inverse);
  return y;
}
