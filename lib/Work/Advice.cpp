//===- Advice.cpp - What to do about ops that are not modelled ------------===//

#include "memwall/Work/Advice.h"
#include "mlir/Dialect/SparseTensor/IR/SparseTensor.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace memwall;

static constexpr llvm::StringLiteral kStableHLO =
    "lower StableHLO to linalg first (stablehlo-opt "
    "--stablehlo-legalize-to-linalg)";
static constexpr llvm::StringLiteral kTorch =
    "lower torch to linalg first (torch-mlir-opt "
    "--torch-backend-to-linalg-on-tensors-backend-pipeline)";
static constexpr llvm::StringLiteral kONNX =
    "lower ONNX to linalg first, through TOSA (onnx-mlir-opt "
    "--convert-onnx-to-tosa) or torch (torch-mlir-opt "
    "--convert-torch-onnx-to-torch)";
static constexpr llvm::StringLiteral kIREE =
    "take the IR before IREE forms dispatches (iree-compile "
    "--compile-to=preprocessing)";

static constexpr llvm::StringLiteral kTMTensor =
    "lower it to loops first (torch-mlir-opt --tm-tensor-to-loops)";
static constexpr llvm::StringLiteral kTensorFlow =
    "lower TensorFlow to StableHLO or TOSA, and that to linalg, first";
static constexpr llvm::StringLiteral kTriton =
    "lower Triton to linalg first (triton-shared-opt "
    "--triton-to-linalg-experimental)";
static constexpr llvm::StringLiteral kXLA =
    "take the StableHLO that XLA starts from, and lower that to linalg first "
    "(stablehlo-opt --stablehlo-legalize-to-linalg)";
static constexpr llvm::StringLiteral kShardy =
    "take the StableHLO of one device, without shardings, and lower that to "
    "linalg first (stablehlo-opt --stablehlo-legalize-to-linalg)";
static constexpr llvm::StringLiteral kTTIR =
    "take the TTIR, and lower that to linalg first (ttmlir-opt "
    "--convert-ttir-to-linalg)";
static constexpr llvm::StringLiteral kClangIR =
    "lower ClangIR to loops over memrefs first (cir-opt --cir-to-mlir)";
static constexpr llvm::StringLiteral kTensorRT =
    "take the StableHLO that MLIR-TensorRT starts from, and lower that to "
    "linalg first (stablehlo-opt --stablehlo-legalize-to-linalg)";
static constexpr llvm::StringLiteral kTop =
    "lower Top to TOSA first (tpuc-opt --convert-top-to-tosa), and that with "
    "--memwall-import-tosa";

static constexpr ForeignDialect kForeignDialects[] = {
    {"stablehlo", kStableHLO},
    {"chlo", kStableHLO},
    {"mhlo", kStableHLO},
    {"vhlo", kStableHLO},
    {"torch", kTorch},
    {"torch_c", kTorch},
    {"onnx", kONNX},
    {"krnl", kONNX},
    {"flow", kIREE},
    {"hal", kIREE},
    {"stream", kIREE},
    {"util", kIREE},
    {"iree_codegen", kIREE},
    {"iree_encoding", kIREE},
    {"iree_linalg_ext", kIREE},
    {"iree_tensor_ext", kIREE},
    {"iree_input", kIREE},
    {"iree_cpu", kIREE},
    {"iree_gpu", kIREE},
    {"iree_vector_ext", kIREE},
    {"iree_ukernel", kIREE},
    {"vm", kIREE},
    {"tm_tensor", kTMTensor},
    {"tcp", kTorch},
    {"tf", kTensorFlow},
    {"tf_device", kTensorFlow},
    {"tf_executor", kTensorFlow},
    {"tf_saved_model", kTensorFlow},
    {"tfl", kTensorFlow},
    {"tt", kTriton},
    {"ttg", kTriton},
    {"triton_gpu", kTriton},
    {"ttng", kTriton},
    {"tts", kTriton},
    {"lmhlo", kXLA},
    {"lmhlo_gpu", kXLA},
    {"xla", kXLA},
    {"xla_cpu", kXLA},
    {"xla_gpu", kXLA},
    {"xla_framework", kXLA},
    {"sdy", kShardy},
    {"mpmd", kShardy},
    {"ttir", kTTIR},
    {"ttcore", kTTIR},
    {"ttnn", kTTIR},
    {"d2m", kTTIR},
    {"ttmetal", kTTIR},
    {"ttkernel", kTTIR},
    {"cir", kClangIR},
    {"tensorrt", kTensorRT},
    {"plan", kTensorRT},
    {"top", kTop},
};

ArrayRef<ForeignDialect> memwall::listForeignDialects() {
  return kForeignDialects;
}

std::optional<StringRef> memwall::findDialectAdvice(StringRef dialect) {
  if (dialect == "tosa")
    return StringRef("lower TOSA first (--memwall-import-tosa)");
  for (const ForeignDialect &foreign : kForeignDialects)
    if (foreign.dialect == dialect)
      return StringRef(foreign.advice);
  return std::nullopt;
}

std::string memwall::adviseOn(Operation *op) {
  if (auto advice = findDialectAdvice(op->getName().getDialectNamespace()))
    return advice->str();
  if (isa<CallOpInterface>(op))
    return "what it calls has no body here";
  SmallVector<Type> types(op->getOperandTypes());
  llvm::append_range(types, op->getResultTypes());
  if (auto function = dyn_cast<FunctionOpInterface>(op))
    llvm::append_range(types, function.getArgumentTypes());
  auto hasShape = [&](auto isWhat) { return llvm::any_of(types, isWhat); };
  if (hasShape([](Type type) {
        return sparse_tensor::getSparseTensorEncoding(type) != nullptr;
      }))
    return "tensors with a sparse encoding are not modelled";
  if (hasShape([](Type type) {
        auto shaped = dyn_cast<ShapedType>(type);
        return shaped && !shaped.hasRank();
      }))
    return "shapes without a rank are not modelled: cast them to ranked ones";
  if (isa<LoopLikeOpInterface>(op))
    return "its trip count is not known: set memwall.trip_count on it, or bind "
           "sizes with dims=";
  if (hasShape([](Type type) {
        auto shaped = dyn_cast<ShapedType>(type);
        return shaped && !shaped.hasStaticShape();
      }))
    return "some size in it is not known: bind sizes with dims=";
  if (op->getName().getStringRef() == "gpu.launch")
    return "how often its body runs is not counted";
  if (isa<RegionBranchOpInterface>(op))
    return "its branch depends on data";
  if (op->getName().getStringRef() == "gpu.launch_func")
    return "its kernel has figures of its own, of one execution";
  return "there is no rule for this op: lower it to linalg or loops first";
}
