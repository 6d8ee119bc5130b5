//===- LatentAttention.cpp - Multi-head latent attention ------------------===//
//
// DeepSeek-V2 (arXiv 2405.04434), section 2.1. Keys and values of all heads are
// projections of one short latent vector per token, which is what is cached; a
// part of the key that carries the position is shared by the heads. A prompt is
// expanded to keys and values; while decoding, the projections are moved over
// to the queries and to the result instead ("absorbed").
//
// Letters as elsewhere, and l: number in the latent.
//
//===----------------------------------------------------------------------===//

#include "LayerBuilder.h"
#include <limits>

using namespace mlir;
using namespace memwall;

Value LayerBuilder::latentWeights(Lettered latent, Lettered turned,
                                  const KeyValue &keys,
                                  const KeyValue &turnedKeys, bool isCausal) {
  emitter.setStep("scores");
  Value scores = emitter.contract(latent, keys.data, "bhts", types.accumulator);
  Value turnedScores =
      emitter.contract(turned, turnedKeys.data, "bhts", types.accumulator);
  emitter.setStep("mask");
  ArrayRef<int64_t> shape = Emitter::getShape(scores);
  SmallVector<Lettered> inputs = {{scores, "bhts"}, {turnedScores, "bhts"}};
  if (keys.scales) {
    inputs.push_back({keys.scales, "bs"});
    inputs.push_back({turnedKeys.scales, "bs"});
  }
  bool hasInfinity = options.accumulator != ElementKind::F8;
  double lowest = hasInfinity ? -std::numeric_limits<double>::infinity() : -448;
  Value sum = emitter.map(
      "bhts", inputs, types.accumulator, [&](ScalarBuilder &s, ValueRange in) {
        Value score = keys.scales
                          ? s.add(s.mul(in[0], in[2]), s.mul(in[1], in[3]))
                          : s.add(in[0], in[1]);
        if (!isCausal || shape[2] == 1)
          return score;
        Value query =
            s.indexAdd(s.index('t'), s.indexConstant(shape[3] - shape[2]));
        return s.select(s.indexLess(query, s.index('s')), s.constant(lowest),
                        score);
      });
  emitter.setStep("softmax");
  return emitter.softmax({sum, "bhts"});
}

Value LayerBuilder::absorb(Lettered x, StringRef name, int64_t size,
                           bool overLatent) {
  emitter.setStep(name);
  int64_t latent = model.latent.kvLatent, heads = model.heads;
  StoredMatrix matrix =
      getMatrix(name, {heads * size, latent}, getFormat(name, latent));
  StringRef result = overLatent ? "bthd" : "bthl";
  Value product;
  bool isPerRow = matrix.format.isPerRow(latent);
  if (matrix.format.hasParts() && !isPerRow) {
    product = absorbGroups(x, matrix, size, overLatent);
  } else {
    // One scale per row: what is multiplied with the row is scaled, or the sum.
    auto scaleRows = [&](Value value, Type type) {
      if (!isPerRow)
        return value;
      return emitter.map(
          "bthd",
          {{value, "bthd"},
           {emitter.reshape(matrix.parts[0], {heads, size}), "hd"}},
          type,
          [](ScalarBuilder &s, ValueRange in) { return s.mul(in[0], in[1]); });
    };
    if (!overLatent)
      x.value = scaleRows(x.value, types.activation);
    product = emitter.contract(
        x, {emitter.reshape(matrix.elements, {heads, size, latent}), "hdl"},
        result, types.accumulator);
    if (overLatent)
      product = scaleRows(product, types.accumulator);
  }
  return emitter.convert({product, result}, result, types.activation);
}

Value LayerBuilder::absorbGroups(Lettered x, const StoredMatrix &matrix,
                                 int64_t size, bool overLatent) {
  int64_t latent = model.latent.kvLatent, heads = model.heads;
  StoredMatrix byHead = matrix;
  auto split = [&](Value rows) {
    int64_t columns = Emitter::getShape(rows)[1];
    return emitter.reshape(rows, {heads, size, columns});
  };
  byHead.elements = split(matrix.elements);
  for (Value &part : byHead.parts)
    part = split(part);
  std::string result =
      overLatent ? "bthd"
                 : "bth" + InputGroups(matrix.format, latent, 'l').letters;
  Value product = emitter.contractStored(x, {byHead.elements, "hdl"}, byHead,
                                         result, types.accumulator);
  return emitter.reshape(
      product, {span.batch, span.tokens, heads, overLatent ? size : latent});
}

/// latentQuery [b, t, h, d], turnedQuery [b, t, h, r], latent [t, l],
/// turnedKey [b, t, 1, r].
Value LayerBuilder::attendExpanded(Value latentQuery, Value turnedQuery,
                                   Value latent, Value turnedKey) {
  int64_t heads = model.heads;
  auto expand = [&](StringRef name, int64_t size) {
    Value rows = linear(latent, name, model.latent.kvLatent, heads * size,
                        /*hasBias=*/false);
    return emitter.reshape(rows, {span.batch, span.tokens, heads, size});
  };
  Value keys = expand("k_b_proj", model.headDim);
  Value values = expand("v_b_proj", model.latent.valueDim);
  Value turned = emitter.reshape(
      turnedKey, {span.batch, span.tokens, model.latent.ropeDim});
  Value weights =
      latentWeights({latentQuery, "bthd"}, {turnedQuery, "bthd"},
                    {{keys, "bshd"}}, {{turned, "bsd"}}, span.isCausal);
  weights = emitter.convert({weights, "bhts"}, "bhts", types.activation);
  record("q", latentQuery);
  record("q_turned", turnedQuery);
  record("k", keys);
  record("k_turned", turned);
  record("v", values);
  record("weights", weights);
  emitter.setStep("context");
  Value mixed = emitter.contract({weights, "bhts"}, {values, "bshd"}, "bthd",
                                 types.accumulator);
  return emitter.convert({mixed, "bthd"}, "bthd", types.activation);
}

Value LayerBuilder::attendAbsorbed(Value latentQuery, Value turnedQuery,
                                   Value latent, Value turnedKey) {
  // 1. The caches, [b, 1, s, l] and [b, 1, s, r].
  int64_t context = span.contexts.front(), position = context - span.tokens;
  latent = emitter.reshape(latent,
                           {span.batch, span.tokens, 1, model.latent.kvLatent});
  auto dropHead = [&](KeyValue cache, StringRef letters) {
    ArrayRef<int64_t> shape = Emitter::getShape(cache.data.value);
    SmallVector<int64_t> flat = {shape[0], shape[2], shape[3]};
    cache.data = {emitter.reshape(cache.data.value, flat), letters};
    if (cache.scales)
      cache.scales = emitter.reshape(cache.scales, {flat[0], flat[1]});
    return cache;
  };
  KeyValue rows =
      dropHead(append("latent_cache", latent, context, position), "bsl");
  KeyValue turned =
      dropHead(append("k_rope_cache", turnedKey, context, position), "bsd");

  // 2. Queries in the space of the latent; the result comes back from there.
  Value query = absorb({latentQuery, "bthd"}, "k_b_proj", model.headDim, false);
  Value weights = latentWeights({query, "bthl"}, {turnedQuery, "bthd"}, rows,
                                turned, span.isCausal);
  if (rows.scales)
    weights = emitter.map(
        "bhts", {{weights, "bhts"}, {rows.scales, "bs"}}, types.activation,
        [](ScalarBuilder &s, ValueRange in) { return s.mul(in[0], in[1]); });
  weights = emitter.convert({weights, "bhts"}, "bhts", types.activation);
  emitter.setStep("context");
  Value mixed =
      emitter.contract({weights, "bhts"}, rows.data, "bthl", types.accumulator);
  mixed = emitter.convert({mixed, "bthl"}, "bthl", types.activation);
  return absorb({mixed, "bthl"}, "v_b_proj", model.latent.valueDim, true);
}

Value LayerBuilder::latentAttention(Value x) {
  const LatentAttention &latent = model.latent;
  int64_t size = model.headDim, turned = latent.ropeDim, heads = model.heads;
  int64_t tokens = span.rows();
  // 1. Queries, and their part that is turned.
  Value rows = x;
  int64_t in = model.hidden;
  if (latent.queryLatent > 0) {
    rows = linear(x, "q_a_proj", in, latent.queryLatent, false);
    rows = norm(rows, "q_a_norm");
    in = latent.queryLatent;
  }
  Value q = linear(rows, "q_b_proj", in, heads * (size + turned), false);
  q = emitter.reshape(q, {span.batch, span.tokens, heads, size + turned});
  q = scaleQueries(q, "bthd", size + turned);
  SmallVector<int64_t> shape = {span.batch, span.tokens, heads, size};
  Value latentQuery = emitter.slice(q, {0, 0, 0, 0}, shape);
  shape.back() = turned;
  Value turnedQuery =
      rotary(emitter.slice(q, {0, 0, 0, size}, shape), "bthd", turned);

  // 2. The latent, and the part of the key that is turned.
  int64_t width = latent.kvLatent;
  Value both = linear(x, "kv_a_proj", model.hidden, width + turned, false);
  Value c = norm(emitter.slice(both, {0, 0}, {tokens, width}), "kv_a_norm");
  Value turnedKey =
      emitter.reshape(emitter.slice(both, {0, width}, {tokens, turned}),
                      {span.batch, span.tokens, 1, turned});
  turnedKey = rotary(turnedKey, "bthd", turned);

  // 3. Attention.
  Value context;
  if (span.isCached) {
    context = attendAbsorbed(latentQuery, turnedQuery, c, turnedKey);
  } else {
    context = attendExpanded(latentQuery, turnedQuery, c, turnedKey);
    if (span.returnsKV) {
      returnKV("latent_cache",
               emitter.reshape(c, {span.batch, span.tokens, 1, width}));
      returnKV("k_rope_cache", turnedKey);
    }
  }
  return outputProjection(context, "o_proj", heads * latent.valueDim);
}
