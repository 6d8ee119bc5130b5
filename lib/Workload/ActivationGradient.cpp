//===- ActivationGradient.cpp - The feed-forward part, backward -----------===//

#include "Training.h"
#include <cmath>

using namespace mlir;
using namespace memwall;

/// d/dx 0.5 x (1 + tanh(z)) = 0.5 (1 + tanh(z)) + 0.5 x (1 - tanh(z)^2) z',
/// z = c (x + 0.044715 x^3), z' = c (1 + 3 * 0.044715 x^2)
static Value geluTanhSlope(ScalarBuilder &s, Value x) {
  Value c = s.constant(std::sqrt(2 / M_PI)), one = s.constant(1);
  Value half = s.constant(0.5), square = s.mul(x, x);
  Value inner = s.mul(x, s.add(one, s.mul(square, s.constant(0.044715))));
  Value tanh = s.tanh(s.mul(c, inner));
  Value innerSlope =
      s.mul(c, s.add(one, s.mul(square, s.constant(3 * 0.044715))));
  Value tanhSlope = s.mul(s.sub(one, s.mul(tanh, tanh)), innerSlope);
  return s.mul(half, s.add(s.add(one, tanh), s.mul(x, tanhSlope)));
}

/// d/dx 0.5 x (1 + erf(x / sqrt(2))) = 0.5 (1 + erf(x / sqrt(2))) + x g(x),
/// g(x) = exp(-x^2 / 2) / sqrt(2 pi)
static Value geluErfSlope(ScalarBuilder &s, Value x) {
  Value erf = s.erf(s.mul(x, s.constant(std::sqrt(0.5))));
  Value distribution = s.mul(s.constant(0.5), s.add(s.constant(1), erf));
  Value power = s.exp(s.mul(s.mul(x, x), s.constant(-0.5)));
  Value density = s.mul(power, s.constant(1 / std::sqrt(2 * M_PI)));
  return s.add(distribution, s.mul(x, density));
}

static Value getSlope(ScalarBuilder &s, Activation activation, Value x) {
  if (activation == Activation::GeluTanh)
    return geluTanhSlope(s, x);
  if (activation == Activation::GeluErf)
    return geluErfSlope(s, x);
  return s.select(s.greater(x, s.constant(0)), s.constant(1), s.constant(0));
}

Value LayerGradient::activation(Value dy, Value x, Value bias,
                                Activation kind) {
  emitter.setStep("activation_backward");
  SmallVector<Lettered> inputs = {{dy, "to"}, {x, "to"}};
  if (bias)
    inputs.push_back({bias, "o"});
  return emitter.map("to", inputs, types.activation,
                     [&](ScalarBuilder &s, ValueRange in) {
                       Value x = in.size() == 3 ? s.add(in[1], in[2]) : in[1];
                       return s.mul(in[0], getSlope(s, kind, x));
                     });
}

/// in[0], times in[position] if there is one.
static Value scaled(ScalarBuilder &s, ValueRange in, size_t position) {
  return in.size() > position ? s.mul(in[0], in[position]) : in[0];
}

/// y = g sigmoid(g) u, times the share if there is one:
///   du = dy g sigmoid(g),  dg = dy u sigmoid(g) (1 + g (1 - sigmoid(g)))
LayerGradient::GatedParts LayerGradient::gated(Lettered dy, Value gate,
                                               Value up, Lettered share) {
  emitter.setStep("activation_backward");
  StringRef letters = dy.letters;
  SmallVector<Lettered> ofUp = {dy, {gate, letters}};
  SmallVector<Lettered> ofGate = {dy, {gate, letters}, {up, letters}};
  if (share.value) {
    ofUp.push_back(share);
    ofGate.push_back(share);
  }
  Value dUp = emitter.map(letters, ofUp, types.activation,
                          [](ScalarBuilder &s, ValueRange in) {
                            Value slope = s.mul(in[1], sigmoid(s, in[1]));
                            return s.mul(scaled(s, in, 2), slope);
                          });
  Value dGate = emitter.map(
      letters, ofGate, types.activation, [](ScalarBuilder &s, ValueRange in) {
        Value one = s.constant(1), part = sigmoid(s, in[1]);
        Value slope = s.mul(part, s.add(one, s.mul(in[1], s.sub(one, part))));
        return s.mul(s.mul(scaled(s, in, 3), in[2]), slope);
      });
  return {dGate, dUp};
}

Value LayerGradient::feedForward(Value dy) {
  Value inner = linear(dy, "down_proj", false);
  if (model.activation != Activation::SwiGLU) {
    Value bias = model.linearBias ? getWeight("up_proj.bias") : Value();
    inner = activation(inner, saved("up"), bias, model.activation);
    Value dx = linear(inner, "up_proj", model.linearBias);
    return allReduce(sum({dx}));
  }
  auto [dGate, dUp] = gated({inner, "to"}, saved("gate"), saved("up"));
  Value fromGate = linear(dGate, "gate_proj", false);
  Value fromUp = linear(dUp, "up_proj", false);
  emitter.setStep("ffn_backward");
  return allReduce(sum({fromGate, fromUp}));
}
