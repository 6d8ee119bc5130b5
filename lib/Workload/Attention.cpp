//===- Attention.cpp - Self and cross attention ---------------------------===//

#include "LayerBuilder.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace memwall;

bool LayerBuilder::isTurned() const {
  return model.positions == Positions::Rotary && kind.mixer != Mixer::Unturned;
}

Value LayerBuilder::rotary(Value x, StringRef letters, int64_t columns) {
  emitter.setStep("rope");
  SmallVector<int64_t> shape;
  if (span.isRagged())
    shape.push_back(span.batch);
  shape.append({span.tokens, columns / 2});
  auto type = RankedTensorType::get(shape, types.activation);
  StringRef tableLetters = span.isRagged() ? "btd" : "td";
  bool isLocal = model.localTables && kind.mixer == Mixer::Window;
  auto getTable = [&](StringRef name) {
    return function.getArgument(
        (isLocal ? "rope_local_" : "rope_") + name.str(), role::table, type);
  };
  Lettered cosines = {getTable("cos"), tableLetters};
  Lettered sines = {getTable("sin"), tableLetters};
  SmallVector<int64_t> part(Emitter::getShape(x)), begin(part.size(), 0);
  if (part.back() == columns)
    return emitter.rotate({x, letters}, cosines, sines);
  part.back() = columns;
  Value turned =
      emitter.rotate({emitter.slice(x, begin, part), letters}, cosines, sines);
  return emitter.insert(turned, x, begin, part);
}

/// RMSNorm of every head, x[..., d] / sqrt(mean over d of x^2 + epsilon), times
/// a weight per number if it has one.
Value LayerBuilder::normHeads(Value x, StringRef letters, StringRef name) {
  if (model.qkNorm == QKNorm::None || model.qkNorm == QKNorm::AllHeads ||
      (model.qkNorm == QKNorm::Plain && !isTurned()))
    return x;
  emitter.setStep(name);
  StringRef rows = letters.drop_back();
  int64_t size = Emitter::getShape(x).back();
  Value squares = emitter.reduce(
      rows, Lettered{x, letters}, types.statistic, Reduction::Sum,
      [](ScalarBuilder &s, ValueRange in) { return s.mul(in[0], in[0]); });
  Value inverse = emitter.map(rows, Lettered{squares, rows}, types.statistic,
                              [&](ScalarBuilder &s, ValueRange in) {
                                Value mean = s.div(in[0], s.constant(size));
                                return s.rsqrt(s.add(mean, s.constant(1e-5)));
                              });
  SmallVector<Lettered> inputs = {{x, letters}, {inverse, rows}};
  if (model.qkNorm == QKNorm::Weighted)
    inputs.push_back(
        {weight((name + ".weight").str(), {size}, types.activation), "d"});
  return emitter.map(letters, inputs, types.activation,
                     [](ScalarBuilder &s, ValueRange in) {
                       Value y = s.mul(in[0], in[1]);
                       return in.size() > 2 ? s.mul(y, in[2]) : y;
                     });
}

Value LayerBuilder::scaleQueries(Value q, StringRef letters, int64_t headSize) {
  if (!model.attentionScale)
    return q;
  double scalar = model.queryScalar > 0 ? model.queryScalar : headSize;
  emitter.setStep("scale");
  return emitter.map(letters, Lettered{q, letters}, types.activation,
                     [&](ScalarBuilder &s, ValueRange in) {
                       return s.mul(in[0], s.constant(1 / std::sqrt(scalar)));
                     });
}

/// The score, or `hidden`: query t is at position context - tokens + t and sees
/// key s if that is not later and, with a window, less than so many earlier.
static Value hideUnseen(ScalarBuilder &s, Value score, Value hidden,
                        int64_t shift, int64_t window) {
  Value query = s.indexAdd(s.index('t'), s.indexConstant(shift));
  Value key = s.index('s');
  Value isLater = s.indexLess(query, key);
  Value seen = s.select(isLater, hidden, score);
  if (window == 0)
    return seen;
  Value inWindow = s.indexLess(query, s.indexAdd(key, s.indexConstant(window)));
  return s.select(inWindow, seen, hidden);
}

/// slope * (position of the key - position of the query).
static Value slopeTerm(ScalarBuilder &s, Value slope, int64_t shift,
                       Type integer) {
  Value query = s.indexAdd(s.index('t'), s.indexConstant(shift));
  Value distance = s.indexSub(s.index('s'), query);
  return s.mul(slope, s.toFloat(s.toInteger(distance, integer)));
}

Value LayerBuilder::adjustScores(Value scores, const KeyValue &keys,
                                 const Visibility &visibility) {
  if (model.attentionCap > 0) {
    emitter.setStep("soft_cap");
    scores = softCap(scores, "bhgts", model.attentionCap);
  }
  emitter.setStep("mask");
  ArrayRef<int64_t> shape = Emitter::getShape(scores);
  SmallVector<Lettered> inputs = {{scores, "bhgts"}};
  if (keys.scales)
    inputs.push_back({keys.scales, "bhs"});
  if (visibility.hasBias) {
    auto type = RankedTensorType::get(shape.drop_front(), types.activation);
    inputs.push_back(
        {function.getArgument("position_bias", role::table, type), "hgts"});
  }
  bool hasSlopes = model.positions == Positions::ALiBi;
  if (hasSlopes) {
    auto type = RankedTensorType::get({shape[1], shape[2]}, types.statistic);
    inputs.push_back({function.getArgument("slopes", role::table, type), "hg"});
  }
  // The last query sees everything: one token needs no mask.
  bool hasMask =
      (visibility.isCausal || visibility.isFirstAlone) && shape[3] > 1;
  if (inputs.size() == 1 && !hasMask)
    return scores;
  bool hasInfinity = options.accumulator != ElementKind::F8;
  double hidden = hasInfinity ? -std::numeric_limits<double>::infinity() : -448;
  return emitter.map(
      "bhgts", inputs, types.accumulator, [&](ScalarBuilder &s, ValueRange in) {
        Value score = in[0];
        if (keys.scales)
          score = s.mul(score, in[1]);
        if (visibility.hasBias)
          score = s.add(score, in.back());
        if (hasSlopes)
          score = s.add(score, slopeTerm(s, in.back(), shape[4] - shape[3],
                                         emitter.getBuilder().getI64Type()));
        if (!hasMask)
          return score;
        Value seen = hideUnseen(s, score, s.constant(hidden),
                                shape[4] - shape[3], visibility.window);
        if (visibility.isCausal)
          return seen;
        Value isFirst = s.indexLess(s.index('t'), s.indexConstant(1));
        return s.select(isFirst, seen, score);
      });
}

Value LayerBuilder::attend(Lettered q, const KeyValue &keys,
                           const KeyValue &values, const Visibility &visibility,
                           StringRef notes) {
  // 1. Scores. q: [b, t, h, g, d]
  ArrayRef<int64_t> shape = Emitter::getShape(q.value);
  int64_t groups = shape[3];
  auto spread = [&](const KeyValue &cached) {
    if (groups == 1)
      return cached.data;
    ArrayRef<int64_t> rows = Emitter::getShape(cached.data.value);
    if (cached.data.letters == "bhsd")
      return emitter.repeat(cached.data, "bhgsd",
                            {rows[0], rows[1], groups, rows[2], rows[3]});
    return emitter.repeat(cached.data, "bshgd",
                          {rows[0], rows[1], rows[2], groups, rows[3]});
  };
  emitter.setStep("scores");
  Value scores = emitter.contract(q, spread(keys), "bhgts", types.accumulator);
  scores = adjustScores(scores, keys, visibility);

  // 2. Softmax over the keys.
  emitter.setStep("softmax");
  Value weights;
  if (model.sinks)
    weights = emitter.softmaxWithSink(
        {scores, "bhgts"},
        {weight("sinks", {shape[2], groups}, types.activation), "hg"});
  else
    weights = emitter.softmax({scores, "bhgts"});
  if (values.scales)
    weights = emitter.map(
        "bhgts", {{weights, "bhgts"}, {values.scales, "bhs"}}, types.activation,
        [](ScalarBuilder &s, ValueRange in) { return s.mul(in[0], in[1]); });
  else
    weights = emitter.convert({weights, "bhgts"}, "bhgts", types.activation);

  record(notes + "weights", weights);

  // 3. Their sum of values: [b, t, h, g, d]
  emitter.setStep("context");
  Value mixed = emitter.contract({weights, "bhgts"}, spread(values), "bthgd",
                                 types.accumulator);
  return emitter.convert({mixed, "bthgd"}, "bthgd", types.activation);
}

Value LayerBuilder::outputProjection(Value context, StringRef name,
                                     int64_t in) {
  Value rows = emitter.reshape(context, {span.rows(), in});
  Value output = project(rows, name, in, model.hidden);
  allReduce(output);
  return output;
}

Value LayerBuilder::selfAttention(Value x) {
  if (model.isLatent())
    return latentAttention(x);
  int64_t in = model.hidden, size = model.headDim;
  int64_t groups = model.heads / model.kvHeads;
  // 1. Queries, keys and values, by head.
  Value q = linear(x, "q_proj", in, model.heads * size, model.qkvBias);
  Value k = linear(x, "k_proj", in, model.kvHeads * size, model.qkvBias);
  Value v = linear(x, "v_proj", in, model.kvHeads * size, model.qkvBias);
  if (model.qkNorm == QKNorm::AllHeads) {
    q = norm(q, "q_norm");
    k = norm(k, "k_norm");
  }
  SmallVector<int64_t> shape = {span.batch, span.tokens, model.kvHeads, size};
  q = emitter.reshape(q,
                      {span.batch, span.tokens, model.kvHeads, groups, size});
  k = emitter.reshape(k, shape);
  v = emitter.reshape(v, shape);
  q = normHeads(q, "bthgd", "q_norm");
  k = normHeads(k, "bthd", "k_norm");
  if (isTurned()) {
    int64_t columns = model.rotaryDim > 0 ? model.rotaryDim : size;
    q = rotary(q, "bthgd", columns);
    k = rotary(k, "bthd", columns);
  }
  q = scaleQueries(q, "bthgd", size);

  bool hasBias = model.positions == Positions::RelativeBias;
  record("q", q);
  record("k", k);
  record("v", v);

  // 2. Attention to the cache, or to what was just computed.
  Value context;
  if (span.isCached) {
    context = attendCached(q, k, v);
  } else {
    context = attend({q, "bthgd"}, {{k, "bshd"}}, {{v, "bshd"}},
                     {span.isCausal, getWindow(), hasBias});
    if (span.returnsKV) {
      returnKV("k_cache", k);
      returnKV("v_cache", v);
    }
  }
  if (model.outputGate) {
    Value gate = linear(x, "attn_gate_proj", in, model.heads * size, false);
    context = emitter.reshape(context, {span.rows(), model.heads * size});
    emitter.setStep("attn_gate");
    context =
        emitter.map("to", {{context, "to"}, {gate, "to"}}, types.activation,
                    [](ScalarBuilder &s, ValueRange in) {
                      return s.mul(in[0], sigmoid(s, in[1]));
                    });
  }
  return outputProjection(context, "o_proj", model.heads * size);
}
