//===- ExpertGradient.cpp - Mixture of experts, backward ------------------===//
//
// Only the experts that a token was sent to get something from it: their
// matrices are gathered as in the forward pass, their gradients are added up in
// a tensor of all experts, token by token. The choice itself has no gradient.
//
// Letters: t token  r rank of the chosen expert  e expert  o output  k input.
//
//===----------------------------------------------------------------------===//

#include "Scatter.h"
#include "Training.h"

using namespace mlir;
using namespace memwall;

/// The gradient of the inputs of a projection; notes that of the matrices. The
/// loop over inputs is outermost, so that a column of a matrix is read once
/// for all tokens that use it.
Value LayerGradient::expertLinear(Lettered dy, Lettered x, StringRef name) {
  emitter.setStep((name + "_backward").str());
  std::string weight = ("experts." + name + ".weight").str();
  Value matrices = getWeight(weight), rows = saved("experts.rows");
  Value zeros = emitter.zeros(Emitter::getShape(matrices), types.accumulator);
  note(weight, scatterProducts(emitter, zeros, rows, dy.value, x.value));
  int64_t tokens = Emitter::getShape(rows)[0];
  WeightFormat plain(function.getBuilder().getContext(), options.weights,
                     options);
  return emitter.contractGathered(
      dy, {rows, "tr"}, {matrices, ".ok"}, {plain, matrices, {}}, "ktro",
      x.letters, types.accumulator, options.computeExpertsHit(tokens));
}

/// The shares of a token's experts are the softmax of their logits alone: with
/// S the sum of the chosen softmax weights, (exp l_i / sum) / S has neither
/// sum.
///   dl_i = share_i (dshare_i - sum over r of dshare_r share_r), 0 if not
///   chosen
Value LayerGradient::routing(Value dShares) {
  Value rows = saved("experts.rows");
  allReduce(dShares);
  Value ds = softmax({dShares, "tr"}, saved("experts.shares"));
  emitter.setStep("routing_backward");
  ArrayRef<int64_t> shape = Emitter::getShape(rows);
  SmallVector<Lettered> inputs;
  for (Value of : {rows, ds})
    for (int64_t rank = 0; rank < shape[1]; ++rank)
      inputs.push_back(
          {emitter.reshape(emitter.slice(of, {0, rank}, {shape[0], 1}),
                           {shape[0]}),
           "t"});
  return emitter.mapShape(
      "te", {shape[0], model.moe.experts}, inputs, types.activation,
      [&](ScalarBuilder &s, ValueRange in) {
        Value d = s.constant(0);
        for (int64_t rank = 0; rank < shape[1]; ++rank) {
          Value isChosen = s.indexEqual(s.index('e'), s.toIndex(in[rank]));
          d = s.select(isChosen, in[shape[1] + rank], d);
        }
        return d;
      });
}

Value LayerGradient::sharedExperts(Value dy) {
  Value inner = linear(dy, "shared_down_proj", false);
  auto [dGate, dUp] =
      gated({inner, "to"}, saved("shared_gate"), saved("shared_up"));
  Value fromGate = linear(dGate, "shared_gate_proj", false);
  Value fromUp = linear(dUp, "shared_up_proj", false);
  emitter.setStep("experts_backward");
  return sum({fromGate, fromUp});
}

Value LayerGradient::experts(Value dy) {
  Value gate = saved("experts.gate"), up = saved("experts.up");
  Lettered x = {saved("router.input"), "tk"};
  // 1. Back through the down projection and the gate.
  Value inner =
      expertLinear({dy, "to"}, {saved("experts.active"), "trk"}, "down_proj");
  Lettered d = {inner, "tro"};
  auto [dGate, dUp] = gated(d, gate, up, {saved("experts.shares"), "tr"});
  Value dShares = emitter.reduce(
      "tr", {d, {gate, "tro"}, {up, "tro"}}, types.statistic, Reduction::Sum,
      [](ScalarBuilder &s, ValueRange in) {
        Value denominator = s.add(s.exp(s.negate(in[1])), s.constant(1));
        return s.mul(in[0], s.mul(s.div(in[1], denominator), in[2]));
      });
  SmallVector<Value> parts = {expertLinear({dGate, "tro"}, x, "gate_proj"),
                              expertLinear({dUp, "tro"}, x, "up_proj")};
  if (model.moe.sharedExperts > 0)
    parts.push_back(sharedExperts(dy));
  emitter.setStep("experts_backward");
  Value partial = allReduce(sum(parts));

  // 2. And through the router, which is whole on each device.
  Value fromRouter = linear(routing(dShares), "router", false);
  emitter.setStep("experts_backward");
  return sum({partial, fromRouter});
}
