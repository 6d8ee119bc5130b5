//===- ModelBuilder.h - Layers, and what is around them ---------*- C++ -*-===//

#ifndef MEMWALL_LIB_WORKLOAD_MODELBUILDER_H
#define MEMWALL_LIB_WORKLOAD_MODELBUILDER_H

#include "LayerBuilder.h"

namespace memwall {

/// Builds modules: one layer function per kind of layer, and an entry
/// that calls them unless there is one call only.
class ModelBuilder {
public:
  ModelBuilder(mlir::ModuleOp module, const WorkloadOptions &options);
  void build();

protected:
  enum class Stack { Decoder, Encoder };
  Span getSpan(Stack stack) const;
  /// Whether the layers are those of the action expert.
  bool runsActions() const {
    return options.isCached() && options.architecture.hasActions();
  }
  mlir::func::FuncOp buildLayer(Stack stack, LayerKind kind);
  /// The layer function of that kind, built at its first use.
  mlir::func::FuncOp getLayer(Stack stack, LayerKind kind);
  /// Arguments of a function start with the prefix of their stack: nothing, or
  /// "encoder." for that of an encoder-decoder.
  llvm::StringRef getPrefix(Stack stack) const {
    bool isSecond =
        stack == Stack::Encoder && local.family == Family::EncoderDecoder;
    return isSecond ? "encoder." : "";
  }
  /// Calls the last `count` layers of a stack.
  mlir::Value callLayers(FunctionBuilder &entry, Stack stack, int64_t count,
                         mlir::Value x, llvm::ArrayRef<NamedTensor> shared);
  /// In a module without an embedding: the biases of a stack's scores as an
  /// argument, if it has some.
  llvm::SmallVector<NamedTensor> addPositionBias(FunctionBuilder &entry,
                                                 Stack stack);
  void countTokens();
  WeightFormat getTableFormat(ElementKind kind);
  void buildLayersOnly();
  void buildWholeModel();

  // Parts of the whole model; they are added to the entry.
  mlir::Value runStack(FunctionBuilder &entry, Stack stack,
                       llvm::ArrayRef<NamedTensor> shared);
  mlir::Value embed(LayerBuilder &parts, FunctionBuilder &entry, Stack stack,
                    const Span &span, int64_t rows);
  /// A spectrogram as the encoder's tokens (Audio.cpp).
  mlir::Value embedSound(LayerBuilder &parts, FunctionBuilder &entry,
                         const Span &span);
  mlir::Value convolveSound(LayerBuilder &parts, FunctionBuilder &entry,
                            llvm::StringRef name, mlir::Value x,
                            int64_t channels, int64_t stride);
  mlir::Value addPositions(LayerBuilder &parts, FunctionBuilder &entry,
                           const Span &span, llvm::StringRef prefix,
                           mlir::Value x);
  mlir::Value buildPositionBias(LayerBuilder &parts, FunctionBuilder &entry,
                                const Span &span, llvm::StringRef prefix);
  void addHead(LayerBuilder &parts, FunctionBuilder &entry, const Span &span,
               mlir::Value x);
  // Around the layers of the action expert (ActionExpert.cpp).
  mlir::Value projectActions(LayerBuilder &parts, mlir::Value x,
                             llvm::StringRef name, int64_t in, int64_t out);
  mlir::Value embedActions(LayerBuilder &parts, FunctionBuilder &entry,
                           const Span &span);
  void addVelocity(LayerBuilder &parts, FunctionBuilder &entry,
                   const Span &span, mlir::Value x);
  void runActionExpert(FunctionBuilder &entry);
  void addPooler(LayerBuilder &parts, FunctionBuilder &entry, const Span &span,
                 mlir::Value x);
  mlir::Value embedImage(FunctionBuilder &entry, const VisionTower &tower);
  mlir::Value callTower(FunctionBuilder &entry, const VisionTower &tower,
                        int64_t count, mlir::Value x);
  mlir::Value runTower(FunctionBuilder &entry, const VisionTower &tower);
  void runImageEncoder(FunctionBuilder &entry);
  mlir::Value classifyImage(LayerBuilder &parts, mlir::Value x);
  mlir::Value projectImages(LayerBuilder &parts,
                            llvm::ArrayRef<mlir::Value> images);
  mlir::Value prependImage(LayerBuilder &parts, const Span &span,
                           mlir::Value image, mlir::Value words);

  mlir::ModuleOp module;
  const WorkloadOptions &options;
  Architecture local;
  struct LayerFunction {
    Stack stack;
    LayerKind kind;
    mlir::func::FuncOp function;
  };
  llvm::SmallVector<LayerFunction> layerFunctions;
};

/// The layers of a vision tower as an architecture.
Architecture getTowerArchitecture(const VisionTower &tower);

} // namespace memwall

#endif // MEMWALL_LIB_WORKLOAD_MODELBUILDER_H
