//===- Vision.cpp - Images as tokens --------------------------------------===//

#include "ModelBuilder.h"

using namespace mlir;
using namespace memwall;

Architecture memwall::getTowerArchitecture(const VisionTower &tower) {
  Architecture layer;
  layer.name = tower.name;
  layer.family = Family::Encoder;
  layer.layers = tower.layers;
  layer.hidden = tower.hidden;
  layer.heads = layer.kvHeads = tower.heads;
  layer.headDim = tower.hidden / tower.heads;
  layer.ffn = tower.ffn;
  layer.norm = Norm::Layer;
  layer.positions = Positions::None;
  layer.activation = tower.activation;
  layer.qkvBias = layer.linearBias = tower.biases;
  return layer;
}

/// Images [b, 3, pixels, pixels] as tokens [b * tokens, hidden]: patches are
/// projected; class tokens come first; positions are added. All views of a
/// sequence are images of their own.
Value ModelBuilder::embedImage(FunctionBuilder &entry,
                               const VisionTower &tower) {
  Emitter emitter(entry.getBuilder(), options.style);
  ElementTypes types(module.getContext(), options);
  Type type = types.activation;
  int64_t batch = options.getBatch() * local.views,
          side = tower.image / tower.patch;
  std::string prefix = tower.name + ".";
  emitter.setStep("patch_embedding");

  // 1. Patches, as a contraction over the pixels of each.
  Value image = entry.getArgument(
      "image", role::activation,
      RankedTensorType::get({batch, 3, tower.image, tower.image}, type));
  image =
      emitter.reshape(image, {batch, 3, side, tower.patch, side, tower.patch});
  Value weight =
      entry.addArgument(prefix + "patch_embedding.weight", role::weight,
                        {tower.hidden, 3, tower.patch, tower.patch}, type);
  Value bias = entry.addArgument(prefix + "patch_embedding.bias", role::weight,
                                 {tower.hidden}, type);
  Value patches = emitter.contract({image, "bcyixj"}, {weight, "ocij"}, "byxo",
                                   types.accumulator);
  patches = emitter.reshape(patches, {batch, tower.patches(), tower.hidden});

  // 2. With positions, behind the class tokens.
  Value positions =
      entry.addArgument(prefix + "position_embedding.weight", role::weight,
                        {tower.tokens(), tower.hidden}, type);
  int64_t first = tower.classTokens;
  Value rows =
      emitter.slice(positions, {first, 0}, {tower.patches(), tower.hidden});
  Value x = emitter.map("bto", {{patches, "bto"}, {bias, "o"}, {rows, "to"}},
                        type, [](ScalarBuilder &s, ValueRange in) {
                          return s.add(s.add(in[0], in[1]), in[2]);
                        });
  if (first > 0) {
    Value tokens = entry.addArgument(prefix + "class_token", role::weight,
                                     {first, tower.hidden}, type);
    Value classRows = emitter.slice(positions, {0, 0}, {first, tower.hidden});
    Value heads = emitter.mapShape(
        "bto", {batch, first, tower.hidden},
        {{tokens, "to"}, {classRows, "to"}}, type,
        [](ScalarBuilder &s, ValueRange in) { return s.add(in[0], in[1]); });
    x = emitter.concat({heads, x}, 1);
  }
  return emitter.reshape(x, {batch * tower.tokens(), tower.hidden});
}

/// The first `count` layers of a tower on its tokens.
Value ModelBuilder::callTower(FunctionBuilder &entry, const VisionTower &tower,
                              int64_t count, Value x) {
  Architecture architecture =
      shard(getTowerArchitecture(tower), options.tensorParallel);
  Span span;
  span.batch = options.getBatch() * local.views;
  span.tokens = tower.tokens();
  FunctionBuilder function(module, tower.name + "_layer");
  LayerBuilder layer(function, options, architecture, span);
  Value hidden = function.addArgument("hidden", role::activation, x.getType());
  Value y = layer.decoderLayer(hidden, LayerKind(), false);
  function.addFirstResult(y, "hidden", role::activation);
  func::FuncOp callee = function.finish(/*isPrivate=*/true);
  for (int64_t index = 0; index < count; ++index)
    x = entry
            .call(callee, tower.name + "." + std::to_string(index) + ".",
                  {{x, "hidden", ""}})
            .front()
            .value;
  return x;
}

Value ModelBuilder::runTower(FunctionBuilder &entry, const VisionTower &tower) {
  Architecture architecture = getTowerArchitecture(tower);
  Span span;
  LayerBuilder parts(entry, options, architecture, span);
  Value x = embedImage(entry, tower);
  if (tower.normBefore)
    x = parts.norm(x, tower.name + ".first_norm");
  x = callTower(entry, tower, tower.layers, x);
  return parts.norm(x, tower.name + ".final_norm");
}

/// ViT: a linear classifier on the class token.
Value ModelBuilder::classifyImage(LayerBuilder &parts, Value x) {
  const VisionTower &tower = local.towers.front();
  Emitter &emitter = parts.getEmitter();
  int64_t batch = options.getBatch();
  x = emitter.reshape(x, {batch, tower.tokens(), tower.hidden});
  x = emitter.slice(x, {0, 0, 0}, {batch, 1, tower.hidden});
  x = emitter.reshape(x, {batch, tower.hidden});
  return parts.linear(x, "classifier", tower.hidden, local.classes, true);
}

void ModelBuilder::runImageEncoder(FunctionBuilder &entry) {
  const VisionTower &tower = local.towers.front();
  Value x = runTower(entry, tower);
  entry.addResult(x, "hidden", role::activation);
  if (local.classes == 0)
    return;
  Architecture architecture = getTowerArchitecture(tower);
  Span span;
  LayerBuilder parts(entry, options, architecture, span);
  entry.addFirstResult(classifyImage(parts, x), "logits", role::activation);
}

/// Squares of patches, [b, y, i, x, j, k], side by side or as their mean.
static Value mergePatches(Emitter &emitter, Value x, const VisionTower &tower) {
  if (tower.merge == 1)
    return x;
  emitter.setStep("merge_patches");
  int64_t batch = Emitter::getShape(x)[0];
  int64_t merge = tower.merge, side = tower.image / tower.patch / merge;
  Type type = Emitter::getElementType(x);
  x = emitter.reshape(x, {batch, side, merge, side, merge, tower.hidden});
  if (tower.poolsMean) {
    Value sums = emitter.reduce(
        "byxk", Lettered{x, "byixjk"},
        Float32Type::get(emitter.getBuilder().getContext()), Reduction::Sum,
        [](ScalarBuilder &, ValueRange in) { return in[0]; });
    x = emitter.map("byxk", Lettered{sums, "byxk"}, type,
                    [&](ScalarBuilder &s, ValueRange in) {
                      return s.mul(in[0], s.constant(1.0 / (merge * merge)));
                    });
  } else {
    x = emitter.convert({x, "byixjk"}, "byxijk", type);
  }
  return emitter.reshape(x, {batch, tower.imageTokens(), tower.imageWidth()});
}

/// Patches of all towers side by side, through the projector: a linear layer
/// per width, with GELU in between. Class tokens stay behind.
Value ModelBuilder::projectImages(LayerBuilder &parts, ArrayRef<Value> images) {
  Emitter &emitter = parts.getEmitter();
  int64_t batch = options.getBatch() * local.views;
  int64_t patches = local.towers.front().imageTokens();
  SmallVector<Value> features;
  for (auto [tower, image] : llvm::zip_equal(local.towers, images)) {
    Value x = emitter.reshape(image, {batch, tower.tokens(), tower.hidden});
    x = emitter.slice(x, {0, tower.classTokens, 0},
                      {batch, tower.patches(), tower.hidden});
    features.push_back(mergePatches(emitter, x, tower));
  }
  emitter.setStep("projector");
  Value x = features.size() == 1 ? features[0] : emitter.concat(features, 2);
  int64_t width = Emitter::getShape(x)[2];
  x = emitter.reshape(x, {batch * patches, width});
  for (auto [index, out] : llvm::enumerate(local.projector)) {
    std::string name = "projector." + std::to_string(index);
    if (index > 0) {
      parts.record(name + ".before", x);
      x = parts.activate({x}, {}, Activation::GeluErf);
    }
    x = parts.linear(x, name, width, out, true);
    width = out;
  }
  return x;
}

/// Image tokens of all views, then the words, of every sequence.
Value ModelBuilder::prependImage(LayerBuilder &parts, const Span &span,
                                 Value image, Value words) {
  Emitter &emitter = parts.getEmitter();
  int64_t patches = local.imageTokens();
  image = emitter.reshape(image, {span.batch, patches, local.hidden});
  words =
      emitter.reshape(words, {span.batch, span.tokens - patches, local.hidden});
  emitter.setStep("embedding");
  return emitter.reshape(emitter.concat({image, words}, 1),
                         {span.rows(), local.hidden});
}
