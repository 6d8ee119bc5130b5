//===- Recurrence.cpp - Layers with a state instead of a cache ------------===//
//
// Three recurrences over the tokens of a sequence, on a state S [key number,
// value number] per value head, in f32:
//
//   linear attention  S = a S + k v^T                        o = S^T q
//     a per head and fixed (RetNet, arXiv 2307.08621, equation 6)
//   delta rule        S = a S + k (b (v - (a S)^T k))^T      o = S^T q
//     a = exp(-exp(A) softplus(dt + bias)), b = sigmoid(beta) (Gated DeltaNet,
//     arXiv 2412.06464, equation 10; Qwen3-Next)
//   scan              S = a S + k (dt v)^T                   o = S^T q + D v
//     dt = softplus(dt + bias), a = exp(-exp(A) dt); k, q, v are B, C, x
//     (Mamba-2, arXiv 2405.21060, section 7)
//   selective scan    the same with a = exp(-exp(A) dt) per key number, where
//     every channel is a value head of one number, and dt, k and q are
//     projections of v (Mamba, arXiv 2312.00752, algorithm 2)
//
// Letters as elsewhere, but g key head, r value head of a key head, d key
// number, e value number, c channel, j tap.
//
//===----------------------------------------------------------------------===//

#include "LayerBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include <cmath>

using namespace mlir;
using namespace memwall;

static Value softplus(ScalarBuilder &s, Value x) {
  return s.log(s.add(s.constant(1), s.exp(x)));
}

/// y[t] = act(sum over j of w[c, j] x[t + j - taps + 1]): the inputs before the
/// new ones are zeros, or those that the last call left.
Value LayerBuilder::convolve(Value x, StringRef name, int64_t channels,
                             bool isActivated) {
  const Recurrence &part = model.recurrence;
  int64_t before = part.taps - 1, tokens = span.tokens;
  x = emitter.reshape(x, {span.batch, tokens, channels});
  std::string convolution = nameState((name + "_conv").str());
  emitter.setStep(convolution);
  std::string stateName = convolution + "_state";
  SmallVector<int64_t> shape = {span.batch, before, channels};
  SmallVector<int64_t> all = {span.batch, before + tokens, channels};
  // 1. Inputs of the window, and what the next call needs of them.
  Value state = span.isCached ? function.addArgument(stateName, role::kv, shape,
                                                     types.activation)
                              : emitter.zeros(shape, types.activation);
  Value inputs = emitter.empty(all, types.activation);
  inputs = emitter.insert(state, inputs, {0, 0, 0}, shape);
  inputs =
      emitter.insert(x, inputs, {0, before, 0}, {span.batch, tokens, channels});
  Value last = emitter.slice(inputs, {0, tokens, 0}, shape);
  Value place = span.isCached ? state : emitter.empty(shape, types.activation);
  function.addResult(emitter.insert(last, place, {0, 0, 0}, shape), stateName,
                     role::kv);

  // 2. One product per tap.
  Value taps =
      weight(convolution + ".weight", {channels, part.taps}, types.activation);
  SmallVector<Lettered> operands;
  for (int64_t tap = 0; tap < part.taps; ++tap) {
    SmallVector<int64_t> sizes = {span.batch, tokens, channels};
    operands.push_back({emitter.slice(inputs, {0, tap, 0}, sizes), "btc"});
    Value column = emitter.slice(taps, {0, tap}, {channels, 1});
    operands.push_back({emitter.reshape(column, {channels}), "c"});
  }
  if (part.convolutionBias)
    operands.push_back(
        {weight(convolution + ".bias", {channels}, types.activation), "c"});
  return emitter.map("btc", operands, types.activation,
                     [&](ScalarBuilder &s, ValueRange in) {
                       Value sum = s.mul(in[0], in[1]);
                       for (int64_t tap = 1; tap < part.taps; ++tap)
                         sum = s.add(sum, s.mul(in[2 * tap], in[2 * tap + 1]));
                       if (part.convolutionBias)
                         sum = s.add(sum, in.back());
                       return isActivated ? silu(s, sum) : sum;
                     });
}

/// x [b, t, g, d] / sqrt(sum over d of x^2 + 1e-6), times `scale`.
Value LayerBuilder::normKeys(Value x, double scale) {
  Value squares = emitter.reduce(
      "btg", Lettered{x, "btgd"}, types.statistic, Reduction::Sum,
      [](ScalarBuilder &s, ValueRange in) { return s.mul(in[0], in[0]); });
  return emitter.map("btgd", {{x, "btgd"}, {squares, "btg"}}, types.activation,
                     [&](ScalarBuilder &s, ValueRange in) {
                       Value root = s.rsqrt(s.add(in[1], s.constant(1e-6)));
                       return s.mul(s.mul(in[0], root), s.constant(scale));
                     });
}

/// softplus(dt + bias), with the bias of every head.
static Value makeSteps(Emitter &emitter, Value dt, Value bias, Type type) {
  return emitter.map("to", {{dt, "to"}, {bias, "o"}}, type,
                     [](ScalarBuilder &s, ValueRange in) {
                       return softplus(s, s.add(in[0], in[1]));
                     });
}

LayerBuilder::Recurrent LayerBuilder::prepareSelectiveScan(Value x) {
  const Recurrence &part = model.recurrence;
  int64_t channels = part.valueHeads, size = part.keyDim;
  auto normed = [&](Value value, StringRef name) {
    return part.normsInputs ? norm(value, name) : value;
  };
  Value v = linear(x, "v_proj", model.hidden, channels, false);
  v = emitter.reshape(convolve(v, "v", channels, true),
                      {span.rows(), channels});
  Value k = normed(linear(v, "k_proj", channels, size, false), "k_norm");
  Value q = normed(linear(v, "q_proj", channels, size, false), "q_norm");
  Value latent =
      normed(linear(v, "dt_a_proj", channels, part.rank, false), "dt_norm");
  Value dt = project(latent, "dt_proj", part.rank, channels);
  Value bias = weight("dt_bias", {channels}, types.activation);
  Value a = weight("a_log", {channels, size}, types.activation);
  emitter.setStep("decay");
  Value steps = makeSteps(emitter, dt, bias, types.statistic);
  SmallVector<int64_t> keyShape = {span.batch, span.tokens, 1, size};
  return {emitter.reshape(q, keyShape), emitter.reshape(k, keyShape),
          emitter.reshape(v, {span.batch, span.tokens, 1, channels, 1}),
          emitter.reshape(a, {1, channels, size}),
          emitter.reshape(steps, {span.batch, span.tokens, 1, channels})};
}

LayerBuilder::Recurrent LayerBuilder::prepareRecurrence(Value x) {
  if (kind.mixer == Mixer::SelectiveScan)
    return prepareSelectiveScan(x);
  const Recurrence &part = model.recurrence;
  int64_t in = model.hidden, repeats = part.valueHeads / part.keyHeads;
  int64_t keys = part.keyHeads * part.keyDim;
  int64_t values = part.valueHeads * part.valueDim;
  // 1. Queries, keys and values.
  auto make = [&](StringRef name, int64_t out) {
    Value rows = linear(x, nameState((name + "_proj").str()), in, out, false);
    if (part.taps > 0)
      return convolve(rows, name, out, true);
    return emitter.map(
        "to", Lettered{rows, "to"}, types.activation,
        [](ScalarBuilder &s, ValueRange in) { return silu(s, in[0]); });
  };
  SmallVector<int64_t> keyShape = {span.batch, span.tokens, part.keyHeads,
                                   part.keyDim};
  Recurrent result;
  result.q = emitter.reshape(make("q", keys), keyShape);
  result.k = emitter.reshape(make("k", keys), keyShape);
  result.v = emitter.reshape(
      make("v", values),
      {span.batch, span.tokens, part.keyHeads, repeats, part.valueDim});
  if (!isScan()) {
    emitter.setStep("qk_norm");
    result.q = normKeys(result.q, 1 / std::sqrt(part.keyDim));
    result.k = normKeys(result.k, 1);
  }

  // 2. Decay and strength of every head.
  int64_t heads = part.valueHeads;
  SmallVector<int64_t> headShape = {span.batch, span.tokens, part.keyHeads,
                                    repeats};
  if (kind.mixer == Mixer::LinearAttention) {
    auto type =
        RankedTensorType::get({part.keyHeads, repeats}, types.statistic);
    result.decay = function.getArgument("decay", role::table, type);
    return result;
  }
  Value dt = project(x, nameState("dt_proj"), in, heads);
  Value bias = weight(nameState("dt_bias"), {heads}, types.activation);
  Value a = weight(nameState("a_log"), {heads}, types.activation);
  emitter.setStep("decay");
  Value step = makeSteps(emitter, dt, bias, types.statistic);
  Value decay = emitter.map("to", {{step, "to"}, {a, "o"}}, types.statistic,
                            [](ScalarBuilder &s, ValueRange in) {
                              Value rate = s.mul(s.exp(in[1]), in[0]);
                              return s.exp(s.negate(rate));
                            });
  result.decay = emitter.reshape(decay, headShape);
  if (isScan()) {
    result.strength = emitter.reshape(step, headShape);
    return result;
  }
  Value beta = project(x, "beta_proj", in, heads);
  beta = emitter.map(
      "to", Lettered{beta, "to"}, types.statistic,
      [](ScalarBuilder &s, ValueRange in) { return sigmoid(s, in[0]); });
  result.strength = emitter.reshape(beta, headShape);
  return result;
}

/// One token of every sequence: what the state becomes, and [b, g, r, e].
std::pair<Value, Value> LayerBuilder::stepRecurrence(const Recurrent &in,
                                                     Value state) {
  Type f32 = types.statistic;
  StringRef decayLetters =
      Emitter::getShape(in.decay).size() == 2 ? "gr" : "bgr";
  if (kind.mixer == Mixer::SelectiveScan)
    decayLetters = "grd";
  Lettered decay = {in.decay, decayLetters};
  emitter.setStep("state");
  // 1. What is written.
  Lettered written = {in.v, "bgre"};
  if (kind.mixer == Mixer::DeltaRule) {
    Value known =
        emitter.reduce("bgre", {{state, "bgrde"}, {in.k, "bgd"}, decay}, f32,
                       Reduction::Sum, [](ScalarBuilder &s, ValueRange x) {
                         return s.mul(s.mul(x[0], x[2]), x[1]);
                       });
    written.value = emitter.map(
        "bgre", {{in.v, "bgre"}, {known, "bgre"}, {in.strength, "bgr"}}, f32,
        [](ScalarBuilder &s, ValueRange x) {
          return s.mul(s.sub(x[0], x[1]), x[2]);
        });
  } else if (in.strength) {
    written.value = emitter.map(
        "bgre", {{in.v, "bgre"}, {in.strength, "bgr"}}, f32,
        [](ScalarBuilder &s, ValueRange x) { return s.mul(x[0], x[1]); });
  }
  // 2. The state after it, in place, and what the query reads.
  SmallVector<Lettered> inputs = {{in.k, "bgd"}, written, decay};
  bool isSelective = kind.mixer == Mixer::SelectiveScan;
  if (isSelective)
    inputs.push_back({in.strength, "bgr"});
  SmallVector<Value> next = emitter.update(
      "bgrde", inputs, state, [&](ScalarBuilder &s, ValueRange x) {
        Value factor = x[2];
        if (isSelective)
          factor = s.exp(s.negate(s.mul(s.exp(x[2]), x[3])));
        Value kept = s.mul(x.back(), factor);
        return SmallVector<Value>{s.add(kept, s.mul(x[0], x[1]))};
      });
  Value read = emitter.reduce(
      "bgre", {{next[0], "bgrde"}, {in.q, "bgd"}}, f32, Reduction::Sum,
      [](ScalarBuilder &s, ValueRange x) { return s.mul(x[0], x[1]); });
  return {next[0], emitter.convert({read, "bgre"}, "bgre", types.activation)};
}

/// value[:, token], without that dimension; as it is if it has no tokens.
static Value takeToken(Emitter &emitter, Value value, Value token,
                       size_t rank) {
  ArrayRef<int64_t> shape =
      value ? Emitter::getShape(value) : ArrayRef<int64_t>();
  if (shape.size() < rank)
    return value;
  OpBuilder &builder = emitter.getBuilder();
  SmallVector<OpFoldResult> offsets(shape.size(), builder.getIndexAttr(0)),
      sizes, ones(shape.size(), builder.getIndexAttr(1));
  offsets[1] = token;
  SmallVector<int64_t> rest = {shape[0]};
  for (auto [dim, size] : llvm::enumerate(shape))
    sizes.push_back(builder.getIndexAttr(dim == 1 ? 1 : size));
  llvm::append_range(rest, shape.drop_front(2));
  auto type = RankedTensorType::get(rest, Emitter::getElementType(value));
  return tensor::ExtractSliceOp::create(builder, builder.getUnknownLoc(), type,
                                        value, offsets, sizes, ones);
}

/// All tokens, one after the other; the state is an argument while decoding.
Value LayerBuilder::runRecurrence(const Recurrent &in) {
  const Recurrence &part = model.recurrence;
  OpBuilder &builder = emitter.getBuilder();
  Location loc = builder.getUnknownLoc();
  int64_t repeats = part.valueHeads / part.keyHeads;
  SmallVector<int64_t> flat = {span.batch, part.valueHeads, part.keyDim,
                               part.valueDim};
  SmallVector<int64_t> split = {span.batch, part.keyHeads, repeats, part.keyDim,
                                part.valueDim};
  emitter.setStep("state");
  Value state = span.isCached ? function.addArgument("state", role::kv, flat,
                                                     types.statistic)
                              : emitter.zeros(flat, types.statistic);
  state = emitter.reshape(state, split);
  auto take = [&](Value token) {
    return Recurrent{takeToken(emitter, in.q, token, 4),
                     takeToken(emitter, in.k, token, 4),
                     takeToken(emitter, in.v, token, 5),
                     takeToken(emitter, in.decay, token, 4),
                     takeToken(emitter, in.strength, token, 4)};
  };
  auto makeIndex = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  Value zero = makeIndex(0), mixed;
  SmallVector<int64_t> shape(Emitter::getShape(in.v));
  if (span.tokens == 1) {
    std::tie(state, mixed) = stepRecurrence(take(zero), state);
    mixed = emitter.reshape(mixed, shape);
  } else {
    Value one = makeIndex(1), end = makeIndex(span.tokens);
    SmallVector<Value> carried = {state,
                                  emitter.empty(shape, types.activation)};
    auto loop = scf::ForOp::create(builder, loc, zero, end, one, carried);
    {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(loop.getBody());
      Value token = loop.getInductionVar();
      auto [next, row] = stepRecurrence(take(token), loop.getRegionIterArg(0));
      SmallVector<OpFoldResult> offsets(shape.size(), builder.getIndexAttr(0)),
          sizes, ones(shape.size(), builder.getIndexAttr(1));
      offsets[1] = token;
      for (auto [dim, size] : llvm::enumerate(shape))
        sizes.push_back(builder.getIndexAttr(dim == 1 ? 1 : size));
      Value rows = tensor::InsertSliceOp::create(
          builder, loc, row, loop.getRegionIterArg(1), offsets, sizes, ones);
      scf::YieldOp::create(builder, loc, ValueRange{next, rows});
    }
    state = loop.getResult(0);
    mixed = loop.getResult(1);
  }
  if (span.isCached || span.returnsKV)
    function.addResult(emitter.reshape(state, flat), "state", role::kv);
  return mixed;
}

/// RMSNorm of every one of the groups of a row's numbers; none without groups.
Value LayerBuilder::normGroups(Value x, StringRef name, int64_t groups) {
  if (groups <= 1)
    return groups == 1 ? norm(x, name) : x;
  emitter.setStep(name);
  int64_t rows = Emitter::getShape(x)[0], width = Emitter::getShape(x)[1];
  Value parts = emitter.reshape(x, {rows, groups, width / groups});
  Value scale = weight((name + ".weight").str(), {width}, types.activation);
  scale = emitter.reshape(scale, {groups, width / groups});
  Value squares = emitter.reduce(
      "tg", Lettered{parts, "tgd"}, types.statistic, Reduction::Sum,
      [](ScalarBuilder &s, ValueRange in) { return s.mul(in[0], in[0]); });
  Value inverse = emitter.map("tg", Lettered{squares, "tg"}, types.statistic,
                              [&](ScalarBuilder &s, ValueRange in) {
                                Value mean =
                                    s.div(in[0], s.constant(width / groups));
                                return s.rsqrt(s.add(mean, s.constant(1e-5)));
                              });
  Value y = emitter.map("tgd", {{parts, "tgd"}, {inverse, "tg"}, {scale, "gd"}},
                        types.activation, [](ScalarBuilder &s, ValueRange in) {
                          return s.mul(s.mul(in[0], in[1]), in[2]);
                        });
  return emitter.reshape(y, {rows, width});
}

/// mixed [b, t, g, r, e]: RMSNorm of every head times silu(gate). Scan: first
/// + D v and times silu(gate), then RMSNorm of all numbers of the token.
Value LayerBuilder::finishRecurrence(Value mixed, Value v, Value gate) {
  const Recurrence &part = model.recurrence;
  int64_t rows = span.rows(), heads = part.valueHeads, size = part.valueDim;
  SmallVector<int64_t> shape = {rows, heads, size};
  mixed = emitter.reshape(mixed, shape);
  gate = emitter.reshape(gate, shape);
  emitter.setStep("mixer_gate");
  if (isScan()) {
    Value d = weight(nameState("d"), {heads}, types.activation);
    Value y =
        emitter.map("the",
                    {{mixed, "the"},
                     {emitter.reshape(v, shape), "the"},
                     {d, "h"},
                     {gate, "the"}},
                    types.activation, [](ScalarBuilder &s, ValueRange in) {
                      Value sum = s.add(in[0], s.mul(in[2], in[1]));
                      return s.mul(sum, silu(s, in[3]));
                    });
    y = emitter.reshape(y, {rows, heads * size});
    return normGroups(y, nameState("mixer_norm"), part.normGroups);
  }
  Value y = norm(emitter.reshape(mixed, {rows * heads, size}), "mixer_norm");
  emitter.setStep("mixer_gate");
  y = emitter.map("the", {{emitter.reshape(y, shape), "the"}, {gate, "the"}},
                  types.activation, [](ScalarBuilder &s, ValueRange in) {
                    return s.mul(in[0], silu(s, in[1]));
                  });
  return emitter.reshape(y, {rows, heads * size});
}

Value LayerBuilder::recurrence(Value x) {
  const Recurrence &part = model.recurrence;
  int64_t width = part.valueHeads * part.valueDim;
  Recurrent inputs = prepareRecurrence(x);
  Value mixed = runRecurrence(inputs);
  Value gate = linear(x, nameState("z_proj"), model.hidden, width, false);
  Value y = finishRecurrence(mixed, inputs.v, gate);
  Value output = project(y, nameState("o_proj"), width, model.hidden);
  allReduce(output);
  return output;
}
