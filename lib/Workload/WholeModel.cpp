//===- WholeModel.cpp - Embedding, all layers, head -----------------------===//

#include "ModelBuilder.h"
#include <cmath>

using namespace mlir;
using namespace memwall;

/// Of the embedding or the head.
WeightFormat ModelBuilder::getTableFormat(ElementKind kind) {
  return WeightFormat(module.getContext(), kind, options);
}

/// Rows of the vocabulary for the tokens of a stack, with positions.
Value ModelBuilder::embed(LayerBuilder &parts, FunctionBuilder &entry,
                          Stack stack, const Span &span, int64_t rows) {
  Emitter &emitter = parts.getEmitter();
  Type type = parts.getTypes().activation;
  std::string prefix = getPrefix(stack).str();
  emitter.setStep("embedding");
  auto getIds = [&](StringRef name) {
    Value ids = entry.addArgument(name, role::index, {rows},
                                  emitter.getBuilder().getI64Type());
    return Lettered{ids, "t"};
  };
  Value x = emitter.gatherStored(
      getIds(prefix.empty() ? "tokens" : "encoder_tokens"),
      parts.getMatrix("embedding", {local.vocabulary, local.hidden},
                      getTableFormat(options.getEmbeddingKind())),
      type);
  if (local.segments > 0) {
    auto tableType =
        RankedTensorType::get({local.segments, local.hidden}, type);
    Lettered ids = getIds(prefix + "segments");
    Value table =
        entry.getArgument("segment_embedding.weight", role::weight, tableType);
    x = emitter.add(x, emitter.gather(ids, {table, ".d"}, "td"), "td", type);
  }
  double scale = local.embeddingScale;
  x = parts.scale(x, "td", scale == 0 ? std::sqrt(local.hidden) : scale);
  if (local.positions == Positions::Learned)
    x = addPositions(parts, entry, span, prefix, x);
  return local.embeddingNorm ? parts.norm(x, prefix + "embedding_norm") : x;
}

Value ModelBuilder::addPositions(LayerBuilder &parts, FunctionBuilder &entry,
                                 const Span &span, StringRef prefix, Value x) {
  Emitter &emitter = parts.getEmitter();
  Type type = parts.getTypes().activation;
  Value table =
      entry.addArgument((prefix + "position_embedding.weight").str(),
                        role::weight, {local.positionRows, local.hidden}, type);
  SmallVector<int64_t> shape = {span.batch, span.tokens, local.hidden};
  Value rows;
  if (span.isRagged()) {
    Value ids =
        entry.addArgument("positions", role::index, {span.batch, span.tokens},
                          emitter.getBuilder().getI64Type());
    rows = emitter.gather({ids, "bt"}, {table, ".d"}, "btd");
  } else {
    int64_t first = span.isCached ? span.contexts[0] - span.tokens : 0;
    rows = emitter.slice(table, {first, 0}, {span.tokens, local.hidden});
  }
  Value sum = emitter.map("btd",
                          {{emitter.reshape(x, shape), "btd"},
                           {rows, span.isRagged() ? "btd" : "td"}},
                          type, [](ScalarBuilder &s, ValueRange in) {
                            return s.add(in[0], in[1]);
                          });
  return emitter.reshape(sum, {span.rows(), local.hidden});
}

/// T5: bias[h, t, s] = weight[bucket(t - s), h]. Which bucket a distance
/// belongs to is an argument: entry i is of the distance i - (context - 1).
Value ModelBuilder::buildPositionBias(LayerBuilder &parts,
                                      FunctionBuilder &entry, const Span &span,
                                      StringRef prefix) {
  Emitter &emitter = parts.getEmitter();
  Type type = parts.getTypes().activation;
  emitter.setStep("position_bias");
  int64_t context = span.isCached ? span.contexts[0] : span.tokens;
  int64_t groups = local.heads / local.kvHeads;
  Value buckets =
      entry.addArgument((prefix + "buckets").str(), role::index,
                        {2 * context - 1}, emitter.getBuilder().getI64Type());
  Value table =
      entry.addArgument((prefix + "relative_bias.weight").str(), role::weight,
                        {local.buckets, local.heads}, type);
  SmallVector<int64_t> shape = {local.kvHeads, groups, span.tokens, context};
  int64_t shift = 2 * context - 1 - span.tokens;
  Value split = emitter.reshape(table, {local.buckets, local.kvHeads, groups});
  return emitter.mapShape(
      "hgts", shape, {}, type, [&](ScalarBuilder &s, ValueRange) {
        Value distance = s.indexSub(
            s.indexAdd(s.index('t'), s.indexConstant(shift)), s.index('s'));
        Value bucket = s.toIndex(s.extract(buckets, distance));
        return s.extract(split, {bucket, s.index('h'), s.index('g')});
      });
}

void ModelBuilder::addHead(LayerBuilder &parts, FunctionBuilder &entry,
                           const Span &span, Value x) {
  Emitter &emitter = parts.getEmitter();
  const ElementTypes &types = parts.getTypes();
  // 1. A prompt needs the logits of its last token only.
  int64_t rows = span.rows();
  if (options.phase == Phase::Prefill && span.isCausal) {
    x = emitter.reshape(x, {span.batch, span.tokens, local.hidden});
    x = emitter.slice(x, {0, span.tokens - 1, 0},
                      {span.batch, 1, local.hidden});
    rows = span.batch;
    x = emitter.reshape(x, {rows, local.hidden});
  }
  if (local.normPlacement != NormPlacement::Post)
    x = parts.norm(x, "final_norm");
  if (!local.lmHead) {
    entry.addFirstResult(x, "hidden", role::activation);
    return;
  }
  // 2. Logits; with tensor parallelism those of a slice of the vocabulary.
  emitter.setStep("lm_head");
  int64_t devices = options.tensorParallel;
  int64_t words = llvm::divideCeil(local.vocabulary, devices);
  WeightFormat headFormat =
      getTableFormat(local.tiedEmbeddings ? options.getEmbeddingKind()
                                          : options.getHeadKind());
  bool isTied = local.tiedEmbeddings;
  StoredMatrix table = parts.getMatrix(
      isTied ? "embedding" : "lm_head",
      {isTied ? local.vocabulary : words, local.hidden}, headFormat);
  if (isTied && devices > 1) {
    auto takeWords = [&](Value value) {
      return emitter.slice(value, {0, 0}, {words, Emitter::getShape(value)[1]});
    };
    table.elements = takeWords(table.elements);
    for (Value &part : table.parts)
      part = takeWords(part);
  }
  Value logits = parts.multiply(x, table);
  if (devices > 1) {
    int64_t bits = types.accumulator.getIntOrFloatBitWidth();
    int64_t bytes = (devices - 1) * rows * words * bits / 8;
    emitter.setInterconnectBytes(logits, bytes);
    entry.addInterconnectBytes(bytes);
  }
  if (local.lmHeadBias)
    logits = emitter.map(
        "to", {{logits, "to"}, {parts.getBias("lm_head", words, true), "o"}},
        types.accumulator,
        [](ScalarBuilder &s, ValueRange in) { return s.add(in[0], in[1]); });
  emitter.setStep("logit_scale");
  logits = parts.scale(logits, "to", local.logitScale);
  emitter.setStep("logit_cap");
  logits = parts.softCap(logits, "to", local.logitCap);
  entry.addFirstResult(logits, "logits", role::activation);
}

Value ModelBuilder::runStack(FunctionBuilder &entry, Stack stack,
                             ArrayRef<NamedTensor> shared) {
  Span span = getSpan(stack);
  LayerBuilder parts(entry, options, local, span);
  bool isSecond =
      stack == Stack::Encoder && local.family == Family::EncoderDecoder;
  // 1. What goes in.
  bool hasImage = local.family == Family::VisionLanguage && !options.isCached();
  int64_t imageRows = hasImage ? span.batch * local.imageTokens() : 0;
  bool isSound = isSecond && local.audio.bins > 0;
  Value x = isSound ? embedSound(parts, entry, span)
                    : embed(parts, entry, stack, span, span.rows() - imageRows);
  if (hasImage) {
    SmallVector<Value> images;
    for (const VisionTower &tower : local.towers)
      images.push_back(runTower(entry, tower));
    x = prependImage(parts, span, projectImages(parts, images), x);
  }
  SmallVector<NamedTensor> operands(shared);
  if (local.positions == Positions::RelativeBias)
    operands.push_back({buildPositionBias(parts, entry, span, getPrefix(stack)),
                        "position_bias", ""});
  // 2. The layers, and what comes out.
  x = callLayers(entry, stack, isSecond ? local.encoderLayers : local.layers, x,
                 operands);
  if (isSecond)
    return parts.norm(x, "encoder.final_norm");
  addHead(parts, entry, span, x);
  if (local.pooler)
    addPooler(parts, entry, span, x);
  return x;
}

/// BERT: tanh of a dense layer on the first token of every sequence.
void ModelBuilder::addPooler(LayerBuilder &parts, FunctionBuilder &entry,
                             const Span &span, Value x) {
  Emitter &emitter = parts.getEmitter();
  x = emitter.reshape(x, {span.batch, span.tokens, local.hidden});
  x = emitter.slice(x, {0, 0, 0}, {span.batch, 1, local.hidden});
  x = emitter.reshape(x, {span.batch, local.hidden});
  Value dense = parts.linear(x, "pooler", local.hidden, local.hidden, true);
  Value pooled = emitter.map(
      "to", Lettered{dense, "to"}, parts.getTypes().activation,
      [](ScalarBuilder &s, ValueRange in) { return s.tanh(in[0]); });
  entry.addResult(pooled, "pooled", role::activation);
}

void ModelBuilder::buildWholeModel() {
  FunctionBuilder entry(module, "model");
  if (local.isImageEncoder()) {
    runImageEncoder(entry);
  } else if (runsActions()) {
    runActionExpert(entry);
  } else {
    SmallVector<NamedTensor> shared;
    if (local.family == Family::EncoderDecoder && !options.isCached())
      shared.push_back({runStack(entry, Stack::Encoder, {}), "memory", ""});
    bool isEncoder = local.family == Family::Encoder;
    runStack(entry, isEncoder ? Stack::Encoder : Stack::Decoder, shared);
  }
  entry.finish(/*isPrivate=*/false);
}
