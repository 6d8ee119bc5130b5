//===- AttentionGradient.cpp - Self and cross attention, backward ---------===//
//
// Letters are those of LayerBuilder.h; p are the softmax's weights, o the
// result, s the scores.
//
//===----------------------------------------------------------------------===//

#include "Training.h"
#include <cmath>

using namespace mlir;
using namespace memwall;

Value LayerGradient::scaleBack(Value dq, StringRef letters, int64_t headSize) {
  double scale = model.attentionScale ? 1 / std::sqrt(headSize) : 1;
  return emitter.map(letters, Lettered{dq, letters}, types.activation,
                     [&](ScalarBuilder &s, ValueRange in) {
                       return s.mul(in[0], s.constant(scale));
                     });
}

Value LayerGradient::rotateBack(Value d, StringRef letters, int64_t columns) {
  emitter.setStep("rope_backward");
  auto type =
      RankedTensorType::get({span.tokens, columns / 2}, types.activation);
  return emitter.rotate(
      {d, letters}, {function.getArgument("rope_cos", role::table, type), "td"},
      {function.getArgument("rope_sin", role::table, type), "td"},
      /*isBack=*/true);
}

Value LayerGradient::softmax(Lettered dp, Value p) {
  emitter.setStep("softmax_backward");
  StringRef letters = dp.letters, rows = letters.drop_back();
  Value sums = emitter.reduce(
      rows, {dp, {p, letters}}, types.statistic, Reduction::Sum,
      [](ScalarBuilder &s, ValueRange in) { return s.mul(in[0], in[1]); });
  return emitter.map(letters, {dp, {p, letters}, {sums, rows}},
                     types.activation, [](ScalarBuilder &s, ValueRange in) {
                       return s.mul(in[1], s.sub(in[0], in[2]));
                     });
}

LayerGradient::AttentionParts LayerGradient::attend(Value mixed,
                                                    const Twine &notes) {
  std::string prefix = notes.str();
  Value q = saved(prefix + "q"), k = saved(prefix + "k");
  Value v = saved(prefix + "v"), p = saved(prefix + "weights");
  mixed = emitter.convert({mixed, "tk"}, "tk", types.activation);
  mixed = emitter.reshape(mixed, Emitter::getShape(q));
  // 1. Values, and the softmax.
  emitter.setStep(prefix + "context_backward");
  Type wide = types.accumulator, type = types.activation;
  Value dv = emitter.contract({p, "bhgts"}, {mixed, "bthgd"}, "bshd", wide);
  Value dp = emitter.contract({mixed, "bthgd"}, {v, "bshd"}, "bhgts", wide);
  Value ds = softmax({dp, "bhgts"}, p);

  // 2. Queries and keys. q is scaled already, k is not.
  emitter.setStep(prefix + "scores_backward");
  Value dq = emitter.contract({ds, "bhgts"}, {k, "bshd"}, "bthgd", wide);
  Value dk = emitter.contract({ds, "bhgts"}, {q, "bthgd"}, "bshd", wide);
  dq = scaleBack(dq, "bthgd", model.headDim);
  dk = emitter.convert({dk, "bthd"}, "bthd", type);
  dv = emitter.convert({dv, "bthd"}, "bthd", type);
  return {dq, dk, dv, ds};
}

/// [b, t, heads, size] as rows of a projection's result.
Value LayerGradient::flatten(Value d, int64_t heads) {
  int64_t columns = heads * model.headDim;
  int64_t elements = cast<RankedTensorType>(d.getType()).getNumElements();
  return emitter.reshape(d, {elements / columns, columns});
}

Value LayerGradient::attention(Value dy) {
  if (model.isLatent())
    return latentAttention(dy);
  auto [dq, dk, dv, ds] = attend(linear(dy, "o_proj", false), "");
  if (model.positions == Positions::RelativeBias) {
    // Every sequence adds the same biases.
    emitter.setStep("position_bias_backward");
    biasGradient = emitter.reduce(
        "hgts", Lettered{ds, "bhgts"}, types.accumulator, Reduction::Sum,
        [](ScalarBuilder &, ValueRange in) { return in[0]; });
  }
  if (model.positions == Positions::Rotary) {
    dq = rotateBack(dq, "bthgd", model.headDim);
    dk = rotateBack(dk, "bthd", model.headDim);
  }
  Value fromQ = linear(flatten(dq, model.heads), "q_proj", model.qkvBias);
  Value fromK = linear(flatten(dk, model.kvHeads), "k_proj", model.qkvBias);
  Value fromV = linear(flatten(dv, model.kvHeads), "v_proj", model.qkvBias);
  emitter.setStep("attn_backward");
  return allReduce(sum({fromQ, fromK, fromV}));
}

Value LayerGradient::crossAttention(Value dy) {
  auto [dq, dk, dv, ds] = attend(linear(dy, "cross_o_proj", false), "cross_");
  Value fromQ = linear(flatten(dq, model.heads), "cross_q_proj", model.qkvBias);
  Value fromK =
      linear(flatten(dk, model.kvHeads), "cross_k_proj", model.qkvBias);
  Value fromV =
      linear(flatten(dv, model.kvHeads), "cross_v_proj", model.qkvBias);
  emitter.setStep("cross_backward");
  memoryGradient = allReduce(sum({fromK, fromV}));
  return allReduce(sum({fromQ}));
}
