//===- ModelTrainer.h - Training steps --------------------------*- C++ -*-===//

#ifndef MEMWALL_LIB_WORKLOAD_MODELTRAINER_H
#define MEMWALL_LIB_WORKLOAD_MODELTRAINER_H

#include "ModelBuilder.h"
#include "Training.h"
#include <memory>
#include <vector>

namespace memwall {

/// Layers of one shape that are trained together: those of a decoder, of an
/// encoder, or of a vision tower.
struct TrainedStack {
  std::string name;   ///< Of its functions: "decoder_layer".
  std::string prefix; ///< Of its layers' weights: "layers.".
  Architecture model; ///< What one device holds.
  Span span;
  int64_t first = 0, end = 0; ///< Layers [first, end).

  bool hasExperts(int64_t index) const {
    return model.hasExperts() && index >= model.moe.denseLayers;
  }
  bool hasCross() const { return span.memory > 0; }
  std::string getPrefix(int64_t index) const {
    return prefix + std::to_string(index) + ".";
  }

  /// The two halves of a layer: what the first notes, the second takes.
  struct Layer {
    mlir::func::FuncOp forward, backward;
  };
  Layer dense, routed; ///< Built at their first use.
  /// What each layer that was called forward left for the way back.
  llvm::SmallVector<llvm::SmallVector<NamedTensor>> notes;
  /// Sums over the layers that were called backward (LayerGradient.h), or null.
  mlir::Value memoryGradient, biasGradient;
};

/// A vision tower with its patch embedding and its final norm.
struct TrainedTower {
  TrainedTower(const VisionTower &tower, TrainedStack layers,
               const WorkloadOptions &options, FunctionBuilder &entry,
               Tape &tape)
      : tower(tower), stack(std::move(layers)),
        parts(entry, options, stack.model, stack.span, &tape),
        gradient(entry, options, stack.model, stack.span, tape) {}

  const VisionTower &tower;
  TrainedStack stack;
  LayerBuilder parts;
  LayerGradient gradient;
};

/// Builds training steps: forward, backward and update.
class ModelTrainer : public ModelBuilder {
public:
  using ModelBuilder::ModelBuilder;
  void build();

private:
  // Layers.
  TrainedStack getStack(Stack stack, int64_t count) const;
  TrainedStack getTower(const VisionTower &tower, int64_t count) const;
  void trainLayer(const TrainedStack &stack);
  void trainLayers(FunctionBuilder &entry);
  void buildHalves(const TrainedStack &stack, bool hasExperts,
                   TrainedStack::Layer &layer);
  /// Calls all layers forward. `shared`: what every layer takes.
  mlir::Value forward(FunctionBuilder &entry, TrainedStack &stack,
                      mlir::Value x, llvm::ArrayRef<NamedTensor> shared);
  /// And backward, after `forward`: the gradient of what the first one took.
  mlir::Value backward(FunctionBuilder &entry, TrainedStack &stack,
                       mlir::Value dy);

  // What is around the layers; the tape is the entry's.
  void trainWords(FunctionBuilder &entry);
  /// From the result of the last layer to its gradient.
  mlir::Value trainHead(LayerBuilder &parts, LayerGradient &gradient,
                        FunctionBuilder &entry, const Span &span, Tape &tape,
                        mlir::Value x);
  /// From logits to their gradient; the loss is a result. `isPart`: other
  /// devices have the other words; targets count from the first of these.
  mlir::Value crossEntropy(FunctionBuilder &entry, Emitter &emitter,
                           mlir::Value logits, bool isPart);
  mlir::Value trainLogits(LayerGradient &gradient, FunctionBuilder &entry,
                          Tape &tape, mlir::Value y);
  void trainEmbedding(LayerGradient &gradient, FunctionBuilder &entry,
                      Stack stack, const Span &span, Tape &tape,
                      mlir::Value dx);
  void trainPositionBias(LayerGradient &gradient, FunctionBuilder &entry,
                         Stack stack, const Span &span, Tape &tape,
                         mlir::Value d);
  /// Rows [first, first + count) of every sequence of x, [b * t, hidden], as
  /// [b * count, hidden].
  static mlir::Value takeRows(Emitter &emitter, mlir::Value x, const Span &span,
                              int64_t first, int64_t count);
  /// The gradient of `takeRows`: d in its place, and zeros.
  static mlir::Value putRows(Emitter &emitter, mlir::Value d, const Span &span,
                             int64_t first);

  // Images.
  using Towers = std::vector<std::unique_ptr<TrainedTower>>;
  void trainImageEncoder(FunctionBuilder &entry);
  Towers getTowers(FunctionBuilder &entry, Tape &tape) const;
  mlir::Value forwardTower(FunctionBuilder &entry, TrainedTower &tower);
  void backwardTower(FunctionBuilder &entry, TrainedTower &tower, Tape &tape,
                     mlir::Value dy);
  void trainPatches(FunctionBuilder &entry, TrainedTower &tower, Tape &tape,
                    mlir::Value dx);
  /// The image as the decoder's tokens, and back from their gradient.
  mlir::Value forwardImages(FunctionBuilder &entry, Towers &towers,
                            LayerBuilder &parts);
  void backwardImages(FunctionBuilder &entry, Towers &towers,
                      LayerGradient &gradient, Tape &tape, mlir::Value d);
};

} // namespace memwall

#endif // MEMWALL_LIB_WORKLOAD_MODELTRAINER_H
