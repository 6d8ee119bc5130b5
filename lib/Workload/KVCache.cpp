//===- KVCache.cpp - Keys and values that stay ----------------------------===//
//
// A cache is [sequence, KV head, row, number in the head]. Integer caches have
// one scale per row and head, the largest magnitude over the largest integer.
//
//===----------------------------------------------------------------------===//

#include "LayerBuilder.h"

using namespace mlir;
using namespace memwall;

KeyValue LayerBuilder::toCached(Value fresh, Value data, Value scales) {
  if (!types.isKVQuantised())
    return {{emitter.convert({fresh, "bthd"}, "bhtd", types.kv, data), "bhtd"}};
  double largest = (1 << (types.kv.getIntOrFloatBitWidth() - 1)) - 1;
  Value peak = emitter.reduce(
      "bht", Lettered{fresh, "bthd"}, types.statistic, Reduction::Max,
      [](ScalarBuilder &s, ValueRange in) { return s.abs(in[0]); });
  // Rows of zeros get a scale too.
  Value scale = emitter.map(
      "bht", Lettered{peak, "bht"}, types.scale,
      [&](ScalarBuilder &s, ValueRange in) {
        return s.max(s.div(in[0], s.constant(largest)), s.constant(1e-6));
      },
      scales);
  Value rounded = emitter.map(
      "bhtd", {{fresh, "bthd"}, {scale, "bht"}}, types.kv,
      [&](ScalarBuilder &s, ValueRange in) {
        return s.toInteger(s.round(s.div(in[0], in[1])), types.kv);
      },
      data);
  return {{rounded, "bhtd"}, scale};
}

KeyValue LayerBuilder::append(StringRef name, Value fresh, int64_t rows,
                              int64_t position) {
  // 1. The cache, and the place of the new rows in it.
  ArrayRef<int64_t> shape = Emitter::getShape(fresh);
  SmallVector<int64_t> sizes = {shape[0], shape[2], shape[1], shape[3]};
  SmallVector<int64_t> offsets = {0, 0, position, 0};
  SmallVector<int64_t> cacheShape = sizes;
  cacheShape[2] = rows;
  ArrayRef<int64_t> offsets3 = ArrayRef(offsets).drop_back();
  ArrayRef<int64_t> sizes3 = ArrayRef(sizes).drop_back();
  Value cache = function.addArgument(name, role::kv, cacheShape, types.kv);
  std::string scalesName = (name + ".scales").str();
  Value scales;
  if (types.isKVQuantised())
    scales = function.addArgument(
        scalesName, role::kv, ArrayRef(cacheShape).drop_back(), types.scale);

  // 2. The new rows, built in that place.
  emitter.setStep("append_kv");
  Value place = emitter.slice(cache, offsets, sizes);
  Value scalesPlace;
  if (scales)
    scalesPlace = emitter.slice(scales, offsets3, sizes3);
  KeyValue part = toCached(fresh, place, scalesPlace);
  cache = emitter.insert(part.data.value, cache, offsets, sizes);
  function.addResult(cache, name, role::kv);
  if (scales) {
    scales = emitter.insert(part.scales, scales, offsets3, sizes3);
    function.addResult(scales, scalesName, role::kv);
  }
  return {{cache, "bhsd"}, scales};
}

void LayerBuilder::returnKV(StringRef name, Value fresh) {
  emitter.setStep("append_kv");
  KeyValue cached = toCached(fresh, {}, {});
  function.addResult(cached.data.value, name, role::kv);
  if (cached.scales)
    function.addResult(cached.scales, (name + ".scales").str(), role::kv);
}

Value LayerBuilder::attendCached(Value q, Value k, Value v) {
  Value all;
  SmallVector<int64_t> shape(Emitter::getShape(q));
  for (size_t sequence = 0; sequence < span.contexts.size(); ++sequence) {
    int64_t context = span.contexts[sequence];
    // 1. The sequences of this context: all of them, or one.
    std::string suffix =
        span.isRagged() ? "." + std::to_string(sequence) : std::string();
    auto pick = [&](Value value) {
      if (!span.isRagged())
        return value;
      SmallVector<int64_t> sizes(Emitter::getShape(value)), offsets(sizes);
      offsets.assign(sizes.size(), 0);
      offsets[0] = sequence;
      sizes[0] = 1;
      return emitter.slice(value, offsets, sizes);
    };
    // 2. A sliding window overwrites the oldest row.
    bool isFull = getWindow() > 0 && context > getWindow();
    int64_t rows = isFull ? getWindow() : context;
    int64_t position = (context - span.tokens) % rows;
    KeyValue keys = append("k_cache" + suffix, pick(k), rows, position);
    KeyValue values = append("v_cache" + suffix, pick(v), rows, position);
    Value mixed =
        attend({pick(q), "bthgd"}, keys, values,
               {span.isCausal, 0, model.positions == Positions::RelativeBias,
                span.isFirstAlone});
    if (!span.isRagged())
      return mixed;
    // 3. Back in one tensor.
    if (!all)
      all = emitter.empty(shape, types.activation);
    SmallVector<int64_t> sizes = shape, offsets(shape.size(), 0);
    offsets[0] = sequence;
    sizes[0] = 1;
    all = emitter.insert(mixed, all, offsets, sizes);
  }
  return all;
}
