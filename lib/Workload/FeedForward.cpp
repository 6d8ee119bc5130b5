//===- FeedForward.cpp - The dense feed-forward part ----------------------===//

#include "LayerBuilder.h"
#include <cmath>

using namespace mlir;
using namespace memwall;

Value memwall::sigmoid(ScalarBuilder &s, Value x) {
  return s.div(s.constant(1), s.add(s.exp(s.negate(x)), s.constant(1)));
}

Value memwall::silu(ScalarBuilder &s, Value x) {
  return s.div(x, s.add(s.exp(s.negate(x)), s.constant(1)));
}

static Value geluTanh(ScalarBuilder &s, Value x) {
  Value cube = s.mul(s.mul(x, x), x);
  Value inner = s.add(x, s.mul(cube, s.constant(0.044715)));
  Value tanh = s.tanh(s.mul(inner, s.constant(std::sqrt(2 / M_PI))));
  return s.mul(s.mul(x, s.constant(0.5)), s.add(tanh, s.constant(1)));
}

static Value geluErf(ScalarBuilder &s, Value x) {
  Value erf = s.erf(s.mul(x, s.constant(std::sqrt(0.5))));
  return s.mul(s.mul(x, s.constant(0.5)), s.add(erf, s.constant(1)));
}

Value memwall::applyGate(ScalarBuilder &s, Activation activation, Value gate,
                         Value up) {
  if (activation == Activation::GeGLU)
    return s.mul(geluTanh(s, gate), up);
  if (activation == Activation::SwiGLU)
    return s.mul(silu(s, gate), up);
  // Activation::ClampedSwiGLU; 7 and 1.702 are swiglu_limit and alpha of
  // openai/gpt-oss, gpt_oss/torch/model.py, swiglu.
  Value limit = s.constant(7);
  gate = s.min(gate, limit);
  up = s.max(s.min(up, limit), s.constant(-7));
  Value share = sigmoid(s, s.mul(gate, s.constant(1.702)));
  return s.mul(s.mul(gate, share), s.add(up, s.constant(1)));
}

static Value applyActivation(ScalarBuilder &s, Activation activation, Value x) {
  switch (activation) {
  case Activation::GeluTanh:
    return geluTanh(s, x);
  case Activation::GeluErf:
    return geluErf(s, x);
  case Activation::SquaredReLU: {
    Value positive = s.max(x, s.constant(0));
    return s.mul(positive, positive);
  }
  default:
    break;
  }
  return s.max(x, s.constant(0));
}

Value LayerBuilder::activate(ArrayRef<Value> inputs, Value bias,
                             Activation activation) {
  emitter.setStep("activation");
  if (isGated(activation))
    return emitter.map("to", {{inputs[0], "to"}, {inputs[1], "to"}},
                       types.activation, [&](ScalarBuilder &s, ValueRange in) {
                         return applyGate(s, activation, in[0], in[1]);
                       });
  SmallVector<Lettered> operands = {{inputs[0], "to"}};
  if (bias)
    operands.push_back({bias, "o"});
  return emitter.map("to", operands, types.activation,
                     [&](ScalarBuilder &s, ValueRange in) {
                       Value x = bias ? s.add(in[0], in[1]) : in[0];
                       return applyActivation(s, activation, x);
                     });
}

Value LayerBuilder::feedForward(Value x) {
  int64_t in = model.hidden, inner = model.ffn;
  Value active;
  if (isGated(model.activation)) {
    Value gate = project(x, "gate_proj", in, inner);
    Value up = project(x, "up_proj", in, inner);
    record("gate", gate);
    record("up", up);
    active = activate({gate, up}, {}, model.activation);
  } else {
    Value up = project(x, "up_proj", in, inner);
    record("up", up);
    active = activate(up, getBias("up_proj", inner, model.linearBias),
                      model.activation);
  }
  Value down = project(active, "down_proj", inner, in);
  allReduce(down);
  return down;
}
