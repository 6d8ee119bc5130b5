//===- Experts.cpp - Mixture of experts -----------------------------------===//
//
// A token uses the experts with the largest router weights. Their matrices are
// read from one tensor per projection, by expert number: the experts that no
// token uses do not move. The loop over outputs is outermost, so that a row of
// a matrix is read once for all tokens that use it.
//
//===----------------------------------------------------------------------===//

#include "LayerBuilder.h"
#include <cmath>

using namespace mlir;
using namespace memwall;

LayerBuilder::Routing LayerBuilder::route(Value x) {
  int64_t experts = model.moe.experts, topK = model.moe.topK;
  int64_t tokens = Emitter::getShape(x)[0];
  Value logits = project(x, "router", model.hidden, experts);
  emitter.setStep("routing");
  Type f32 = types.statistic;
  if (model.moe.biases)
    logits = emitter.map(
        "te", {{logits, "te"}, {getBias("router", experts, true), "e"}}, f32,
        [](ScalarBuilder &s, ValueRange in) { return s.add(in[0], in[1]); });
  else
    logits = emitter.convert({logits, "te"}, "te", f32);
  bool isSigmoid = model.moe.weights == RouterWeights::SigmoidOfInput;
  Value left = isSigmoid ? emitter.map("te", Lettered{logits, "te"}, f32,
                                       [](ScalarBuilder &s, ValueRange in) {
                                         return sigmoid(s, in[0]);
                                       })
                         : emitter.softmax({logits, "te"});
  // 1. The largest weight, again and again without those already taken.
  Value weights = emitter.empty({tokens, topK}, f32);
  Value rows = emitter.empty({tokens, topK}, emitter.getBuilder().getI64Type());
  for (int64_t rank = 0; rank < topK; ++rank) {
    auto [weight, row] = emitter.argmax("t", {left, "te"});
    weights = emitter.insert(weight, weights, {0, rank}, {tokens, 1});
    rows = emitter.insert(row, rows, {0, rank}, {tokens, 1});
    if (rank + 1 < topK)
      left = emitter.map("te", {{left, "te"}, {row, "t"}}, f32,
                         [](ScalarBuilder &s, ValueRange in) {
                           Value isTaken =
                               s.indexEqual(s.index('e'), s.toIndex(in[1]));
                           return s.select(isTaken, s.constant(-1), in[0]);
                         });
  }
  if (model.moe.weights != RouterWeights::Normalised)
    return {rows, weights, options.computeExpertsHit(tokens)};
  // 2. Their sum is 1.
  Value sums =
      emitter.reduce("t", Lettered{weights, "tr"}, f32, Reduction::Sum,
                     [](ScalarBuilder &, ValueRange in) { return in[0]; });
  weights = emitter.map(
      "tr", {{weights, "tr"}, {sums, "t"}}, f32,
      [](ScalarBuilder &s, ValueRange in) { return s.div(in[0], in[1]); });
  return {rows, weights, options.computeExpertsHit(tokens)};
}

Value LayerBuilder::expertProject(Lettered x, const Routing &routing,
                                  StringRef name, int64_t in, int64_t out,
                                  StringRef result) {
  emitter.setStep(name);
  std::string fullName = ("experts." + name).str();
  const WeightFormat &format = getFormat(fullName, in);
  StoredMatrix matrix =
      getMatrix(fullName, {model.moe.experts, out, in}, format);
  bool isPerRow = format.isPerRow(in);
  StringRef sums = isPerRow ? "tro" : result;
  Value product = emitter.contractGathered(
      x, {routing.rows, "tr"}, {matrix.elements, ".ok"}, matrix, "otrk", sums,
      types.accumulator, routing.expertsHit);
  if (!isPerRow)
    return product;
  return scaleExperts(
      product, routing,
      emitter.reshape(matrix.parts[0], {model.moe.experts, out}), result);
}

/// product [t, r, o] times the scales [expert, o] of the experts that made it;
/// summed over them if `result` lacks their letter.
Value LayerBuilder::scaleExperts(Value product, const Routing &routing,
                                 Value scales, StringRef result) {
  SmallVector<Lettered, 2> inputs = {{product, "tro"}, {routing.rows, "tr"}};
  auto scale = [&](ScalarBuilder &s, ValueRange in) {
    SmallVector<Value> position = {s.toIndex(in[1]), s.index('o')};
    return s.mul(in[0], s.extract(scales, position, routing.expertsHit));
  };
  if (result == "tro")
    return emitter.map(result, inputs, types.accumulator, scale);
  return emitter.reduce(result, inputs, types.accumulator, Reduction::Sum,
                        scale);
}

Value LayerBuilder::addExpertBias(Value product, const Routing &routing,
                                  StringRef name, int64_t out) {
  Value biases = weight(("experts." + name + ".bias").str(),
                        {model.moe.experts, out}, types.activation);
  return emitter.map(
      "tro", {{product, "tro"}, {routing.rows, "tr"}}, types.accumulator,
      [&](ScalarBuilder &s, ValueRange in) {
        SmallVector<Value> position = {s.toIndex(in[1]), s.index('o')};
        return s.add(in[0], s.extract(biases, position, routing.expertsHit));
      });
}

/// down(act(gate(x)) * up(x)), each expert's share scaled by its weight. A
/// router that scales the input instead scales what gate and up make of it.
Value LayerBuilder::runExperts(Value x, const Routing &routing) {
  int64_t in = model.hidden, inner = model.moe.expertFfn;
  Value gate = expertProject({x, "tk"}, routing, "gate_proj", in, inner, "tro");
  if (model.moe.biases)
    gate = addExpertBias(gate, routing, "gate_proj", inner);
  Value up = expertProject({x, "tk"}, routing, "up_proj", in, inner, "tro");
  if (model.moe.biases)
    up = addExpertBias(up, routing, "up_proj", inner);
  emitter.setStep("activation");
  bool scalesInput = model.moe.weights == RouterWeights::SigmoidOfInput;
  // With biases behind it, the result is weighted and not what goes in.
  bool scalesActive = !scalesInput && !model.moe.biases;
  SmallVector<Lettered> inputs = {{gate, "tro"}, {up, "tro"}};
  if (scalesInput || scalesActive)
    inputs.push_back({routing.weights, "tr"});
  Value active = emitter.map(
      "tro", inputs, types.activation, [&](ScalarBuilder &s, ValueRange in) {
        if (scalesInput)
          return applyGate(s, model.activation, s.mul(in[0], in[2]),
                           s.mul(in[1], in[2]));
        Value value = applyGate(s, model.activation, in[0], in[1]);
        return scalesActive ? s.mul(value, in[2]) : value;
      });
  record("experts.rows", routing.rows);
  record("experts.shares", routing.weights);
  record("experts.gate", gate);
  record("experts.up", up);
  record("experts.active", active);
  if (!model.moe.biases)
    return expertProject({active, "trk"}, routing, "down_proj", inner, in,
                         "to");
  Value down =
      expertProject({active, "trk"}, routing, "down_proj", inner, in, "tro");
  down = addExpertBias(down, routing, "down_proj", in);
  return emitter.reduce(
      "to", {{down, "tro"}, {routing.weights, "tr"}}, types.accumulator,
      Reduction::Sum,
      [](ScalarBuilder &s, ValueRange in) { return s.mul(in[0], in[1]); });
}

int64_t WorkloadOptions::computeExpertsHit(int64_t tokens) const {
  const MixtureOfExperts &moe = architecture.moe;
  double experts = moe.experts, share = moe.topK / experts;
  switch (expertsHit) {
  case ExpertsHit::Expected:
    // A token leaves an expert out with probability 1 - share.
    return std::llround(experts * (1 - std::pow(1 - share, tokens)));
  case ExpertsHit::Most:
    return std::min(tokens * moe.topK, moe.experts);
  case ExpertsHit::Given:
    return expertsHitGiven;
  case ExpertsHit::Unknown:
    break;
  }
  return 0;
}

Value LayerBuilder::sharedExperts(Value x) {
  int64_t in = model.hidden;
  int64_t width = model.moe.expertFfn * model.moe.sharedExperts;
  Value gate = project(x, "shared_gate_proj", in, width);
  Value up = project(x, "shared_up_proj", in, width);
  record("shared_gate", gate);
  record("shared_up", up);
  Value hidden = activate({gate, up}, {}, model.activation);
  Value shared = project(hidden, "shared_down_proj", width, in);
  if (!model.moe.sharedGate)
    return shared;
  Value share = project(x, "shared_expert_gate", in, 1);
  return emitter.map("to",
                     {{shared, "to"},
                      {emitter.reshape(share, {Emitter::getShape(x)[0]}), "t"}},
                     types.accumulator, [](ScalarBuilder &s, ValueRange in) {
                       return s.mul(in[0], sigmoid(s, in[1]));
                     });
}

Value LayerBuilder::experts(Value x) {
  // 1. The experts of each token.
  Routing routing = route(x);
  Value down = runExperts(x, routing);

  // 2. Experts that every token uses.
  if (model.moe.sharedExperts > 0)
    down = emitter.add(down, sharedExperts(x), "to", types.accumulator);
  allReduce(down);
  return down;
}
