//===- Experts.cpp - Mixture of experts -----------------------------------===//
//
// A token uses the experts with the largest router weights. Their matrices are
// read from one tensor per projection, by expert number: the experts that no
// token uses do not move. The loop over outputs is outermost, so that a row of
// a matrix is read once for all tokens that use it.
//
//===----------------------------------------------------------------------===//

#include "LayerBuilder.h"

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
  return {rows, weights};
}

LayerBuilder::ExpertWeights
LayerBuilder::getExpertWeights(StringRef name, int64_t in, int64_t out) {
  emitter.setStep(name);
  std::string base = ("experts." + name).str();
  auto getTable = [&](StringRef suffix, int64_t columns, Type type) {
    return function.getArgument(
        base + suffix.str(), role::weight,
        RankedTensorType::get({model.moe.experts, out, columns}, type));
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
  if (!scales)
    return emitter.contractGathered(x, {routing.rows, "tr"}, {matrices, ".ok"},
                                    {}, "otrk", result, types.accumulator);
  // Groups of inputs share a scale.
  int64_t group = getGroup(in);
  SmallVector<int64_t> shape(Emitter::getShape(x.value).drop_back());
  shape.append({in / group, group});
  std::string letters = x.letters.drop_back().str() + "gk";
  Value split =
      emitter.reshape(matrices, {model.moe.experts, out, in / group, group});
  return emitter.contractGathered(
      {emitter.reshape(x.value, shape), letters}, {routing.rows, "tr"},
      {split, ".ogk"}, {scales, ".og"}, "otrgk", result, types.accumulator);
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
  return expertProject({active, "trk"}, routing, "down_proj", inner, in, "to");
}

/// The same for one expert of the only token.
Value LayerBuilder::runExpert(Value x, const Routing &routing, int64_t rank) {
  int64_t in = model.hidden, inner = model.moe.expertFfn;
  auto multiplyPicked = [&](Value input, StringRef name, int64_t columns,
                            int64_t rows) {
    auto [matrices, scales] = getExpertWeights(name, columns, rows);
    Value matrix = emitter.pick(matrices, routing.rows, {0, rank});
    if (scales)
      scales = emitter.pick(scales, routing.rows, {0, rank});
    return multiply(input, matrix, scales);
  };
  Value gate = multiplyPicked(x, "gate_proj", in, inner);
  Value up = multiplyPicked(x, "up_proj", in, inner);
  emitter.setStep("activation");
  Value share = emitter.slice(routing.weights, {0, rank}, {1, 1});
  Value active = emitter.map(
      "to", {{gate, "to"}, {up, "to"}, {emitter.reshape(share, {1}), "t"}},
      types.activation, gateExpert);
  return multiplyPicked(active, "down_proj", inner, in);
}

Value LayerBuilder::experts(Value x) {
  int64_t in = model.hidden, inner = model.moe.expertFfn;
  // 1. The experts of each token.
  Routing routing = route(x);
  Value down;
  if (span.rows() > 1) {
    down = runExperts(x, routing);
  } else {
    for (int64_t rank = 0; rank < model.moe.topK; ++rank) {
      Value part = runExpert(x, routing, rank);
      down = down ? emitter.add(down, part, "to", types.accumulator) : part;
    }
  }

  // 2. Experts that every token uses.
  if (model.moe.sharedExperts > 0) {
    int64_t width = inner * model.moe.sharedExperts;
    Value sharedGate = project(x, "shared_gate_proj", in, width);
    Value sharedUp = project(x, "shared_up_proj", in, width);
    Value hidden = activate({sharedGate, sharedUp}, {}, Activation::SwiGLU);
    Value shared = project(hidden, "shared_down_proj", width, in);
    down = emitter.add(down, shared, "to", types.accumulator);
  }
  allReduce(down);
  return down;
}
