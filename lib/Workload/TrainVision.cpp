//===- TrainVision.cpp - Images, forward and backward ---------------------===//

#include "ModelTrainer.h"

using namespace mlir;
using namespace memwall;

static Value getFirst(ScalarBuilder &, ValueRange in) { return in[0]; }

Value ModelTrainer::forwardTower(FunctionBuilder &entry, TrainedTower &tower) {
  Value x = forward(entry, tower.stack, embedImage(entry, tower.tower), {});
  return tower.parts.norm(x, tower.tower.name + ".final_norm");
}

void ModelTrainer::backwardTower(FunctionBuilder &entry, TrainedTower &tower,
                                 Tape &tape, Value dy) {
  dy = tower.gradient.norm(dy, tower.tower.name + ".final_norm");
  trainPatches(entry, tower, tape, backward(entry, tower.stack, dy));
  tower.gradient.update();
}

/// Gradients of what makes tokens of an image, from that of the tokens.
void ModelTrainer::trainPatches(FunctionBuilder &entry, TrainedTower &trained,
                                Tape &tape, Value dx) {
  const VisionTower &tower = trained.tower;
  LayerGradient &gradient = trained.gradient;
  Emitter &emitter = gradient.getEmitter();
  Type wide = ElementTypes(module.getContext(), options).accumulator;
  int64_t batch = options.getBatch(), side = tower.image / tower.patch;
  int64_t first = tower.classTokens, hidden = tower.hidden;
  emitter.setStep("patch_embedding_backward");
  auto note = [&](StringRef name, Value d) {
    std::string full = tower.name + "." + name.str();
    tape.weights[full] = entry.getArgument(full, role::weight, Type());
    gradient.note(full, d);
  };

  // 1. Positions, and what every patch adds.
  dx = emitter.reshape(dx, {batch, tower.tokens(), hidden});
  Value sums =
      emitter.reduce("to", Lettered{dx, "bto"}, wide, Reduction::Sum, getFirst);
  note("position_embedding.weight", sums);
  Value ofPatches = emitter.slice(sums, {first, 0}, {tower.patches(), hidden});
  note("patch_embedding.bias", emitter.reduce("o", Lettered{ofPatches, "to"},
                                              wide, Reduction::Sum, getFirst));
  // 2. Class tokens: each is added to its position.
  if (first > 0)
    note("class_token",
         emitter.convert({emitter.slice(sums, {0, 0}, {first, hidden}), "to"},
                         "to", wide, emitter.empty({first, hidden}, wide)));

  // 3. Pixels times the gradients of their patches.
  auto type = RankedTensorType::get({batch, 3, tower.image, tower.image},
                                    Emitter::getElementType(dx));
  Value image =
      emitter.reshape(entry.getArgument("image", role::activation, type),
                      {batch, 3, side, tower.patch, side, tower.patch});
  dx = emitter.slice(dx, {0, first, 0}, {batch, tower.patches(), hidden});
  dx = emitter.reshape(dx, {batch, side, side, hidden});
  note("patch_embedding.weight",
       emitter.contract({dx, "byxo"}, {image, "bcyixj"}, "ocij", wide));
}

/// With a classifier on the class token the loss is that of its logits; else
/// the gradient of the result is an argument.
void ModelTrainer::trainImageEncoder(FunctionBuilder &entry) {
  Tape tape;
  const VisionTower &tower = local.towers.front();
  TrainedTower trained(tower, getTower(tower, tower.layers), options, entry,
                       tape);
  LayerGradient &gradient = trained.gradient;
  Emitter &emitter = gradient.getEmitter();
  ElementTypes types(module.getContext(), options);
  Value x = forwardTower(entry, trained), dy;
  if (local.classes == 0) {
    entry.addFirstResult(x, "hidden", role::activation);
    dy = entry.addArgument("hidden.gradient", role::activation, x.getType());
  } else {
    Value logits = classifyImage(trained.parts, x);
    logits = emitter.convert({logits, "to"}, "to", types.accumulator);
    dy = gradient.linear(crossEntropy(entry, emitter, logits, /*isPart=*/false),
                         "classifier",
                         /*hasBias=*/true);
    dy = emitter.convert({dy, "to"}, "to", types.activation);
    dy = putRows(emitter, dy, trained.stack.span, 0);
  }
  backwardTower(entry, trained, tape, dy);
}

ModelTrainer::Towers ModelTrainer::getTowers(FunctionBuilder &entry,
                                             Tape &tape) const {
  Towers towers;
  if (local.family != Family::VisionLanguage)
    return towers;
  for (const VisionTower &tower : local.towers)
    towers.push_back(std::make_unique<TrainedTower>(
        tower, getTower(tower, tower.layers), options, entry, tape));
  return towers;
}

Value ModelTrainer::forwardImages(FunctionBuilder &entry, Towers &towers,
                                  LayerBuilder &parts) {
  SmallVector<Value> images;
  for (auto &tower : towers)
    images.push_back(forwardTower(entry, *tower));
  return projectImages(parts, images);
}

void ModelTrainer::backwardImages(FunctionBuilder &entry, Towers &towers,
                                  LayerGradient &gradient, Tape &tape,
                                  Value d) {
  Emitter &emitter = gradient.getEmitter();
  Type type = Emitter::getElementType(d);
  // 1. The projector.
  for (int64_t index = local.projector.size() - 1; index >= 0; --index) {
    std::string name = "projector." + std::to_string(index);
    d = gradient.linear(d, name, /*hasBias=*/true);
    d = index > 0 ? gradient.activation(d, tape.values.lookup(name + ".before"),
                                        {}, Activation::GeluErf)
                  : emitter.convert({d, "to"}, "to", type);
  }
  // 2. Each tower made some of the columns; class tokens stayed behind.
  int64_t column = 0;
  for (auto &tower : towers) {
    emitter.setStep("projector_backward");
    int64_t hidden = tower->tower.hidden;
    Value part =
        emitter.slice(d, {0, column}, {Emitter::getShape(d)[0], hidden});
    column += hidden;
    backwardTower(
        entry, *tower, tape,
        putRows(emitter, part, tower->stack.span, tower->tower.classTokens));
  }
}
