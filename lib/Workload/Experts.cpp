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
  Value left =
      emitter.softmax({emitter.convert({logits, "te"}, "te", f32), "te"});
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
  // 2. Their sum is 1.
  Value sums =
      emitter.reduce("t", Lettered{weights, "tr"}, f32, Reduction::Sum,
                     [](ScalarBuilder &, ValueRange in) { return in[0]; });
  weights = emitter.map(
      "tr", {{weights, "tr"}, {sums, "t"}}, f32,
      [](ScalarBuilder &s, ValueRange in) { return s.div(in[0], in[1]); });
  return {rows, weights, options.computeExpertsHit(tokens)};
}

LayerBuilder::ExpertWeights
LayerBuilder::getExpertWeights(StringRef name, int64_t in, int64_t out) {
  emitter.setStep(name);
  std::string base = ("experts." + name).str();
  auto getTable = [&](StringRef suffix, int64_t columns, Type type) {
    Value table = function.getArgument(
        base + suffix.str(), role::weight,
        RankedTensorType::get({model.moe.experts, out, columns}, type));
    if (tape)
      tape->weights[base + suffix.str()] = table;
    return table;
  };
  ExpertWeights weights = {getTable(".weight", in, types.weight), {}};
  if (types.isWeightQuantised())
    weights.scales = getTable(".scales", in / getGroup(in), types.scale);
  return weights;
}

Value LayerBuilder::expertProject(Lettered x, const Routing &routing,
                                  StringRef name, int64_t in, int64_t out,
                                  StringRef result) {
  auto [matrices, scales] = getExpertWeights(name, in, out);
  Lettered rows = {routing.rows, "tr"};
  if (!scales)
    return emitter.contractGathered(x, rows, {matrices, ".ok"}, {}, "otrk",
                                    result, types.accumulator,
                                    routing.expertsHit);
  int64_t group = getGroup(in);
  if (group == in) {
    Value product =
        emitter.contractGathered(x, rows, {matrices, ".ok"}, {}, "otrk", "tro",
                                 types.accumulator, routing.expertsHit);
    return scaleExperts(product, routing,
                        emitter.reshape(scales, {model.moe.experts, out}),
                        result);
  }
  // Groups of inputs share a scale.
  SmallVector<int64_t> shape(Emitter::getShape(x.value).drop_back());
  shape.append({in / group, group});
  std::string letters = x.letters.drop_back().str() + "gk";
  Value split =
      emitter.reshape(matrices, {model.moe.experts, out, in / group, group});
  return emitter.contractGathered(
      {emitter.reshape(x.value, shape), letters}, rows, {split, ".ogk"},
      {scales, ".og"}, "otrgk", result, types.accumulator, routing.expertsHit);
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

static Value gateExpert(ScalarBuilder &s, ValueRange in) {
  Value denominator = s.add(s.exp(s.negate(in[0])), s.constant(1));
  return s.mul(s.mul(s.div(in[0], denominator), in[1]), in[2]);
}

/// down(silu(gate(x)) * up(x)), each expert's share scaled by its weight.
Value LayerBuilder::runExperts(Value x, const Routing &routing) {
  int64_t in = model.hidden, inner = model.moe.expertFfn;
  Value gate = expertProject({x, "tk"}, routing, "gate_proj", in, inner, "tro");
  Value up = expertProject({x, "tk"}, routing, "up_proj", in, inner, "tro");
  emitter.setStep("activation");
  Value active =
      emitter.map("tro", {{gate, "tro"}, {up, "tro"}, {routing.weights, "tr"}},
                  types.activation, gateExpert);
  record("experts.rows", routing.rows);
  record("experts.shares", routing.weights);
  record("experts.gate", gate);
  record("experts.up", up);
  record("experts.active", active);
  return expertProject({active, "trk"}, routing, "down_proj", inner, in, "to");
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

Value LayerBuilder::experts(Value x) {
  int64_t in = model.hidden, inner = model.moe.expertFfn;
  // 1. The experts of each token.
  Routing routing = route(x);
  Value down = runExperts(x, routing);

  // 2. Experts that every token uses.
  if (model.moe.sharedExperts > 0) {
    int64_t width = inner * model.moe.sharedExperts;
    Value sharedGate = project(x, "shared_gate_proj", in, width);
    Value sharedUp = project(x, "shared_up_proj", in, width);
    record("shared_gate", sharedGate);
    record("shared_up", sharedUp);
    Value hidden = activate({sharedGate, sharedUp}, {}, Activation::SwiGLU);
    Value shared = project(hidden, "shared_down_proj", width, in);
    down = emitter.add(down, shared, "to", types.accumulator);
  }
  allReduce(down);
  return down;
}
