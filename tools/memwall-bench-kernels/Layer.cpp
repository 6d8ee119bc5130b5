//===- Layer.cpp - A decoder layer of memwall-gen, to time ----------------===//

#include "Layer.h"
#include "memwall/Workload/Workload.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;
using namespace memwall;

/// The layer with the new hidden states as its only result. So decoding writes
/// the new row of the cache into its argument, instead of copying the cache.
static OwningOpRef<ModuleOp> buildLayer(MLIRContext &context,
                                        const Layer &layer) {
  WorkloadOptions options;
  options.architecture.hidden = layer.hidden;
  options.architecture.heads = layer.heads;
  options.architecture.kvHeads = layer.kvHeads;
  options.architecture.headDim = layer.depth;
  options.architecture.ffn = layer.ffn;
  bool decodes = layer.tokens < layer.context;
  options.phase = decodes ? Phase::Decode : Phase::Prefill;
  (decodes ? options.context : options.sequence) = layer.context;
  options.weights = options.activations =
      layer.element == "bf16" ? ElementKind::BF16 : ElementKind::F32;
  llvm::cantFail(options.verify());
  OwningOpRef<ModuleOp> module = buildWorkload(context, options);
  auto function = *module->getOps<func::FuncOp>().begin();
  function.setName("f");
  Operation *end = function.getBody().front().getTerminator();
  end->setOperands(end->getOperands().take_front());
  llvm::BitVector others(function.getNumResults(), true);
  others.reset(0);
  (void)function.eraseResults(others);
  return module;
}

static void visitLayer(const Layer &layer,
                       llvm::function_ref<void(Case &)> visit) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  loadWorkloadDialects(context);
  OwningOpRef<ModuleOp> module = buildLayer(context, layer);
  auto function = *module->getOps<func::FuncOp>().begin();
  Case c;
  c.table = "A decoder layer";
  c.name = llvm::formatv(
      "{0} {1}", layer.element,
      layer.tokens < layer.context
          ? llvm::formatv("decode, context {0}", layer.context).str()
          : llvm::formatv("prefill {0}", layer.tokens).str());
  llvm::raw_string_ostream(c.text) << *module;
  c.resultShape = {layer.tokens, layer.hidden};
  c.resultElement = layer.element;
  LayerTensors tensors;
  int64_t weights = 0;
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    auto shape =
        cast<RankedTensorType>(function.getArgument(i).getType()).getShape();
    auto name = function.getArgAttrOfType<StringAttr>(i, "memwall.name");
    auto role = function.getArgAttrOfType<StringAttr>(i, "memwall.role");
    bool isMatrix = role.getValue() == "weight" && shape.size() == 2;
    // A sum of n products of numbers of variance 1/3 and 3/n has 1.
    float scale = isMatrix ? 3 / std::sqrt(float(shape[1])) : 1;
    Tensor tensor = Tensor::makeRandom(shape.vec(), layer.element, i, scale);
    if (isMatrix)
      weights += tensor.elements();
    c.arguments.push_back(tensor);
    tensors[name.str()] = tensor;
  }
  c.operations =
      2.0 * double(layer.tokens) *
      (double(weights) +
       2.0 * double(layer.heads) * double(layer.depth) * double(layer.context));
  c.rivals = getOneDNNLayer(layer, tensors);
  if (layer.tokens < layer.context) {
    std::vector<Rival> streams;
    for (const Tensor &tensor : c.arguments)
      streams.push_back(makeStream(tensor));
    c.rivals.push_back({"stream", "", [=] {
                          for (const Rival &each : streams)
                            each.run();
                        }});
  }
  visit(c);
}

void memwall::forEachLayer(llvm::function_ref<void(Case &)> visit) {
  for (const char *element : {"f32", "bf16"}) {
    visitLayer({element, 512, 512}, visit);
    visitLayer({element, 1, 2048}, visit);
  }
}
