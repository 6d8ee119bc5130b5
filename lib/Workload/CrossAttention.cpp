//===- CrossAttention.cpp - Attention to an encoder -----------------------===//

#include "LayerBuilder.h"

using namespace mlir;
using namespace memwall;

/// Keys and values come from the encoder once, and stay: in the decode phase
/// they are a cache that is only read.
Value LayerBuilder::crossAttention(Value x) {
  int64_t in = model.hidden, size = model.headDim;
  int64_t groups = model.heads / model.kvHeads;
  Value q = linear(x, "cross_q_proj", in, model.heads * size, model.qkvBias);
  q = emitter.reshape(q,
                      {span.batch, span.tokens, model.kvHeads, groups, size});
  q = scaleQueries(q, "bthgd", size);
  KeyValue keys, values;
  if (span.isCached) {
    auto getCache = [&](StringRef name) {
      SmallVector<int64_t> shape = {span.batch, model.kvHeads, span.memory,
                                    size};
      Value cache = function.addArgument(name, role::kv, shape, types.kv);
      Value scales;
      if (types.isKVQuantised())
        scales = function.addArgument((name + ".scales").str(), role::kv,
                                      ArrayRef(shape).drop_back(), types.scale);
      return KeyValue{{cache, "bhsd"}, scales};
    };
    keys = getCache("cross_k_cache");
    values = getCache("cross_v_cache");
  } else {
    auto type =
        RankedTensorType::get({span.batch * span.memory, in}, types.activation);
    Value memory = function.getArgument("memory", role::activation, type);
    auto compute = [&](StringRef name, StringRef cacheName) {
      Value rows =
          linear(memory, name, in, model.kvHeads * size, model.qkvBias);
      rows =
          emitter.reshape(rows, {span.batch, span.memory, model.kvHeads, size});
      if (span.returnsKV)
        returnKV(cacheName, rows);
      return KeyValue{{rows, "bshd"}};
    };
    keys = compute("cross_k_proj", "cross_k_cache");
    values = compute("cross_v_proj", "cross_v_cache");
  }
  record("cross_q", q);
  record("cross_k", keys.data.value);
  record("cross_v", values.data.value);
  Value mixed = attend({q, "bthgd"}, keys, values, {}, "cross_");
  return outputProjection(mixed, "cross_o_proj", model.heads * size);
}
