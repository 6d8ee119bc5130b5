//===- ActivationGradient.cpp - The feed-forward part, backward -----------===//

#include "Training.h"
#include <cmath>

using namespace mlir;
using namespace memwall;

/// 1 / (1 + exp(-x))
static Value sigmoid(ScalarBuilder &s, Value x) {
  return s.div(s.constant(1), s.add(s.constant(1), s.exp(s.negate(x))));
}

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

/// Of the up projection (without a gate), from that of the activation.
Value LayerGradient::activation(Value dy) {
  emitter.setStep("activation_backward");
  SmallVector<Lettered> inputs = {{dy, "to"}, {saved("up"), "to"}};
  if (model.linearBias)
    inputs.push_back({getWeight("up_proj.bias"), "o"});
  return emitter.map("to", inputs, types.activation,
                     [&](ScalarBuilder &s, ValueRange in) {
                       Value x = in.size() == 3 ? s.add(in[1], in[2]) : in[1];
                       return s.mul(in[0], getSlope(s, model.activation, x));
                     });
}

Value LayerGradient::feedForward(Value dy) {
  Value inner = linear(dy, "down_proj", false);
  if (model.activation != Activation::SwiGLU) {
    Value dx = linear(activation(inner), "up_proj", model.linearBias);
    return allReduce(sum({dx}));
  }
  // y = g sigmoid(g) u:  du = dy g sigmoid(g),
  // dg = dy u sigmoid(g) (1 + g (1 - sigmoid(g)))
  emitter.setStep("activation_backward");
  SmallVector<Lettered> inputs = {
      {inner, "to"}, {saved("gate"), "to"}, {saved("up"), "to"}};
  Value dUp =
      emitter.map("to", ArrayRef(inputs).take_front(2), types.activation,
                  [](ScalarBuilder &s, ValueRange in) {
                    return s.mul(in[0], s.mul(in[1], sigmoid(s, in[1])));
                  });
  Value dGate = emitter.map(
      "to", inputs, types.activation, [](ScalarBuilder &s, ValueRange in) {
        Value one = s.constant(1), share = sigmoid(s, in[1]);
        Value slope = s.mul(share, s.add(one, s.mul(in[1], s.sub(one, share))));
        return s.mul(s.mul(in[0], in[2]), slope);
      });
  Value fromGate = linear(dGate, "gate_proj", false);
  Value fromUp = linear(dUp, "up_proj", false);
  emitter.setStep("ffn_backward");
  return allReduce(sum({fromGate, fromUp}));
}
