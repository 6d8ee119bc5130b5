//===- LatentGradient.cpp - Multi-head latent attention, backward ---------===//
//
// Of the form with keys and values written out, as a prompt has them. With
// tensor parallelism the latents are whole on each device: their gradients are
// what the devices add up.
//
//===----------------------------------------------------------------------===//

#include "Training.h"

using namespace mlir;
using namespace memwall;

LayerGradient::LatentParts LayerGradient::attendLatent(Value mixed) {
  Value q = saved("q"), turnedQ = saved("q_turned"), k = saved("k");
  Value turnedK = saved("k_turned"), v = saved("v"), p = saved("weights");
  Type wide = types.accumulator, type = types.activation;
  // 1. Values, and the softmax of the sum of both scores.
  emitter.setStep("context_backward");
  Value dv = emitter.contract({p, "bhts"}, {mixed, "bthd"}, "bshd", wide);
  Value dp = emitter.contract({mixed, "bthd"}, {v, "bshd"}, "bhts", wide);
  Value ds = softmax({dp, "bhts"}, p);

  // 2. Queries and keys; all heads have the same turned part of the key.
  emitter.setStep("scores_backward");
  int64_t size = model.headDim + model.latent.ropeDim;
  Value dq = emitter.contract({ds, "bhts"}, {k, "bshd"}, "bthd", wide);
  Value dk = emitter.contract({ds, "bhts"}, {q, "bthd"}, "bshd", wide);
  Value dTurnedQ =
      emitter.contract({ds, "bhts"}, {turnedK, "bsd"}, "bthd", wide);
  Value dTurnedK =
      emitter.contract({ds, "bhts"}, {turnedQ, "bthd"}, "bsd", wide);
  dq = scaleBack(dq, "bthd", size);
  dTurnedQ = scaleBack(dTurnedQ, "bthd", size);
  dk = emitter.convert({dk, "bshd"}, "bshd", type);
  dv = emitter.convert({dv, "bshd"}, "bshd", type);
  dTurnedK = emitter.convert({dTurnedK, "bsd"}, "bsd", type);
  allReduce(dTurnedK);
  dTurnedQ = rotateBack(dTurnedQ, "bthd", model.latent.ropeDim);
  dTurnedK = rotateBack(dTurnedK, "btd", model.latent.ropeDim);
  return {dq, dTurnedQ, dk, dTurnedK, dv};
}

/// The gradient of the layer's input that comes from the queries.
Value LayerGradient::latentQueries(Value dq, Value dTurnedQ) {
  int64_t size = model.headDim + model.latent.ropeDim;
  emitter.setStep("q_b_proj_backward");
  Value both = emitter.concat({dq, dTurnedQ}, 3);
  both = emitter.reshape(both, {span.rows(), model.heads * size});
  Value d = linear(both, "q_b_proj", false);
  d = allReduce(emitter.convert({d, "td"}, "td", types.activation));
  if (model.latent.queryLatent == 0)
    return d;
  d = norm(d, "q_a_norm");
  return linear(d, "q_a_proj", false);
}

Value LayerGradient::latentAttention(Value dy) {
  const LatentAttention &latent = model.latent;
  int64_t heads = model.heads, rows = span.rows();
  // 1. Attention itself.
  Value mixed = linear(dy, "o_proj", false);
  mixed = emitter.convert({mixed, "tk"}, "tk", types.activation);
  mixed =
      emitter.reshape(mixed, {span.batch, span.tokens, heads, latent.valueDim});
  LatentParts parts = attendLatent(mixed);
  Value fromQ = latentQueries(parts.q, parts.turnedQ);

  // 2. The latent that keys and values come from.
  Value fromK = linear(emitter.reshape(parts.k, {rows, heads * model.headDim}),
                       "k_b_proj", false);
  Value fromV =
      linear(emitter.reshape(parts.v, {rows, heads * latent.valueDim}),
             "v_b_proj", false);
  emitter.setStep("kv_a_norm_backward");
  Value dc = norm(allReduce(sum({fromK, fromV})), "kv_a_norm");
  emitter.setStep("kv_a_proj_backward");
  Value both = emitter.concat(
      {dc, emitter.reshape(parts.turnedK, {rows, latent.ropeDim})}, 1);
  Value fromLatent = linear(both, "kv_a_proj", false);
  emitter.setStep("attn_backward");
  return sum({fromQ, fromLatent});
}
