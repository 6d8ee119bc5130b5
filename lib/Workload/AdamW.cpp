//===- AdamW.cpp - The update of the weights ------------------------------===//
//
// Loshchilov and Hutter, arXiv 1711.05101, algorithm 2. Moments are f32;
// weights that are narrower have an f32 master copy, from which they are
// rounded. The bias corrections 1 / (1 - beta^step) are arguments.
//
//===----------------------------------------------------------------------===//

#include "Training.h"

using namespace mlir;
using namespace memwall;

static constexpr double learningRate = 1e-4;
static constexpr double beta1 = 0.9;
static constexpr double beta2 = 0.95;
static constexpr double epsilon = 1e-8;
static constexpr double weightDecay = 0.1;

/// in: gradient, the corrections, and the states first moment, second moment,
/// weight. Gives the new states.
static SmallVector<Value> step(ScalarBuilder &s, ValueRange in) {
  auto mix = [&](double beta, Value old, Value fresh) {
    return s.add(s.mul(s.constant(beta), old),
                 s.mul(s.constant(1 - beta), fresh));
  };
  Value first = mix(beta1, in[3], in[0]);
  Value second = mix(beta2, in[4], s.mul(in[0], in[0]));
  Value scale = s.add(s.sqrt(s.mul(second, in[2])), s.constant(epsilon));
  Value direction = s.add(s.div(s.mul(first, in[1]), scale),
                          s.mul(s.constant(weightDecay), in[5]));
  Value weight = s.sub(in[5], s.mul(s.constant(learningRate), direction));
  return {first, second, weight};
}

void LayerGradient::adamW(StringRef name, Value gradient) {
  Type f32 = types.statistic;
  Value weight = getWeight(name);
  ArrayRef<int64_t> shape = Emitter::getShape(weight);
  StringRef letters = StringRef("abcd").take_front(shape.size());
  auto addState = [&](StringRef suffix) {
    return function.addArgument((name + suffix).str(), role::optimizer, shape,
                                f32);
  };
  auto scalar = RankedTensorType::get({}, f32);
  SmallVector<Lettered> inputs = {
      {gradient, letters},
      {function.getArgument("correction1", role::table, scalar), ""},
      {function.getArgument("correction2", role::table, scalar), ""}};
  bool hasMaster = Emitter::getElementType(weight) != f32;
  Value first = addState(".first_moment"), second = addState(".second_moment");
  Value master = hasMaster ? addState(".master") : weight;
  SmallVector<Value> states =
      emitter.update(letters, inputs, {first, second, master}, step);
  function.addResult(states[0], (name + ".first_moment").str(),
                     role::optimizer);
  function.addResult(states[1], (name + ".second_moment").str(),
                     role::optimizer);
  if (!hasMaster) {
    function.addResult(states[2], name, role::weight);
    return;
  }
  function.addResult(states[2], (name + ".master").str(), role::optimizer);
  function.addResult(emitter.convert({states[2], letters}, letters,
                                     Emitter::getElementType(weight), weight),
                     name, role::weight);
}

void LayerGradient::update() {
  emitter.setStep("update");
  for (auto &[name, gradient] : gradients) {
    if (options.gradientsOnly)
      function.addResult(gradient, name + ".gradient", role::gradient);
    else
      adamW(name, gradient);
  }
}
