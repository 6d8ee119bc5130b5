//===- ModelBuilder.h - Layers, and what is around them ---------*- C++ -*-===//

#ifndef MEMWALL_LIB_WORKLOAD_MODELBUILDER_H
#define MEMWALL_LIB_WORKLOAD_MODELBUILDER_H

#include "LayerBuilder.h"

namespace memwall {

class LayerGradient;

/// Builds modules: one layer function per kind of layer, and an entry
/// that calls them unless there is one call only.
class ModelBuilder {
public:
  ModelBuilder(mlir::ModuleOp module, const WorkloadOptions &options);
  void build();

private:
  enum class Stack { Decoder, Encoder };
  Span getSpan(Stack stack) const;
  mlir::func::FuncOp buildLayer(Stack stack, bool hasExperts);
  /// The layer function of that kind, built at its first use.
  mlir::func::FuncOp getLayer(Stack stack, bool hasExperts);
  /// Calls the last `count` layers of a stack.
  mlir::Value callLayers(FunctionBuilder &entry, Stack stack, int64_t count,
                         mlir::Value x, llvm::ArrayRef<NamedTensor> shared);
  void countTokens();
  void buildLayersOnly();
  void buildWholeModel();

  // Training.
  /// The two halves of a layer: what the first notes, the second takes.
  struct TrainedLayer {
    mlir::func::FuncOp forward, backward;
  };
  void buildTraining();
  void buildTrainedLayer();
  TrainedLayer buildTrainedHalves(const Span &span);
  /// Calls the last layers forward, gets the gradient of their result from
  /// `getGradient`, and calls them backward: the gradient of `x`.
  mlir::Value
  trainLayers(FunctionBuilder &entry, const Span &span, int64_t count,
              mlir::Value x,
              llvm::function_ref<mlir::Value(mlir::Value)> getGradient);
  void trainWholeModel(FunctionBuilder &entry, const Span &span);
  mlir::Value trainHead(LayerBuilder &parts, LayerGradient &gradient,
                        FunctionBuilder &entry, Tape &tape, mlir::Value x);
  void trainEmbedding(LayerGradient &gradient, FunctionBuilder &entry,
                      const Span &span, Tape &tape, mlir::Value dx);

  // Parts of the whole model; they are added to the entry.
  mlir::Value runStack(FunctionBuilder &entry, Stack stack,
                       llvm::ArrayRef<NamedTensor> shared);
  mlir::Value embed(LayerBuilder &parts, FunctionBuilder &entry, Stack stack,
                    const Span &span, int64_t rows);
  mlir::Value addPositions(LayerBuilder &parts, FunctionBuilder &entry,
                           const Span &span, mlir::Value x);
  mlir::Value buildPositionBias(LayerBuilder &parts, FunctionBuilder &entry,
                                const Span &span, llvm::StringRef prefix);
  void addHead(LayerBuilder &parts, FunctionBuilder &entry, const Span &span,
               mlir::Value x);
  void addPooler(LayerBuilder &parts, FunctionBuilder &entry, const Span &span,
                 mlir::Value x);
  mlir::Value embedImage(FunctionBuilder &entry, const VisionTower &tower);
  mlir::Value callTower(FunctionBuilder &entry, const VisionTower &tower,
                        int64_t count, mlir::Value x);
  mlir::Value runTower(FunctionBuilder &entry, const VisionTower &tower);
  void classifyImage(FunctionBuilder &entry);
  mlir::Value projectImage(LayerBuilder &parts, FunctionBuilder &entry);
  mlir::Value prependImage(LayerBuilder &parts, FunctionBuilder &entry,
                           const Span &span, mlir::Value words);

  mlir::ModuleOp module;
  const WorkloadOptions &options;
  Architecture local;
  llvm::SmallVector<std::pair<std::string, mlir::func::FuncOp>> layerFunctions;
};

/// The layers of a vision tower as an architecture.
Architecture getTowerArchitecture(const VisionTower &tower);

} // namespace memwall

#endif // MEMWALL_LIB_WORKLOAD_MODELBUILDER_H
