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
  mlir::Value layer(mlir::Value dy, bool hasExperts, bool hasCross);
  /// After `layer`: of the encoder's result, which cross attention reads, in
  /// the type of the activations; and of the biases that are added to the
  /// scores, [h, g, t, s], in the accumulator type. Null: there are none.
  mlir::Value getMemoryGradient() const { return memoryGradient; }
  mlir::Value getBiasGradient() const { return biasGradient; }
  mlir::Value norm(mlir::Value dy, llvm::StringRef name);
  /// Of a projection: gradients of the weight and bias are noted; the result is
  /// that of the input, in the accumulator type.
  mlir::Value linear(mlir::Value dy, llvm::StringRef name, bool hasBias);
  void bias(mlir::Value dy, llvm::StringRef name);
  /// Of an activation function without a gate, at x + bias (or null).
  mlir::Value activation(mlir::Value dy, mlir::Value x, mlir::Value bias,
                         Activation kind);
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
  /// Notes that all devices add up the value, a partial sum.
  mlir::Value allReduce(mlir::Value partial);

  /// AdamW on every weight with a gradient, or the gradients themselves, as
  /// results of the function.
  void update();

  Emitter &getEmitter() { return emitter; }

private:
  // Attention. Values are [b, t, heads, size]; what `attend` gives of queries
  // and keys is behind the rotation.
  struct AttentionParts {
    mlir::Value q, k, v;
    mlir::Value scores; ///< [b, h, g, t, s]
  };
  mlir::Value attention(mlir::Value dy);
  mlir::Value crossAttention(mlir::Value dy);
  /// From the gradient of the output projection's input; `notes` is in front of
  /// the names on the tape.
  AttentionParts attend(mlir::Value mixed, const llvm::Twine &notes);
  /// ds = p (dp - sum(dp p)), over the last dimension.
  mlir::Value softmax(Lettered dp, mlir::Value p);
  mlir::Value scaleBack(mlir::Value dq, llvm::StringRef letters,
                        int64_t headSize);
  mlir::Value rotateBack(mlir::Value d, llvm::StringRef letters,
                         int64_t columns);
  mlir::Value flatten(mlir::Value d, int64_t heads);
  struct LatentParts {
    mlir::Value q, turnedQ, k, turnedK, v;
  };
  mlir::Value latentAttention(mlir::Value dy);
  LatentParts attendLatent(mlir::Value mixed);
  mlir::Value latentQueries(mlir::Value dq, mlir::Value dTurnedQ);

  // Feed-forward parts.
  mlir::Value feedForward(mlir::Value dy);
  struct GatedParts {
    mlir::Value gate, up;
  };
  GatedParts gated(Lettered dy, mlir::Value gate, mlir::Value up,
                   Lettered share = {});
  mlir::Value experts(mlir::Value dy);
  mlir::Value sharedExperts(mlir::Value dy);
  mlir::Value expertLinear(Lettered dy, Lettered x, llvm::StringRef name);
  /// The gradient of the router's logits from that of the experts' shares.
  mlir::Value routing(mlir::Value dShares);

  void adamW(llvm::StringRef name, mlir::Value gradient);
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
  mlir::Value memoryGradient, biasGradient;
};

} // namespace memwall

#endif // MEMWALL_LIB_WORKLOAD_TRAINING_H
