//===- TrainModel.cpp - Embedding and head, forward and backward ----------===//

#include "ModelTrainer.h"
#include "Scatter.h"

using namespace mlir;
using namespace memwall;

/// The entry's argument of that name, which the forward pass has made, and its
/// place on the tape.
static Value getTable(FunctionBuilder &entry, Tape &tape, StringRef name) {
  Value table = entry.getArgument(name, role::weight, Type());
  tape.weights[name.str()] = table;
  return table;
}

/// -log p[target] / tokens; 0 where the target is none of these words, but of
/// another device.
static Value getLoss(ScalarBuilder &s, Value p, Value target, bool isPart) {
  ArrayRef<int64_t> shape = Emitter::getShape(p);
  Value share = s.constant(-1.0 / shape[0]), row = s.index('t');
  if (!isPart)
    return s.mul(s.log(s.extract(p, {row, target})), share);
  Value zero = s.indexConstant(0);
  Value isHere = s.indexLess(s.indexConstant(-1), target);
  Value isBelow = s.indexLess(target, s.indexConstant(shape[1]));
  auto pick = [&](Value yes, Value no) {
    return s.select(isHere, s.select(isBelow, yes, no), no);
  };
  Value chosen = s.extract(p, {row, pick(target, zero)});
  return pick(s.mul(s.log(chosen), share), s.constant(0));
}

/// (softmax - one-hot) / tokens. With tensor parallelism a device has some of
/// the words: devices exchange the largest logit and the sum of every row, and
/// its loss.
Value ModelTrainer::crossEntropy(FunctionBuilder &entry, Emitter &emitter,
                                 Value logits, bool isPart) {
  ElementTypes types(module.getContext(), options);
  int64_t tokens = Emitter::getShape(logits)[0];
  int64_t bytes = getAllReduceBytes(4 * tokens, options.tensorParallel);
  auto exchange = [&](Value value, int64_t rows) {
    emitter.setInterconnectBytes(value, rows * bytes);
    entry.addInterconnectBytes(rows * bytes);
  };
  emitter.setStep("loss");
  Value targets = entry.addArgument("targets", role::index, {tokens},
                                    emitter.getBuilder().getI64Type());
  Value p = emitter.softmax({logits, "to"});
  Value losses = emitter.map("t", Lettered{targets, "t"}, types.statistic,
                             [&](ScalarBuilder &s, ValueRange in) {
                               return getLoss(s, p, s.toIndex(in[0]), isPart);
                             });
  if (isPart) {
    exchange(p, 2);
    exchange(losses, 1);
  }
  entry.addResult(
      emitter.reduce("", Lettered{losses, "t"}, types.statistic, Reduction::Sum,
                     [](ScalarBuilder &, ValueRange in) { return in[0]; }),
      "loss", role::activation);
  return emitter.map(
      "to", {{p, "to"}, {targets, "t"}}, types.activation,
      [&](ScalarBuilder &s, ValueRange in) {
        Value isTarget = s.indexEqual(s.index('o'), s.toIndex(in[1]));
        Value oneHot = s.select(isTarget, s.constant(1), s.constant(0));
        return s.mul(s.sub(in[0], oneHot), s.constant(1.0 / tokens));
      });
}

/// Tokens at the end of a sequence whose successors are learned: those of a
/// robot's action, words, or all.
static int64_t countLearned(const Architecture &model, const Span &span) {
  if (model.family != Family::VisionLanguage)
    return span.tokens;
  if (model.actionTokens > 0)
    return model.actionTokens;
  return span.tokens - model.towers.front().patches();
}

Value ModelTrainer::takeRows(Emitter &emitter, Value x, const Span &span,
                             int64_t first, int64_t count) {
  if (count == span.tokens)
    return x;
  int64_t hidden = Emitter::getShape(x)[1];
  x = emitter.reshape(x, {span.batch, span.tokens, hidden});
  x = emitter.slice(x, {0, first, 0}, {span.batch, count, hidden});
  // Rows of several sequences do not lie side by side.
  if (span.batch > 1 && count > 1)
    x = emitter.map("btd", Lettered{x, "btd"}, Emitter::getElementType(x),
                    [](ScalarBuilder &, ValueRange in) { return in[0]; });
  return emitter.reshape(x, {span.batch * count, hidden});
}

Value ModelTrainer::putRows(Emitter &emitter, Value d, const Span &span,
                            int64_t first) {
  ArrayRef<int64_t> shape = Emitter::getShape(d);
  int64_t hidden = shape[1], count = shape[0] / span.batch;
  if (count == span.tokens)
    return d;
  d = emitter.reshape(d, {span.batch, count, hidden});
  Value all = emitter.zeros({span.batch, span.tokens, hidden},
                            Emitter::getElementType(d));
  all = emitter.insert(d, all, {0, first, 0}, {span.batch, count, hidden});
  return emitter.reshape(all, {span.rows(), hidden});
}

/// Logits = y table^T and their loss: the gradient of y. With tensor
/// parallelism a device has a part of the rows; where the table is the
/// embedding, which is whole on each device, they exchange their parts of its
/// gradient.
Value ModelTrainer::trainLogits(LayerGradient &gradient, FunctionBuilder &entry,
                                Tape &tape, Value y) {
  Emitter &emitter = gradient.getEmitter();
  ElementTypes types(module.getContext(), options);
  int64_t devices = options.tensorParallel, hidden = local.hidden;
  int64_t words = llvm::divideCeil(local.vocabulary, devices);
  bool isTied = local.tiedEmbeddings;
  std::string name = isTied ? "embedding.weight" : "lm_head.weight";
  SmallVector<int64_t> shape = {isTied ? local.vocabulary : words, hidden};
  emitter.setStep("lm_head");
  Value all = entry.getArgument(name, role::weight,
                                RankedTensorType::get(shape, types.activation));
  tape.weights[name] = all;
  bool isSlice = isTied && devices > 1;
  Value table = isSlice ? emitter.slice(all, {0, 0}, {words, hidden}) : all;
  Value logits =
      emitter.contract({y, "tk"}, {table, "ok"}, "to", types.accumulator);
  Value d = crossEntropy(entry, emitter, logits, devices > 1);
  emitter.setStep("lm_head_backward");
  Value dTable =
      emitter.contract({d, "to"}, {y, "tk"}, "ok", types.accumulator);
  if (isSlice) {
    int64_t bits = types.accumulator.getIntOrFloatBitWidth();
    int64_t bytes = (devices - 1) * words * hidden * bits / 8;
    emitter.setInterconnectBytes(dTable, bytes);
    entry.addInterconnectBytes(bytes);
    dTable = emitter.insert(dTable, emitter.zeros(shape, types.accumulator),
                            {0, 0}, {words, hidden});
  }
  gradient.note(name, dTable);
  Value dy =
      emitter.contract({d, "to"}, {table, "ok"}, "tk", types.accumulator);
  return gradient.allReduce(
      emitter.convert({dy, "tk"}, "tk", types.activation));
}

Value ModelTrainer::trainHead(LayerBuilder &parts, LayerGradient &gradient,
                              FunctionBuilder &entry, const Span &span,
                              Tape &tape, Value x) {
  Emitter &emitter = parts.getEmitter();
  bool hasNorm = local.normPlacement != NormPlacement::Post;
  int64_t learned = local.lmHead ? countLearned(local, span) : span.tokens;
  int64_t first = span.tokens - learned;
  emitter.setStep("lm_head");
  Value y = takeRows(emitter, x, span, first, learned);
  if (hasNorm)
    y = parts.norm(y, "final_norm");
  Value dy;
  if (local.lmHead) {
    dy = trainLogits(gradient, entry, tape, y);
  } else {
    entry.addResult(y, "hidden", role::activation);
    dy = entry.addArgument("hidden.gradient", role::activation, y.getType());
  }
  if (hasNorm)
    dy = gradient.norm(dy, "final_norm");
  emitter.setStep("lm_head_backward");
  return putRows(emitter, dy, span, first);
}

/// Gradients of the tables that the embedding reads.
void ModelTrainer::trainEmbedding(LayerGradient &gradient,
                                  FunctionBuilder &entry, Stack stack,
                                  const Span &span, Tape &tape, Value dx) {
  Emitter &emitter = gradient.getEmitter();
  Type wide = ElementTypes(module.getContext(), options).accumulator;
  std::string prefix = getPrefix(stack).str();
  if (local.embeddingNorm)
    dx = gradient.norm(dx, prefix + "embedding_norm");
  emitter.setStep("embedding_backward");
  auto scatter = [&](StringRef name, StringRef ids) {
    Value start = gradient.getGradient(name);
    if (!start)
      start =
          emitter.zeros(Emitter::getShape(getTable(entry, tape, name)), wide);
    gradient.note(name,
                  scatterAdd(emitter, start,
                             entry.getArgument(ids, role::index, Type()), dx));
  };
  scatter("embedding.weight", prefix.empty() ? "tokens" : "encoder_tokens");
  if (local.segments > 0)
    scatter("segment_embedding.weight", prefix + "segments");
  if (local.positions != Positions::Learned)
    return;
  Value split = emitter.reshape(dx, {span.batch, span.tokens, local.hidden});
  Value sums =
      emitter.reduce("td", Lettered{split, "btd"}, wide, Reduction::Sum,
                     [](ScalarBuilder &, ValueRange in) { return in[0]; });
  std::string name = prefix + "position_embedding.weight";
  Value table = getTable(entry, tape, name);
  Value all = emitter.zeros(Emitter::getShape(table), wide);
  gradient.note(name,
                emitter.insert(sums, all, {0, 0}, {span.tokens, local.hidden}));
}

/// T5's table of biases, from the gradient of the biases [h, g, t, s]: each is
/// added to the row of its bucket.
void ModelTrainer::trainPositionBias(LayerGradient &gradient,
                                     FunctionBuilder &entry, Stack stack,
                                     const Span &span, Tape &tape, Value d) {
  Emitter &emitter = gradient.getEmitter();
  Type wide = ElementTypes(module.getContext(), options).accumulator;
  emitter.setStep("position_bias_backward");
  std::string prefix = getPrefix(stack).str();
  std::string name = prefix + "relative_bias.weight";
  Value buckets = entry.getArgument(prefix + "buckets", role::index, Type());
  // 1. The bucket of every pair, and its gradients side by side.
  int64_t tokens = span.tokens, pairs = tokens * tokens;
  Value ids = emitter.mapShape(
      "ts", {tokens, tokens}, {}, emitter.getBuilder().getI64Type(),
      [&](ScalarBuilder &s, ValueRange) {
        Value distance =
            s.indexSub(s.indexAdd(s.index('t'), s.indexConstant(tokens - 1)),
                       s.index('s'));
        return s.extract(buckets, distance);
      });
  Value rows = emitter.convert({d, "hgts"}, "tshg", wide);
  // 2. Their sums by bucket.
  Value table = getTable(entry, tape, name);
  Value sums =
      scatterAdd(emitter, emitter.zeros(Emitter::getShape(table), wide),
                 emitter.reshape(ids, {pairs}),
                 emitter.reshape(rows, {pairs, Emitter::getShape(table)[1]}));
  gradient.note(name, sums);
}

void ModelTrainer::trainWords(FunctionBuilder &entry) {
  bool hasBoth = local.family == Family::EncoderDecoder;
  bool hasBias = local.positions == Positions::RelativeBias;
  Stack last =
      local.family == Family::Encoder ? Stack::Encoder : Stack::Decoder;
  TrainedStack encoder = getStack(Stack::Encoder, local.encoderLayers);
  TrainedStack decoder = getStack(last, local.layers);
  Tape tape;
  LayerBuilder parts(entry, options, local, decoder.span, &tape);
  LayerGradient gradient(entry, options, local, decoder.span, tape);
  Towers towers = getTowers(entry, tape);
  int64_t patches = towers.empty() ? 0 : towers.front()->tower.patches();

  // 1. Forward.
  auto run = [&](TrainedStack &layers, Stack stack,
                 SmallVector<NamedTensor> shared) {
    const Span &span = layers.span;
    Value x =
        embed(parts, entry, stack, span, span.batch * (span.tokens - patches));
    if (patches > 0)
      x = prependImage(parts, span, forwardImages(entry, towers, parts), x);
    if (hasBias)
      shared.push_back({buildPositionBias(parts, entry, span, getPrefix(stack)),
                        "position_bias", ""});
    return forward(entry, layers, x, shared);
  };
  SmallVector<NamedTensor> shared;
  if (hasBoth) {
    Value memory = run(encoder, Stack::Encoder, {});
    shared.push_back({parts.norm(memory, "encoder.final_norm"), "memory", ""});
  }
  Value y = run(decoder, last, shared);

  // 2. Backward.
  auto undo = [&](TrainedStack &layers, Stack stack, Value dy) {
    const Span &span = layers.span;
    Value dx = backward(entry, layers, dy);
    if (hasBias)
      trainPositionBias(gradient, entry, stack, span, tape,
                        layers.biasGradient);
    Emitter &emitter = gradient.getEmitter();
    emitter.setStep("embedding_backward");
    if (patches > 0)
      backwardImages(entry, towers, gradient, tape,
                     takeRows(emitter, dx, span, 0, patches));
    emitter.setStep("embedding_backward");
    dx = takeRows(emitter, dx, span, patches, span.tokens - patches);
    trainEmbedding(gradient, entry, stack, span, tape, dx);
  };
  undo(decoder, last, trainHead(parts, gradient, entry, decoder.span, tape, y));
  if (hasBoth)
    undo(encoder, Stack::Encoder,
         gradient.norm(decoder.memoryGradient, "encoder.final_norm"));
  gradient.update();
}
