//===- TrainModel.cpp - Embedding and head, forward and backward ----------===//

#include "ModelBuilder.h"
#include "Training.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace memwall;

/// Adds row t of `rows` to row ids[t] of `table`, one after the other: ids may
/// come back.
static Value scatterAdd(Emitter &emitter, Value table, Value ids, Value rows) {
  OpBuilder &builder = emitter.getBuilder();
  Location loc = builder.getUnknownLoc();
  ArrayRef<int64_t> shape = Emitter::getShape(rows);
  auto makeIndex = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  Value zero = makeIndex(0), one = makeIndex(1), end = makeIndex(shape[0]);
  auto loop = scf::ForOp::create(builder, loc, zero, end, one, table);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Value token = loop.getInductionVar(), sum = loop.getRegionIterArg(0);
  Value id = tensor::ExtractOp::create(builder, loc, ids, token);
  Value row =
      arith::IndexCastOp::create(builder, loc, builder.getIndexType(), id);
  SmallVector<OpFoldResult> sizes =
      getAsIndexOpFoldResult(builder.getContext(), {1, shape[1]});
  SmallVector<OpFoldResult> ones =
      getAsIndexOpFoldResult(builder.getContext(), {1, 1});
  OpFoldResult start = builder.getIndexAttr(0);
  Value to = tensor::ExtractSliceOp::create(
      builder, loc, sum, ArrayRef<OpFoldResult>{row, start}, sizes, ones);
  Value from = tensor::ExtractSliceOp::create(
      builder, loc, rows, ArrayRef<OpFoldResult>{token, start}, sizes, ones);
  Value updated = emitter
                      .update("td", Lettered{from, "td"}, to,
                              [](ScalarBuilder &s, ValueRange in) {
                                return SmallVector<Value>{s.add(in[0], in[1])};
                              })
                      .front();
  sum = tensor::InsertSliceOp::create(builder, loc, updated, sum,
                                      ArrayRef<OpFoldResult>{row, start}, sizes,
                                      ones);
  scf::YieldOp::create(builder, loc, sum);
  return loop.getResult(0);
}

/// Mean cross entropy of the next tokens. Gives the gradient of the logits,
/// (softmax - one-hot) / tokens.
static Value crossEntropy(FunctionBuilder &entry, Emitter &emitter,
                          Value logits, const ElementTypes &types) {
  int64_t tokens = Emitter::getShape(logits)[0];
  emitter.setStep("loss");
  Value targets = entry.addArgument("targets", role::index, {tokens},
                                    emitter.getBuilder().getI64Type());
  Value p = emitter.softmax({logits, "to"});
  Value losses =
      emitter.map("t", Lettered{targets, "t"}, types.statistic,
                  [&](ScalarBuilder &s, ValueRange in) {
                    Value chosen =
                        s.extract(p, {s.index('t'), s.toIndex(in[0])});
                    return s.mul(s.log(chosen), s.constant(-1.0 / tokens));
                  });
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

Value ModelBuilder::trainHead(LayerBuilder &parts, LayerGradient &gradient,
                              FunctionBuilder &entry, Tape &tape, Value x) {
  Emitter &emitter = parts.getEmitter();
  const ElementTypes &types = parts.getTypes();
  bool hasNorm = local.normPlacement != NormPlacement::Post;
  Value y = hasNorm ? parts.norm(x, "final_norm") : x;
  Value dy;
  if (!local.lmHead) {
    entry.addResult(y, "hidden", role::activation);
    dy = entry.addArgument("hidden.gradient", role::activation, y.getType());
  } else {
    // logits = y table^T
    std::string name =
        local.tiedEmbeddings ? "embedding.weight" : "lm_head.weight";
    emitter.setStep("lm_head");
    Value table = entry.getArgument(
        name, role::weight,
        RankedTensorType::get({local.vocabulary, local.hidden},
                              types.activation));
    tape.weights[name] = table;
    Value logits =
        emitter.contract({y, "tk"}, {table, "ok"}, "to", types.accumulator);
    Value d = crossEntropy(entry, emitter, logits, types);
    emitter.setStep("lm_head_backward");
    gradient.note(
        name, emitter.contract({d, "to"}, {y, "tk"}, "ok", types.accumulator));
    dy = emitter.contract({d, "to"}, {table, "ok"}, "tk", types.accumulator);
    dy = emitter.convert({dy, "tk"}, "tk", types.activation);
  }
  return hasNorm ? gradient.norm(dy, "final_norm") : dy;
}

/// Gradients of the tables that the embedding reads.
void ModelBuilder::trainEmbedding(LayerGradient &gradient,
                                  FunctionBuilder &entry, const Span &span,
                                  Tape &tape, Value dx) {
  Emitter &emitter = gradient.getEmitter();
  ElementTypes types(module.getContext(), options);
  if (local.embeddingNorm)
    dx = gradient.norm(dx, "embedding_norm");
  emitter.setStep("embedding_backward");
  auto getTable = [&](StringRef name) {
    // The embedding has made it an argument.
    Value table = entry.getArgument(name, role::weight, Type());
    tape.weights[name.str()] = table;
    return table;
  };
  auto scatter = [&](StringRef table, StringRef ids) {
    Value start = gradient.getGradient(table);
    if (!start)
      start =
          emitter.zeros(Emitter::getShape(getTable(table)), types.accumulator);
    gradient.note(table,
                  scatterAdd(emitter, start,
                             entry.getArgument(ids, role::index, Type()), dx));
  };
  scatter("embedding.weight", "tokens");
  if (local.segments > 0)
    scatter("segment_embedding.weight", "segments");
  if (local.positions != Positions::Learned)
    return;
  Value split = emitter.reshape(dx, {span.batch, span.tokens, local.hidden});
  Value sums = emitter.reduce(
      "td", Lettered{split, "btd"}, types.accumulator, Reduction::Sum,
      [](ScalarBuilder &, ValueRange in) { return in[0]; });
  Value table = getTable("position_embedding.weight");
  Value all = emitter.zeros(Emitter::getShape(table), types.accumulator);
  gradient.note("position_embedding.weight",
                emitter.insert(sums, all, {0, 0}, {span.tokens, local.hidden}));
}

void ModelBuilder::trainWholeModel(FunctionBuilder &entry, const Span &span) {
  Tape tape;
  LayerBuilder parts(entry, options, local, span, &tape);
  LayerGradient gradient(entry, options, local, span, tape);
  Stack stack =
      local.family == Family::Encoder ? Stack::Encoder : Stack::Decoder;
  Value x = embed(parts, entry, stack, span, span.rows());
  Value dx = trainLayers(entry, span, local.layers, x, [&](Value y) {
    return trainHead(parts, gradient, entry, tape, y);
  });
  trainEmbedding(gradient, entry, span, tape, dx);
  gradient.update();
}
