//===- Training.h - The backward pass and the update ------------*- C++ -*-===//

#ifndef MEMWALL_LIB_WORKLOAD_TRAINING_H
#define MEMWALL_LIB_WORKLOAD_TRAINING_H

#include "LayerBuilder.h"

namespace memwall {

/// The backward pass of one layer, part by part, from what the forward pass
/// noted. Gradients of activations have the type of the activations, those of
/// weights the accumulator type.
class LayerGradient {
public:
  LayerGradient(FunctionBuilder &function, const WorkloadOptions &options,
                const Architecture &local, const Span &span, Tape &tape)
      : options(options), model(local), span(span), tape(tape),
        function(function), types(function.getBuilder().getContext(), options),
        emitter(function.getBuilder(), options.style) {}

  /// The gradient of the layer's input from that of its result.
  mlir::Value layer(mlir::Value dy);
  mlir::Value norm(mlir::Value dy, llvm::StringRef name);
  /// Of a projection: gradients of the weight and bias are noted; the result is
  /// that of the input, in the accumulator type.
  mlir::Value linear(mlir::Value dy, llvm::StringRef name, bool hasBias);
  void bias(mlir::Value dy, llvm::StringRef name);
  void note(llvm::StringRef weight, mlir::Value gradient) {
    gradients[weight.str()] = gradient;
  }
  /// What was noted for a weight, or null.
  mlir::Value getGradient(llvm::StringRef weight) const {
    return gradients.lookup(weight.str());
  }
  mlir::Value getWeight(llvm::StringRef name) const {
    return tape.weights.lookup(name.str());
  }
  mlir::Value sum(llvm::ArrayRef<mlir::Value> parts);

  /// AdamW on every weight with a gradient, or the gradients themselves, as
  /// results of the function.
  void update();

  Emitter &getEmitter() { return emitter; }

private:
  mlir::Value attention(mlir::Value dy);
  mlir::Value feedForward(mlir::Value dy);
  mlir::Value activation(mlir::Value dy);
  mlir::Value rotateBack(mlir::Value d, llvm::StringRef letters);
  void adamW(llvm::StringRef name, mlir::Value gradient);
  /// All-reduce of the gradient that column-parallel projections leave.
  mlir::Value allReduce(mlir::Value partial);
  mlir::Value saved(const llvm::Twine &name) const {
    return tape.values.lookup(name.str());
  }

  const WorkloadOptions &options;
  const Architecture &model;
  const Span &span;
  Tape &tape;
  FunctionBuilder &function;
  ElementTypes types;
  Emitter emitter;
  NamedValues gradients;
};

} // namespace memwall

#endif // MEMWALL_LIB_WORKLOAD_TRAINING_H
